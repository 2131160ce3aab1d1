"""Finding items by words (see `core.word_index`): a search finds items that have every word."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Integer, Select, delete, insert, select
from sqlalchemy.orm import Session

from core.word_index import has_words, words_of
from library.models import WORDS


def put_words(session: Session, texts: Mapping[int, str]) -> None:
    """Make items findable by their texts, and by nothing else any more."""
    forget_words(session, texts)
    rows = [{"rowid": item, "words": " ".join(words_of(text))} for item, text in texts.items()]
    if rows:
        session.execute(insert(WORDS), rows)


def forget_words(session: Session, item_ids: Iterable[int]) -> None:
    """Make items not findable."""
    gone = list(item_ids)
    for start in range(0, len(gone), 500):
        session.execute(delete(WORDS).where(WORDS.c.rowid.in_(gone[start : start + 500])))


def found_by(session: Session, typed: str) -> Select[int] | None:
    """The ids of the items that have every word that was typed; None if no word was."""
    words = words_of(typed)
    if not words:
        return None
    matches = has_words(session, "library_words", WORDS.c.words, words)
    return select(WORDS.c.rowid.cast(Integer)).where(matches)
