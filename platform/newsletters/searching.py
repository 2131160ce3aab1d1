"""Finding letters by words (see `core.word_index`), in whichever language they were written."""

from sqlalchemy import Column, Integer, Table, Text, delete, insert, select
from sqlalchemy.orm import Session

from core.database import Base
from core.unit_of_work import Reading
from core.word_index import has_words, words_of
from newsletters.blocks import words_for_all
from newsletters.models import Issue
from newsletters.states import IssueState

MOST = 20
WORDS = Table(
    "letter_words",
    Base.metadata,
    # SQLite's own name for the number of a row in a full-text table: that of the issue.
    Column("rowid", Integer, primary_key=True, autoincrement=False),
    Column("words", Text, nullable=False),
)


def put_words(session: Session, issue: Issue) -> None:
    """Make a letter findable by its words, and by nothing else any more."""
    said = " ".join(
        f"{one.title} {one.subject} {one.preheader} {words_for_all(one.body)}"
        for one in issue.texts
    )
    session.execute(delete(WORDS).where(WORDS.c.rowid == issue.id))
    session.execute(insert(WORDS).values(rowid=issue.id, words=" ".join(words_of(said))))


def found_letters(work: Reading, typed: str, most: int = MOST) -> list[Issue]:
    """The letters of the archive that have every word that was typed, the newest first."""
    words = words_of(typed)
    if not words:
        return []
    matching = has_words(work.session, "letter_words", WORDS.c.words, words)
    ids = select(WORDS.c.rowid.cast(Integer)).where(matching)
    found = (
        select(Issue)
        .where(Issue.id.in_(ids), Issue.state == IssueState.SENT)
        .where(Issue.sent_at <= work.now, Issue.is_listed)
        .order_by(Issue.number.desc())
        .limit(most)
    )
    return list(work.session.scalars(found))
