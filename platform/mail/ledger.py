"""The ledger's moves, each one guarded UPDATE: reserve, start, record, give back.

Only edges of `mail.states` are walked, and a worker that lost its lease changes nothing: every
statement says from which state it comes, and whose reservation or attempt it belongs to.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    Boolean,
    Connection,
    Table,
    Text,
    and_,
    bindparam,
    exists,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from core.actors import Who
from core.database import among, fixed, looked_up, sqlite_text
from core.i18n import N_
from core.schedule import is_due
from core.transitions import edge
from mail.gate import may_pass
from mail.models import Delivery, Mailing, Obstacle, Suppression
from mail.obstacles import LONGEST_REST, SERVICE_ROAD, is_free
from mail.outcomes import Outcome, Verdict, counts, next_state, rests, wait_before_next
from mail.states import DELIVERIES, OPEN, MailClass, MailingState
from mail.states import DeliveryState as D
from mail.suppressing import NO_MAILBOX, Scope

QUEUED, RESERVED = fixed(D.QUEUED), fixed(D.RESERVED)
UNKNOWN, RELEASED = fixed(D.UNKNOWN), fixed(MailingState.RELEASED)
IS_OPEN = or_(*(Delivery.state == fixed(state) for state in OPEN))

# Kept in English in the row, and shown in the organiser's language.
ON_THE_LIST = N_("the address is on the suppression list").source
LEFT_MEANWHILE = N_("left before it was sent").source

StillWanted = Callable[[Session, MailClass, str, Sequence[int], date], dict[int, int]]
"""Of these member ids, the ones that take mail of this class and topic on this day; and the
version of their links."""


@dataclass(frozen=True)
class Reserved:
    """A delivery that this worker may send."""

    id: int
    mailing_id: int
    recipient_id: int | None
    address: str
    values: dict[str, Any]
    attempts: int
    links_version: int = 1


def service_work(now: datetime, is_try: bool = False) -> ColumnElement[bool]:
    """Selects the deliveries of all open service mail; for a try, whatever stands in the way."""
    goes = Mailing.mail_class == MailClass.SERVICE, *may_go(SERVICE_ROAD, now, is_try)
    return Delivery.mailing_id.in_(select(Mailing.id).where(*goes))


def mailing_work(mailing_id: int, now: datetime, is_try: bool = False) -> ColumnElement[bool]:
    """Selects the deliveries of one mailing, while it may be sent; for a try as above."""
    # An equality, not IN (…): only so the oldest are found by the index, without sorting them all.
    goes = exists().where(Mailing.id == mailing_id, *may_go(mailing_id, now, is_try))
    return and_(Delivery.mailing_id == mailing_id, goes)


def may_go(
    road: ColumnElement[int] | int, now: datetime, is_try: bool = False
) -> tuple[ColumnElement[bool], ...]:
    """The conditions under which a mailing is sent on a road."""
    begins = or_(Mailing.begins_at.is_(None), Mailing.begins_at <= now)
    is_frozen = Mailing.frozen_at.is_not(None)
    goes = Mailing.state == RELEASED, is_frozen, begins, may_pass()
    return goes if is_try else (*goes, is_free(road, now))


def is_rested(now: datetime) -> ColumnElement[bool]:
    """The condition under which a delivery may be tried (again)."""
    return or_(Delivery.not_before.is_(None), is_due(Delivery.not_before, now, LONGEST_REST))


def has_open(session: Session, road: int) -> bool:
    """Whether anything on a road waits for us."""
    of_it = Delivery.mailing_id == road
    if road == SERVICE_ROAD:
        service = Mailing.mail_class == MailClass.SERVICE, Mailing.state == RELEASED
        of_it = Delivery.mailing_id.in_(select(Mailing.id).where(*service))
    return session.scalar(select(Delivery.id).where(IS_OPEN, of_it).limit(1)) is not None


def reserve(
    session: Session,
    work: ColumnElement[bool],
    worker: str,
    now: datetime,
    most: int,
    lease: timedelta,
    by_priority: bool = False,
) -> list[Reserved]:
    """Take up to `most` queued deliveries for `worker` until the lease ends, oldest first.

    With `by_priority` those of the more urgent mailings come before: a sign-in code waits for
    no reminder.
    """
    due = is_rested(now)
    queued = (
        select(Delivery.id)
        .where(work, Delivery.state == QUEUED, due)
        .limit(most)
        .with_for_update(skip_locked=True, of=Delivery)
    )
    if by_priority:
        queued = queued.join(Mailing, Mailing.id == Delivery.mailing_id)
        queued = queued.order_by(Mailing.priority)
    # A CTE, because PostgreSQL runs it once; as a plain subquery it might lock more rows.
    chosen = queued.order_by(Delivery.id).cte("chosen")
    taken = session.execute(
        update(Delivery)
        # Not "and still queued": they are locked, and SQLite would go through all that are queued.
        .where(Delivery.id.in_(select(chosen.c.id)))
        .values(
            state=D.RESERVED,
            reserved_by=worker,
            lease_until=now + lease,
            changed_at=now,
        )
        .returning(
            Delivery.id,
            Delivery.mailing_id,
            Delivery.recipient_id,
            Delivery.address,
            Delivery.values,
            Delivery.attempts,
        )
        .execution_options(synchronize_session=False)
    )
    return sorted((Reserved(*row) for row in taken), key=lambda delivery: delivery.id)


def drop_unwanted(
    session: Session,
    deliveries: Sequence[Reserved],
    mailing: Mailing,
    keys: Callable[[str], list[str]],
    still_wanted: StillWanted,
    now: datetime,
) -> list[Reserved]:
    """Suppress those who are on the suppression list or have left meanwhile; return the rest."""
    barred = _barred(session, deliveries, mailing, keys)
    ids = [d.recipient_id for d in deliveries if d.recipient_id is not None]
    staying = dict.fromkeys(ids, 1)
    if mailing.topic is not None:
        mail_class = MailClass(mailing.mail_class)
        staying = still_wanted(session, mail_class, mailing.topic, ids, now.date())
    reasons = {d.id: _reason(d, barred, staying) for d in deliveries}
    for reason in set(filter(None, reasons.values())):
        _suppress(session, [d for d, why in reasons.items() if why == reason], reason, now)
    return [_with_version(d, staying) for d in deliveries if not reasons[d.id]]


def _with_version(delivery: Reserved, staying: Mapping[int, int]) -> Reserved:
    version = staying.get(delivery.recipient_id or 0, 1)
    return delivery if version == 1 else replace(delivery, links_version=version)


def start(
    session: Session,
    deliveries: Sequence[Reserved],
    worker: str,
    attempt: str,
    now: datetime,
    lease: timedelta,
    road: int,
    is_try: bool = False,
) -> set[int]:
    """Mark deliveries as *sending* in attempt `attempt`; returns those that still were ours.

    None are if the mailing was paused or cancelled a moment ago, or if something stands in its
    way that this worker does not try.
    """
    started = session.connection().execute(
        _START,
        {
            "of": [delivery.id for delivery in deliveries],
            "mine": worker,
            "new_attempt": attempt,
            "until": now + lease,
            "at": now,
            "on_road": road,
            "is_try": is_try,
        },
    )
    return set(started.scalars())


# The statements of every call are made once: making them anew cost a tenth of the sending.
_TABLE = cast(Table, Delivery.__table__)
_START = (
    update(_TABLE)
    .where(
        among(_TABLE.c.id, "of"),
        _TABLE.c.state == str(D.RESERVED),  # bound: the ids are the better index
        _TABLE.c.reserved_by == bindparam("mine"),
        exists().where(Mailing.id == _TABLE.c.mailing_id, Mailing.state == RELEASED, may_pass()),
        or_(
            bindparam("is_try", type_=Boolean),
            ~exists().where(Obstacle.road == bindparam("on_road")),
        ),
    )
    .values(
        state=D.SENDING,
        attempt=bindparam("new_attempt"),
        attempts=_TABLE.c.attempts + 1,
        lease_until=bindparam("until"),
        called_at=bindparam("at"),
        changed_at=bindparam("at"),
    )
    .returning(_TABLE.c.id)
)
# `unknown` too: our own answer may come after the lease, and it is proof.
_MAY_END = or_(*(_TABLE.c.state == literal(str(one)) for one in (D.SENDING, D.UNKNOWN)))
_NOBODYS: dict[str, None] = {"lease_until": None, "reserved_by": None}
_RECORD = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("row"), _TABLE.c.attempt == bindparam("made"), _MAY_END)
    .values(
        state=bindparam("to"),
        attempts=bindparam("tries"),
        error=bindparam("words"),
        not_before=bindparam("rest_until"),
        changed_at=bindparam("at"),
        **_NOBODYS,
    )
)


# Of SQLAlchemy's own handling a row costs as much as the row itself.
_RECORD_ACCEPTED = f"""
    UPDATE delivery SET state = '{D.SENT}', message_id = ?, changed_at = ?, error = '',
    not_before = NULL, lease_until = NULL, reserved_by = NULL
    WHERE id = ? AND attempt = ? AND (state = '{D.SENDING}' OR state = '{D.UNKNOWN}')
