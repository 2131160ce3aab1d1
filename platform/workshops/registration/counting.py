"""How many places of a workshop are taken or promised, and who is next: counted by query.

Expiry is part of the question, so that no job has to run for the answer to be right.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session

from core.database import UtcDateTime
from members.models import Member
from workshops.model.invitation_states import UNANSWERED
from workshops.model.registration_states import HOLDING, RegistrationState
from workshops.model.tables import Cohort, Invitation, Registration, Workshop


def held(session: Session, workshop_id: int, now: datetime, but: int = 0) -> int:
    """How many places are taken or promised at a moment, without those of member `but`."""
    return session.scalar(_held(), _values(workshop_id, now, but)) or 0


def at_the_lock(
    session: Session, workshop_id: int, now: datetime, but: int
) -> Row[int, bool, bool]:
    """What the lock has to know, in one question.

    How many places the others hold, whether one waits for the answer of member `but`, and whether
    anybody else waits for a place.
    """
    return session.execute(_at_the_lock(), _values(workshop_id, now, but)).one()


Number = int | BindParameter[int]
Moment = datetime | BindParameter[datetime]
_WORKSHOP: BindParameter[int] = bindparam("workshop_id", type_=Integer())
_MEMBER: BindParameter[int] = bindparam("member_id", type_=Integer())
_NOW: BindParameter[datetime] = bindparam("now", type_=UtcDateTime())


def _values(workshop_id: int, now: datetime, but: int) -> dict[str, object]:
    return {"workshop_id": workshop_id, "now": now, "member_id": but}


@cache
def _held() -> Select[int]:
    """Made once: to make it takes longer than to run it."""
    return select(_held_places(_WORKSHOP, _NOW, _MEMBER))


@cache
def _at_the_lock() -> Select[int, bool, bool]:
    return select(
        _held_places(_WORKSHOP, _NOW, _MEMBER),
        _waits_for_answer(_WORKSHOP, _MEMBER, _NOW),
        _waits_in_line(_WORKSHOP, _MEMBER),
    )


def _held_places(workshop_id: Number, now: Moment, but: Number) -> ColumnElement[int]:
    taken = select(func.count()).where(
        Registration.workshop_id == workshop_id, Registration.member_id != but, holds_a_place(now)
    )
    promised = _kept_for_the_invited(now).where(Invitation.member_id != but)
    by_invitation = promised.where(Invitation.workshop_id == workshop_id)
    of_hosts = _kept_for_hosts(now).where(Workshop.id == workshop_id, Member.id != but)
    first, second, third = (one.scalar_subquery() for one in (taken, by_invitation, of_hosts))
    return first + second + third


@dataclass(frozen=True)
class Overbooked:
    """A workshop that holds more than it has: a fault of ours."""

    public_id: str
    capacity: int
    held: int


def check_seats(session: Session, now: datetime) -> list[Overbooked]:
    """Every workshop in which more is held than there is. There should be none, ever."""
    places = (
        select(Registration.workshop_id.label("workshop_id"))
        .where(holds_a_place(now))
        .union_all(_kept_for_the_invited(now).with_only_columns(Invitation.workshop_id))
        .subquery()
    )
    counted = (
        select(places.c.workshop_id, func.count().label("taken"))
        .group_by(places.c.workshop_id)
        .subquery()
    )
    rows = session.execute(
        select(Workshop.public_id, Workshop.capacity, counted.c.taken)
        .join(counted, counted.c.workshop_id == Workshop.id)
        .where(counted.c.taken > Workshop.capacity)
        .order_by(Workshop.id)
    )
    return [Overbooked(*row) for row in rows]


def position(session: Session, registration: Registration) -> int:
    """Which place on the waiting list somebody has, the first being 1."""
    before = or_(
        Registration.joined_at < registration.joined_at,
        and_(Registration.joined_at == registration.joined_at, Registration.id < registration.id),
    )
    counted = select(func.count()).where(
        Registration.workshop_id == registration.workshop_id,
        Registration.state == RegistrationState.WAITLISTED,
        before,
    )
    return (session.scalar(counted) or 0) + 1


def is_waited_for(session: Session, workshop_id: int) -> bool:
    """Whether anybody waits for a place."""
    return bool(session.scalar(select(_waits_in_line(workshop_id, but=0))))


def is_kept_for(session: Session, workshop_id: int, member_id: int, now: datetime) -> bool:
    """Whether a place waits for somebody: for their answer, or because they are a host."""
    asked = (Invitation.workshop_id == workshop_id, Invitation.member_id == member_id)
    if session.scalar(_kept_for_the_invited(now).where(*asked)):
        return True
    host = (Workshop.id == workshop_id, Member.id == member_id)
    return bool(session.scalar(_kept_for_hosts(now).where(*host)))


def _waits_in_line(workshop_id: Number, but: Number) -> ColumnElement[bool]:
    """Whether anybody but one member is on the waiting list."""
    return exists().where(
        Registration.workshop_id == workshop_id,
        Registration.state == RegistrationState.WAITLISTED,
        Registration.member_id != but,
    )


def _waits_for_answer(workshop_id: Number, member_id: Number, now: Moment) -> ColumnElement[bool]:
    """Whether a place waits for this person's answer."""
    return exists().where(
        Invitation.workshop_id == workshop_id,
        Invitation.member_id == member_id,
        Invitation.cohort_id == Cohort.id,
        *_is_promised(now),
    )


def holds_a_place(now: Moment) -> ColumnElement[bool]:
    """Whether a registration holds a place; an offer that has ended holds none, job or no job."""
    is_live = and_(Registration.state == RegistrationState.OFFERED, Registration.offer_until > now)
    return or_(Registration.state.in_([str(place) for place in HOLDING]), is_live)


def _kept_for_the_invited(now: Moment) -> Select[int]:
    """Counts the places that wait for an answer; after `answer_by` they do not, job or no job."""
    # Whoever came by another door has one place, not two.
    has_one = exists().where(
        Registration.workshop_id == Invitation.workshop_id,
        Registration.member_id == Invitation.member_id,
        holds_a_place(now),
    )
    return (
        select(func.count())
        .select_from(Invitation)
        .join(Cohort, Cohort.id == Invitation.cohort_id)
        .where(*_is_promised(now), ~has_one)
    )


def _kept_for_hosts(now: Moment) -> Select[int]:
    """Counts the hosts without a place: until it begins one is kept for each of them."""
    is_theirs = (Registration.workshop_id == Workshop.id, Registration.member_id == Member.id)
    has_one = exists().where(*is_theirs, holds_a_place(now))
    is_asked = exists().where(
        Invitation.workshop_id == Workshop.id,
        Invitation.member_id == Member.id,
        Invitation.cohort_id == Cohort.id,
        *_is_promised(now),
    )
    return (
        select(func.count())
        .select_from(Workshop)
        .join(Member, or_(Member.id == Workshop.facilitator_id, Member.id == Workshop.seat_id))
        .where(or_(Workshop.starts_at.is_(None), Workshop.starts_at > now))
        .where(~has_one, ~is_asked)
    )


def _is_promised(now: Moment) -> tuple[ColumnElement[bool], ...]:
    """An invitation whose cohort keeps places, while an answer may come."""
    is_open = Invitation.state.in_([str(state) for state in UNANSWERED])
    return Cohort.holds_places.is_(True), Cohort.answer_by > now, is_open
