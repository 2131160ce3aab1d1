"""Proof that a mail was not sent: SES has told of all others of those minutes, and not of it.

An event with the delivery's own tag settles what is unknown at once (`mail.events.applying`). Where
none comes, the silence says something only if SES is known to have told of everything else.
"""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Who
from core.transitions import edge
from core.unit_of_work import UnitOfWork
from mail import tally
from mail.models import Delivery, MailEvent
from mail.states import ACCEPTED, DELIVERIES, FORGOTTEN
from mail.states import DeliveryState as D

SILENT = timedelta(hours=1)
"""So long after the call an event would have come."""
NEAR = timedelta(minutes=10)
"""The others of the same minutes."""
ENOUGH = 10
"""Fewer others prove nothing."""
TOO_OLD = timedelta(days=3)
"""After that a letter is not sent by itself any more: an organiser decides."""
AT_ONCE = 500

log = structlog.get_logger()


def is_proof(others: int, heard: int) -> bool:
    """Whether silence about one is proof, when SES told of so many of so many others."""
    return others >= ENOUGH and heard == others


def requeue_absent(work: UnitOfWork) -> int:
    """Queue again what was certainly not sent; returns how many.

    Only where events come by a queue, which keeps them for days: SNS gives up on a page that does
    not answer after minutes, and then silence says nothing. And only once all that came is read.
    """
    if not work.settings.ses_events_queue or _has_unread(work.session):
        return 0
    since, until = work.now - TOO_OLD, work.now - SILENT
    unknown = work.session.execute(
        select(Delivery.id, Delivery.mailing_id, Delivery.called_at)
        .where(
            Delivery.state == D.UNKNOWN,
            Delivery.heard_at.is_(None),
            Delivery.address.not_like(f"{FORGOTTEN}%"),
            Delivery.called_at.between(since, until),
        )
        .order_by(Delivery.called_at)
        .limit(AT_ONCE)
    ).all()
    calls = {row.called_at for row in unknown}
    proven = {at for at in calls if _is_proven(work.session, at, work.now)}
    absent = [row for row in unknown if row.called_at in proven]
    if absent:
        step = edge(
            Delivery.state, DELIVERIES, D.QUEUED, Who.TIME, (D.UNKNOWN,),
            error="", not_before=None, changed_at=work.now,
        )  # fmt: skip
        ids = [row.id for row in absent]
        work.session.execute(step.where(Delivery.id.in_(ids), Delivery.heard_at.is_(None)))
        tally.stir(work, sorted({row.mailing_id for row in absent}))
        log.info("certainly not sent, so queued again", deliveries=len(absent))
    return len(absent)


def _has_unread(session: Session) -> bool:
    return (
        session.scalar(select(MailEvent.id).where(MailEvent.read_at.is_(None)).limit(1)) is not None
    )


def _is_proven(session: Session, at: datetime, now: datetime) -> bool:
    """Whether SES told of everything that it took in those minutes, and not just now."""
    near = Delivery.called_at.between(at - NEAR, at + NEAR)
    taken = near, Delivery.state.in_([str(state) for state in ACCEPTED])
    heard = session.scalars(select(Delivery.heard_at).where(*taken)).all()
    in_time = [one for one in heard if one is not None and one < now - NEAR]
    return is_proof(len(heard), len(in_time))
