"""What changed between two texts, word by word, so that a person can read it. Pure.

diff-match-patch compares; each word is one character to it, so that no word is ever cut. It stops
after a while and shows what is left as one change: comparing takes the square of the length.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from diff_match_patch import diff_match_patch

from contributions.kinds import SUMMARY, TITLE, Content, Kind, public_fields
from core.i18n import Message

_WORDS = re.compile(r"[\w\u0300-\u036f'’-]+|\s+|.", re.DOTALL)
"""Words with their accents, apostrophes and hyphens; the room between them; every other sign."""
SECONDS = 0.3
_FIRST = 0x10000
"""Beyond the characters that are halves of others."""


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

    @property
    def is_same(self) -> bool:
        """Whether both texts have it."""
        return self.mark is Mark.SAME

    @property
    def is_added(self) -> bool:
        """Whether only the second text has it."""
        return self.mark is Mark.ADDED


@dataclass(frozen=True)
class Change:
    """One field that changed."""

    label: Message
    parts: list[Part]


def difference(before: str, after: str) -> list[Part]:
    """The words of both texts in order: kept, removed, added.

    A word or two that happen to stay between two changes are shown as part of the change, since
    nobody can read a sentence in crumbs.
    """
    known: dict[str, str] = {}
    old, new = _as_characters(before, known), _as_characters(after, known)
    engine = diff_match_patch()
    engine.Diff_Timeout = SECONDS
    found = engine.diff_main(old, new, checklines=False)
    engine.diff_cleanupSemantic(found)
    return list(_in_words(found, {character: word for word, character in known.items()}))


def changes(kind: Kind, before: Content, after: Content) -> list[Change]:
    """The public fields that differ, in the order of the form."""
    fields = [
        (TITLE.label, before.title, after.title),
        (SUMMARY.label, before.summary, after.summary),
        *((f.label, before.answer(f.name), after.answer(f.name)) for f in public_fields(kind)),
    ]
    return [Change(label, difference(old, new)) for label, old, new in fields if old != new]


def _as_characters(text: str, known: dict[str, str]) -> str:
    """Each word as one character, the same one wherever it comes again."""
    words = _WORDS.findall(text)
    return "".join(known.setdefault(word, chr(_FIRST + len(known))) for word in words)


def _in_words(found: list[tuple[int, str]], words: dict[str, str]) -> Iterator[Part]:
    for sign, characters in found:
        yield Part(_MARKS[sign], "".join(words[one] for one in characters))


_MARKS = {
    diff_match_patch.DIFF_EQUAL: Mark.SAME,
    diff_match_patch.DIFF_DELETE: Mark.REMOVED,
    diff_match_patch.DIFF_INSERT: Mark.ADDED,
}
