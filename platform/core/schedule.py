"""When recurring work was last started; the row is claimed, so several ticks may run."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, String, or_
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from core.database import Base


def is_due(
    column: InstrumentedAttribute[datetime | None] | InstrumentedAttribute[datetime],
    now: datetime,
    longest: timedelta,
) -> ColumnElement[bool]:
    """Whether the time that a column names has come.

    Nothing of ours waits longer than `longest`: a time that lies further ahead was written under a
    clock that was wrong, and is no reason to wait until it comes.
    """
    return or_(column <= now, column > now + longest)


class Recurring(Base):
    """One kind of recurring work and when it is due again."""

    __tablename__ = "recurring"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    next_at: Mapped[datetime]
    started_at: Mapped[datetime]
