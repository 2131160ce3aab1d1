"""Who did what to what, and when. Only ever added to; kept for two years.

Each part of the house brings the words of its acts; the page of the audit is made from them.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, String, delete, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.database import Base
from core.i18n import N_, Message
from core.unit_of_work import UnitOfWork

KEPT = timedelta(days=731)
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


class Kind(StrEnum):
    """What an act is about, for whoever looks for something."""

    SIGNING_IN = "signing-in"
    TEAM = "team"
    PEOPLE = "people"
    READING = "reading"
    LETTERS = "letters"
    CONTRIBUTIONS = "contributions"
    LIBRARY = "library"
    WORKSHOPS = "workshops"
    SETTINGS = "settings"


KIND_NAMES: dict[Kind, Message] = {
    Kind.SIGNING_IN: N_("Signing in"),
    Kind.TEAM: N_("The team"),
    Kind.PEOPLE: N_("People"),
    Kind.READING: N_("Who read what"),
    Kind.LETTERS: N_("Letters"),
    Kind.CONTRIBUTIONS: N_("Contributions"),
    Kind.LIBRARY: N_("Library"),
    Kind.WORKSHOPS: N_("Workshops"),
    Kind.SETTINGS: N_("Settings"),
}


@dataclass(frozen=True)
class Told:
    """How an act is told: its kind, and a sentence that may hold parts of the detail."""

    kind: Kind
    words: Message

    def fill(self, detail: Mapping[str, object]) -> Message:
        """The sentence with what the detail says."""
        names = PLACEHOLDER.findall(self.words.source)
        return Message(self.words.source, {name: detail.get(name, "?") for name in names})


def told(kind: Kind, words: Mapping[tuple[str, str], Message]) -> dict[tuple[str, str], Told]:
    """Acts of one kind."""
    return {act: Told(kind, sentence) for act, sentence in words.items()}


@dataclass(frozen=True)
class AuditWords:
    """What one part of the house brings: its acts in words, and what its things are called."""

    acts: Mapping[tuple[str, str], Told]
    """By thing and act."""
    names: Mapping[str, Callable[[Session, Collection[int]], Mapping[int, str]]]
    """By thing: the names of some of them, by id; what is gone has none."""


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


def audit_many(
    work: UnitOfWork, actor_id: int | None, act: str, thing: str, ids: Sequence[int]
) -> None:
    """Write down one act on many things."""
    row: dict[str, Any] = {"actor_id": actor_id, "act": act, "thing": thing, "detail": {}}
    if ids:
        work.session.execute(
            insert(AuditEntry), [{**row, "at": work.now, "thing_id": one} for one in ids]
        )


def history(session: Session, thing: str, thing_id: int) -> list[AuditEntry]:
    """Everything that was done to one thing, the oldest first."""
    of_it = select(AuditEntry).where(AuditEntry.thing == thing, AuditEntry.thing_id == thing_id)
    return list(session.scalars(of_it.order_by(AuditEntry.id)))


def latest(session: Session, thing: str, thing_id: int) -> AuditEntry | None:
    """What was done to one thing last."""
    of_it = select(AuditEntry).where(AuditEntry.thing == thing, AuditEntry.thing_id == thing_id)
    return session.scalar(of_it.order_by(AuditEntry.id.desc()).limit(1))


def acts_of(session: Session, actor_id: int) -> list[AuditEntry]:
    """Everything that one person did, the oldest first."""
    theirs = select(AuditEntry).where(AuditEntry.actor_id == actor_id)
    return list(session.scalars(theirs.order_by(AuditEntry.id)))


def purge_audit(work: UnitOfWork) -> int:
    """Forget what is older than two years; returns how much that was."""
    return work.change(delete(AuditEntry).where(AuditEntry.at < work.now - KEPT))
