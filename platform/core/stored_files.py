"""Files that people gave us, in the database: one backup, and every host has them.

Names are random and long; and whoever knows one may have the file only if they may see what it
belongs to.
"""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from sqlalchemy import (
    Index,
    LargeBinary,
    Select,
    String,
    UniqueConstraint,
    delete,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, undefer

from core.database import NEVER_REUSED, Base
from core.unit_of_work import UnitOfWork

FileHolder = Callable[[], Select[int]]
"""Selects the ids of the files that one part of the house holds."""


class Served(Enum):
    """How a file may be given out, by what it belongs to."""

    TO_ALL = "to all"
    TO_THIS_ONE = "to this one"


@dataclass(frozen=True)
class Reader:
    """Who wants a file: a member or nobody we know, and the role that counts in this browser."""

    member_id: int | None
    role: str | None


FileReader = Callable[[Session, "StoredFile", Reader], Served | None]
"""Whether somebody may have a file that one part of the house holds. None if not, or if it holds
no such file."""


class StoredFile(Base):
    """One file, checked before it came here."""

    __tablename__ = "stored_file"
    __table_args__ = (
        UniqueConstraint("name"),
        Index("ix_stored_file_sha256", "sha256"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    shown_name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """Empty where it is kept apart."""
    is_apart: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Its bytes lie in the file store, under the same name (`core.file_store`)."""
    stored_at: Mapped[datetime]

    @property
    def extension(self) -> str:
        """What ends its name."""
        return self.name.rpartition(".")[2]

    @property
    def is_picture(self) -> bool:
        """Whether a page can show it; every picture was made anew by us when it came."""
        return self.media_type in ("image/jpeg", "image/png", "image/webp", "image/gif")


@dataclass(frozen=True)
class Checked:
    """A file whose content is what its name says."""

    shown_name: str
    extension: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Apart:
    """A file whose bytes lie in the file store, and what is known of it."""

    name: str
    shown_name: str
    media_type: str
    size: int
    sha256: str


def random_name(extension: str) -> str:
    """A name that nobody can guess."""
    return f"{secrets.token_urlsafe(24)}.{extension}"


def note_apart(work: UnitOfWork, file: Apart) -> StoredFile:
    """Write down a file whose bytes lie in the file store already."""
    stored = StoredFile(**vars(file), content=b"", is_apart=True, stored_at=work.now)
    work.session.add(stored)
    work.session.flush()
    return stored


def store(work: UnitOfWork, file: Checked) -> StoredFile:
    """Keep a checked file under a new random name."""
    stored = StoredFile(
        name=random_name(file.extension),
        shown_name=file.shown_name,
        media_type=file.media_type,
        size=len(file.content),
        sha256=hashlib.sha256(file.content).hexdigest(),
        content=file.content,
        stored_at=work.now,
    )
    work.session.add(stored)
    work.session.flush()
    return stored


def find_file(session: Session, name: str) -> StoredFile | None:
    """A file with its content, by its random name."""
    named = select(StoredFile).where(StoredFile.name == name)
    return session.scalar(named.options(undefer(StoredFile.content)))


def remove_files(session: Session, ids: list[int]) -> None:
    """Delete files for good."""
    session.execute(delete(StoredFile).where(StoredFile.id.in_(ids)))


def sweep_files(work: UnitOfWork, holders: Sequence[FileHolder], before: datetime) -> int:
    """Delete the files that nobody holds any more, if they came before a moment; says how many.

    `holders` are all there are: what one of them is missing from is lost.
    """
    unheld = [StoredFile.id.not_in(holder()) for holder in holders]
    assert unheld, "without holders every file would go"  # noqa: S101
    return work.change(delete(StoredFile).where(StoredFile.stored_at <= before, *unheld))
