"""Organisers' notes about somebody. Whoever they are about reads them with all that is kept."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, Text, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.audit import audit
from core.database import NEVER_REUSED, Base
from core.errors import Refusal
from core.i18n import N_
from core.text import plain_lines
from core.unit_of_work import Reading, UnitOfWork
from members.records import lock_member

LONGEST = 2000
UNDO = timedelta(hours=1)
THING = "member"


class MemberNote(Base):
    """What an organiser wrote down about a member."""

    __tablename__ = "member_note"
    __table_args__ = (Index("ix_member_note_member_id", "member_id", "id"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    forgotten_at: Mapped[datetime | None]
    """For an hour it can be brought back."""


def about(session: Session, member_id: int) -> Sequence[MemberNote]:
    """The notes about somebody, the newest first."""
    theirs = MemberNote.member_id == member_id, MemberNote.forgotten_at.is_(None)
    return session.scalars(select(MemberNote).where(*theirs).order_by(MemberNote.id.desc())).all()


def just_forgotten(work: Reading, member_id: int) -> Sequence[MemberNote]:
    """Those that can be brought back."""
    theirs = MemberNote.member_id == member_id, MemberNote.forgotten_at > work.now - UNDO
    return work.session.scalars(select(MemberNote).where(*theirs)).all()


def write(work: UnitOfWork, member_id: int, typed: str, by: int | None) -> None:
    """Write something down about somebody; the same words twice are one note.

    Raises Refusal if it says nothing, or is too long.
    """
    text = plain_lines(typed).strip()
    if not text:
        raise Refusal(N_("Please write the note."), "note")
    if len(text) > LONGEST:
        raise Refusal(N_("This note is too long: 2,000 characters at the most."), "note")
    lock_member(work, member_id)
    newest = next(iter(about(work.session, member_id)), None)
    if newest is not None and (newest.text, newest.by_id) == (text, by):
        return  # pressed twice
    work.session.add(MemberNote(member_id=member_id, by_id=by, text=text, at=work.now))
    audit(work, by, "note", THING, member_id)


def forget(work: UnitOfWork, member_id: int, number: int, by: int | None) -> None:
    """Take a note away, so that it can be brought back for an hour. Twice changes nothing."""
    this = MemberNote.id == number, MemberNote.member_id == member_id
    step = update(MemberNote).where(*this, MemberNote.forgotten_at.is_(None))
    if work.change(step.values(forgotten_at=work.now)):
        audit(work, by, "forget note", THING, member_id)


def bring_back(work: UnitOfWork, member_id: int, number: int, by: int | None) -> None:
    """Take that back. A second time changes nothing."""
    this = MemberNote.id == number, MemberNote.member_id == member_id
    step = update(MemberNote).where(*this, MemberNote.forgotten_at.is_not(None))
    if work.change(step.values(forgotten_at=None)):
        audit(work, by, "bring note back", THING, member_id)


def purge(work: UnitOfWork) -> int:
    """Forget for good what was taken away an hour ago; returns how many."""
    return work.change(delete(MemberNote).where(MemberNote.forgotten_at <= work.now - UNDO))
