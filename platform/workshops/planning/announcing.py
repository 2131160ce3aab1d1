"""Which workshops may be announced, and to whom: the one place that knows.

The newsletter desk asks here. A workshop that people are invited to is never announced.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.i18n import Message
from workshops.model.method import CARDS, Frame
from workshops.model.stages import Stage
from workshops.model.tables import Workshop


@dataclass(frozen=True)
class Announcement:
    """A workshop that may be told of, and to whom."""

    public_id: str
    title: str
    focus: str
    language: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    audience: str
    """`members`, so only in mail to them, or `anyone`, so also on the site."""
    credit: str
    boundary: str
    frame: Message
    minutes: int
    capacity: int
    host: str
    """Who leads it, as everybody may read it; empty if nobody is named."""


def announceable(session: Session, now: datetime, audience: str = "members") -> list[Announcement]:
    """Open workshops that begin in the future, the next first.

    For the audience `anyone` only what is open to anyone; for `members` what is open to them too.
    """
    to = ("anyone",) if audience == "anyone" else ("members", "anyone")
    found = session.scalars(
        select(Workshop)
        .where(Workshop.stage == Stage.OPEN, Workshop.audience.in_(to))
        .where(Workshop.starts_at > now)
        .order_by(Workshop.starts_at, Workshop.id)
    )
    return [_told(workshop) for workshop in found]


def _told(workshop: Workshop) -> Announcement:
    assert workshop.starts_at is not None  # noqa: S101 - it was asked for above
    assert workshop.ends_at is not None  # noqa: S101
    plan = workshop.plan
    return Announcement(
        public_id=workshop.public_id,
        title=workshop.title,
        focus=plan.focus,
        language=workshop.language,
        starts_at=workshop.starts_at,
        ends_at=workshop.ends_at,
        zone=workshop.zone,
        audience=workshop.audience,
        credit=plan.credit,
        boundary=workshop.boundary,
        frame=CARDS[Frame(workshop.frame)].name,
        minutes=plan.minutes,
        capacity=workshop.capacity,
        host=workshop.host or "",
    )
