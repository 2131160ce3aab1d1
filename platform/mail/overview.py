"""How mail stands, for the people who look after it: what goes, what waits, what became of each."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from core.unit_of_work import Reading
from mail import tally
from mail.models import Delivery, Mailing
from mail.personal import as_written
from mail.states import FORGOTTEN, OPEN, DeliveryState, MailClass, MailingState
from mail.suppressing import suppression_keys

A_PAGE = 100
MANY = Mailing.mail_class != str(MailClass.SERVICE)


@dataclass(frozen=True)
class Standing:
    """One mailing to many, and how far it got."""

    id: int
    subject: str
    kind: str
    mail_class: MailClass
    language: str
    state: MailingState
    created_at: datetime
    begins_at: datetime | None
    counts: tally.Counts

    @property
    def left(self) -> int:
        """How many wait."""
        return sum(self.counts[state] for state in OPEN)

    @property
    def is_going(self) -> bool:
        """Whether it goes out, or would if nothing stood in its way."""
        return self.state is MailingState.RELEASED

    @property
    def is_paused(self) -> bool:
        """Whether somebody, or a rule, stopped it."""
        return self.state is MailingState.PAUSED


_COLUMNS = (
    Mailing.id,
    Mailing.subject,
    Mailing.kind,
    Mailing.mail_class,
    Mailing.language,
    Mailing.state,
    Mailing.created_at,
    Mailing.begins_at,
)


def _standing(session: Session, which: Select[*tuple[object, ...]]) -> list[Standing]:
    return [
        Standing(
            row.id,
            as_written(row.subject),
            row.kind,
            MailClass(row.mail_class),
            row.language,
            MailingState(row.state),
            row.created_at,
            row.begins_at,
            tally.counts(session, [row.id]),
        )
        for row in session.execute(which)
    ]


def going(session: Session) -> list[Standing]:
    """Mailings to many that go out now, or wait."""
    states = MailingState.RELEASED, MailingState.PAUSED
    some = select(*_COLUMNS).where(MANY, Mailing.state.in_(states))
    return _standing(session, some.order_by(Mailing.id).limit(A_PAGE))


def gone(session: Session, limit: int = 20) -> list[Standing]:
    """Mailings to many that have gone out, or were cancelled, the newest first."""
    states = MailingState.FINISHED, MailingState.CANCELLED
    some = select(*_COLUMNS).where(MANY, Mailing.state.in_(states))
    return _standing(session, some.order_by(Mailing.id.desc()).limit(limit))


def held(session: Session) -> list[Standing]:
    """Mailings that a person must see first."""
    some = select(*_COLUMNS).where(Mailing.state == MailingState.HELD)
    return _standing(session, some.order_by(Mailing.id).limit(A_PAGE))


def find(session: Session, mailing_id: int) -> Standing | None:
    """One mailing."""
    found = _standing(session, select(*_COLUMNS).where(Mailing.id == mailing_id))
    return found[0] if found else None


def single_mail(session: Session) -> dict[str, int]:
    """How many single mails wait, and of how many nobody knows."""
    states = [str(state) for state in (*OPEN, DeliveryState.UNKNOWN)]
    rows = session.execute(
        select(Delivery.state, func.count())
        .join(Mailing, Mailing.id == Delivery.mailing_id)
        .where(Delivery.state.in_(states), Mailing.mail_class == MailClass.SERVICE)
        .where(or_(Mailing.state == MailingState.RELEASED, Delivery.state == DeliveryState.UNKNOWN))
        .group_by(Delivery.state)
    )
    found = dict(rows.all())
    return {
        "waiting": sum(found.get(str(state), 0) for state in OPEN),
        "unknown": found.get(str(DeliveryState.UNKNOWN), 0),
    }


@dataclass(frozen=True)
class Fate:
    """One mail to one address, and what became of it."""

    id: int
    mailing_id: int
    subject: str
    address: str
    state: DeliveryState
    words: str
    attempts: int
    created_at: datetime
    changed_at: datetime

    @property
    def is_forgotten(self) -> bool:
        """Whether the address is only a fingerprint any more."""
        return self.address.startswith(FORGOTTEN)


def deliveries_of(
    session: Session, mailing_id: int, state: str = "", page: int = 1
) -> tuple[list[Fate], bool]:
    """The deliveries of a mailing, page by page, in a state if one is named; and if more follow."""
    which = [Delivery.mailing_id == mailing_id, *_in_state(state)]
    some = _fates(*which).order_by(Delivery.id).limit(A_PAGE + 1).offset((page - 1) * A_PAGE)
    found = [_fate(row) for row in session.execute(some)]
    return found[:A_PAGE], len(found) > A_PAGE


def all_deliveries_of(session: Session, mailing_id: int, state: str = "") -> Iterator[Fate]:
    """All of them, without holding them in memory."""
    which = _fates(Delivery.mailing_id == mailing_id, *_in_state(state)).order_by(Delivery.id)
    for row in session.execute(which.execution_options(yield_per=1000)):
        yield _fate(row)


def mails_to(work: Reading, address: str, limit: int = A_PAGE) -> list[Fate]:
    """What went to an address, the newest first; also where only a fingerprint of it is left."""
    prints = [f"{FORGOTTEN}{key}" for key in suppression_keys(address, work.settings.keys)]
    theirs = func.lower(Delivery.address).in_([address.lower(), *prints])
    newest = _fates(theirs).order_by(Delivery.id.desc()).limit(limit)
    return [_fate(row) for row in work.session.execute(newest)]


def _in_state(state: str) -> list[ColumnElement[bool]]:
    if state == "open":
        return [Delivery.state.in_([str(one) for one in OPEN])]
    return [Delivery.state == state] if state else []


def _fates(*which: ColumnElement[bool]) -> Select[*tuple[object, ...]]:
    columns = (
        Delivery.id,
        Delivery.mailing_id,
        Mailing.subject,
        Delivery.address,
        Delivery.state,
        Delivery.error,
        Delivery.attempts,
        Delivery.created_at,
        Delivery.changed_at,
    )
    return select(*columns).join(Mailing, Mailing.id == Delivery.mailing_id).where(*which)


def _fate(row: object) -> Fate:
    fate = Fate(*row)  # type: ignore[misc]
    return replace(fate, state=DeliveryState(fate.state), subject=as_written(fate.subject))
