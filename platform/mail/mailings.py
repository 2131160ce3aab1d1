"""What is done to whole mailings: pause, resume, cancel, settle what is unknown, try again."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Update, or_, select, update
from sqlalchemy.orm import Session

from core.actors import Who
from core.transitions import edge
from core.unit_of_work import UnitOfWork
from mail import obstacles, tally
from mail.models import Delivery, Mailing
from mail.posting import DELIVER_SERVICE, EVERY_LANE, lanes
from mail.states import DELIVERIES, FORGOTTEN, MAILINGS, MailClass, MailingState
from mail.states import DeliveryState as D

FRESH = timedelta(hours=24)
"""What was to begin longer ago and has not asks first."""
_NOBODYS: dict[str, None] = {"lease_until": None, "reserved_by": None}


def is_stale(mailing: Mailing, now: datetime) -> bool:
    """Whether a mailing was to go out long ago and has not begun."""
    due = max(filter(None, (mailing.released_at, mailing.begins_at)), default=now)
    is_going = mailing.state == MailingState.RELEASED and mailing.mail_class != MailClass.SERVICE
    return is_going and mailing.begun_at is None and due < now - FRESH


def move(
    work: UnitOfWork,
    ids: Sequence[int],
    target: MailingState,
    by: Who,
    only_from: Collection[MailingState] | None = None,
    **written: Any,
) -> int:
    """Move mailings to another state; returns how many could be moved."""
    step = edge(Mailing.state, MAILINGS, target, by, only_from, **written)
    moved = work.change(step.where(Mailing.id.in_(ids)))
    if target is MailingState.RELEASED:
        wake(work, ids)
    return moved


def wake(work: UnitOfWork, ids: Sequence[int]) -> None:
    """Wake the workers for these mailings."""
    classes = select(Mailing.id, Mailing.mail_class).where(Mailing.id.in_(ids))
    for mailing_id, mail_class in work.session.execute(classes):
        if mail_class == MailClass.SERVICE:
            work.wake(DELIVER_SERVICE)
        else:
            work.jobs.extend(lanes(mailing_id, EVERY_LANE))


def resume(work: UnitOfWork, ids: Sequence[int]) -> int:
    """A person says go on: with what was paused, or waits for a person; returns how many.

    What bounced until now was looked at: from here on it is counted anew. What passes by itself
    stays in the way of what goes: a second click must not release the brake.
    """
    waits = or_(Mailing.state == MailingState.PAUSED, obstacles.waits_for_a_person(Mailing.id))
    those = list(work.session.scalars(select(Mailing.id).where(Mailing.id.in_(ids), waits)))
    obstacles.clear(work.session, those)
    fresh = update(Mailing).where(Mailing.id.in_(those))
    work.session.execute(fresh.values(released_at=work.now))
    move(work, those, MailingState.RELEASED, Who.ORGANISER, (MailingState.PAUSED,))
    return len(those)


def cancel(work: UnitOfWork, ids: Sequence[int], by: Who) -> int:
    """Stop for good: what waits is never sent. Returns how many were stopped."""
    stopped = move(work, ids, MailingState.CANCELLED, by)
    cancel_waiting(work.session, ids, by, work.now)
    tally.stir(work, ids)
    obstacles.clear(work.session, ids)
    return stopped


def cancel_waiting(session: Session, mailing_ids: Sequence[int], by: Who, now: datetime) -> None:
    """Cancel all deliveries of mailings that have not been started."""
    step = _edge(D.CANCELLED, by, changed_at=now)
    session.execute(step.where(Delivery.mailing_id.in_(mailing_ids)))


def cancel_those(work: UnitOfWork, by: Who, *which: ColumnElement[bool]) -> None:
    """Cancel what waits and is one of those."""
    work.change(_edge(D.CANCELLED, by, changed_at=work.now).where(*which))


def count_unknown(work: UnitOfWork, ids: Sequence[int]) -> int:
    """Take what is unknown for accepted, as a person decided; returns how many."""
    return _settle(work, ids, D.SENT, D.UNKNOWN, error="")


def repeat_unknown(work: UnitOfWork, ids: Sequence[int]) -> int:
    """Send what is unknown again, as a person decided; returns how many."""
    return _again(work, ids, D.UNKNOWN)


def retry_failed(work: UnitOfWork, ids: Sequence[int]) -> int:
    """Send what failed again: the reason may be gone. Returns how many."""
    return _again(work, ids, D.FAILED)


def _again(work: UnitOfWork, ids: Sequence[int], source: D) -> int:
    """Whoever tries again begins to count anew; a mailing that was done is opened for it."""
    # What was emptied, or whose address is only a fingerprint any more, cannot be sent.
    whole = Mailing.text != "", Mailing.state != MailingState.CANCELLED
    can_go = (
        Delivery.mailing_id.in_(select(Mailing.id).where(Mailing.id.in_(ids), *whole)),
        Delivery.address.not_like(f"{FORGOTTEN}%"),
    )
    anew = {"error": "", "attempts": 0, "heard_at": None}
    settled = _settle(work, ids, D.QUEUED, source, *can_go, **anew)
    if settled:
        finished = (MailingState.FINISHED,)
        move(work, ids, MailingState.RELEASED, Who.ORGANISER, finished)
        wake(work, ids)
    return settled


def _settle(
    work: UnitOfWork,
    ids: Sequence[int],
    target: D,
    source: D,
    *where: ColumnElement[bool],
    **written: Any,
) -> int:
    now = {"not_before": None, "changed_at": work.now, **_NOBODYS, **written}
    step = _edge(target, Who.ORGANISER, (source,), **now)
    tally.stir(work, ids)
    return work.change(step.where(Delivery.mailing_id.in_(ids), *where))


def _edge(target: D, by: Who, only_from: Collection[D] | None = None, **written: Any) -> Update:
    return edge(Delivery.state, DELIVERIES, target, by, only_from, **written)
