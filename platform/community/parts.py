"""The parts of what a community says of itself: changed one at a time, and the last change taken
back.

A part is looked at and changed as a whole. Of two owners who change one at once the second is told.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ForeignKey,
    Select,
    String,
    delete,
    insert,
    literal,
    null,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.audit import audit
from core.community import CommunityPart
from core.database import Base, insert_if_new
from core.errors import Refusal, changed_meanwhile
from core.i18n import N_
from core.stored_files import Reader, Served, StoredFile
from core.unit_of_work import Reading, UnitOfWork

Value = Mapping[str, Any]
THING = "community"
OWNER = "owner"
"""The role whose members write it; roles are of a higher floor."""
UNDO = timedelta(days=1)
IN_MAILS = "look"
"""The part whose pictures mails carry: they stay for as long as somebody may open a mail."""


class CommunityFile(Base):
    """A file that a part shows, or showed before its last change."""

    __tablename__ = "community_file"

    part: Mapped[str] = mapped_column(String(40), primary_key=True)
    file_id: Mapped[int] = mapped_column(
        ForeignKey("stored_file.id", ondelete="CASCADE"), primary_key=True
    )


@dataclass(frozen=True)
class Part:
    """One part as it is; what nobody has written yet is empty, in version 0."""

    name: str
    value: Value
    version: int = 0
    can_be_taken_back: bool = False


def find(work: Reading, name: str) -> Part:
    """A part as it is now."""
    return find_all(work, (name,))[name]


def find_all(work: Reading, names: Collection[str]) -> dict[str, Part]:
    """Some parts, by their names."""
    rows = work.session.scalars(
        select(CommunityPart).where(CommunityPart.name.in_(names)),
        execution_options={"populate_existing": True},
    )
    written = {row.name: _part(work, row) for row in rows}
    return {name: written.get(name, Part(name, {})) for name in names}


def _part(work: Reading, row: CommunityPart) -> Part:
    is_lately = row.before is not None and row.changed_at > work.now - UNDO
    return Part(row.name, row.value, row.version, is_lately)


def change(work: UnitOfWork, name: str, seen: int, value: Value, by: int | None) -> None:
    """Say something else in a part that was seen in a version; the same again changes nothing.

    Raises Refusal if somebody else changed it meanwhile.
    """
    now = find(work, name)
    if now.value == value:
        return
    if now.version != seen or not _write(work, now, dict(value)):
        raise changed_meanwhile()
    _note(work, name, "change", by)


def take_back(work: UnitOfWork, name: str, seen: int, by: int | None) -> None:
    """Let a part say again what it said before the last change. Taking that back is another.

    Raises Refusal if a day has passed, or somebody else changed it meanwhile.
    """
    row = work.session.get(CommunityPart, name, populate_existing=True)
    if row is None or row.before is None or row.changed_at <= work.now - UNDO:
        raise Refusal(N_("The last change can be taken back for a day; that is over."))
    now = _part(work, row)
    if now.version != seen or not _write(work, now, row.before):
        raise changed_meanwhile()
    _note(work, name, "take back", by)


def _write(work: UnitOfWork, now: Part, value: dict[str, Any]) -> bool:
    """Whether nobody was quicker."""
    words = {"value": value, "before": dict(now.value), "version": now.version + 1,
             "changed_at": work.now}  # fmt: skip
    if now.version == 0:
        first = insert_if_new(work.session, CommunityPart).values(name=now.name, **words)
        return work.session.scalar(first.returning(CommunityPart.name)) is not None
    this = CommunityPart.name == now.name, CommunityPart.version == now.version
    return work.change(update(CommunityPart).where(*this).values(**words)) == 1


def _note(work: UnitOfWork, name: str, act: str, by: int | None) -> None:
    hold_files(work, name)
    audit(work, by, act, THING, 0, {"part": name})
    work.__dict__.pop("community", None)


def hold_files(work: UnitOfWork, name: str) -> None:
    """Keep the files that a part names, now or before; the others are swept."""
    row = work.session.get_one(CommunityPart, name, populate_existing=True)
    named = {*files_in(row.value), *files_in(row.before)}
    shown = select(StoredFile.id).where(StoredFile.name.in_(named))
    held = CommunityFile.part == name
    if name != IN_MAILS:
        gone = delete(CommunityFile).where(held, CommunityFile.file_id.not_in(shown))
        work.session.execute(gone)
    here = select(CommunityFile.file_id).where(held)
    new = select(literal(name), StoredFile.id).where(
        StoredFile.name.in_(named), StoredFile.id.not_in(here)
    )
    work.session.execute(insert(CommunityFile).from_select(["part", "file_id"], new))


def files_in(value: object) -> Iterator[str]:
    """The names of the files in a value, however deep."""
    if isinstance(value, Mapping):
        yield from (str(found) for key, found in value.items() if key == "file" and found)
        for inner in value.values():
            yield from files_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from files_in(inner)


def held_files() -> Select[int]:
    """The files that a part shows, or showed a day ago."""
    return select(CommunityFile.file_id)


def may_have(session: Session, file: StoredFile, reader: Reader) -> Served | None:
    """What a community shows, to everybody; what it showed before, to who can bring it back."""
    held = select(CommunityFile.part).where(CommunityFile.file_id == file.id).limit(1)
    name = session.scalar(held)
    if name is None:
        return None
    row = session.get(CommunityPart, name)
    if name == IN_MAILS or (row is not None and file.name in set(files_in(row.value))):
        return Served.TO_ALL
    return Served.TO_THIS_ONE if reader.role == OWNER else None


def purge(work: UnitOfWork) -> int:
    """Forget what was said before, once nobody can bring it back; returns of how many parts."""
    old = CommunityPart.before.is_not(None), CommunityPart.changed_at <= work.now - UNDO
    names = list(work.session.scalars(select(CommunityPart.name).where(*old)))
    work.session.execute(update(CommunityPart).where(*old).values(before=null()))
    for name in names:
        hold_files(work, name)
    return len(names)
