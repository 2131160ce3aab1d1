"""The text of an issue in one language: from a form or a Markdown file, checked and in words."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import yaml

from core.errors import Refusal
from core.i18n import LANGUAGES, N_
from mail.markdown import is_empty
from mail.personal import strip_marks

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


def check_text(language: str, subject: str, preheader: str, title: str, body: str) -> Text:
    """A text that can be sent. Raises Refusal naming the field and what to do."""
    if language not in LANGUAGES:
        raise Refusal(
            N_("The language “%(language)s” is not one of ours: en or fi.", language=language),
            "language",
        )
    checked = keep_text(language, subject, preheader, title, body)
    if not checked.subject:
        raise Refusal(N_("An issue needs a subject."), "subject")
    if is_empty(checked.body):
        raise Refusal(N_("The text of the issue is empty."), "body")
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
    return Text(language, _line(subject), _line(preheader), _line(title), _block(body))


def parse_file(content: str) -> Text:
    """The text in a Markdown file with YAML front matter. Raises Refusal."""
    parts = _FRONT_MATTER.match(content.removeprefix("\ufeff").replace("\r\n", "\n"))
    if parts is None:
        raise Refusal(
            N_(
                "The file needs front matter: language, subject and preheader "
                "between two lines of ---."
            )
        )
    front = _front_matter(parts[1] or "")
    return check_text(
        front["language"], front["subject"], front["preheader"], front.get("title", ""), parts[2]
    )


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
    front = _yaml(text)
    for key in front:
        if key not in KNOWN:
            raise Refusal(
                N_(
                    "The front matter has an unknown key: “%(key)s”. Known are %(known)s.",
                    key=key,
                    known=", ".join(KNOWN),
                ),
                str(key),
            )
    for key in REQUIRED:
        if not str(front.get(key) or "").strip():
            raise Refusal(N_("The front matter lacks “%(key)s”.", key=key), key)
    return {str(key): str(value or "") for key, value in front.items()}


def _yaml(text: str) -> Mapping[object, object]:
    try:
        front = yaml.load(text, Loader=_PlainLoader)  # noqa: S506 - a SafeLoader that knows less
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 1
        raise Refusal(
            N_("The front matter cannot be read: look at line %(line)s.", line=line)
        ) from None
    if not isinstance(front, dict):
        raise Refusal(N_("The front matter lacks “%(key)s”.", key="language"), "language")
    return front


class _PlainLoader(yaml.SafeLoader):
    """YAML in which everything is text (`no` is a language code, not a refusal), once each."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        keys = [self.construct_object(key) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise Refusal(N_("The front matter has “%(key)s” twice.", key=key), str(key))
        return super().construct_mapping(node, deep)


_PlainLoader.yaml_implicit_resolvers = {}


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
