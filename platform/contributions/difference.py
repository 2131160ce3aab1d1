"""What changed between two texts, word by word, so that a person can read it. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from contributions.kinds import SUMMARY, TITLE, Content, Kind, public_fields
from core.i18n import Message

_WORDS = re.compile(r"\s+|[^\W_]+|.", re.DOTALL)
MOST_WORDS = 6000


class Mark(StrEnum):
    """What became of a run of words."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True)
class Part:
    """A run of words and what became of it."""

    mark: Mark
    text: str


@dataclass(frozen=True)
class Change:
    """One field that changed."""

    label: Message
    parts: list[Part]


def difference(before: str, after: str) -> list[Part]:
    """The words of both texts in order: kept, removed, added."""
    old, new = _split(before), _split(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return _joined(_parts(matcher, old, new))


def changes(kind: Kind, before: Content, after: Content) -> list[Change]:
    """The public fields that differ, in the order of the form."""
    fields = [
        (TITLE.label, before.title, after.title),
        (SUMMARY.label, before.summary, after.summary),
        *((f.label, before.answer(f.name), after.answer(f.name)) for f in public_fields(kind)),
    ]
    return [Change(label, difference(old, new)) for label, old, new in fields if old != new]


def _split(text: str) -> list[str]:
    """Words; in very long texts whole lines, or comparing would take minutes."""
    words = _WORDS.findall(text)
    return words if len(words) <= MOST_WORDS else text.splitlines(keepends=True)


def _parts(matcher: "SequenceMatcher[str]", old: list[str], new: list[str]) -> Iterator[Part]:
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            yield Part(Mark.SAME, "".join(old[a:b]))
            continue
        if a < b:
            yield Part(Mark.REMOVED, "".join(old[a:b]))
        if c < d:
            yield Part(Mark.ADDED, "".join(new[c:d]))


def _joined(parts: Iterator[Part]) -> list[Part]:
    """A lone space between two changes belongs to them: fewer, longer runs read better."""
    joined: list[Part] = []
    for part in parts:
        if joined and joined[-1].mark is part.mark:
            joined[-1] = Part(part.mark, joined[-1].text + part.text)
        else:
            joined.append(part)
    return joined