"""  # noqa: S608 - states only
_IS_ONE, _MESSAGE_ID = looked_up(_TABLE.c.id, "texts", "of")
_RECORD_ALL_ACCEPTED = (
    update(_TABLE)
    .where(_IS_ONE, _TABLE.c.attempt == bindparam("made"), _MAY_END)
    .values(
        state=D.SENT,
        message_id=_MESSAGE_ID,
        error="",
        not_before=None,
        changed_at=bindparam("at"),
        **_NOBODYS,
    )
)


def _record_accepted(
    connection: Connection, accepted: Mapping[int, str], attempt: str, now: datetime
) -> None:
    """The usual case. PostgreSQL takes a whole call as one statement; SQLite is twice as fast with
    one each, for there they cost no way there and back."""
    if connection.dialect.name == "sqlite":
        at = sqlite_text(now)
        rows = [(message, at, number, attempt) for number, message in accepted.items()]
        connection.exec_driver_sql(_RECORD_ACCEPTED, rows)
        return
    values = {"texts": json.dumps(accepted), "of": list(accepted), "made": attempt, "at": now}
    connection.execute(_RECORD_ALL_ACCEPTED, values)


def record(
    session: Session,
    attempt: str,
    outcomes: Iterable[tuple[Reserved, Outcome]],
    now: datetime,
) -> None:
    """Write down how the call `attempt` ended for each of its deliveries."""
    accepted: dict[int, str] = {}
    rows = []
    for delivery, outcome in outcomes:
        if outcome.verdict is Verdict.ACCEPTED:
            accepted[delivery.id] = outcome.message_id or ""
        else:
            rows.append(_recorded(delivery, outcome, attempt, now))
    connection = session.connection()
    if accepted:
        _record_accepted(connection, accepted, attempt, now)
    if rows:
        connection.execute(_RECORD, rows)


def give_back(session: Session, worker: str, now: datetime) -> None:
    """Return everything that `worker` reserved and did not start."""
    back = edge(
        Delivery.state, DELIVERIES, D.QUEUED, Who.WORKER, (D.RESERVED,), changed_at=now, **_NOBODYS
    )
    session.execute(back.where(Delivery.reserved_by == worker))


def _barred(
    session: Session,
    deliveries: Sequence[Reserved],
    mailing: Mailing,
    keys: Callable[[str], list[str]],
) -> set[int]:
    by_key = {key: delivery.id for delivery in deliveries for key in keys(delivery.address)}
    listed = select(Suppression.key).where(among(Suppression.key, list(by_key), Text))
    if mailing.always:
        # What its owner asks for just now is sent, but not to where no mailbox is.
        listed = listed.where(Suppression.reason.in_(NO_MAILBOX))
    elif mailing.mail_class == MailClass.SERVICE:
        listed = listed.where(Suppression.scope == Scope.EVERYTHING)
    return {by_key[key] for key in session.scalars(listed)}


def _reason(delivery: Reserved, barred: set[int], staying: Collection[int]) -> str:
    if delivery.id in barred:
        return ON_THE_LIST
    if delivery.recipient_id is not None and delivery.recipient_id not in staying:
        return LEFT_MEANWHILE
    return ""


def _suppress(session: Session, ids: Sequence[int], error: str, now: datetime) -> None:
    step = edge(
        Delivery.state,
        DELIVERIES,
        D.SUPPRESSED,
        Who.WORKER,
        (D.RESERVED,),
        error=error,
        changed_at=now,
    )
    session.execute(step.where(among(Delivery.id, ids)))


def _recorded(
    delivery: Reserved, outcome: Outcome, attempt: str, now: datetime
) -> dict[str, object]:
    attempts = delivery.attempts + counts(outcome)
    to = next_state(outcome, attempts)
    waits = to is D.QUEUED and rests(outcome)
    return {
        "row": delivery.id,
        "made": attempt,
        "to": str(to),
        "tries": attempts,
        "words": outcome.words,
        "rest_until": now + wait_before_next(attempts) if waits else None,
        "at": now,
    }
