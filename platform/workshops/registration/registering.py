"""A place for a person, from their side: coming, waiting, taking an offer, giving it up.

`seats` decides who gets what; here it is said to them, once for every change.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.actors import Who
from core.audit import audit
from core.errors import Refusal
from core.i18n import N_
from core.text import plain_lines
from core.transitions import edge
from core.unit_of_work import Reading, UnitOfWork
from mail.keys import delivery_key
from mail.posting import Email, post
from members.models import Member
from workshops.mails import emails, to_organisers
from workshops.model.hosts import hosts_of
from workshops.model.invitation_states import INVITATIONS, InvitationState
from workshops.model.people import planners
from workshops.model.registration_states import GONE, HOLDING, RegistrationState
from workshops.model.stages import HAPPENING, TAKING, Stage
from workshops.model.tables import Invitation, Registration, Workshop
from workshops.model.times import moments
from workshops.planning import ground_rules
from workshops.registration import counting, seats
from workshops.registration.seats import LockedSeats

OrganisersWriter = Callable[[UnitOfWork, Workshop, Member], Email]

THING = "registration"
LONGEST_ANSWER = 2000
UNDO = timedelta(hours=1)
"""So long a place that was given up can be had back, if nobody has it."""


@dataclass(frozen=True)
class Words:
    """What somebody says when they come: their answers, the rules they agree to, their name."""

    answers: Sequence[Mapping[str, Any]] = ()
    rules_version: int = 0
    shows_name: bool = False
    known_as: str = field(default="")


def register(
    work: UnitOfWork, workshop: Workshop, member: Member, words: Words, *, is_approved: bool
) -> Registration:
    """A place, one on the waiting list, or a request for one. Asking twice changes nothing.

    Raises Refusal if the workshop takes nobody now, or the rules were not agreed to.
    """
    return come(seats.lock(work, workshop, member.id), member, words, is_approved=is_approved)


def come(locked: LockedSeats, member: Member, words: Words, *, is_approved: bool) -> Registration:
    """The same for whoever is alone with the places already."""
    work, workshop = locked.work, locked.workshop
    _check_taking(locked)
    if locked.registration is not None and locked.registration.state in HOLDING:
        return locked.registration
    before = locked.registration.rev if locked.registration is not None else -1
    seats.take(locked) if is_approved else seats.request(locked)
    registration = locked.registration
    assert registration is not None  # noqa: S101 - it was written a moment ago
    keep_words(work, workshop, registration, words)
    if words.known_as:
        member.name = words.known_as  # their own word; what stood there was an organiser's guess
    _settle_invitation(work, registration, InvitationState.ACCEPTED)
    tell_place(work, workshop, registration)
    if registration.rev != before:
        audit(work, member.id, registration.state, THING, registration.id)
    return registration


def keep_words(
    work: UnitOfWork, workshop: Workshop, registration: Registration, words: Words
) -> None:
    """Keep answers, agreement and consent. Raises Refusal if the rules were not agreed to."""
    known = ground_rules.current(work.session, workshop.id)
    if not words.rules_version and known is not None:
        raise Refusal(N_("Please agree to the ground rules, or write to us about them."), "rules")
    ground_rules.agree_to(work, registration, known, words.rules_version)
    said = [dict(answer) for answer in words.answers]
    if said != registration.answers:
        # What was written before belongs to whom it was written to, whoever leads it now.
        registration.answers, registration.answers_to = said, workshop.facilitator_id
    registration.shows_name = words.shows_name
    work.session.flush()


def answers_of(workshop: Workshop, typed: Sequence[tuple[str, bool]]) -> list[dict[str, Any]]:
    """Answers beside the questions they belong to; what was left empty is left out."""
    asked = zip(workshop.plan.questions, typed, strict=False)
    return [
        {"question": question, "answer": answer, "is_shared": is_shared}
        for question, (text, is_shared) in asked
        if (answer := plain_lines(text)[:LONGEST_ANSWER])
    ]


def approve(work: UnitOfWork, workshop: Workshop, registration: Registration, by: int) -> None:
    """Give somebody who asked a place, or one on the waiting list. Harmless to repeat.

    Raises Refusal if it does not take place, or has begun.
    """
    if registration.state != RegistrationState.REQUESTED:
        return
    locked = seats.lock(work, workshop, registration.member_id)
    check_still_coming(work, workshop)
    seats.take(locked)
    tell_place(work, workshop, registration)
    audit(work, by, "approve", THING, registration.id)


def give_place(work: UnitOfWork, workshop: Workshop, registration: Registration, by: int) -> None:
    """Give a free place to somebody who waits, whoever stands before them. Harmless to repeat.

    Until the end: who could not be offered one may still come in. Raises Refusal.
    """
    locked = seats.lock(work, workshop, registration.member_id)
    if workshop.stage not in HAPPENING or workshop.ends_at is None or work.now >= workshop.ends_at:
        raise Refusal(N_("This does not take place now."))
    let_in(locked, by)


def let_in(locked: LockedSeats, by: int | None) -> None:
    """A free place for somebody, and the mail about it. Harmless to repeat.

    Raises Refusal if no place is free.
    """
    if not seats.give(locked):
        return
    work, workshop, registration = locked.work, locked.workshop, locked.registration
    assert registration is not None  # noqa: S101 - it was written a moment ago
    tell_place(work, workshop, registration)
    _settle_invitation(work, registration, InvitationState.ACCEPTED)
    audit(work, by, "give place", THING, registration.id)


def refuse(work: UnitOfWork, workshop: Workshop, registration: Registration, by: int) -> None:
    """Tell somebody who asked that there is no place for them. Harmless to repeat."""
    if _leave(work, workshop, registration, RegistrationState.NOT_ACCEPTED):
        tell_place(work, workshop, registration)
        audit(work, by, "refuse", THING, registration.id)


def give_up(work: UnitOfWork, workshop: Workshop, registration: Registration) -> None:
    """Give the place back, until the start; the next is offered it. Harmless to repeat."""
    if workshop.starts_at is not None and work.now >= workshop.starts_at:
        raise Refusal(N_("It has begun, so the place cannot be given back any more."))
    if _leave(work, workshop, registration, RegistrationState.CANCELLED):
        tell_place(work, workshop, registration)
        _settle_invitation(work, registration, InvitationState.DECLINED)
        audit(work, registration.member_id, "give up", THING, registration.id)
        if registration.member_id in hosts_of(workshop):
            tell_organisers(
                work,
                workshop,
                f"host-gone-{registration.id}-{registration.rev}",
                to_organisers.host_gave_up,
            )
    tell_offers(work, workshop)


def remove(work: UnitOfWork, workshop: Workshop, registration: Registration, by: int) -> None:
    """Take somebody off, for good; they are told. Harmless to repeat."""
    if _leave(work, workshop, registration, RegistrationState.REMOVED):
        tell_place(work, workshop, registration)
        audit(work, by, "remove", THING, registration.id)
    tell_offers(work, workshop)


def _leave(
    work: UnitOfWork, workshop: Workshop, registration: Registration, target: RegistrationState
) -> bool:
    return seats.leave(seats.lock(work, workshop, registration.member_id), target)


def promote(work: UnitOfWork, workshop: Workshop) -> None:
    """Offer what is free, and say so to whom it is offered. Harmless to repeat."""
    pass_on(seats.lock(work, workshop))


def pass_on(locked: LockedSeats) -> None:
    """The same for whoever is alone with the places already."""
    seats.promote(locked)
    tell_offers(locked.work, locked.workshop)


def tell_offers(work: UnitOfWork, workshop: Workshop) -> None:
    """Mail everybody who has a live offer; whoever was told is not told again."""
    live = select(Registration).where(
        Registration.workshop_id == workshop.id, Registration.state == RegistrationState.OFFERED
    )
    for registration in work.session.scalars(live.order_by(Registration.id)).all():
        tell_place(work, workshop, registration)


def tell_place(work: UnitOfWork, workshop: Workshop, registration: Registration) -> None:
    """Mail somebody where they stand now, once for each change of it."""
    member = work.session.get_one(Member, registration.member_id)
    write = _LETTERS.get(RegistrationState(registration.state))
    if write is not None:
        key = delivery_key("place", registration.id, registration.rev)
        post(
            work,
            write(work, workshop, member, registration),
            member.recipient,
            key,
        )
    if registration.state in (RegistrationState.CONFIRMED, *GONE):
        registration.in_calendar = registration.state == RegistrationState.CONFIRMED


def tell_organisers(
    work: UnitOfWork,
    workshop: Workshop,
    event: str,
    write: OrganisersWriter,
) -> None:
    """Mail everybody who may decide that something waits for it."""
    for member in planners(work.session):
        to = member.recipient
        key = delivery_key("workshop", workshop.id, event, member.id)
        post(work, write(work, workshop, member), to, key)


def of_member(session: Session, workshop_id: int, member_id: int) -> Registration | None:
    """One person's registration."""
    this_one = (Registration.workshop_id == workshop_id, Registration.member_id == member_id)
    found = select(Registration).where(*this_one)
    return session.scalar(found.execution_options(populate_existing=True))


