"""Labels: an organiser's own words about members."""

from sqlalchemy import ColumnElement, delete, func, literal, select
from sqlalchemy.orm import Session

from core.audit import audit
from core.database import insert_if_new
from core.errors import Refusal
from core.i18n import N_
from core.text import one_line
from core.unit_of_work import UnitOfWork
from members.models import Member, MemberLabel

LONGEST = 60
THING = "people"


def put_on(work: UnitOfWork, whom: ColumnElement[bool], typed: str, by: int | None) -> int:
    """Label those to whom a condition applies; returns how many. Who has it keeps it.

    Raises Refusal if there is no label, or nobody.
    """
    label = _checked(typed)
    count = _count_of(work.session, whom)
    new = select(Member.id, literal(label)).where(whom)
    work.session.execute(
        insert_if_new(work.session, MemberLabel).from_select(["member_id", "label"], new)
    )
    audit(work, by, "label", THING, 0, {"label": label, "people": count})
    return count


def take_off(work: UnitOfWork, whom: ColumnElement[bool], typed: str, by: int | None) -> int:
    """Take a label off those to whom a condition applies; returns how many had it.

    Raises Refusal if there is no label, or nobody.
    """
    label = _checked(typed)
    _count_of(work.session, whom)
    theirs = MemberLabel.label == label, MemberLabel.member_id.in_(select(Member.id).where(whom))
    count = work.change(delete(MemberLabel).where(*theirs))
    audit(work, by, "unlabel", THING, 0, {"label": label, "people": count})
    return count


def of_member(session: Session, member_id: int) -> list[str]:
    """The labels of one person."""
    theirs = select(MemberLabel.label).where(MemberLabel.member_id == member_id)
    return list(session.scalars(theirs.order_by(MemberLabel.label)))


def _checked(typed: str) -> str:
    label = one_line(typed)[:LONGEST]
    if not label:
        raise Refusal(N_("Please write the label, such as “Oulu” or “pilot”."), "new_label")
    if any(mark in label for mark in ",;"):
        raise Refusal(
            N_("A label has no comma and no semicolon: lists are cut there."), "new_label"
        )
    return label


def _count_of(session: Session, whom: ColumnElement[bool]) -> int:
    count = session.scalar(select(func.count()).select_from(Member).where(whom)) or 0
    if not count:
        raise Refusal(N_("Please tick some people first."), "who")
    return count
