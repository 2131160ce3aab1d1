"""How many deliveries of a mailing are in each state.

A short list is counted when somebody asks. A long one is counted now and then by the tick, so that
a page costs one look at the mailing however long the list is; the longer counting takes, the rarer.
"""

import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from core.unit_of_work import Reading, UnitOfWork
from mail.models import Delivery, Mailing
from mail.states import DeliveryState, MailingState

LONG = 20_000
SHARE = 20
"""Counting takes no more than a twentieth of the time."""
_SECONDS = "seconds"

Counts = dict[str, int]


def counts(session: Session, mailing_ids: Sequence[int], *, is_exact: bool = False) -> Counts:
    """How many deliveries of these mailings are in each state, and how many there are.

    Of long lists as they were counted last; counted just now if it has to be exact.
    """
    rows = session.execute(select(Mailing.id, Mailing.tally).where(Mailing.id.in_(mailing_ids)))
    found: Counter[str] = Counter()
    short = []
    for mailing_id, tally in rows:
        if tally and tally["total"] > LONG and not is_exact:
            found.update({state: tally.get(state, 0) for state in DeliveryState})
        else:
            short.append(mailing_id)
    found.update(_counted(session, short))
    return {str(state): found[state] for state in DeliveryState} | {"total": found.total()}


def _counted(session: Session, mailing_ids: Sequence[int]) -> Counter[str]:
    if not mailing_ids:
        return Counter()
    rows = session.execute(
        select(Delivery.state, func.count())
        .where(Delivery.mailing_id.in_(mailing_ids))
        .group_by(Delivery.state)
    )
    return Counter({str(state): count for state, count in rows})


def to_count(work: Reading) -> list[int]:
    """The mailings that may be long and have changed since they were counted."""
    goes = Mailing.state == MailingState.RELEASED
    stirred = Mailing.frozen_at.is_not(None), or_(Mailing.tallied_at.is_(None), goes)
    rows = work.session.execute(
        select(Mailing.id, Mailing.tally, Mailing.tallied_at)
        .where(*stirred, Mailing.topic.is_not(None))
        .order_by(Mailing.id.desc())
        .limit(20)
    )
    return [number for number, tally, at in rows if _is_due(tally, at, work.now)]


def _is_due(tally: Counts | None, at: datetime | None, now: datetime) -> bool:
    if not tally or at is None:
        return True
    return tally["total"] > LONG and now - at > timedelta(seconds=SHARE * tally[_SECONDS])


def count(work: UnitOfWork, mailing_id: int) -> None:
    """Count one mailing and keep the numbers."""
    # Whoever closes it meanwhile waits: else what we counted before would be called its last word.
    work.session.execute(select(Mailing.id).where(Mailing.id == mailing_id).with_for_update())
    began = time.monotonic()
    found = _counted(work.session, [mailing_id])
    kept = {**found, "total": found.total(), _SECONDS: round(time.monotonic() - began, 3)}
    this = update(Mailing).where(Mailing.id == mailing_id)
    work.session.execute(this.values(tally=kept, tallied_at=work.now))


def stir(work: UnitOfWork, mailing_ids: Sequence[int]) -> None:
    """The numbers of these mailings are not true any more."""
    these = update(Mailing).where(Mailing.id.in_(mailing_ids), Mailing.tallied_at.is_not(None))
    work.session.execute(these.values(tallied_at=None))