def arrive(work: UnitOfWork, registration: Registration) -> None:
    """Note that somebody came in, the first time."""
    work.session.execute(
        update(Registration)
        .where(Registration.id == registration.id, Registration.arrived_at.is_(None))
        .values(arrived_at=work.now)
        .execution_options(synchronize_session=False)
    )


def can_undo(work: Reading, workshop: Workshop, registration: Registration) -> bool:
    """Whether a place that was given up a short while ago is still there for the asking."""
    has_just_left = registration.state == RegistrationState.CANCELLED
    if not has_just_left or work.now - registration.changed_at >= UNDO:
        return False
    held = counting.held(work.session, workshop.id, work.now, but=registration.member_id)
    return held < workshop.capacity and not counting.is_waited_for(work.session, workshop.id)


def _check_taking(locked: LockedSeats) -> None:
    """What is theirs for the taking may be taken when nobody new can come. Raises Refusal."""
    if not _is_theirs(locked) and Stage(locked.workshop.stage) not in TAKING:
        raise Refusal(N_("Nobody can be taken at the moment. Please write to the organisers."))
    check_still_coming(locked.work, locked.workshop)


def _is_theirs(locked: LockedSeats) -> bool:
    """An offer; a turn, once places go to who asks first; a place that was given up just now."""
    registration = locked.registration
    if registration is None:
        return False
    if registration.state == RegistrationState.WAITLISTED:
        return seats.are_offers_over(locked.workshop, locked.work.now)
    is_offered = registration.state == RegistrationState.OFFERED
    return is_offered or can_undo(locked.work, locked.workshop, registration)


