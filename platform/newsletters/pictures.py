"""The pictures of letters: made anew, kept as long as their letter, at an address of our own."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, Select, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.database import NEVER_REUSED, Base
from core.errors import Refusal
from core.i18n import N_
from core.pictures import size_of
from core.stored_files import Checked, Reader, Served, StoredFile, store
from core.unit_of_work import UnitOfWork

WIDEST = 1200
"""Twice as wide as a letter: screens have two dots for one."""
MOST = 40


class IssuePicture(Base):
    """A picture that was brought for an issue."""

    __tablename__ = "issue_picture"
    __table_args__ = (
        UniqueConstraint("name"),
        Index("ix_issue_picture_issue_id", "issue_id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issue.id", ondelete="CASCADE"))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(60))
    """The name of its file, as it stands in the text."""
    width: Mapped[int]
    height: Mapped[int]
    brought_at: Mapped[datetime]


def bring(work: UnitOfWork, issue_id: int, picture: Checked) -> IssuePicture:
    """Keep a checked picture for an issue. Raises Refusal if it has very many."""
    theirs = select(IssuePicture.id).where(IssuePicture.issue_id == issue_id)
    if len(work.session.scalars(theirs).all()) >= MOST:
        raise Refusal(N_("A letter has forty pictures at the most."), "files")
    width, height = size_of(picture.content)
    stored = store(work, picture)
    kept = IssuePicture(
        issue_id=issue_id, file_id=stored.id, name=stored.name, width=width, height=height,
        brought_at=work.now,
    )  # fmt: skip
    work.session.add(kept)
    work.session.flush()
    return kept


def pictures_named(session: Session, names: Sequence[str]) -> dict[str, IssuePicture]:
    """Pictures of letters by the names that stand in a text. A copied letter shows them too."""
    if not names:
        return {}
    found = session.scalars(select(IssuePicture).where(IssuePicture.name.in_(set(names))))
    return {picture.name: picture for picture in found}


def held_files() -> Select[int]:
    """The files that belong to letters."""
    return select(IssuePicture.file_id)


def may_have(session: Session, file: StoredFile, _reader: Reader) -> Served | None:
    """Whoever got the letter sees its pictures, wherever they read it; nobody guesses a name."""
    shown = select(IssuePicture.id).where(IssuePicture.file_id == file.id)
    return Served.TO_ALL if session.scalar(shown) is not None else None
