"""What stands in the way of each road that mail takes: placed, tried again, and taken away.

A road is a mailing, or all service mail together. While something stands in it, one worker at a
time tries with one recipient; the others find the road closed, also those in the middle of a run.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import SQLCoreOperations

from core.database import insert_if_new
from core.schedule import is_due
from core.unit_of_work import UnitOfWork
from mail.models import Mailing, Obstacle
from mail.states import MailClass, MailingState
from mail.trouble import PATIENCE, Trouble, wait_before

SERVICE_ROAD = 0
"""All service mail together."""
SIGN_UP_ROAD = -1
"""New sign-ups: what would cause their confirmations."""

FOR_A_PERSON = (Trouble.ACCOUNT, *(kind for kind in Trouble if kind not in PATIENCE))
"""What has to be looked at has the last word."""
LONGEST_REST = timedelta(hours=1)
"""Nothing waits longer without being tried again."""
TRIED_FOR = timedelta(seconds=60)
"""So long one worker may try; then another may."""


def road_of(mailing: Mailing) -> int:
    """The road of a mailing."""
    return SERVICE_ROAD if mailing.mail_class == MailClass.SERVICE else mailing.id


def is_free(road: ColumnElement[int] | int, now: datetime) -> ColumnElement[bool]:
    """The condition under which mail may be taken out on a road, be it for a try."""
    in_time = ~is_due(Obstacle.next_try_at, now, LONGEST_REST)
    return ~exists().where(Obstacle.road == road, or_(Obstacle.next_try_at.is_(None), in_time))


def waits_for_a_person(road: SQLCoreOperations[int]) -> ColumnElement[bool]:
    """The condition under which something stands in a road that only a person takes away."""
    return exists().where(Obstacle.road == road, Obstacle.kind.in_(FOR_A_PERSON))


def standing(session: Session, road: int) -> Obstacle | None:
    """What stands in a road."""
    return session.get(Obstacle, road, populate_existing=True)


def place(
    work: UnitOfWork, road: int, kind: Trouble, words: str, code: str = "", *, was_tried: bool
) -> int:
    """Put something in the way; returns how often in a row it was tried in vain.

    Of several workers who meet it at the same moment, only the first counts; after that only who
    tried the road.
    """
    row = {
        "kind": kind,
        "code": code[:60],
        "words": words,
        "next_try_at": _after(work.now, kind, 0),
    }
    added = insert_if_new(work.session, Obstacle).values(road=road, since=work.now, tries=0, **row)
    if work.session.execute(added.returning(Obstacle.road)).first() is not None:
        return 0
    known = work.session.get(Obstacle, road, populate_existing=True)
    if known is None:  # somebody cleared it between the two statements
        return place(work, road, kind, words, code, was_tried=was_tried)
    is_worse = kind in FOR_A_PERSON and known.kind not in FOR_A_PERSON
    if not was_tried and not is_worse:
        return known.tries
    if is_worse:
        known.told_at = None
    known.tries += was_tried
    known.kind, known.code, known.words = kind, code[:60], words
    known.next_try_at = _after(work.now, kind, known.tries)
    work.session.flush()
    return known.tries


def _after(now: datetime, kind: Trouble, tries: int) -> datetime | None:
    wait = wait_before(kind, tries)
    return None if wait is None else now + wait


def wait_for_a_person(session: Session, road: int) -> None:
    """Not tried again by itself."""
    session.execute(update(Obstacle).where(Obstacle.road == road).values(next_try_at=None))


def claim(work: UnitOfWork, road: int) -> bool:
    """Whether this worker is the one to try a road now."""
    due = is_due(Obstacle.next_try_at, work.now, LONGEST_REST)
    taken = update(Obstacle).where(Obstacle.road == road, due)
    return work.change(taken.values(next_try_at=work.now + TRIED_FOR)) > 0


def may_be_tried(session: Session, road: int, now: datetime) -> bool:
    """Whether something stands in a road, and it is time to try it."""
    due = Obstacle.road == road, is_due(Obstacle.next_try_at, now, LONGEST_REST)
    return session.scalar(select(Obstacle.road).where(*due)) is not None


def clear(session: Session, roads: Sequence[int], *kinds: Trouble) -> None:
    """Take away what stands in these roads; of these kinds, if any are named."""
    gone = delete(Obstacle).where(Obstacle.road.in_(roads))
    session.execute(gone.where(Obstacle.kind.in_(kinds)) if kinds else gone)


LOOKED_AT = (Trouble.BOUNCES, Trouble.COMPLAINTS)
"""What a person is to look at, also when all has gone out."""


def clear_ended(session: Session) -> None:
    """Nothing stands in the way of what goes nowhere any more."""
    goes = (MailingState.RELEASED, MailingState.PAUSED)
    going = select(Mailing.id).where(Mailing.state.in_(goes))
    ended = delete(Obstacle).where(Obstacle.road > SERVICE_ROAD, Obstacle.road.not_in(going))
    session.execute(ended.where(Obstacle.kind.not_in(LOOKED_AT)))


def all_standing(session: Session) -> list[Obstacle]:
    """Everything that stands in the way of anything, the oldest first."""
    return list(session.scalars(select(Obstacle).order_by(Obstacle.since, Obstacle.road)))


def passes_by_itself(obstacle: Obstacle) -> bool:
    """Whether it is tried again without a person."""
    return obstacle.next_try_at is not None and Trouble(obstacle.kind) in PATIENCE
