"""From where people came, in words; and lists that were taken back are no leaving."""

import pytest

from core.i18n import Message
from members.sources import WORDS, in_words


def _said(source: str, language: str) -> str:
    words = in_words(source)
    return words.text(language) if isinstance(words, Message) else words


@pytest.mark.parametrize("source", [*WORDS, "import 3 was taken back"])
def test_every_word_of_ours_is_said_in_each_language(source: str) -> None:
    assert _said(source, "en") != _said(source, "fi")


def test_what_somebody_wrote_down_stays_as_they_wrote_it() -> None:
    assert in_words("list at the fair in Oulu, 12 November") == (
        "list at the fair in Oulu, 12 November"
    )
