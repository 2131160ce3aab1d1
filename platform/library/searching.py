"""Finding items by words: FTS5 on SQLite, full text on PostgreSQL, with the same answers.

We cut text into words ourselves, so that both see the same ones: letters and digits, folded.
A search finds items that have every word, the last letters of which may be missing.
"""

import re
from collections.abc import Iterable, Mapping

from sqlalchemy import Integer, Select, delete, func, insert, literal, literal_column, select
from sqlalchemy.orm import Session

from core.characters import composed
from library.models import WORDS

LONGEST_WORD = 60
MOST_WORDS = 8
_WORD = re.compile(r"[^\W_]+")


def words_of(text: str) -> list[str]:
    """The words of a text, as they are compared."""
    folded = composed(text, "NFKC").casefold()
    return [word[:LONGEST_WORD] for word in _WORD.findall(folded)]


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
    words = words_of(typed)[:MOST_WORDS]
    if not words:
        return None
    if session.get_bind().dialect.name == "sqlite":
        query = " ".join(f'"{word}"*' for word in words)
        matches = literal_column("library_words").op("MATCH")(literal(query))
    else:
        query = " & ".join(f"{word}:*" for word in words)
        vector = func.to_tsvector(literal_column("'simple'"), WORDS.c.words)
        matches = vector.op("@@")(func.to_tsquery(literal_column("'simple'"), query))
    return select(WORDS.c.rowid.cast(Integer)).where(matches)
