"""What changed between two texts, word by word, so that a person can read it. Pure.

Lines are compared first, then the words of those that changed: words of one paragraph are never
matched with those of another. A word or two that happen to stay between two changes are shown as
part of the change, since nobody can read a sentence in crumbs. Comparing takes longer than the
square of the length where words repeat, so it is bounded: what is too long is one change.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from contributions.kinds import SUMMARY, TITLE, Content, Kind, public_fields
from core.i18n import Message

_WORDS = re.compile(r"[\w\u0300-\u036f'’-]+|\s+|.", re.DOTALL)
"""Words with their accents, apostrophes and hyphens; the room between them; every other sign."""
FEWEST_KEPT = 3
"""So many words have to stay between two changes to be worth reading as kept."""
MOST_LINES = 4000
MOST_PAIRS = 250_000
"""How many pairs of words may be compared: some tenths of a second at the worst."""


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
    return _joined(_by_lines(before, after))


def changes(kind: Kind, before: Content, after: Content) -> list[Change]:
    """The public fields that differ, in the order of the form."""
    fields = [
        (TITLE.label, before.title, after.title),
        (SUMMARY.label, before.summary, after.summary),
        *((f.label, before.answer(f.name), after.answer(f.name)) for f in public_fields(kind)),
    ]
    return [Change(label, difference(old, new)) for label, old, new in fields if old != new]


def _by_lines(before: str, after: str) -> Iterator[Part]:
    """Line by line; the lines that changed word by word, while the allowance lasts."""
    old, new, left = before.splitlines(True), after.splitlines(True), MOST_PAIRS
    if not _is_cheap(old, new):
        yield from _by_words(before, after, left)
        return
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=True).get_opcodes():
        was, now = "".join(old[a:b]), "".join(new[c:d])
        if tag == "equal":
            yield Part(Mark.SAME, was)
        else:
            yield from _by_words(was, now, left)
            left = max(0, left - _pairs(was, now))


def _pairs(was: str, now: str) -> int:
    return len(_WORDS.findall(was)) * len(_WORDS.findall(now))


def _by_words(was: str, now: str, allowance: int) -> Iterator[Part]:
    start, old, new, end = _trimmed(_WORDS.findall(was), _WORDS.findall(now))
    yield Part(Mark.SAME, start)
    if len(old) * len(new) <= allowance:
        yield from _without_crumbs(list(_compared(old, new)))
    else:
        yield Part(Mark.REMOVED, "".join(old))
        yield Part(Mark.ADDED, "".join(new))
    yield Part(Mark.SAME, end)


def _is_cheap(old: list[str], new: list[str]) -> bool:
    """Few lines, or lines that hardly repeat: only what repeats is slow to compare."""
    if len(old) * len(new) <= MOST_PAIRS:
        return True
    counts = Counter(new)
    return max(len(old), len(new)) <= MOST_LINES and sum(counts[x] for x in old) <= 2 * len(old)


def _trimmed(old: list[str], new: list[str]) -> tuple[str, list[str], list[str], str]:
    """What both begin with, what lies between, and what both end with."""
    shorter = min(len(old), len(new))
    first = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    most = shorter - first
    last = next((n for n in range(most) if old[-1 - n] != new[-1 - n]), most)
    end = len(old) - last
    return "".join(old[:first]), old[first:end], new[first : len(new) - last], "".join(old[end:])


def _compared(old: Sequence[str], new: Sequence[str]) -> Iterator[Part]:
    # autojunk leaves out what repeats again and again: without it, such texts take minutes.
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=True).get_opcodes():
        if tag == "equal":
            yield Part(Mark.SAME, "".join(old[a:b]))
        else:
            yield Part(Mark.REMOVED, "".join(old[a:b]))
            yield Part(Mark.ADDED, "".join(new[c:d]))


def _without_crumbs(parts: list[Part]) -> Iterator[Part]:
    """Each run of changes as one removal and one addition, with the few words between them."""
    removed = added = ""
    for place, part in enumerate(parts):
        is_crumb = part.mark is Mark.SAME and 0 < place < len(parts) - 1 and _is_short(part.text)
        if part.mark is Mark.SAME and not is_crumb:
            yield from (Part(Mark.REMOVED, removed), Part(Mark.ADDED, added), part)
            removed = added = ""
        else:
            removed += part.text if part.mark is not Mark.ADDED else ""
            added += part.text if part.mark is not Mark.REMOVED else ""
    yield from (Part(Mark.REMOVED, removed), Part(Mark.ADDED, added))


def _is_short(text: str) -> bool:
    return len([word for word in _WORDS.findall(text) if word[0].isalnum()]) < FEWEST_KEPT


def _joined(parts: Iterable[Part]) -> list[Part]:
    """Without empty runs, and with neighbours of one kind as one."""
    joined: list[Part] = []
    for part in parts:
        if part.text and joined and joined[-1].mark is part.mark:
            joined[-1] = Part(part.mark, joined[-1].text + part.text)
        elif part.text:
            joined.append(part)
    return joined
