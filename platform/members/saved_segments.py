"""Segments that were given a name, so that a workshop, a letter or a file can ask for them again.

Whatever was prepared with one has its own copy: a segment that changes or goes changes nothing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    UniqueConstraint,
    delete,
    func,
    not_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.audit import audit
from core.database import NEVER_REUSED, Base, JsonOf, insert_if_new
from core.errors import Refusal
from core.i18n import N_
from core.text import one_line
from core.unit_of_work import Reading, UnitOfWork
from core.word_index import plain_words_of
from members.segments import EVERYBODY, Segment

LONGEST_NAME = 80
MOST = 200
UNDO = timedelta(hours=1)
THING = "segment"


class SavedSegment(Base):
    """A segment with a name; of two that read alike there is one."""

    __tablename__ = "segment"
    __table_args__ = (UniqueConstraint("folded"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    folded: Mapped[str] = mapped_column(String(LONGEST_NAME))
    asks: Mapped[Segment] = mapped_column(JsonOf(Segment))
    changed_at: Mapped[datetime]
    forgotten_at: Mapped[datetime | None]
    """For an hour it can be brought back."""


_IS_KEPT = SavedSegment.forgotten_at.is_(None)


def all_of(session: Session) -> Sequence[SavedSegment]:
    """All of them, by name."""
    return session.scalars(select(SavedSegment).where(_IS_KEPT).order_by(SavedSegment.folded)).all()


def find(session: Session, number: int) -> SavedSegment | None:
    """One of them."""
    return session.scalar(select(SavedSegment).where(_IS_KEPT, SavedSegment.id == number))


def just_forgotten(work: Reading) -> Sequence[SavedSegment]:
    """Those that can be brought back."""
    since = SavedSegment.forgotten_at > work.now - UNDO
    return work.session.scalars(select(SavedSegment).where(since)).all()


def save(work: UnitOfWork, typed: str, segment: Segment, by: int | None) -> None:
    """Give a segment a name; the same under the same name changes nothing.

    Raises Refusal, naming the field, if it has no name, is everybody, another has the name, or
    there are too many.
    """
    name = one_line(typed)[:LONGEST_NAME]
    folded = " ".join(plain_words_of(name))[:LONGEST_NAME]
    if not folded:
        raise Refusal(N_("Please give the segment a name."), "segment_name")
    if segment == EVERYBODY:
        raise Refusal(N_("Please choose at least one thing to filter by."), "segment_name")
    has_name = SavedSegment.folded == folded
    twin = work.session.scalar(select(SavedSegment).where(_IS_KEPT, has_name))
    if twin is not None and twin.asks != segment:
        raise Refusal(
            N_(
                "There is a segment “%(name)s” already, which asks for something else. Choose "
                "another name, or take that one away first.",
                name=twin.name,
            ),
            "segment_name",
        )
    changed = update(SavedSegment).where(has_name)
    said = {"name": name, "asks": segment, "changed_at": work.now, "forgotten_at": None}
    if not work.change(changed.values(**said)):
        _add(work, {"folded": folded, **said})
    audit(work, by, "save", THING, 0, {"name": name})


def _add(work: UnitOfWork, row: dict[str, object]) -> None:
    if (work.session.scalar(select(func.count()).select_from(SavedSegment)) or 0) >= MOST:
        raise Refusal(N_("At most 200 segments, please: forget one first."), "segment_name")
    work.session.execute(insert_if_new(work.session, SavedSegment).values(**row))


def forget(work: UnitOfWork, number: int, by: int | None) -> None:
    """Forget one, so that it can be brought back for an hour. A second time changes nothing."""
    long_gone = SavedSegment.forgotten_at <= work.now - UNDO
    work.session.execute(delete(SavedSegment).where(long_gone))
    _mark(work, number, "forget", _IS_KEPT, by, forgotten_at=work.now)


def bring_back(work: UnitOfWork, number: int, by: int | None) -> None:
    """Take that back. A second time changes nothing."""
    _mark(work, number, "bring back", not_(_IS_KEPT), by, forgotten_at=None)


def _mark(
    work: UnitOfWork, number: int, act: str, only_if: ColumnElement[bool], by: int | None,
    **said: datetime | None,
) -> None:  # fmt: skip
    step = update(SavedSegment).where(SavedSegment.id == number, only_if).values(**said)
    for name in work.session.scalars(step.returning(SavedSegment.name)).all():
        audit(work, by, act, THING, number, {"name": name})
