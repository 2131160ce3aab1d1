"""Foreign characters: put together in a time that grows with their number only."""

import unicodedata

import pytest

from core.characters import MOST_MARKS, composed


@pytest.mark.parametrize("text", ["Äänekoski", "Ạ́nh", "नमस्ते", "שָׁלוֹם", "ﬁ①", "한국어"])
def test_what_languages_write_is_put_together_as_ever(text: str) -> None:
    for form in ("NFC", "NFKC", "NFKD"):
        decomposed = unicodedata.normalize("NFD", text)
        assert composed(decomposed, form) == unicodedata.normalize(form, text)


def test_of_marks_that_nobody_writes_the_first_are_kept() -> None:
    assert len(composed("a" + "\u0323\u0301" * 50_000, "NFKD")) == 1 + MOST_MARKS
