"""Finding rows by words: FTS5 on SQLite, full text on PostgreSQL, with the same answers.

We cut text into words ourselves, so that both see the same ones: letters and digits, folded.
What is found has every word, the last letters of which may be missing.
"""

import re
import unicodedata
from collections.abc import Sequence

from sqlalchemy import func, literal, literal_column
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.schema import Column
from sqlalchemy.sql.elements import ColumnElement

from core.characters import composed

LONGEST_WORD = 60
MOST_WORDS = 8
_WORD = re.compile(r"[^\W_]+")
_OTHER_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae",
                                "œ": "oe", "þ": "th"})  # fmt: skip
"""Letters that Unicode takes apart into nothing, as a keyboard without them writes them."""


def words_of(text: str) -> list[str]:
    """The words of a text, as they are compared: a letter with a mark is a letter of its own."""
    return [word[:LONGEST_WORD] for word in _WORD.findall(_folded(text))]


def may_have(text: str, words: Sequence[str]) -> bool:
    """Whether it is worth while to look for these words in a text: a tenth of the work."""
    folded = _folded(text)
    return any(word in folded for word in words)


def _folded(text: str) -> str:
    return composed(text, "NFKC").casefold()


def plain_words_of(text: str) -> list[str]:
    """The words of a text without marks upon letters: who types *makinen* finds Mäkinen."""
    apart = composed(text, "NFKD").casefold()
    plain = "".join(char for char in apart if not unicodedata.combining(char))
    return [word[:LONGEST_WORD] for word in _WORD.findall(plain.translate(_OTHER_LETTERS))]


def has_words(
    session: Session,
    table: str,
    column: "Column[str] | InstrumentedAttribute[str]",
    words: list[str],
) -> ColumnElement[bool]:
    """The condition under which a row has all of these words: `table` is SQLite's table of them,
    `column` the text that PostgreSQL has an index of."""
    some = words[:MOST_WORDS]
    if session.get_bind().dialect.name == "sqlite":
        query = " ".join(f'"{word}"*' for word in some)
        return literal_column(table).op("MATCH")(literal(query))
    query = " & ".join(f"{word}:*" for word in some)
    vector = func.to_tsvector(literal_column("'simple'"), column)
    return vector.op("@@")(func.to_tsquery(literal_column("'simple'"), query))
