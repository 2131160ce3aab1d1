"""Words of a letter that somebody should look at once more. Pure."""

import re
from collections.abc import Iterator

PLACEHOLDER = re.compile(
    r"\b(?:TK|TODO|XXX+)\b|(?i:\blorem(?: ipsum)?\b|\{\{[^}]*\}?\}?|\[(?:name|nimi)\])"
)
SHORTENERS = frozenset(
    "bit.ly buff.ly cutt.ly goo.gl is.gd lnkd.in ow.ly rb.gy rebrand.ly shorturl.at t.co t.ly "
    "tiny.cc tinyurl.com trib.al v.gd".split()
)
_HOST = re.compile(r"https?://(?:www\.)?([a-z0-9.-]+)", re.IGNORECASE)
_PICTURE = re.compile(r"!\[([^\]\n]*)\]\([^()\s]*\)")


def placeholders(text: str) -> Iterator[tuple[int, str]]:
    """What was to be replaced, with the number of its line."""
    for number, line in enumerate(text.splitlines(), 1):
        for found in PLACEHOLDER.finditer(line):
            yield number, found[0][:40]


def shortened_links(text: str) -> Iterator[tuple[int, str]]:
    """Links that hide where they lead, with the number of their line."""
    for number, line in enumerate(text.splitlines(), 1):
        for found in _HOST.finditer(line):
            if found[1].casefold() in SHORTENERS:
                yield number, found[1]


def inline_pictures(text: str) -> Iterator[tuple[int, str]]:
    """Pictures that stand within a line of text, with the number of it."""
    for number, line in enumerate(text.splitlines(), 1):
        for found in _PICTURE.finditer(line):
            if found[0] != line.strip():
                yield number, found[1][:60]
