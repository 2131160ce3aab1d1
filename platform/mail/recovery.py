"""What the tick sees to: what a dead worker held comes back, what is done is closed, what is due
is woken."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, exists, or_, select
from sqlalchemy.orm import Session

from core.actors import Who
from core.database import among
from core.i18n import N_
from core.jobs import Job
from core.schedule import is_due
from core.transitions import edge
from mail.ledger import (
    IS_OPEN,
    QUEUED,
    RELEASED,
    UNKNOWN,
    is_rested,
    may_go,
)
from mail.mailings import cancel_waiting
from mail.models import Delivery, Mailing
from mail.obstacles import SERVICE_ROAD, clear_ended, may_be_tried
from mail.posting import DELIVER_SERVICE, EVERY_LANE, lanes
from mail.states import DELIVERIES, FORGOTTEN, MAILINGS, MailClass, MailingState
from mail.states import DeliveryState as D

LONGEST_LEASE = timedelta(hours=1)
"""No worker holds a delivery longer: ten minutes are the most that can be set, twice for a call."""
HARMLESS_REPEATS = 10
HARMLESS_WAITS = tuple(timedelta(seconds=30) * 2**n for n in range(7))
"""Between the repeats of what is harmless twice: half a minute, a minute … half an hour."""
WORKER_ENDED = N_("the worker ended before the mail service answered").source


def recover(session: Session, now: datetime) -> None:
    """What a dead worker held: reserved goes back, sending is unknown, harmless is repeated."""
    _expire(session, D.RESERVED, D.QUEUED, "", now)
    _expire(session, D.SENDING, D.UNKNOWN, WORKER_ENDED, now)
    repeatable = select(Mailing.id).where(Mailing.repeatable, Mailing.state == RELEASED)
    again = edge(Delivery.state, DELIVERIES, D.QUEUED, Who.TIME, (D.UNKNOWN,), changed_at=now)
    session.execute(
        again.where(
            Delivery.attempts < HARMLESS_REPEATS,
            Delivery.address.not_like(f"{FORGOTTEN}%"),
            or_(*(_has_rested(tried, wait, now) for tried, wait in enumerate(HARMLESS_WAITS, 1))),
            Delivery.mailing_id.in_(repeatable),
        )
    )
    clear_ended(session)


def _has_rested(tried: int, wait: timedelta, now: datetime) -> ColumnElement[bool]:
    """Of what was tried so often (or, for the last wait, oftener): whether it has waited enough."""
    is_last = tried == len(HARMLESS_WAITS)
    often = Delivery.attempts >= tried if is_last else Delivery.attempts == tried
    return and_(often, is_due(Delivery.changed_at, now - wait, wait + LONGEST_LEASE))


def settle_closed(session: Session, now: datetime) -> None:
    """What came back to *queued* after its mailing was closed: cancelled too, or sent after all.

    (A call was under way while somebody cancelled; an answer came after the lease.)
    """
    waiting = session.scalars(
        select(Delivery.mailing_id).where(Delivery.state == QUEUED).distinct()
    )
    of_closed = select(Mailing.id, Mailing.state).where(
        among(Mailing.id, list(waiting)),
        Mailing.state.in_([MailingState.CANCELLED, MailingState.FINISHED]),
    )
    closed = dict(session.execute(of_closed).all())
    cancelled = [n for n, state in closed.items() if state == MailingState.CANCELLED]
    if cancelled:
        cancel_waiting(session, cancelled, Who.TIME, now)
    finished = (MailingState.FINISHED,)
    step = edge(Mailing.state, MAILINGS, MailingState.RELEASED, Who.TIME, finished)
    session.execute(step.where(among(Mailing.id, list(closed))))


def finish(session: Session, now: datetime, ids: Sequence[int] | None = None) -> None:
    """Close released mailings (all, or these) that wait for nothing any more."""
    open_ones = exists().where(Delivery.mailing_id == Mailing.id, IS_OPEN)
    to_repeat = exists().where(
        Delivery.mailing_id == Mailing.id,
        Delivery.state == UNKNOWN,
        Delivery.attempts < HARMLESS_REPEATS,
    )
    step = edge(
        Mailing.state, MAILINGS, MailingState.FINISHED, Who.TIME, finished_at=now, tallied_at=None
    ).where(Mailing.frozen_at.is_not(None), ~open_ones, ~(Mailing.repeatable & to_repeat))
    session.execute(step if ids is None else step.where(Mailing.id.in_(ids)))


def due_jobs(session: Session, now: datetime) -> list[Job]:
    """The wake-ups for everything that could be sent now."""
    road = case((Mailing.mail_class == MailClass.SERVICE, SERVICE_ROAD), else_=Mailing.id)
    has_queued = exists().where(
        Delivery.mailing_id == Mailing.id, Delivery.state == QUEUED, is_rested(now)
    )
    due = select(Mailing.id, Mailing.mail_class).where(*may_go(road, now), has_queued)
    rows = session.execute(due.order_by(Mailing.id)).all()
    is_tried = may_be_tried(session, SERVICE_ROAD, now)
    has_service = any(mail_class == MailClass.SERVICE for _, mail_class in rows)
    jobs = [DELIVER_SERVICE] if has_service or is_tried else []
    for mailing_id, mail_class in rows:
        if mail_class != MailClass.SERVICE:
            jobs += lanes(mailing_id, EVERY_LANE)
    return jobs


def _expire(session: Session, source: D, target: D, error: str, now: datetime) -> None:
    nobodys = {"reserved_by": None, "lease_until": None}
    step = edge(
        Delivery.state, DELIVERIES, target, Who.TIME, (source,),
        error=error, changed_at=now, **nobodys,
    )  # fmt: skip
    session.execute(step.where(is_due(Delivery.lease_until, now, LONGEST_LEASE)))
