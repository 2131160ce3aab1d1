"""The part of a text in which what was searched for stands, with it marked. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.word_index import MOST_WORDS, words_of

AROUND = 110
"""Characters before and after the first word that was found."""
LONGEST = 20_000
"""Characters that are looked through."""
_TOKEN = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Piece:
    """Some characters, and whether they are what was searched for."""

    text: str
    is_found: bool = False


def marked(text: str, typed: str) -> list[Piece]:
    """The whole text in pieces: those that were found, and those between."""
    wanted, pieces, end = words_of(typed)[:MOST_WORDS], [], 0
    for start, stop in _found(text, wanted):
        pieces += [Piece(text[end:start]), Piece(text[start:stop], is_found=True)]
        end = stop
    pieces.append(Piece(text[end:]))
    return [piece for piece in pieces if piece.text]


def excerpt(text: str, typed: str) -> list[Piece]:
    """A line or two around the first word that was found; the beginning if none was."""
    one_line = " ".join(text[:LONGEST].split())
    first = next(_found(one_line, words_of(typed)[:MOST_WORDS]), (0, 0))[0]
    start = max(0, first - AROUND)
    if start:
        start = one_line.find(" ", start) + 1
    end = start + 2 * AROUND
    cut = one_line[start:] if end >= len(one_line) else one_line[start:end].rpartition(" ")[0]
    pieces = marked(cut, typed)
    before = [Piece("… ")] if start else []
    after = [Piece(" …")] if end < len(one_line) else []
    return [*before, *pieces, *after]


def words_missing(text: str, typed: str) -> list[str]:
    """Those of the words that were typed that do not stand in a text, as a search finds them."""
    there = words_of(text)
    wanted = words_of(typed)[:MOST_WORDS]
    return [one for one in wanted if not any(word.startswith(one) for word in there)]


def _found(text: str, wanted: list[str]) -> Iterator[tuple[int, int]]:
    """Where a word begins with one that is wanted, as a search finds it."""
    for token in _TOKEN.finditer(text):
        folded = "".join(words_of(token[0]))
        if any(folded.startswith(word) for word in wanted):
            yield token.span()
