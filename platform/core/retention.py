"""What is kept, why, on which ground and how long: one table, from which everything is made.

Each part of the house brings its rules; `purge` runs them, the privacy page prints them, and an
organisers' page shows what they deleted when.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import structlog
from sqlalchemy import Date, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.database import Base, insert_if_new
from core.i18n import N_, Message
from core.unit_of_work import UnitOfWork

Purge = Callable[[UnitOfWork], int]
"""Ends what has been kept long enough; says how much that was. Harmless to repeat."""
SHOWN = timedelta(days=400)

log = structlog.get_logger()


class Ground(StrEnum):
    """On which legal ground something is kept (GDPR, Art. 6(1))."""

    CONSENT = "consent"
    WISH = "wish"
    INTEREST = "interest"
    DUTY = "duty"


GROUND_NAMES: dict[Ground, Message] = {
    Ground.CONSENT: N_("your consent (Art. 6(1)(a))"),
    Ground.WISH: N_("what you asked us for (Art. 6(1)(b))"),
    Ground.INTEREST: N_("a legitimate interest: that this place is safe (Art. 6(1)(f))"),
    Ground.DUTY: N_("a duty to be able to show it (Art. 6(1)(c))"),
}


@dataclass(frozen=True)
class Rule:
    """One kind of data. `kept` is None for what ends with its owner's membership, or never."""

    name: str
    what: Message
    why: Message
    ground: Ground
    kept: timedelta | None
    purge: Purge | None = None
    until: Message | None = None
    """When it ends, where days do not say it, or from when they are counted."""


class Deletion(Base):
    """How much a rule ended on one day; nothing of what it was."""

    __tablename__ = "deletion"

    rule: Mapped[str] = mapped_column(String(40), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    count: Mapped[int]


def run(rule: Rule, work: UnitOfWork) -> int:
    """End what a rule says has been kept long enough, and note how much that was."""
    if rule.purge is None:
        return 0
    count = rule.purge(work)
    if count:
        _note(work, rule.name, count)
        log.info("kept long enough", what=rule.name, count=count)
    return count


def _note(work: UnitOfWork, rule: str, count: int) -> None:
    row = {"rule": rule, "day": work.now.date(), "count": 0}
    work.session.execute(insert_if_new(work.session, Deletion).values(**row))
    today = Deletion.rule == rule, Deletion.day == work.now.date()
    work.session.execute(update(Deletion).where(*today).values(count=Deletion.count + count))


def deletions(session: Session, today: date) -> list[Deletion]:
    """What was ended when, the latest first."""
    recent = select(Deletion).where(Deletion.day > today - SHOWN)
    return list(session.scalars(recent.order_by(Deletion.day.desc(), Deletion.rule)))