def check_still_coming(work: UnitOfWork, workshop: Workshop) -> None:
    """Raises Refusal if it does not take place, or has begun."""
    if Stage(workshop.stage) not in HAPPENING:
        raise Refusal(N_("This does not take place now."))
    if workshop.starts_at is not None and work.now >= workshop.starts_at:
        raise Refusal(N_("It has begun, so nobody can join any more."))


def _settle_invitation(
    work: UnitOfWork, registration: Registration, answer: InvitationState
) -> None:
    """Whoever comes by whatever door has said yes, and whoever gives a place back has said no."""
    now = work.now
    answered = edge(
        Invitation.state,
        INVITATIONS,
        answer,
        Who.MEMBER,
        changed_at=now,
        answered_at=now,
        answered_round=Invitation.round,
    )
    theirs = answered.where(
        Invitation.workshop_id == registration.workshop_id,
        Invitation.member_id == registration.member_id,
    )
    work.session.execute(theirs.execution_options(synchronize_session="fetch"))


def _waiting(
    work: UnitOfWork, workshop: Workshop, member: Member, registration: Registration
) -> Email:
    return emails.waiting(
        workshop, member, registration, counting.position(work.session, registration)
    )


def _offer(
    _work: UnitOfWork, workshop: Workshop, member: Member, registration: Registration
) -> Email:
    until = registration.offer_until
    assert until is not None  # noqa: S101 - an offer has an end
    lines = moments(until, member.time_zone, workshop.zone, member.language)
    return emails.offer(workshop, member, registration, lines)


Writer = Callable[[UnitOfWork, Workshop, Member, Registration], Email]

_LETTERS: dict[RegistrationState, Writer] = {
    RegistrationState.CONFIRMED: emails.confirmed,
    RegistrationState.WAITLISTED: _waiting,
    RegistrationState.OFFERED: _offer,
    RegistrationState.CANCELLED: emails.given_up,
    RegistrationState.REMOVED: emails.removed,
    RegistrationState.NOT_ACCEPTED: lambda _work, workshop, member, registration: (
        emails.not_accepted(workshop, member, registration)
    ),
}
