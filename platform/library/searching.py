"""Finding items by words (see `core.word_index`): a search finds items that have every word.

An item is found by its title, summary, names, text and topics, and by what is said in it.
"""

import html
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Integer, Select, delete, insert, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from core.word_index import has_words, words_of
from library.models import WORDS, Item, ItemTopic, Transcript

AT_A_TIME = 100
MOST_BYTES, MOST_DIFFERENT = 400_000, 40_000
"""Of different words that one item is found by: PostgreSQL's `tsvector` ends at 1 MB. Ten hours of
talk in Finnish have about half as many."""
_WITHIN_WORDS = re.compile(r"</?(?:a|b|code|em|i|strong)\b[^<>]*>")
_MARK = re.compile(r"<[^<>]*>")


def find_anew(session: Session, item_ids: Iterable[int]) -> None:
    """Make items findable by what they say now, and by nothing else any more."""
    session.flush()
    ids = list(item_ids)
    for start in range(0, len(ids), AT_A_TIME):
        some = ids[start : start + AT_A_TIME]
        _put_words(session, _texts(session, some))


def forget_words(session: Session, item_ids: Iterable[int]) -> None:
    """Make items not findable."""
    gone = list(item_ids)
    for start in range(0, len(gone), AT_A_TIME):
        session.execute(delete(WORDS).where(WORDS.c.rowid.in_(gone[start : start + AT_A_TIME])))


def found_by(session: Session, typed: str) -> Select[int] | None:
    """The ids of the items that have every word that was typed; None if no word was."""
    words = words_of(typed)
    if not words:
        return None
    matches = has_words(session, "library_words", WORDS.c.words, words)
    found = select(WORDS.c.rowid.cast(Integer).label("item")).where(matches).cte("found")
    # PostgreSQL expects to find much, and would look at the words of item after item, newest first.
    return select(found.prefix_with("MATERIALIZED", dialect="postgresql").c.item)


def without_marks(clean: str) -> str:
    """The words of clean HTML."""
    return html.unescape(_MARK.sub(" ", _WITHIN_WORDS.sub("", clean)))


def words_said(lines: Sequence[Mapping[str, Any]]) -> str:
    """The words of a transcript, with who says them."""
    return " ".join(f"{one['who']} {one['words']}" for one in lines)


def _texts(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    """What each of these is found by."""
    texts: dict[int, list[str]] = defaultdict(list)
    # Of two at once the second reads what the first has written.
    alone = select(Item.id).where(Item.id.in_(ids)).order_by(Item.id)
    session.execute(alone.with_for_update(key_share=True))
    own = select(Item.id, Item.title, Item.summary, Item.byline, Item.body_html)
    for one, *said, body in session.execute(own.where(Item.id.in_(ids))):
        texts[one] += [*said, without_marks(body)]
    topics = select(ItemTopic.item_id, ItemTopic.topic).where(ItemTopic.item_id.in_(ids))
    for one, topic in session.execute(topics):
        texts[one].append(topic)
    spoken = select(Transcript.item_id, Transcript.lines, Transcript.chapters)
    for one, lines, chapters in session.execute(spoken.where(Transcript.item_id.in_(ids))):
        texts[one] += [*(part["title"] for part in chapters), words_said(lines)]
    return texts


def _put_words(session: Session, texts: Mapping[int, Sequence[str]]) -> None:
    rows = [
        {"rowid": item, "words": different_words(" ".join(said))} for item, said in texts.items()
    ]
    if not rows:
        return
    if session.get_bind().dialect.name == "sqlite":  # whose full-text tables know no upsert
        forget_words(session, texts)
        session.execute(insert(WORDS), rows)
    else:
        put = postgresql.insert(WORDS)
        said = {"words": put.excluded.words}
        session.execute(put.on_conflict_do_update(index_elements=["rowid"], set_=said), rows)


def different_words(text: str) -> str:
    """The different words of a text, each once, as many as an index takes."""
    some, room = [], MOST_BYTES
    for word in list(dict.fromkeys(words_of(text)))[:MOST_DIFFERENT]:
        room -= len(word.encode()) + 1
        if room < 0:
            break
        some.append(word)
    return " ".join(some)
