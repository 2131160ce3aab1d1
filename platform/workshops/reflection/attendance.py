"""Who was there: the facilitator's word, and the certificate that follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Who
from core.audit import audit
from core.errors import Refusal
from core.i18n import N_, Message
from core.public_ids import new_public_id
from core.transitions import walk
from core.unit_of_work import UnitOfWork
from mail.keys import delivery_key
from mail.posting import post
from members.models import Member
from members.subscribing import check_name
from workshops.mails import emails
from workshops.model.people import people_of
from workshops.model.registration_states import HOLDING, REGISTRATIONS, RegistrationState
from workshops.model.stages import Phase
from workshops.model.tables import Registration, Workshop
from workshops.reflection.alphabets import missing_letters


@dataclass(frozen=True)
class Certified:
    """What a certificate says, and anybody with its code may know."""

    name: str
    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    language: str
    code: str


def note(work: UnitOfWork, workshop: Workshop, was_there: Mapping[int, bool], by: int) -> None:
    """Write down who was there, by registration. Harmless to repeat; can be corrected.

    Whoever attended gets the certificate by mail, once. Before the end nobody is noted as missing:
    they may still come. Raises Refusal before it began.
    """
    phase = workshop.phase(work.now)
    if phase in (Phase.PLANNED, Phase.COMING, Phase.OFF):
        raise Refusal(N_("Who was there can be said once it has begun."))
    for registration, member in people(work.session, workshop.id):
        if was_there.get(registration.id):
            _note_one(work, workshop, registration, member, RegistrationState.ATTENDED, by)
        elif registration.id in was_there and phase is not Phase.LIVE:
            _note_one(work, workshop, registration, member, RegistrationState.NO_SHOW, by)


def people(session: Session, workshop_id: int) -> list[tuple[Registration, Member]]:
    """Everybody who had a place, in the order of their names."""
    had_one = people_of(session, workshop_id, *HOLDING)
    return sorted(had_one, key=lambda pair: (pair[1].name.casefold(), pair[0].id))


def presumed(registration: Registration, facilitator_id: int | None) -> bool:
    """Whether somebody was there, as far as one knows: who came in, who leads, who was noted."""
    if registration.state == RegistrationState.CONFIRMED:
        leads = registration.member_id == facilitator_id
        return leads or registration.arrived_at is not None
    return registration.state == RegistrationState.ATTENDED


def find_certificate(session: Session, code: str) -> Certified | None:
    """What a code certifies; None if it certifies nothing, or not any more."""
    row = session.execute(
        select(Registration, Workshop)
        .join(Workshop, Workshop.id == Registration.workshop_id)
        .where(
            Registration.certificate_code == code, Registration.state == RegistrationState.ATTENDED
        )
    ).one_or_none()
    if row is None:
        return None
    registration, workshop = row
    return certified(registration, workshop)


def certified(registration: Registration, workshop: Workshop) -> Certified | None:
    """What one participant's certificate says; None unless they attended and have said a name."""
    name = registration.certificate_name
    if (
        registration.state != RegistrationState.ATTENDED
        or registration.certificate_code is None
        or not name
    ):
        return None
    if missing_letters(f"{name} {workshop.title}"):
        return None
    if workshop.starts_at is None or workshop.ends_at is None:
        return None
    return Certified(
        name=name,
        title=workshop.title,
        starts_at=workshop.starts_at,
        ends_at=workshop.ends_at,
        zone=workshop.zone,
        language=workshop.language,
        code=registration.certificate_code,
    )


def _note_one(
    work: UnitOfWork,
    workshop: Workshop,
    registration: Registration,
    member: Member,
    target: RegistrationState,
    by: int,
) -> None:
    this_registration = Registration.id == registration.id
    state, at = Registration.state, work.now
    if not walk(
        work.session, state, REGISTRATIONS, target, Who.ORGANISER, this_registration, changed_at=at
    ):
        return
    work.session.refresh(registration)
    audit(work, by, str(target), "registration", registration.id)
    if (
        target is RegistrationState.ATTENDED
        and workshop.ends_at is not None
        and work.now >= workshop.ends_at
    ):
        issue(work, workshop, registration, member)
    if target is RegistrationState.ATTENDED and workshop.phase(work.now) is Phase.REFLECTING:
        # Whoever did not come in by the button was not asked when it ended.
        ask = emails.check_out(workshop, member, registration, is_reminder=False)
        post(
            work,
            ask,
            member.recipient,
            delivery_key("check-out", registration.id),
        )


def issue_all(work: UnitOfWork, workshop: Workshop) -> None:
    """After the end: a certificate for everybody who was there and has said a name. Once each."""
    for registration, member in people_of(work.session, workshop.id, RegistrationState.ATTENDED):
        issue(work, workshop, registration, member)


def issue(work: UnitOfWork, workshop: Workshop, registration: Registration, member: Member) -> None:
    """Issue a certificate and mail it. Its name stays as it is now. Harmless to repeat.

    Whoever has said no name is asked for it, and has the certificate then. Nothing is mailed while
    there are letters that no font here has.
    """
    to = member.recipient
    name = registration.certificate_name or member.name
    if not name:
        ask = emails.certificate(workshop, member, registration)
        post(work, ask, to, delivery_key("certificate-name", registration.id))
        return
    if not registration.certificate_name:
        code = registration.certificate_code or new_public_id() + new_public_id()
        registration.certificate_code, registration.certificate_name = code, name[:80]
        work.session.flush()
    if missing_letters(f"{name} {workshop.title}"):
        return
    email = emails.certificate(workshop, member, registration)
    post(work, email, to, delivery_key("certificate", registration.id))


def issue_to(work: UnitOfWork, member: Member) -> None:
    """The certificates that wait for somebody's name, once they have said it. Once each."""
    if not member.name:
        return
    waiting = (
        select(Registration, Workshop)
        .join(Workshop, Workshop.id == Registration.workshop_id)
        .where(Registration.member_id == member.id, Registration.certificate_name == "")
        .where(Registration.state == RegistrationState.ATTENDED, Workshop.ends_at <= work.now)
    )
    for registration, workshop in work.session.execute(waiting).all():
        issue(work, workshop, registration, member)


def correct_name(
    work: UnitOfWork, workshop: Workshop, registration: Registration, name: str, by: int
) -> None:
    """Write another name on a certificate; who did it stands in the audit. Raises Refusal."""
    if registration.certificate_code is None:
        raise Refusal(N_("There is no certificate yet."), "name")
    wanted = check_name(name)
    if not wanted:
        raise Refusal(N_("Please write the name."), "name")
    if letters := missing_letters(wanted):
        raise Refusal(_no_letters(letters), "name")
    if wanted == registration.certificate_name:
        return
    registration.certificate_name = wanted
    work.session.flush()
    audit(work, by, "correct certificate", "registration", registration.id)
    issue(work, workshop, registration, work.session.get_one(Member, registration.member_id))


def unwritable(session: Session, workshop: Workshop) -> list[tuple[Registration, Message]]:
    """The certificates that cannot be written here, and what to do about each."""
    found = []
    for registration, _ in people_of(session, workshop.id, RegistrationState.ATTENDED):
        letters = missing_letters(f"{registration.certificate_name} {workshop.title}")
        if registration.certificate_code and letters:
            found.append((registration, _no_letters(letters)))
    return found


def _no_letters(letters: str) -> Message:
    return N_(
        "No font here has these letters: %(letters)s. Install the package fonts-noto-core, or "
        "write the name in other letters.",
        letters=letters[:20],
    )
