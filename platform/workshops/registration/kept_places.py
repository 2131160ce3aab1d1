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
from workshops.model.registration_states import HOLDING, Place
from workshops.model.tables import Workshop
from workshops.registration import registering, seats

FIELDS = {Host.FACILITATOR: "facilitator", Host.SEAT: "seat_email"}


def keep(work: UnitOfWork, it: Workshop, by: int, but: Collection[int] = ()) -> None:
    """A place for each host except `but`, whoever waits; they are told. Harmless to repeat.

    Raises Refusal naming the field if no place is free, or a host was taken off the list.
    """
    seats.lock(work, it)
    for member_id, host in hosts_of(it).items():
        if member_id not in but:
            _check(work, it, member_id, host)
            registering.let_in(work, it, member_id, by)


def keep_missing(work: UnitOfWork, it: Workshop) -> None:
    """A place for a host who never had one, if one is free. Harmless to repeat.

    So it is with workshops that people were invited to before places were kept for hosts.
    """
    for member_id in hosts_of(it):
        is_new = registering.of_member(work.session, it.id, member_id) is None
        if is_new and seats.free(work, it.id):
            registering.let_in(work, it, member_id, None)


def without_place(session: Session, it: Workshop) -> list[tuple[Member, Host]]:
    """The hosts who have no place, or gave theirs back."""
    return [
        (session.get_one(Member, member_id), host)
        for member_id, host in hosts_of(it).items()
        if _place_of(session, it, member_id) not in HOLDING
    ]


def _check(work: UnitOfWork, it: Workshop, member_id: int, host: Host) -> None:
    place = _place_of(work.session, it, member_id)
    if place == Place.REMOVED:
        sentence = N_("They were taken off the list of this workshop. Please choose somebody else.")
        raise Refusal(sentence, FIELDS[host])
    if place not in HOLDING and seats.held(work.session, it.id, work.now, member_id) >= it.capacity:
        sentence = N_("Every place is taken or promised, and this person needs one. Please change "
                      "the number of places first.")  # fmt: skip
        raise Refusal(sentence, FIELDS[host])


def _place_of(session: Session, it: Workshop, member_id: int) -> str | None:
    own = registering.of_member(session, it.id, member_id)
    return own.state if own is not None else None
