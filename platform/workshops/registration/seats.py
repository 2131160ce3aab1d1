"""The places of a workshop: never more held than there are, whoever asks at once.

Every act begins by writing `workshop.seats_rev`: whoever writes first goes first, on PostgreSQL in
every isolation and on SQLite, where `FOR UPDATE` is silently dropped. Only then is counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session

from core.database import insert_if_new
from core.errors import Refusal
from core.i18n import N_, time_zones
from core.unit_of_work import UnitOfWork
from members.models import Member
from workshops.model.invitation_states import UNANSWERED
from workshops.model.registration_states import EDGES, GONE, HOLDING, RegistrationState
from workshops.model.stages import HAPPENING
from workshops.model.tables import Cohort, Invitation, Registration, Workshop
from workshops.model.wall_time import SHORTEST_OFFER, offer_until

OFFERS_STOP = timedelta(hours=3)
"""Before the start; later nobody is offered a place, unless the workshop says otherwise."""


@dataclass(frozen=True)
class Seats:
    """A workshop's places as they are while they are locked."""

    workshop_id: int
    capacity: int
    held: int

    @property
    def free(self) -> int:
        """How many places are left."""
        return max(0, self.capacity - self.held)


def take(work: UnitOfWork, workshop_id: int, member_id: int) -> RegistrationState:
    """A place, or one on the waiting list if there is none. Asking twice changes nothing.

    Nobody passes those who wait. Raises Refusal if somebody was removed.
    """
    seats = _lock(work, workshop_id, but=member_id)
    registration = _own(work.session, workshop_id, member_id)
    if registration is not None and RegistrationState(registration.state) in HOLDING:
        return RegistrationState(registration.state)
    has_one = _is_live_offer(registration, work.now) or is_kept_for(work, workshop_id, member_id)
    # Also for whom one was kept there has to be one: the clock may have gone on while they waited
    # for the lock, and somebody else may have it by now.
    # Once no place is offered any more, a free one is for who presses first: better than nobody's.
    is_free_for_all = _offers_are_over(work, workshop_id)
    passes_nobody = is_free_for_all or not _waiting(work.session, workshop_id, member_id)
    may_have = seats.free and (has_one or passes_nobody)
    target = RegistrationState.CONFIRMED if may_have else RegistrationState.WAITLISTED
    if registration is not None and registration.state == target:
        return target
    return _put(work, workshop_id, member_id, registration, target)


def give(work: UnitOfWork, workshop_id: int, member_id: int) -> bool:
    """A free place for somebody whom an organiser chose, whoever waits. Harmless to repeat.

    Says whether anything changed. Raises Refusal if no place is free.
    """
    seats = _lock(work, workshop_id, but=member_id)
    registration = _own(work.session, workshop_id, member_id)
    if registration is not None and RegistrationState(registration.state) in HOLDING:
        return False
    if not seats.free:
        raise Refusal(N_("No place is free. Change the number of places first."))
    return (
        _put(work, workshop_id, member_id, registration, RegistrationState.CONFIRMED)
        is RegistrationState.CONFIRMED
    )


def leave(work: UnitOfWork, workshop_id: int, member_id: int, target: RegistrationState) -> bool:
    """Leave a place, an offer, a turn or a request behind; the next is offered it.

    Harmless to repeat: says whether anything changed.
    """
    _lock(work, workshop_id)
    registration = _own(work.session, workshop_id, member_id)
    if registration is None or target not in EDGES[RegistrationState(registration.state)]:
        return False
    registration.state, registration.offer_until, registration.changed_at = target, None, work.now
    registration.rev += 1
    work.session.flush()
    promote(work, workshop_id)
    return True


def request(work: UnitOfWork, workshop_id: int, member_id: int) -> RegistrationState:
    """Ask for a place that an organiser decides about. Asking twice changes nothing.

    Raises Refusal if they were removed, or were told before that there is none for them.
    """
    _lock(work, workshop_id)
    registration = _own(work.session, workshop_id, member_id)
    if registration is not None and registration.state not in (*GONE, RegistrationState.LAPSED):
        return RegistrationState(registration.state)
    return _put(work, workshop_id, member_id, registration, RegistrationState.REQUESTED)


def change_capacity(work: UnitOfWork, workshop_id: int, capacity: int) -> list[Registration]:
    """Another number of places. Raises Refusal below what is held; returns who is offered one."""
    seats = _lock(work, workshop_id)
    if capacity < max(1, seats.held):
        raise Refusal(
            N_("%(held)s places are taken or promised, so there cannot be fewer.", held=seats.held),
            "capacity",
        )
    work.session.execute(
        update(Workshop).where(Workshop.id == workshop_id).values(capacity=capacity)
    )
    return _promote(work, Seats(workshop_id, capacity, seats.held))


