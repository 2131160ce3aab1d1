"""What SES tells changes the ledger: in any order, twice, and before our own commit, to one end.

Matched by our tags, then by SES's id. A delivery moves only along the edges of `mail.states`, so a
late *Send* undoes no bounce; and only for the call that the event is about.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

import structlog
from sqlalchemy import ColumnElement, Table, Update, and_, bindparam, func, or_, select, update
from sqlalchemy.exc import OperationalError

from core.database import among
from core.installation import Installation
from core.unit_of_work import UnitOfWork
from mail import suppressing, tally
from mail.events.reading import STATES, Bounce, BrokenEvent, Event, Told, read
from mail.models import Delivery, MailEvent
from mail.states import DELIVERIES
from mail.states import DeliveryState as D
from mail.stop_rules import look_at

AT_ONCE = 500
AGAIN_FOR = timedelta(hours=1)
AGAIN_AFTER = timedelta(minutes=1)
"""What belongs to nothing is looked at again: our own commit may come later."""

log = structlog.get_logger()


@dataclass(frozen=True)
class _Kept:
    """An event as it lies in the inbox, with what it says and what it is about."""

    row: int
    event: Event | None
    delivery: Any = None
    is_of_this_call: bool = False

    @property
    def meaning(self) -> str:
        """One word for what was done with it."""
        if self.event is None:
            return "broken"
        if self.event.told is Told.OTHER:
            return "ignored"
        return "unmatched" if self.delivery is None else "applied"


def read_all(installation: Installation) -> None:
    """Read everything that waits in the inbox, some at a time.

    One that cannot be applied, for whatever reason, keeps no other from being read.
    """
    has_more = True
    while has_more:
        try:
            with installation.unit_of_work() as work:
                has_more = read_some(work, AT_ONCE)
        except OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 - what a stranger sent may break anything
            log.warning("events are read one by one", reason=type(error).__name__)
            _read_one_by_one(installation)


def _read_one_by_one(installation: Installation) -> None:
    """Whichever breaks is marked, and no other: somebody else may be reading beside us."""
    with installation.reading() as work:
        oldest = select(MailEvent.id).where(_is_unread(work.now)).order_by(MailEvent.id)
        ids = work.session.scalars(oldest.limit(AT_ONCE)).all()
    for number in ids:
        try:
            with installation.unit_of_work() as work:
                _read_these(work, _oldest(work, 1, MailEvent.id == number))
        except OperationalError:
            raise
        except Exception:
            log.exception("an event cannot be applied", number=number)
            with installation.unit_of_work() as work:
                broken = _oldest(work, 1, MailEvent.id == number)
                _mark(work, [_Kept(row, None) for row, _ in broken])


def _oldest(work: UnitOfWork, most: int, *which: ColumnElement[bool]) -> Sequence[Any]:
    waiting = select(MailEvent.id, MailEvent.body).where(_is_unread(work.now), *which)
    oldest = waiting.order_by(MailEvent.id).limit(most)
    return work.session.execute(oldest.with_for_update(skip_locked=True)).all()


def read_some(work: UnitOfWork, most: int) -> bool:
    """Read the oldest, so many at the most; whether there were as many."""
    rows = _oldest(work, most)
    _read_these(work, rows)
    return len(rows) == most


def _read_these(work: UnitOfWork, rows: Sequence[Any]) -> None:
    events = {row_id: _read(body) for row_id, body in rows}
    found = _find(work, [event for event in events.values() if event is not None])
    kept = [_match(row, event, found) for row, event in events.items()]
    _apply(work, kept)
    _suppress(work, kept)
    _mark(work, kept)
    look_at(work, sorted({one.delivery.mailing_id for one in kept if _is_bad(one)}))


def _is_unread(now: datetime) -> Any:
    is_young = MailEvent.received_at > now - AGAIN_FOR
    again = and_(MailEvent.meaning == "unmatched", is_young, MailEvent.read_at < now - AGAIN_AFTER)
    return or_(MailEvent.read_at.is_(None), again)


def _read(body: str) -> Event | None:
    try:
        return read(body)
    except BrokenEvent as error:
        log.warning("an event cannot be read", reason=str(error))
        return None


_COLUMNS = (
    Delivery.id,
    Delivery.mailing_id,
    Delivery.address,
    Delivery.state,
    Delivery.attempt,
    Delivery.message_id,
)


@dataclass(frozen=True)
class _Found:
    by_id: Mapping[int, Any]
    by_message: Mapping[str, Any]


def _find(work: UnitOfWork, events: Sequence[Event]) -> _Found:
    ids = [event.delivery for event in events if event.delivery is not None]
    of_ours = select(*_COLUMNS).where(among(Delivery.id, ids))
    by_id = {row.id: row for row in work.session.execute(of_ours)} if ids else {}
    others = {event.message_id for event in events if event.delivery not in by_id}
    of_message = select(*_COLUMNS).where(Delivery.message_id.in_(others))
    by_message = {row.message_id: row for row in work.session.execute(of_message)} if others else {}
    return _Found(by_id, by_message)


def _match(row: int, event: Event | None, found: _Found) -> _Kept:
    if event is None:
        return _Kept(row, None)
    tagged = found.by_id.get(event.delivery or 0)
    if tagged is not None and tagged.mailing_id == event.mailing:
        return _Kept(row, event, tagged, _is_of_this_call(tagged, event))
    by_message = found.by_message.get(event.message_id)
    return _Kept(row, event, by_message, is_of_this_call=by_message is not None)


def _is_of_this_call(delivery: Any, event: Event) -> bool:
    """By the attempt. What we have not sent, as far as we know, but SES has, was sent after all:
    the ledger was put back, or the call was taken for lost."""
    if delivery.attempt == event.attempt:
        return True
    is_to_them = delivery.address.casefold() in {one.casefold() for one in event.recipients}
    return is_to_them and delivery.state in (D.QUEUED, D.RESERVED)


_TABLE = cast(Table, Delivery.__table__)
_THIS_CALL = (
    _TABLE.c.id == bindparam("row"),
    _TABLE.c.attempt.is_not_distinct_from(bindparam("made")),
)


@cache
def _move_to(target: D) -> Update:
    """The guarded UPDATE to a state, made once: from wherever an edge leads there."""
    return (
        update(_TABLE)
        .where(*_THIS_CALL, or_(*(_TABLE.c.state == str(s) for s in DELIVERIES.sources(target))))
        .values(
            state=str(target),
            message_id=func.coalesce(_TABLE.c.message_id, bindparam("message")),
            heard_at=func.coalesce(_TABLE.c.heard_at, bindparam("at")),
            error=bindparam("words"),
            bounce=bindparam("how"),
            changed_at=bindparam("at"),
            lease_until=None,
            reserved_by=None,
            not_before=None,
        )
    )


_HEAR = (
    update(_TABLE)
    .where(*_THIS_CALL, _TABLE.c.heard_at.is_(None))
    .values(
        heard_at=bindparam("at"),
        message_id=func.coalesce(_TABLE.c.message_id, bindparam("message")),
    )
)
_DELAYED = (
    update(_TABLE)
    .where(*_THIS_CALL, _TABLE.c.state == str(D.SENT))
    .values(error=bindparam("words"))
)


def _apply(work: UnitOfWork, kept: Sequence[_Kept]) -> None:
    """State by state, in the order in which they follow each other."""
    mine = [one for one in kept if one.event is not None and one.is_of_this_call]
    connection = work.session.connection()
    for told, target in STATES.items():
        rows = [_row(one, work.now) for one in mine if one.event and one.event.told is told]
        if rows:
            connection.execute(_move_to(target), rows)
            connection.execute(_HEAR, rows)
            if told is Told.DELAY:
                connection.execute(_DELAYED, rows)
    tally.stir(work, sorted({one.delivery.mailing_id for one in mine}))


def _row(one: _Kept, now: datetime) -> dict[str, object]:
    assert one.event is not None  # noqa: S101
    return {
        "row": one.delivery.id,
        "made": one.delivery.attempt,
        "message": one.event.message_id,
        "words": one.event.words,
        "how": "listed" if one.event.is_listed else one.event.bounce or "",
        "at": now,
    }


def _is_bad(one: _Kept) -> bool:
    bad = (Told.BOUNCE, Told.COMPLAINT)
    return one.event is not None and one.delivery is not None and one.event.told in bad


def _suppress(work: UnitOfWork, kept: Sequence[_Kept]) -> None:
    """Who has no mailbox, or complains, gets no more; also where it is about an earlier call."""
    for event in (one.event for one in kept):
        if event is None:
            continue
        if event.told is Told.COMPLAINT and not event.is_listed:
            suppressing.add(work, event.recipients, suppressing.Why.COMPLAINT)
        elif event.is_listed:
            suppressing.add(work, event.recipients, suppressing.Why.LISTED)
        elif event.told is Told.BOUNCE and event.is_for_good:
            suppressing.add(work, event.recipients, suppressing.Why.BOUNCE)
        elif event.bounce is Bounce.TRANSIENT:
            suppressing.add_if_often_full(work, event.recipients)
    arrived = [e.recipients for one in kept if (e := one.event) and e.told is Told.DELIVERY]
    suppressing.forgive(work, [address for some in arrived for address in some])


def _mark(work: UnitOfWork, kept: Sequence[_Kept]) -> None:
    if not kept:
        return
    rows = [
        {
            "row": one.row,
            "said": one.meaning,
            "about": one.delivery.id if one.delivery is not None else None,
            "at": work.now,
        }
        for one in kept
    ]
    table = cast(Table, MailEvent.__table__)
    step = update(table).where(table.c.id == bindparam("row"))
    done: dict[str, Any] = {
        "meaning": bindparam("said"),
        "delivery_id": bindparam("about"),
        "read_at": bindparam("at"),
    }
    work.session.connection().execute(step.values(**done), rows)
