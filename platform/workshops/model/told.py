"""The tables of what everybody was told already, and of what waits to be told."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base


class Told(Base):
    """What the clock has made us do for a workshop, so that it is done once."""

    __tablename__ = "told"

    workshop_id: Mapped[int] = mapped_column(
        ForeignKey("workshop.id", ondelete="CASCADE"), primary_key=True
    )
    what: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime]


class HeldNotice(Base):
    """Something that everybody is told once an organiser lets it go."""

    __tablename__ = "held_notice"

    workshop_id: Mapped[int] = mapped_column(
        ForeignKey("workshop.id", ondelete="CASCADE"), primary_key=True
    )
    news: Mapped[str] = mapped_column(String(12))
    stage_before: Mapped[str] = mapped_column(String(12), default="", server_default="")
    """Where it stood before it was put off or cancelled; empty if that cannot be undone."""
    news_before: Mapped[str] = mapped_column(String(12), default="", server_default="")
    """What waited to be told before; it waits again if this is undone."""
    at: Mapped[datetime]