def add_place(work: UnitOfWork, workshop_id: int) -> None:
    """One place more, which nobody who waits is offered: it is for somebody who has to be there."""
    work.session.execute(
        update(Workshop)
        .where(Workshop.id == workshop_id)
        .values(capacity=Workshop.capacity + 1, seats_rev=Workshop.seats_rev + 1)
        .execution_options(synchronize_session="fetch")
    )


def promote(work: UnitOfWork, workshop_id: int) -> list[Registration]:
    """Offer what is free to those who wait longest. Harmless to repeat; returns the new offers."""
    return _promote(work, _lock(work, workshop_id))


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
    return _waiting(session, workshop_id, but=0)


def lock(work: UnitOfWork, workshop: Workshop) -> None:
    """Be alone with a workshop's places, and see it as it is now.

    Whoever decides by what a workshop or an invitation says locks first, so that no two wait for
    each other, and nobody acts on what was true a moment ago.
    """
    _lock(work, workshop.id)
    work.session.refresh(workshop)


def trim_offers(work: UnitOfWork, workshop: Workshop) -> None:
    """Let no offer outlive the moment at which offers stop, after the workshop was moved."""
    stop = offers_stop(workshop)
    work.session.execute(
        update(Registration)
        .where(
            Registration.workshop_id == workshop.id, Registration.state == RegistrationState.OFFERED
        )
        .where(Registration.offer_until > stop)
        .values(offer_until=stop, rev=Registration.rev + 1, changed_at=work.now)
        .execution_options(synchronize_session="fetch")
    )


def free(work: UnitOfWork, workshop_id: int) -> int:
    """How many places nobody has or was promised; they are locked from here on."""
    return _lock(work, workshop_id).free


def held(session: Session, workshop_id: int, now: datetime, but: int = 0) -> int:
    """How many places are taken or promised at a moment, without those of member `but`."""
    taken = select(func.count()).where(
        Registration.workshop_id == workshop_id, Registration.member_id != but, _holds_a_place(now)
    )
    promised = _kept_for_the_invited(now).where(Invitation.member_id != but)
    by_invitation = promised.where(Invitation.workshop_id == workshop_id)
    of_hosts = _kept_for_hosts(now).where(Workshop.id == workshop_id, Member.id != but)
    return sum(session.scalar(counted) or 0 for counted in (taken, by_invitation, of_hosts))


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
        .where(_holds_a_place(now))
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


def _lock(work: UnitOfWork, workshop_id: int, but: int = 0) -> Seats:
    """Write first, count after: from here on this transaction is alone with these places."""
    capacity = work.session.scalar(
        update(Workshop)
        .where(Workshop.id == workshop_id)
        .values(seats_rev=Workshop.seats_rev + 1)
        .returning(Workshop.capacity)
        .execution_options(synchronize_session=False)
    )
    if capacity is None:
        raise Refusal(N_("This workshop does not exist any more."))
    return Seats(workshop_id, capacity, held(work.session, workshop_id, work.now, but))


def _holds_a_place(now: datetime) -> ColumnElement[bool]:
    """Whether a registration holds a place; an offer that has ended holds none, job or no job."""
    is_live = and_(Registration.state == RegistrationState.OFFERED, Registration.offer_until > now)
    return or_(Registration.state.in_([str(place) for place in HOLDING]), is_live)


def _kept_for_the_invited(now: datetime) -> Select[int]:
    """Counts the places that wait for an answer; after `answer_by` they do not, job or no job."""
    # Whoever came by another door has one place, not two.
    has_one = exists().where(
        Registration.workshop_id == Invitation.workshop_id,
        Registration.member_id == Invitation.member_id,
        _holds_a_place(now),
    )
    return (
        select(func.count())
        .select_from(Invitation)
        .join(Cohort, Cohort.id == Invitation.cohort_id)
        .where(Cohort.holds_places, Cohort.answer_by > now)
        .where(Invitation.state.in_([str(state) for state in UNANSWERED]))
        .where(~has_one)
    )


def _kept_for_hosts(now: datetime) -> Select[int]:
    """Counts the hosts without a place: until it begins one is kept for each of them."""
    is_theirs = (Registration.workshop_id == Workshop.id, Registration.member_id == Member.id)
    has_one = exists().where(*is_theirs, _holds_a_place(now))
    is_asked = exists().where(
        Invitation.workshop_id == Workshop.id,
        Invitation.member_id == Member.id,
        Invitation.cohort_id == Cohort.id,
        Cohort.holds_places,
        Cohort.answer_by > now,
        Invitation.state.in_([str(state) for state in UNANSWERED]),
    )
    return (
        select(func.count())
        .select_from(Workshop)
        .join(Member, or_(Member.id == Workshop.facilitator_id, Member.id == Workshop.seat_id))
        .where(or_(Workshop.starts_at.is_(None), Workshop.starts_at > now))
        .where(~has_one, ~is_asked)
    )


