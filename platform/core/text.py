"""What somebody typed, as it is kept: in one line or in many, without what would act elsewhere."""

import unicodedata

OPENS, CLOSES = "\ue000", "\ue001"
"""Private-use characters that stand for a tag while a mail is rendered; nobody types them."""


def strip_marks(text: str) -> str:
    """`text` without the characters that we use as marks."""
    return text.replace(OPENS, "").replace(CLOSES, "")


def one_line(text: str) -> str:
    """What somebody typed into a field of one line, as it is kept."""
    return " ".join(strip_marks(text).split())


def plain_lines(text: str) -> str:
    """What somebody typed into a field of many lines, as it is kept."""
    return strip_marks(text).replace("\r\n", "\n").strip()


def plain_digits(text: str) -> str:
    """Its digits in ours, whichever keyboard wrote them."""
    return "".join(str(unicodedata.decimal(one)) for one in text if one.isdecimal())
