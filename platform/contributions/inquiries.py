"""What people write to us: it waits on the desk until an editor answers it, or puts it away.

Who wrote may be anybody: what they wrote goes to no mailbox but the editors', and nothing of it
stands in the mail that answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, delete, exists, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from contributions import emails
from contributions.people import editors
from core.actors import Who
from core.addresses import Address
from core.audit import audit
from core.database import NEVER_REUSED, Base, insert_if_new, one_of
from core.errors import Refusal, changed_meanwhile
from core.i18n import N_, Message
from core.state_tables import StateTable
from core.text import plain_lines
from core.transitions import walk
from core.unit_of_work import UnitOfWork
from mail.keys import delivery_key
from mail.posting import Recipient, post
from mail.suppressing import why_suppressed
from members.models import AddressChange, Member
from members.subscribing import check_name

LONGEST = 5000
KEPT = timedelta(days=365)
A_PAGE = 50
THING = "inquiry"


class InquiryState(StrEnum):
    """Whether somebody has seen to it."""

    WAITING = "waiting"
    ANSWERED = "answered"
    PUT_AWAY = "put_away"


_S = InquiryState
INQUIRY_NAMES: dict[InquiryState, Message] = {
    _S.WAITING: N_("waits for an answer"),
    _S.ANSWERED: N_("answered"),
    _S.PUT_AWAY: N_("put away"),
}
INQUIRIES = StateTable(
    edges={
        _S.WAITING: {_S.ANSWERED, _S.PUT_AWAY},
        _S.ANSWERED: {_S.ANSWERED},
        _S.PUT_AWAY: {_S.WAITING, _S.ANSWERED},
    },
    begins=(_S.WAITING,),
    names=INQUIRY_NAMES,
    who={
        _S.WAITING: (Who.ORGANISER,),
        _S.ANSWERED: (Who.ORGANISER,),
        _S.PUT_AWAY: (Who.ORGANISER,),
    },
)


class Inquiry(Base):
    """Something that somebody wrote to us."""

    __tablename__ = "inquiry"
    __table_args__ = (
        one_of("state", InquiryState),
        Index("ix_inquiry_state", "state", "id"),
        Index("ix_inquiry_email_key", "email_key"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"))
    """Who was signed in when writing; else anybody may have typed the address."""
    email: Mapped[str] = mapped_column(String(254))
    email_ascii: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(5))
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    answer: Mapped[str] = mapped_column(Text, default="")
    form_key: Mapped[str] = mapped_column(String(64), unique=True)
    """The form that it came with: pressed twice, it comes once."""
    at: Mapped[datetime]
    changed_at: Mapped[datetime]


@dataclass(frozen=True)
class Written:
    """What somebody wrote, and who they say they are."""

    address: Address
    name: str
    language: str
    text: str
    form_key: str
    member_id: int | None = None


def checked(written: Written) -> Written:
    """The same, if it can be taken. Raises Refusal naming the field."""
    check_name(written.name)
    text = plain_lines(written.text).strip()
    if not text:
        raise Refusal(N_("Please write what you would like to tell or ask us."), "text")
    if len(text) > LONGEST:
        raise Refusal(N_("This is too long: 5,000 characters at the most."), "text")
    return written


def write_in(work: UnitOfWork, written: Written) -> None:
    """Put it on the desk, once, and tell the editors. Raises Refusal naming the field."""
    written = checked(written)
    row = {
        "member_id": written.member_id,
        "email": written.address.shown,
        "email_ascii": written.address.ascii,
        "email_key": written.address.key,
        "name": check_name(written.name),
        "language": written.language,
        "text": plain_lines(written.text).strip(),
        "state": InquiryState.WAITING,
        "answer": "",
        "form_key": written.form_key,
        "at": work.now,
        "changed_at": work.now,
    }
    added = insert_if_new(work.session, Inquiry).values(**row).returning(Inquiry.id)
    number = work.session.scalar(added)
    if number is None:
        return  # it has arrived already
    for editor in editors(work.session, at_once=True):
        key = delivery_key("inquiry", number, editor.id)
        post(work, emails.inquiry(work, editor), editor.recipient, key)


def listed(session: Session, state: str, page: int) -> tuple[Sequence[Inquiry], bool]:
    """A page of those in a state, the newest first; and whether there are more."""
    rows = select(Inquiry).where(Inquiry.state == state).order_by(Inquiry.id.desc())
    found = session.scalars(rows.offset((page - 1) * A_PAGE).limit(A_PAGE + 1)).all()
    return found[:A_PAGE], len(found) > A_PAGE


def waiting(session: Session) -> int:
    """How many wait."""
    some = select(func.count()).where(Inquiry.state == InquiryState.WAITING)
    return session.scalar(some) or 0


def count_between(session: Session, since: datetime, until: datetime) -> int:
    """How many people wrote in that time, and still wait."""
    some = select(func.count()).where(
        Inquiry.state == InquiryState.WAITING, Inquiry.at >= since, Inquiry.at < until
    )
    return session.scalar(some) or 0


def answer(work: UnitOfWork, inquiry: Inquiry, typed: str, by: int) -> None:
    """Mail an answer. Raises Refusal naming the field, or if a colleague was quicker."""
    text = plain_lines(typed).strip()
    if not text:
        raise Refusal(N_("Please write the answer."), "answer")
    if len(text) > LONGEST:
        raise Refusal(N_("This is too long: 5,000 characters at the most."), "answer")
    if why_suppressed(work, inquiry.email_ascii) is not None:
        raise Refusal(N_("No mail goes to this address any more."), "answer")
    _move(work, inquiry, InquiryState.ANSWERED, answer=text)
    to = Recipient(inquiry.email_ascii, inquiry.member_id)
    editor = work.session.get_one(Member, by).name
    email = emails.inquiry_answer(work, inquiry.language, inquiry.at, text, editor)
    post(work, email, to, delivery_key("inquiry-answer", inquiry.id))
    audit(work, by, "answer", THING, inquiry.id)


def put_away(work: UnitOfWork, inquiry: Inquiry, by: int) -> None:
    """Say that it needs no answer."""
    _move(work, inquiry, InquiryState.PUT_AWAY)
    audit(work, by, "put away", THING, inquiry.id)


def take_out(work: UnitOfWork, inquiry: Inquiry, by: int) -> None:
    """Take that back."""
    _move(work, inquiry, InquiryState.WAITING)
    audit(work, by, "take out", THING, inquiry.id)


def _move(work: UnitOfWork, inquiry: Inquiry, to: InquiryState, **said: str) -> None:
    this = Inquiry.id == inquiry.id, Inquiry.answer == ""
    values: dict[str, Any] = {"changed_at": work.now, **said}
    if not walk(work.session, Inquiry.state, INQUIRIES, to, Who.ORGANISER, *this, **values):
        raise changed_meanwhile()
    work.session.expire(inquiry)


def end_old(work: UnitOfWork) -> int:
    """Forget what was written a year ago; returns how much.

    And know by their record who has moved to another address: that one is forgotten sooner.
    """
    moved = AddressChange.confirmed_at.is_not(None)
    same = func.lower(AddressChange.old_email) == Inquiry.email_key
    whose = select(func.max(AddressChange.member_id)).where(moved, same).scalar_subquery()
    is_known = exists().where(moved, same).correlate(Inquiry)
    alone = update(Inquiry).where(Inquiry.member_id.is_(None), is_known)
    work.session.execute(alone.values(member_id=whose).execution_options(synchronize_session=False))
    return work.change(delete(Inquiry).where(Inquiry.changed_at <= work.now - KEPT))
