"""A place of somebody who goes, or had two: the next who waits is offered it."""

from core.persons import Person
from core.unit_of_work import UnitOfWork
from workshops.mails import to_organisers
from workshops.model.hosts import hosts_of
from workshops.model.registration_states import RegistrationState
from workshops.model.tables import Registration, Workshop
from workshops.registration import registering, seats


def give_back(
    work: UnitOfWork, registration: Registration, person: Person, *, tells_organisers: bool = True
) -> None:
    """Leave a place that somebody else may have; one that has begun is of the past."""
    workshop = work.session.get_one(Workshop, registration.workshop_id)
    if workshop.starts_at is None or work.now >= workshop.starts_at:
        return
    is_host = person.id in hosts_of(workshop)
    if seats.leave(seats.lock(work, workshop, person.id), RegistrationState.CANCELLED):
        registering.tell_offers(work, workshop)
    if is_host and tells_organisers:
        event = f"host-erased-{registration.id}"
        registering.tell_organisers(work, workshop, event, to_organisers.host_gave_up)
