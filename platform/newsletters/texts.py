"""The text of an issue in one language: from a form or a Markdown file, checked and in words."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.errors import Refusal, unknown_language
from core.i18n import LANGUAGES, N_
from core.markdown import check_markdown, is_empty, is_intricate
from core.text import strip_marks
from newsletters.blocks import check_blocks, texts_of

LONGEST_LINE = 200
LONGEST_BODY = 60_000
"""Well below the 90 KB at which a finished mail would be clipped by readers such as Gmail."""

REQUIRED = ("language", "subject", "preheader")
KNOWN = (*REQUIRED, "title")
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?\n)?---[ \t]*(?:\n|\Z)(.*)\Z", re.DOTALL)
# Characters that turn the direction of what follows: in a subject they could hide who writes.
_DIRECTION = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))


@dataclass(frozen=True)
class Text:
    """An issue in one language, ready to be kept."""

    language: str
    subject: str
    preheader: str
    title: str
    body: str


def check_text(
    language: str, subject: str, preheader: str, title: str, body: str, first_line: int = 1
) -> Text:
    """A text that can be sent. Raises Refusal naming the field, or the line, and what to do.

    `first_line` is the number of the body's first line, where it stands in a file.
    """
    if language not in LANGUAGES:
        raise unknown_language(language, "language")
    checked = keep_text(language, subject, preheader, title, body)
    if not checked.subject:
        raise Refusal(N_("An issue needs a subject."), "subject")
    if is_empty(checked.body):
        raise Refusal(N_("The text of the issue is empty."), "body")
    check_blocks(body, first_line)
    for block in texts_of(body):
        check_markdown(block.markdown, "body", first_line + block.line - 1)
    return checked


def keep_text(language: str, subject: str, preheader: str, title: str, body: str) -> Text:
    """A text for a draft, which may still be empty. Raises Refusal if something is too long."""
    for field, line in (("subject", subject), ("preheader", preheader), ("title", title)):
        if len(line) > LONGEST_LINE:
            raise Refusal(
                N_("“%(field)s” is too long: 200 characters at the most.", field=field), field
            )
    if len(body.encode()) > LONGEST_BODY:
        raise Refusal(
            N_("The text is too long: mail programs cut it off. 60,000 characters at the most."),
            "body",
        )
    if is_intricate(body):
        raise Refusal(
            N_("This text has more brackets, stars or other marks than we can read."), "body"
        )
    return Text(language, _line(subject), _line(preheader), _line(title), _block(body))


def parse_file(content: str) -> Text:
    """The text in a Markdown file with front matter. Raises Refusal."""
    parts = _FRONT_MATTER.match(content.removeprefix("\ufeff").replace("\r\n", "\n"))
    if parts is None:
        raise Refusal(
            N_(
                "The file needs front matter: language, subject and preheader "
                "between two lines of ---."
            )
        )
    front = _front_matter(parts[1] or "")
    first_line = (parts[1] or "").count("\n") + 3
    language, subject, preheader = (front[key] for key in REQUIRED)
    return check_text(language, subject, preheader, front.get("title", ""), parts[2], first_line)


def parse_files(contents: Sequence[str]) -> list[Text]:
    """The texts of one issue, each in its own language. Raises Refusal."""
    texts = [parse_file(content) for content in contents]
    languages = [text.language for text in texts]
    for language in languages:
        if languages.count(language) > 1:
            raise Refusal(
                N_("Two files are in the same language: %(language)s.", language=language),
                "language",
            )
    return texts


def _front_matter(text: str) -> dict[str, str]:
    front = dict(_pairs(text))
    for key in front:
        if key not in KNOWN:
            raise Refusal(
                N_(
                    "The front matter has an unknown key: “%(key)s”. Known are %(known)s.",
                    key=key,
                    known=", ".join(KNOWN),
                ),
                key,
            )
    for key in REQUIRED:
        if not front.get(key):
            raise Refusal(N_("The front matter lacks “%(key)s”.", key=key), key)
    return front


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Each `key: rest of the line`; what follows the colon is text, whatever it looks like.

    YAML would cut `Workshop #3` at the `#` and make a list of `[News]`.
    """
    seen: set[str] = set()
    for number, line in enumerate(text.splitlines(), 2):
        if not line.strip() or line.startswith("#"):
            continue
        key, colon, rest = line.partition(":")
        if not colon or key != key.strip() or not key:
            raise Refusal(
                N_("Line %(line)s of the front matter is not of the form “subject: words”. "
                   "Each value stands on one line, after its key and a colon.", line=number)
            )  # fmt: skip
        if key in seen:
            raise Refusal(N_("The front matter has “%(key)s” twice.", key=key), key)
        if rest.strip() in ("|", ">", "|-", ">-"):
            raise Refusal(
                N_("“%(key)s” in the front matter has to stand on one line, after the colon.",
                   key=key), key
            )  # fmt: skip
        seen.add(key)
        yield key, _unquoted(rest.strip())


def _unquoted(value: str) -> str:
    """Quotation marks around the whole value are none of its words; all others are."""
    if len(value) < 2 or value[0] != value[-1] or value[0] not in "'\"":
        return value
    inner = value[1:-1]
    if value[0] == "'":
        return inner.replace("''", "'") if "'" not in inner.replace("''", "") else value
    words = inner.replace('\\"', "")  # an escaped quotation mark is one of the words
    return inner.replace('\\"', '"') if '"' not in words else value


def _line(text: str) -> str:
    """One line without control and direction characters."""
    clean = "".join(
        c for c in strip_marks(text) if unicodedata.category(c) != "Cc" or c in "\r\n\t"
    )
    return " ".join(clean.translate(_DIRECTION).split())


def _block(text: str) -> str:
    lines = strip_marks(text).replace("\r\n", "\n").replace("\r", "\n").translate(_DIRECTION)
    return (
        "".join(c for c in lines if unicodedata.category(c) != "Cc" or c in "\n\t").strip() + "\n"
    )
