"""Words of a letter that somebody should look at once more. Pure."""

import re
from collections.abc import Iterator

from core.languages import ROWS

_NAMES = "|".join(re.escape(row.name_word) for row in ROWS if row.name_word)
_IN_CAPITALS = r"\b(?:TK|TODO|XXX+)\b"
_FILLING = r"\blorem(?: ipsum)?\b"
_OF_TEMPLATES = r"\{\{[^}]*\}?\}?"
_PLACEHOLDER = re.compile(rf"{_IN_CAPITALS}|(?i:{_FILLING}|{_OF_TEMPLATES}|\[(?:{_NAMES})\])")
SHORTENERS = frozenset(
    "bit.ly buff.ly cutt.ly goo.gl is.gd lnkd.in ow.ly rb.gy rebrand.ly shorturl.at t.co t.ly "
    "tiny.cc tinyurl.com trib.al v.gd".split()
)
_HOST = re.compile(r"https?://(?:www\.)?([a-z0-9.-]+)", re.IGNORECASE)
_WRITTEN_LINK = re.compile(r"(?<!!)\[([^\]\n]*)\]\(\s*([^()\s]*)[^()\n]*\)")
_WHOLE = re.compile(r"https?://[^/\s]+\.[^/\s]+|mailto:[^\s@]+@|tel:\+?\d|#.", re.IGNORECASE)
_PICTURE = re.compile(r"!\[([^\]\n]*)\]\([^()\s]*\)")


def placeholders(text: str) -> Iterator[tuple[int, str]]:
    """What was to be replaced, with the number of its line."""
    for number, line in enumerate(text.splitlines(), 1):
        for found in _PLACEHOLDER.finditer(line):
            yield number, found[0][:40]


def shortened_links(text: str) -> Iterator[tuple[int, str]]:
    """Links that hide where they lead, with the number of their line."""
    for number, line in enumerate(text.splitlines(), 1):
        for found in _HOST.finditer(line):
            if found[1].casefold() in SHORTENERS:
                yield number, found[1]


def leads_somewhere(target: str) -> bool:
    """Whether a link leads somewhere from a mailbox: a whole address, or a place in the letter."""
    return _WHOLE.match(target) is not None


def odd_links(text: str) -> Iterator[tuple[int, str, str]]:
    """Links that lead nowhere from a mailbox, with the number of their line, words and target."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("::"):
            continue
        for found in _WRITTEN_LINK.finditer(line):
            if not leads_somewhere(found[2]):
                yield number, found[1][:60], found[2][:80]


def inline_pictures(text: str) -> Iterator[tuple[int, str]]:
    """Pictures that stand within a line of text, with the number of it."""
    for number, line in enumerate(text.splitlines(), 1):
        for found in _PICTURE.finditer(line):
            if found[0] != line.strip():
                yield number, found[1][:60]
