"""Characters that no database, page or feed can hold: halves of pairs, and what XML 1.0 forbids."""

import re

_HALVES = re.compile("[\ud800-\udfff]")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def scrub(text: str) -> str:
    """`text` without control characters; half a character becomes the mark for a broken one."""
    return _HALVES.sub("\ufffd", _FORBIDDEN.sub("", text))
