"""The places of the hosts: kept before anybody else can come, and counted like all the others.

What becomes of such a place then (calendar, reminders, giving it back) is what becomes of any.
"""

from collections.abc import Collection

from sqlalchemy.orm import Session

from core.errors import Refusal
from core.i18n import N_
from core.unit_of_work import UnitOfWork
from members.models import Member
from workshops.model.hosts import Host, hosts_of
from workshops.model.registration_states import HOLDING, RegistrationState
from workshops.model.tables import Workshop
from workshops.registration import registering, seats

FIELDS = {Host.FACILITATOR: "facilitator", Host.SEAT: "seat_email"}


def keep(work: UnitOfWork, workshop: Workshop, by: int, but: Collection[int] = ()) -> None:
    """A place for each host except `but`, whoever waits; they are told. Harmless to repeat.

    Raises Refusal naming the field if no place is free, or a host was taken off the list.
    """
    seats.lock(work, workshop)
    for member_id, host in hosts_of(workshop).items():
        if member_id not in but:
            _check(work, workshop, member_id, host)
            registering.let_in(work, workshop, member_id, by)


def keep_missing(work: UnitOfWork, workshop: Workshop) -> None:
    """A place for a host who never had one, if one is free. Harmless to repeat.

    So it is with workshops that people were invited to before places were kept for hosts.
    """
    for member_id in hosts_of(workshop):
        is_new = registering.of_member(work.session, workshop.id, member_id) is None
        if is_new and seats.free(work, workshop.id):
            registering.let_in(work, workshop, member_id, None)


def without_place(session: Session, workshop: Workshop) -> list[tuple[Member, Host]]:
    """The hosts who have no place, or gave theirs back."""
    return [
        (session.get_one(Member, member_id), host)
        for member_id, host in hosts_of(workshop).items()
        if _place_of(session, workshop, member_id) not in HOLDING
    ]


def _check(work: UnitOfWork, workshop: Workshop, member_id: int, host: Host) -> None:
    place = _place_of(work.session, workshop, member_id)
    if place == RegistrationState.REMOVED:
        sentence = N_("They were taken off the list of this workshop. Please choose somebody else.")
        raise Refusal(sentence, FIELDS[host])
    if (
        place not in HOLDING
        and seats.held(work.session, workshop.id, work.now, member_id) >= workshop.capacity
    ):
        sentence = N_("Every place is taken or promised, and this person needs one. Please change "
                      "the number of places first.")  # fmt: skip
        raise Refusal(sentence, FIELDS[host])


def _place_of(session: Session, workshop: Workshop, member_id: int) -> str | None:
    registration = registering.of_member(session, workshop.id, member_id)
    return registration.state if registration is not None else None
