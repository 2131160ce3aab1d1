"""Who was there: the facilitator's word, and the certificate that follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.audit import audit
from core.errors import Refusal
from core.i18n import N_, Message
from core.public_ids import new_public_id
from core.unit_of_work import UnitOfWork
from mail.posting import Recipient, post
from members.models import Member
from members.subscribing import check_name
from workshops.mails import emails
from workshops.model.people import people_of
from workshops.model.registration_states import HOLDING, Place, sources
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


def note(work: UnitOfWork, it: Workshop, was_there: Mapping[int, bool], by: int) -> None:
    """Write down who was there, by registration. Harmless to repeat; can be corrected.

    Whoever attended gets the certificate by mail, once. Before the end nobody is noted as missing:
    they may still come. Raises Refusal before it began.
    """
    phase = it.phase(work.now)
    if phase in (Phase.PLANNED, Phase.COMING, Phase.OFF):
        raise Refusal(N_("Who was there can be said once it has begun."))
    for own, member in people(work.session, it.id):
        if was_there.get(own.id):
            _note_one(work, it, own, member, Place.ATTENDED, by)
        elif own.id in was_there and phase is not Phase.LIVE:
            _note_one(work, it, own, member, Place.NO_SHOW, by)


def people(session: Session, workshop_id: int) -> list[tuple[Registration, Member]]:
    """Everybody who had a place, in the order of their names."""
    had_one = people_of(session, workshop_id, *HOLDING)
    return sorted(had_one, key=lambda pair: (pair[1].name.casefold(), pair[0].id))


def find_certificate(session: Session, code: str) -> Certified | None:
    """What a code certifies; None if it certifies nothing, or not any more."""
    row = session.execute(
        select(Registration, Member, Workshop)
        .join(Member, Member.id == Registration.member_id)
        .join(Workshop, Workshop.id == Registration.workshop_id)
        .where(Registration.certificate_code == code, Registration.state == Place.ATTENDED)
    ).one_or_none()
    if row is None:
        return None
    own, member, it = row
    return certified(own, member, it)


def certified(own: Registration, member: Member, it: Workshop) -> Certified | None:
    """What one participant's certificate says; None unless they attended and have said a name."""
    name = own.certificate_name or member.name
    if own.state != Place.ATTENDED or own.certificate_code is None or not name:
        return None
    if missing_letters(f"{name} {it.title}"):
        return None
    if it.starts_at is None or it.ends_at is None:
        return None
    return Certified(
        name=name,
        title=it.title,
        starts_at=it.starts_at,
        ends_at=it.ends_at,
        zone=it.zone,
        language=it.language,
        code=own.certificate_code,
    )


def _note_one(
    work: UnitOfWork, it: Workshop, own: Registration, member: Member, target: Place, by: int
) -> None:
    moved = work.session.execute(
        update(Registration)
        .where(Registration.id == own.id)
        .where(Registration.state.in_([str(place) for place in sources(target)]))
        .values(state=target, changed_at=work.now)
        .returning(Registration.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if moved is None:
        return
    work.session.refresh(own)
    audit(work, by, str(target), "registration", own.id)
    if target is Place.ATTENDED and it.ends_at is not None and work.now >= it.ends_at:
        issue(work, it, own, member)
    if target is Place.ATTENDED and it.phase(work.now) is Phase.REFLECTING:
        # Whoever did not come in by the button was not asked when it ended.
        ask = emails.check_out(it, member, own, is_reminder=False)
        post(work, ask, Recipient(member.email_ascii, member.id), f"check-out:{own.id}")


def issue_all(work: UnitOfWork, it: Workshop) -> None:
    """After the end: a certificate for everybody who was there and has said a name. Once each."""
    for own, member in people_of(work.session, it.id, Place.ATTENDED):
        issue(work, it, own, member)


def issue(work: UnitOfWork, it: Workshop, own: Registration, member: Member) -> None:
    """Issue a certificate and mail it. Its name stays as it is now. Harmless to repeat.

    Nothing happens while there is no name, or one with letters that no font here has.
    """
    name = own.certificate_name or member.name
    if own.certificate_code is None or not own.certificate_name:
        own.certificate_code = own.certificate_code or new_public_id() + new_public_id()
        own.certificate_name = name[:80]
        work.session.flush()
    if missing_letters(f"{name} {it.title}"):
        return
    email = emails.certificate(it, member, own)
    post(work, email, Recipient(member.email_ascii, member.id), f"certificate:{own.id}")


def correct_name(work: UnitOfWork, it: Workshop, own: Registration, name: str, by: int) -> None:
    """Write another name on a certificate; who did it stands in the audit. Raises Refusal."""
    if own.certificate_code is None:
        raise Refusal(N_("There is no certificate yet."), "name")
    wanted = check_name(name)
    if not wanted:
        raise Refusal(N_("Please write the name."), "name")
    if letters := missing_letters(wanted):
        raise Refusal(_no_letters(letters), "name")
    if wanted == own.certificate_name:
        return
    own.certificate_name = wanted
    work.session.flush()
    audit(work, by, "correct certificate", "registration", own.id)
    issue(work, it, own, work.session.get_one(Member, own.member_id))


def unwritable(session: Session, it: Workshop) -> list[tuple[Registration, Message]]:
    """The certificates that cannot be written here, and what to do about each."""
    found = []
    for own, _ in people_of(session, it.id, Place.ATTENDED):
        letters = missing_letters(f"{own.certificate_name} {it.title}")
        if own.certificate_code and letters:
            found.append((own, _no_letters(letters)))
    return found


def _no_letters(letters: str) -> Message:
    return N_(
        "No font here has these letters: %(letters)s. Install the package fonts-noto-core, or "
        "write the name in other letters.",
        letters=letters[:20],
    )
