"""The places of the hosts: kept before anybody else can come, and counted like all the others.

What becomes of such a place then (calendar, reminders, giving it back) is what becomes of any.
"""

from collections.abc import Collection

from sqlalchemy.orm import Session

from core.audit import audit
from core.errors import Refusal
from core.i18n import N_
from core.unit_of_work import Reading, UnitOfWork
from members.models import Member
from workshops.model.hosts import Host, hosts_of
from workshops.model.people import barred
from workshops.model.registration_states import HOLDING, RegistrationState
from workshops.model.tables import Workshop
from workshops.registration import registering, seats
from workshops.registration.seats import LockedSeats

FIELDS = {Host.FACILITATOR: "facilitator", Host.SEAT: "seat_email"}


def keep(work: UnitOfWork, workshop: Workshop, by: int, but: Collection[int] = ()) -> None:
    """A place for each host except `but`, whoever waits; they are told. Harmless to repeat.

    If none is free there is one more: it cannot be without them. Raises Refusal naming the field if
    a host was taken off the list, or no mail reaches them.
    """
    for member_id, host in hosts_of(workshop).items():
        if member_id not in but:
            locked = seats.lock(work, workshop, member_id)
            _check(locked, host)
            _make_room(locked, by)
            registering.let_in(locked, by)


def keep_missing(work: UnitOfWork, workshop: Workshop) -> None:
    """A place for a host who never had one, once one is free. Harmless to repeat.

    So it is with workshops that people were invited to before places were kept for hosts.
    """
    for member_id in hosts_of(workshop):
        if registering.of_member(work.session, workshop.id, member_id) is not None:
            continue
        locked = seats.lock(work, workshop, member_id)
        if locked.has_room:
            registering.let_in(locked, None)


def without_place(session: Session, workshop: Workshop) -> list[tuple[Member, Host]]:
    """The hosts who have no place, or gave theirs back."""
    return [
        (session.get_one(Member, member_id), host)
        for member_id, host in hosts_of(workshop).items()
        if _place_of(session, workshop, member_id) not in HOLDING
    ]


def unreachable(work: Reading, workshop: Workshop) -> list[tuple[Member, Host]]:
    """The hosts whose mail comes back: somebody has to tell them in another way."""
    hosts = hosts_of(workshop)
    return [(work.session.get_one(Member, n), hosts[n]) for n in barred(work, list(hosts))]


def _check(locked: LockedSeats, host: Host) -> None:
    registration = locked.registration
    if registration is not None and registration.state == RegistrationState.REMOVED:
        sentence = N_("They were taken off the list of this workshop. Please choose somebody else.")
        raise Refusal(sentence, FIELDS[host])
    if barred(locked.work, [locked.member_id]):
        sentence = N_("Mail to this address came back, so they would hear of nothing.")
        raise Refusal(sentence, FIELDS[host])


def _make_room(locked: LockedSeats, by: int) -> None:
    registration, workshop = locked.registration, locked.workshop
    if locked.has_room or (registration is not None and registration.state in HOLDING):
        return
    seats.add_place(locked)
    more = {"capacity": workshop.capacity}
    audit(locked.work, by, "change capacity", "workshop", workshop.id, more)


def _place_of(session: Session, workshop: Workshop, member_id: int) -> str | None:
    registration = registering.of_member(session, workshop.id, member_id)
    return registration.state if registration is not None else None
