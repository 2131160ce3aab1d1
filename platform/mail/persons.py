"""What the ledger keeps of a person: which mails they got."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, delete, or_, select, update

from core.actors import Who
from core.i18n import N_
from core.persons import Erasure, Happening, Person, PersonalRecords, Row, give
from core.unit_of_work import Reading, UnitOfWork
from mail.mailings import cancel_those
from mail.models import Delivery, MailEvent, Mailing
from mail.outbox import OUTBOX_FILES, read
from mail.personal import as_written
from mail.retention import end_service_mail, forget_recipients
from mail.states import DELIVERY_NAMES, DeliveryState, MailClass

MOST_TOLD = 200
ARRIVING = DeliveryState.SENT, DeliveryState.DELIVERED


def tell(work: Reading, person: Person) -> Sequence[Row]:
    """Each mail: its subject, when, and what became of it."""
    rows = work.session.execute(
        select(Mailing.subject, Delivery.state, Delivery.created_at, Delivery.address)
        .join(Mailing, Mailing.id == Delivery.mailing_id)
        .where(_theirs(person))
        .order_by(Delivery.id)
    )
    return [
        {"subject": as_written(subject), "state": state, "at": at.isoformat(), "address": address}
        for subject, state, at, address in rows
    ]


def past(work: Reading, person: Person) -> Iterable[Happening]:
    """Each mail and what became of it."""
    mails = select(Mailing.subject, Delivery.state, Delivery.created_at).join(
        Mailing, Mailing.id == Delivery.mailing_id
    )
    newest = mails.where(_theirs(person)).order_by(Delivery.id.desc()).limit(MOST_TOLD)
    for subject, state, at in work.session.execute(newest):
        named = N_("A mail: “%(subject)s”", subject=as_written(subject))
        yield Happening(
            at, named if subject else N_("A mail"), DELIVERY_NAMES[DeliveryState(state)]
        )


def erase(work: UnitOfWork, person: Person, _how: Erasure) -> None:
    """Forget to whom mails went and what single ones said; letters to many stay as they are."""
    own = select(Delivery.mailing_id).where(_theirs(person))
    single = Mailing.id.in_(own), Mailing.mail_class == MailClass.SERVICE
    emptied = {"subject": "", "html": "", "text": "", "calendar": ""}
    work.session.execute(update(Mailing).where(*single).values(**emptied))
    told = select(Delivery.id).where(_theirs(person))
    work.session.execute(delete(MailEvent).where(MailEvent.delivery_id.in_(told)))
    by_address = Delivery.address.in_(person.addresses), Delivery.recipient_id.is_(None)
    work.session.execute(update(Delivery).where(*by_address).values(recipient_id=person.id))
    forget_recipients(work, [person.id])
    _stop_what_names(work, person)
    while end_service_mail(work):  # others were written to about them
        pass
    _empty_outbox(work, person)


def join(work: UnitOfWork, kept: Person, other: Person) -> None:
    """What went to them went to one person, who gets no letter twice."""
    got = DeliveryState.QUEUED, DeliveryState.RESERVED, DeliveryState.SENDING, *ARRIVING
    also = select(Delivery.mailing_id).where(
        Delivery.recipient_id == kept.id, Delivery.state.in_([str(state) for state in got])
    )
    twice = Delivery.recipient_id == other.id, Delivery.mailing_id.in_(also)
    cancel_those(work, Who.ORGANISER, *twice)
    give(work, Delivery.recipient_id, kept.id, other.id)


def _stop_what_names(work: UnitOfWork, person: Person) -> None:
    """What tells others of them and has not gone out: it would say who they were."""
    waits = or_(*(Mailing.text.contains(one, autoescape=True) for one in person.addresses))
    naming = select(Mailing.id).where(Mailing.mail_class == MailClass.SERVICE, waits)
    cancel_those(work, Who.ORGANISER, Delivery.mailing_id.in_(naming))


def _theirs(person: Person) -> ColumnElement[bool]:
    """By their record; by the address only where no record is known: it may have been another's."""
    unknown = Delivery.recipient_id.is_(None)
    return (Delivery.recipient_id == person.id) | (unknown & Delivery.address.in_(person.addresses))


def _empty_outbox(work: UnitOfWork, person: Person) -> None:
    """Where mail stays on this machine: what went to them, and what tells others of them."""
    for path in work.settings.outbox.glob(OUTBOX_FILES):
        mail = read(path)
        if person.is_named_in(f"{mail.to} {mail.subject} {mail.text}"):
            path.unlink(missing_ok=True)


RECORDS = PersonalRecords("mails", N_("Mails"), tell, erase, join, past)
