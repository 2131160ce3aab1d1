"""The places of a workshop: never more held than there are, whoever asks at once.

Every act begins by writing `workshop.seats_rev`: whoever writes first goes first, on PostgreSQL in
every isolation and on SQLite, where `FOR UPDATE` is silently dropped. Only then is counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.actors import Who
from core.errors import Refusal
from core.i18n import N_, time_zones
from core.transitions import edge
from core.unit_of_work import UnitOfWork
from members.models import Member
from workshops.model.hosts import hosts_of
from workshops.model.registration_states import (
    EDGES,
    GONE,
    HOLDING,
    REGISTRATIONS,
    RegistrationState,
)
from workshops.model.stages import HAPPENING
from workshops.model.tables import Registration, Workshop
from workshops.model.wall_time import SHORTEST_OFFER, offer_until
from workshops.registration import counting

OFFERS_STOP = timedelta(hours=3)
"""Before the start; later nobody is offered a place, unless the workshop says otherwise."""


@dataclass
class LockedSeats:
    """A workshop's places while this transaction is alone with them; whoever acts on one needs it.

    `others` are the places that are taken or promised, without what `member_id` has of them.
    """

    work: UnitOfWork
    workshop: Workshop
    others: int
    member_id: int = 0
    registration: Registration | None = None
    is_invited: bool = False
    """Whether a place waits for this person's answer."""
    do_others_wait: bool = False

    @property
    def held(self) -> int:
        """How many places are taken or promised, theirs too."""
        return self.others + int(self._has_one())

    @property
    def free(self) -> int:
        """How many places are left."""
        return max(0, self.workshop.capacity - self.held)

    @property
    def has_room(self) -> bool:
        """Whether there is a place for this person, be it the one that is theirs already."""
        return self.others < self.workshop.capacity

    @property
    def is_kept(self) -> bool:
        """Whether a place waits for this person: for their answer, or because they are a host."""
        is_ahead = self.workshop.starts_at is None or self.workshop.starts_at > self.work.now
        return self.is_invited or (is_ahead and self.member_id in hosts_of(self.workshop))

    def _has_one(self) -> bool:
        registration = self.registration
        return self.is_kept or (
            registration is not None and _holds_now(registration, self.work.now)
        )


def lock(work: UnitOfWork, workshop: Workshop, member_id: int = 0) -> LockedSeats:
    """Write first, count after: from here on this transaction is alone with these places.

    The workshop is as it is now; so is the registration of `member_id`. Whoever decides by what a
    workshop or an invitation says locks first, so that no two wait for each other, and nobody acts
    on what was true a moment ago. Raises Refusal if the workshop is gone.
    """
    found = work.session.scalars(
        update(Workshop)
        .where(Workshop.id == workshop.id)
        .values(seats_rev=Workshop.seats_rev + 1)
        .returning(Workshop)
        .execution_options(synchronize_session=False, populate_existing=True)
    ).one_or_none()
    if found is None:
        raise Refusal(N_("This workshop does not exist any more."))
    registration = _own(work.session, workshop.id, member_id) if member_id else None
    others, is_invited, do_wait = counting.at_the_lock(
        work.session, workshop.id, work.now, but=member_id
    )
    return LockedSeats(
        work, found, others, member_id, registration, bool(is_invited), bool(do_wait)
    )


def take(seats: LockedSeats) -> RegistrationState:
    """A place, or one on the waiting list if there is none. Asking twice changes nothing.

    Nobody passes those who wait. Raises Refusal if somebody was removed.
    """
    registration, now = seats.registration, seats.work.now
    if registration is not None and RegistrationState(registration.state) in HOLDING:
        return RegistrationState(registration.state)
    has_one = seats.is_kept or _is_live_offer(registration, now)
    # Also for whom one was kept there has to be one: the clock may have gone on while they waited
    # for the lock, and somebody else may have it by now.
    # Once no place is offered any more, a free one is for who presses first: better than nobody's.
    passes_nobody = are_offers_over(seats.workshop, now) or not seats.do_others_wait
    may_have = seats.has_room and (has_one or passes_nobody)
    target = RegistrationState.CONFIRMED if may_have else RegistrationState.WAITLISTED
    if registration is not None and registration.state == target:
        return target
    return _put(seats, target)


def give(seats: LockedSeats) -> bool:
    """A free place for somebody whom an organiser chose, whoever waits. Harmless to repeat.

    Says whether anything changed. Raises Refusal if no place is free.
    """
    registration = seats.registration
    if registration is not None and RegistrationState(registration.state) in HOLDING:
        return False
    if not seats.has_room:
        raise Refusal(N_("No place is free. Change the number of places first."))
    return _put(seats, RegistrationState.CONFIRMED) is RegistrationState.CONFIRMED


def leave(seats: LockedSeats, target: RegistrationState) -> bool:
    """Leave a place, an offer, a turn or a request behind; the next is offered it.

    Harmless to repeat: says whether anything changed.
    """
    registration = seats.registration
    if registration is None or target not in EDGES[RegistrationState(registration.state)]:
        return False
    registration.state, registration.offer_until, registration.changed_at = (
        target,
        None,
        seats.work.now,
    )
    registration.rev += 1
    seats.work.session.flush()
    promote(seats)
    return True


