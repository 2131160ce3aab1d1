"""Who did what to what, and when. Only ever added to; kept for two years."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Index, String, delete, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.database import Base
from core.unit_of_work import UnitOfWork

KEPT = timedelta(days=731)


class AuditEntry(Base):
    """One act on one thing. `detail` holds ids and states, never what somebody wrote."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_thing", "thing", "thing_id", "id"),
        Index("ix_audit_entry_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None]
    """The member who acted; none for the machine itself. No foreign key: it outlives them."""
    act: Mapped[str] = mapped_column(String(40))
    thing: Mapped[str] = mapped_column(String(30))
    thing_id: Mapped[int]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


def audit(
    work: UnitOfWork,
    actor_id: int | None,
    act: str,
    thing: str,
    thing_id: int,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Write one act down, in the same commit as the act."""
    row = {"actor_id": actor_id, "act": act, "thing": thing, "thing_id": thing_id}
    work.session.execute(insert(AuditEntry).values(**row, at=work.now, detail=dict(detail or {})))


def history(session: Session, thing: str, thing_id: int) -> list[AuditEntry]:
    """Everything that was done to one thing, the oldest first."""
    of_it = select(AuditEntry).where(AuditEntry.thing == thing, AuditEntry.thing_id == thing_id)
    return list(session.scalars(of_it.order_by(AuditEntry.id)))


def latest(session: Session, thing: str, thing_id: int) -> AuditEntry | None:
    """What was done to one thing last."""
    of_it = select(AuditEntry).where(AuditEntry.thing == thing, AuditEntry.thing_id == thing_id)
    return session.scalar(of_it.order_by(AuditEntry.id.desc()).limit(1))


def purge_audit(work: UnitOfWork) -> int:
    """Forget what is older than two years; returns how much that was."""
    return work.change(delete(AuditEntry).where(AuditEntry.at < work.now - KEPT))
