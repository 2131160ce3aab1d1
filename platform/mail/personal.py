"""The few values that differ from person to person, and how they get into a stored message.

SES templates escape nothing and take every `{{` for a tag. So a stored message holds tags only
where we put them: `{{name}}` in text, `{{name_html}}` in HTML (already escaped by us), and every
brace that anybody else wrote is neutralised. The outbox uses the same substitution.
"""

import re
from collections.abc import Collection, Mapping, Set
from datetime import date

from markupsafe import escape

from core.i18n import say_day
from core.text import CLOSES, OPENS

# Marks stand for a tag while the message is being rendered, so that braces can be neutralised
# afterwards without touching our own.
_MARK = re.compile(f"{OPENS}([a-z_]+){CLOSES}")
_TAG = re.compile(r"\{\{([a-z_]+)\}\}")
_RISKY_IN_HTML = re.compile(rf"\{{(?=[{{{OPENS}]|$)|(?<=\{{)\{{")

SINCE = "since"
"""The day since which somebody gets these mails, kept as `2026-11-29` and said in words."""
HAS_SECTION = "1"
"""The value of a delivery that has a section which is not in everybody's copy."""
BRACE = "brace"
_ESCAPED = "_html"
EVERYBODYS = frozenset(
    ("address", BRACE, "greeting", "never_url", "preferences_url", "unsubscribe_url")
)
"""What every recipient has; whatever else a mail asks for, who posts it brings along."""


class Marks:
    """In a template, `{{ personal.greeting }}` marks the place of a personal value."""

    def __init__(self, names: Collection[str] = ()) -> None:
        self._names = EVERYBODYS.union(names)

    def __getattr__(self, name: str) -> str:
        if name not in self._names:
            raise AttributeError(name)
        return f"{OPENS}{name}{CLOSES}"


def has_marks(text: str) -> bool:
    """Whether a rendered text has a place for a personal value."""
    return OPENS in text


def seal_text(text: str) -> str:
    """A rendered subject or text part, made safe to store: braces become a value."""
    braces_gone = text.replace("{", f"{OPENS}{BRACE}{CLOSES}")
    return _MARK.sub(r"{{\1}}", braces_gone)


def seal_html(html: str) -> str:
    """A rendered HTML part, made safe to store: braces that could open a tag become entities."""
    return _MARK.sub(_html_tag, _RISKY_IN_HTML.sub("&#123;", html))


def _html_tag(mark: re.Match[str]) -> str:
    name = mark[1]
    return f"{{{{{name}}}}}" if name.endswith("_url") else f"{{{{{name}_html}}}}"


def tags_in(*parts: str) -> set[str]:
    """The names that stored parts ask for."""
    return {tag for part in parts for tag in _TAG.findall(part)}


def complete(values: Mapping[str, str]) -> dict[str, str]:
    """Text values and their escaped twins, under the names that stored parts ask for."""
    full = {BRACE: "{", "greeting": "", **values}
    twins = {f"{k}_html": str(escape(v)) for k, v in full.items() if not k.endswith("_url")}
    return full | twins


def asked_for(tags: Set[str], values: Mapping[str, str]) -> dict[str, str]:
    """Of `complete(values)`, what these tags ask for; what nobody has is left out."""
    full = {BRACE: "{", "greeting": "", **values}
    found = {tag: full[tag] for tag in tags if tag in full}
    for tag in tags - found.keys():
        if tag.endswith(_ESCAPED) and (name := tag.removesuffix(_ESCAPED)) in full:
            found[tag] = str(escape(full[name]))
    return found


def as_said(name: str, value: str, language: str) -> str:
    """A value as its reader is told it."""
    return say_day(date.fromisoformat(value), language) if name == SINCE and value else value


def sections_of(sections: Mapping[str, Mapping[str, str]], has: Collection[str]) -> dict[str, str]:
    """The values of what is not in everybody's copy: its html and text, or nothing."""
    values: dict[str, str] = {}
    for name, section in sections.items():
        values[name] = section["text"] if name in has else ""
        values[f"{name}{_ESCAPED}"] = section["html"] if name in has else ""
    return values


def as_written(subject: str) -> str:
    """A stored subject as somebody wrote it: a brace is a value only for SES."""
    return subject.replace(f"{{{{{BRACE}}}}}", "{")


def fill(part: str, values: Mapping[str, str]) -> str:
    """A stored part with its values put in: what SES does, done here. Raises KeyError."""
    return _TAG.sub(lambda tag: values[tag[1]], part)
