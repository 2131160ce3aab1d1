"""Foreign characters: those that nothing can hold, and those that are put together from parts."""

import re
import unicodedata
from typing import Literal

_HALVES = re.compile("[\ud800-\udfff]")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def scrub(text: str) -> str:
    """`text` without control characters; half a character becomes the mark for a broken one."""
    return _HALVES.sub("\ufffd", _FORBIDDEN.sub("", text))


MOST_MARKS = 10
"""Upon one letter: no language has more, and to put them in order takes the square of them."""


def composed(text: str, form: Literal["NFC", "NFKC", "NFKD"] = "NFC") -> str:
    """A normal form of any text, in a time that grows with its length only."""
    return text if text.isascii() else unicodedata.normalize(form, _with_few_marks(text))


def _with_few_marks(text: str) -> str:
    kept, marks = [], 0
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= MOST_MARKS:
            kept.append(char)
    return "".join(kept)