def request(seats: LockedSeats) -> RegistrationState:
    """Ask for a place that an organiser decides about. Asking twice changes nothing.

    Raises Refusal if they were removed, or were told before that there is none for them.
    """
    registration = seats.registration
    if registration is not None and registration.state not in (*GONE, RegistrationState.LAPSED):
        return RegistrationState(registration.state)
    return _put(seats, RegistrationState.REQUESTED)


def change_capacity(seats: LockedSeats, capacity: int) -> list[Registration]:
    """Another number of places. Raises Refusal below what is held; returns who is offered one."""
    if capacity < max(1, seats.held):
        raise Refusal(
            N_("%(held)s places are taken or promised, so there cannot be fewer.", held=seats.held),
            "capacity",
        )
    seats.workshop.capacity = capacity
    seats.work.session.flush()
    return promote(seats)


def add_place(seats: LockedSeats) -> None:
    """One place more, which nobody who waits is offered: it is for somebody who has to be there."""
    seats.workshop.capacity += 1
    seats.work.session.flush()


def promote(seats: LockedSeats) -> list[Registration]:
    """Offer what is free to those who wait longest. Harmless to repeat; returns the new offers."""
    work, workshop = seats.work, seats.workshop
    _lapse(work, workshop.id)
    if not seats.free or workshop.stage not in HAPPENING or workshop.starts_at is None:
        return []
    stop = offers_stop(workshop)
    if are_offers_over(workshop, work.now):
        return []
    offered = _first_in_line(work.session, workshop.id, seats.free)
    for registration, zone in offered:
        registration.state, registration.changed_at = RegistrationState.OFFERED, work.now
        registration.rev += 1
        own_zone = zone if zone in time_zones() else workshop.zone
        registration.offer_until = offer_until(work.now, workshop.starts_at, own_zone, stop)
    seats.others += sum(one.member_id != seats.member_id for one, _ in offered)
    work.session.flush()
    return [registration for registration, _ in offered]


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


def _is_live_offer(registration: Registration | None, now: datetime) -> bool:
    if registration is None or registration.offer_until is None:
        return False
    return registration.state == RegistrationState.OFFERED and registration.offer_until > now


def _holds_now(registration: Registration, now: datetime) -> bool:
    is_holding = RegistrationState(registration.state) in HOLDING
    return is_holding or _is_live_offer(registration, now)


def _own(session: Session, workshop_id: int, member_id: int) -> Registration | None:
    return session.scalar(
        select(Registration)
        .where(Registration.workshop_id == workshop_id, Registration.member_id == member_id)
        .execution_options(populate_existing=True)
    )


def _lapse(work: UnitOfWork, workshop_id: int) -> None:
    lapsed = edge(
        Registration.state,
        REGISTRATIONS,
        RegistrationState.LAPSED,
        Who.TIME,
        offer_until=None,
        changed_at=work.now,
        rev=Registration.rev + 1,
    )
    ended = Registration.workshop_id == workshop_id, Registration.offer_until <= work.now
    work.session.execute(lapsed.where(*ended).execution_options(synchronize_session="fetch"))


def _put(seats: LockedSeats, target: RegistrationState) -> RegistrationState:
    """Write where this person stands from now on. Raises Refusal if that cannot be."""
    work, registration = seats.work, seats.registration
    if registration is None:
        seats.registration = Registration(
            workshop_id=seats.workshop.id,
            member_id=seats.member_id,
            state=target,
            joined_at=work.now,
            changed_at=work.now,
        )
        work.session.add(seats.registration)
        work.session.flush()
        return target
    if registration.state == RegistrationState.OFFERED and target is RegistrationState.WAITLISTED:
        registration.state = (
            RegistrationState.LAPSED
        )  # it ended; whoever asks again is the last in line
    if target not in EDGES[RegistrationState(registration.state)]:
        raise Refusal(N_("This is not possible: please write to the organisers."))
    registration.state, registration.joined_at, registration.changed_at = target, work.now, work.now
    registration.offer_until, registration.rev = None, registration.rev + 1
    work.session.flush()
    return target


def _first_in_line(
    session: Session, workshop_id: int, most: int
) -> Sequence[tuple[Registration, str]]:
    rows = session.execute(
        select(Registration, Member.time_zone)
        .join(Member, Member.id == Registration.member_id)
        .where(Registration.workshop_id == workshop_id)
        .where(Registration.state == RegistrationState.WAITLISTED)
        .order_by(Registration.joined_at, Registration.id)
        .limit(most)
    )
    return [(registration, zone) for registration, zone in rows]


def are_offers_over(workshop: Workshop, now: datetime) -> bool:
    """Whether it is too late to offer a place: from then on who asks first has what is free."""
    return workshop.starts_at is not None and offers_stop(workshop) - now < SHORTEST_OFFER


def offers_stop(workshop: Workshop) -> datetime:
    """The moment after which no offer lasts. Only of a workshop that has a time."""
    assert workshop.starts_at is not None  # noqa: S101 - asked before
    return workshop.waitlist_stops_at or workshop.starts_at - OFFERS_STOP
