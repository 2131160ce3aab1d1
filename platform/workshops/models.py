"""The tables of workshops: the workshop itself, and who has a place."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.database import NEVER_REUSED, Base
from workshops.registrations import Place

_PLACES = ", ".join(repr(str(place)) for place in Place)


class Workshop(Base):
    """One workshop: what it is about, when, and how many may come."""

    __tablename__ = "workshop"
    __table_args__ = (
        UniqueConstraint("public_id"),
        CheckConstraint("capacity > 0", name="capacity"),
        Index("ix_workshop_starts_at", "starts_at"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(10))
    stage: Mapped[str] = mapped_column(String(12))
    version: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    frame: Mapped[str] = mapped_column(String(12))
    plan: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What the planner asks: focus, questions, agenda and the rest."""
    language: Mapped[str] = mapped_column(String(5))
    zone: Mapped[str] = mapped_column(String(40))
    local_start: Mapped[str] = mapped_column(String(20))
    """The wall time, `2026-11-22T18:00`: the truth, whatever time zones become."""
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    capacity: Mapped[int]
    seats_rev: Mapped[int] = mapped_column(default=0)
    """Rises with every act on the places; writing it first is what locks them."""
    facilitator_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"))
    facilitator_accepted_at: Mapped[datetime | None]
    follow_up_on: Mapped[date | None] = mapped_column(Date)
    waitlist_stops_at: Mapped[datetime | None]
    source: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class Registration(Base):
    """One person and one workshop."""

    __tablename__ = "registration"
    __table_args__ = (
        UniqueConstraint("workshop_id", "member_id"),
        CheckConstraint(f"state IN ({_PLACES})", name="state"),
        Index("ix_registration_places", "workshop_id", "state", "joined_at"),
        Index("ix_registration_member_id", "member_id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(12))
    joined_at: Mapped[datetime]
    """When they last began to wait, or came: the order of the waiting list."""
    offer_until: Mapped[datetime | None]
    changed_at: Mapped[datetime]