def is_kept_for(work: UnitOfWork, workshop_id: int, member_id: int) -> bool:
    """Whether a place waits for somebody: for their answer, or because they are a host."""
    asked = (Invitation.workshop_id == workshop_id, Invitation.member_id == member_id)
    if work.session.scalar(_kept_for_the_invited(work.now).where(*asked)):
        return True
    host = (Workshop.id == workshop_id, Member.id == member_id)
    return bool(work.session.scalar(_kept_for_hosts(work.now).where(*host)))


def _is_live_offer(registration: Registration | None, now: datetime) -> bool:
    if registration is None or registration.offer_until is None:
        return False
    return registration.state == RegistrationState.OFFERED and registration.offer_until > now


def _own(session: Session, workshop_id: int, member_id: int) -> Registration | None:
    return session.scalar(
        select(Registration)
        .where(Registration.workshop_id == workshop_id, Registration.member_id == member_id)
        .execution_options(populate_existing=True)
    )


def _waiting(session: Session, workshop_id: int, but: int) -> bool:
    """Whether anybody else waits."""
    waits = select(Registration.id).where(
        Registration.workshop_id == workshop_id,
        Registration.state == RegistrationState.WAITLISTED,
        Registration.member_id != but,
    )
    return session.scalar(waits.limit(1)) is not None


def _put(
    work: UnitOfWork,
    workshop_id: int,
    member_id: int,
    registration: Registration | None,
    target: RegistrationState,
) -> RegistrationState:
    if registration is None:
        row = {"workshop_id": workshop_id, "member_id": member_id, "state": target,
               "joined_at": work.now, "changed_at": work.now}  # fmt: skip
        work.session.execute(insert_if_new(work.session, Registration).values(**row))
        return target
    if registration.state == RegistrationState.OFFERED and target is RegistrationState.WAITLISTED:
        registration.state = (
            RegistrationState.LAPSED
        )  # the offer ended; whoever asks again is the last in line
    if target not in EDGES[RegistrationState(registration.state)]:
        raise Refusal(N_("This is not possible: please write to the organisers."))
    registration.state, registration.joined_at, registration.changed_at = target, work.now, work.now
    registration.offer_until, registration.rev = None, registration.rev + 1
    work.session.flush()
    return target


def _promote(work: UnitOfWork, seats: Seats) -> list[Registration]:
    workshop = work.session.get_one(Workshop, seats.workshop_id)
    _lapse(work, seats.workshop_id)
    if not seats.free or workshop.stage not in HAPPENING or workshop.starts_at is None:
        return []
    stop = offers_stop(workshop)
    if are_offers_over(workshop, work.now):
        return []
    offered = _first_in_line(work.session, seats)
    for registration, zone in offered:
        registration.state, registration.changed_at = RegistrationState.OFFERED, work.now
        registration.rev += 1
        own_zone = zone if zone in time_zones() else workshop.zone
        registration.offer_until = offer_until(work.now, workshop.starts_at, own_zone, stop)
    work.session.flush()
    return [registration for registration, _ in offered]


def _lapse(work: UnitOfWork, workshop_id: int) -> None:
    work.session.execute(
        update(Registration)
        .where(
            Registration.workshop_id == workshop_id, Registration.state == RegistrationState.OFFERED
        )
        .where(Registration.offer_until <= work.now)
        .values(
            state=RegistrationState.LAPSED,
            offer_until=None,
            changed_at=work.now,
            rev=Registration.rev + 1,
        )
        .execution_options(synchronize_session="fetch")
    )


def _first_in_line(session: Session, seats: Seats) -> Sequence[tuple[Registration, str]]:
    rows = session.execute(
        select(Registration, Member.time_zone)
        .join(Member, Member.id == Registration.member_id)
        .where(Registration.workshop_id == seats.workshop_id)
        .where(Registration.state == RegistrationState.WAITLISTED)
        .order_by(Registration.joined_at, Registration.id)
        .limit(seats.free)
    )
    return [(registration, zone) for registration, zone in rows]


def are_offers_over(workshop: Workshop, now: datetime) -> bool:
    """Whether it is too late to offer a place: from then on who asks first has what is free."""
    return workshop.starts_at is not None and offers_stop(workshop) - now < SHORTEST_OFFER


def _offers_are_over(work: UnitOfWork, workshop_id: int) -> bool:
    return are_offers_over(work.session.get_one(Workshop, workshop_id), work.now)


def offers_stop(workshop: Workshop) -> datetime:
    """The moment after which no offer lasts. Only of a workshop that has a time."""
    assert workshop.starts_at is not None  # noqa: S101 - asked before
    return workshop.waitlist_stops_at or workshop.starts_at - OFFERS_STOP
