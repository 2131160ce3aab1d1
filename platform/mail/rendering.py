"""From a template folder to subject, text and HTML. The only place that knows MJML.

MJML is compiled once for each template, before any value is in it: the `mjml` package un-escapes
attributes, so a value that went through it could become script. Jinja fills the compiled HTML
with autoescape on. Organisers never write MJML.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache

from jinja2 import BaseLoader, Environment, StrictUndefined, Template

from core.i18n import translations
from core.places import email_templates
from mail.personal import Marks, has_marks, seal_html, seal_text

LONGEST_PREHEADER = 120
MOST_OF_A_TITLE = 3
"""A paragraph of so few words is a greeting or a label."""
CONTENT_MARK = "<!-- content -->"
STYLES = {
    "p": "margin:0 0 18px",
    "blockquote": "margin:0 0 24px;padding:2px 0 2px 18px;border-left:3px solid {{ tones.line }}",
}
"""What plain elements look like: mail programs read styles only where they stand."""
_PLAIN = re.compile(f"<({'|'.join(STYLES)})>")


@dataclass(frozen=True)
class Rendered:
    """One message, ready to be stored: see `mail.personal` for the tags it may hold."""

    subject: str
    html: str
    text: str


def render(
    template: str, language: str, context: Mapping[str, object], personal: Collection[str] = ()
) -> Rendered:
    """Render the mail `template` (such as `members/confirm`) in `language`.

    `personal` names the values that each recipient brings along.
    """
    values = {"language": language, "personal": Marks(personal), **context}
    subject = _text(template, "subject.txt", language).render(values).strip()
    if "\n" in subject or "\r" in subject:
        raise ValueError(f"the subject of {template} has more than one line")
    values["subject"] = subject
    text = _text(template, "body.txt", language).render(values).strip() + "\n"
    values.setdefault("preheader", _preheader(text))
    html = _html(template, language).render(values)
    return Rendered(seal_text(subject), seal_html(html), seal_text(text))


def _preheader(text: str) -> str:
    """What inboxes show after the subject: the first sentence that says what this mail is about."""
    body = text.partition("\n-- \n")[0]
    # A quotation without its marks; the first paragraph repeats the subject.
    plain = "\n".join(line.removeprefix("> ") for line in body.splitlines())
    paragraphs = [" ".join(part.split()) for part in plain.split("\n\n")[1:]]
    told = [part for part in paragraphs if len(part.split()) > MOST_OF_A_TITLE and "://" not in part
            and not has_marks(part)]  # fmt: skip
    first = told[0] if told else " ".join(body.split())
    return first if len(first) <= LONGEST_PREHEADER else f"{first[:LONGEST_PREHEADER]}…"


def template_names() -> list[str]:
    """Every mail there is, as `package/name`."""
    root = email_templates()
    folders = {path.parent for path in root.glob("*/*/body.mjml")}
    return sorted(folder.relative_to(root).as_posix() for folder in folders)


def warm() -> None:
    """Compile all templates, so that no visitor waits for the first mail of its kind."""
    for name in template_names():
        _compiled(name)


@cache
def _environment(language: str, escape: bool) -> Environment:
    environment = Environment(
        loader=BaseLoader(),
        autoescape=escape,  # noqa: S701 - off only for the plain text parts
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=not escape,
        lstrip_blocks=not escape,
    )
    environment.install_gettext_translations(  # type: ignore[attr-defined]
        translations(language), newstyle=True
    )
    return environment


@cache
def _text(template: str, part: str, language: str) -> Template:
    body = (email_templates() / template / part).read_text("utf-8")
    if part == "body.txt":
        frame = (email_templates() / "_base" / "frame.txt").read_text("utf-8")
        body = frame.replace(CONTENT_MARK, body.strip())
    return _environment(language, escape=False).from_string(body)


def fragment(template: str, part: str, language: str, context: Mapping[str, object]) -> str:
    """A part of a mail that is put into another: `blocks.html` or `blocks.txt` of a template."""
    return _fragment(template, part, language).render(context)


@cache
def _fragment(template: str, part: str, language: str) -> Template:
    source = (email_templates() / template / part).read_text("utf-8")
    is_html = part.endswith(".html")
    lines = "".join(line.strip() + " " for line in source.splitlines()) if is_html else source
    return _environment(language, escape=is_html).from_string(lines)


@cache
def _html(template: str, language: str) -> Template:
    return _environment(language, escape=True).from_string(_compiled(template))


def _styled(tag: re.Match[str]) -> str:
    return f'<{tag[1]} style="{STYLES[tag[1]]}">'


@cache
def _compiled(template: str) -> str:
    from mjml import mjml_to_html

    frame = (email_templates() / "_base" / "frame.mjml").read_text("utf-8")
    body = (email_templates() / template / "body.mjml").read_text("utf-8")
    whole = frame.replace(CONTENT_MARK, _PLAIN.sub(_styled, body))
    html: str = mjml_to_html(whole, keep_comments=False).html
    return "\n".join(line for line in map(str.strip, html.splitlines()) if line)
