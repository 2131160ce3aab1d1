"""Lists that organisers bring in through the browser: kept, looked through, done, taken back.

A worker does each of it, batch by batch; how far it came is written in the same commit as what it
did, so a killed one goes on where it was, and of two at once one finds nothing to do.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, zip_longest
from typing import Any

import structlog
from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, delete, false, select
from sqlalchemy.orm import Mapped, Session, defer, mapped_column

from core.actors import Who
from core.audit import audit
from core.community import Community
from core.database import NEVER_REUSED, Base, one_of
from core.errors import Refusal, changed_meanwhile
from core.i18n import N_, Message
from core.jobs import UPKEEP, Job
from core.text import one_line
from core.transitions import walk
from core.unit_of_work import UnitOfWork
from members.columns import LEAVING, SYNONYMS, name_of
from members.consent import TOPICS
from members.import_states import IMPORTS, WORKING, ImportState
from members.list_rows import Import
from members.tables import Sheet, read_sheet

LARGEST = 30 * 1024 * 1024
LONGEST_SOURCE = 150
SAMPLES = 4
MOST_TOLD = 500
EASILY_READ = 2 * 1024 * 1024
"""Of a list no larger than that the rows are told with who they are."""
"""So many rows are named, of each kind; the file of the report has all that could not be read."""
EMPTY: dict[str, Any] = {"header": [], "rows": [], "has_header": True}
PRESSED_TWICE = timedelta(seconds=30)
UNDO_WITHIN = timedelta(days=1)
_NUMBERS = ("rows", "counts", "news", "languages", "roles", "undone")
KEPT = timedelta(days=2)
"""So long the file lies here; what it came to is kept with the audit."""
THING = "import"
FIELDS = tuple(SYNONYMS)
GROUNDS: dict[str, Message] = {
    "agreed": N_("They have agreed to get this, and we can show it."),
    "elsewhere": N_("They had subscribed in another system, and we have its list."),
    "members": N_("They belong to our association, and its rules say that they get it."),
}


log = structlog.get_logger()


class PeopleImport(Base):
    """One list, what is to be done with it, and what it came to."""

    __tablename__ = "people_import"
    __table_args__ = (one_of("state", ImportState), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(String(120))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    state: Mapped[str] = mapped_column(String(10))
    columns: Mapped[list[str]] = mapped_column(JSON)
    """The field of each column, as guessed or corrected."""
    seen: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The names of its columns, and some rows to recognise them by."""
    told: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What it would come to, or came to: numbers, and rows by what is to be said of them."""
    topic: Mapped[str] = mapped_column(String(20))
    """What they agreed to get: one topic, or several with a space between them."""
    language: Mapped[str] = mapped_column(String(5), default="", server_default="")
    """Of those of whom the list says none; empty: the first that the community offers."""
    label: Mapped[str] = mapped_column(String(60), default="", server_default="")
    """What is put on all of them; empty: nothing."""
    mends: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether mistyped addresses come in as they were probably meant."""
    source: Mapped[str] = mapped_column(String(200))
    ground: Mapped[str] = mapped_column(String(20))
    rows_done: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    done_at: Mapped[datetime | None]

    def into(self, community: Community) -> Import:
        """What it is for."""
        language = self.language or community.languages[0]
        topics = tuple(self.topic.split())
        return Import(self.source, topics, language, self.label, self.mends)

    def may_be_undone(self, now: datetime) -> bool:
        """Whether it can be taken back."""
        return (
            self.state == ImportState.DONE
            and self.done_at is not None
            and now - self.done_at < UNDO_WITHIN
        )


class ImportChange(Base):
    """What an import did to one member, for as long as it can be taken back."""

    __tablename__ = "import_change"
    __table_args__ = (
        Index("ix_import_change_import_id", "import_id", "id"),
        Index("ix_import_change_member_id", "member_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("people_import.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    is_new: Mapped[bool]
    did: Mapped[dict[str, Any]] = mapped_column(JSON)
    stays: Mapped[bool] = mapped_column(server_default=false())
    """It was not taken back: they, or somebody, did something since."""


@dataclass(frozen=True)
class Terms:
    """What an organiser says before a list comes in."""

    source: str
    ground: str
    mends: bool = False
    """Mistyped addresses are to come in as they were probably meant."""


def work_on(import_id: int) -> Job:
    """The wake-up for whatever a worker has to do with an import."""
    return Job("worker.jobs.work_on_import", UPKEEP, (import_id,))


def find(session: Session, number: int) -> PeopleImport | None:
    """An import."""
    return session.get(PeopleImport, number, populate_existing=True)


def latest(session: Session, most: int = 20) -> Sequence[PeopleImport]:
    """The newest ones, without what is told of their rows."""
    newest = select(PeopleImport).order_by(PeopleImport.id.desc()).options(defer(PeopleImport.told))
    return session.scalars(newest.limit(most)).all()


def unfinished(session: Session) -> list[int]:
    """Those that a worker has to do something with."""
    waits = PeopleImport.state.in_([str(state) for state in WORKING])
    return list(session.scalars(select(PeopleImport.id).where(waits)))


def bring(
    work: UnitOfWork,
    name: str,
    content: bytes,
    topic: str,
    by: int | None,
    language: str = "",
    label: str = "",
) -> int:
    """Keep a list, to be looked through. Raises Refusal if it is empty, too large, or no text."""
    if not content.strip():
        raise Refusal(N_("Please choose a file, or paste the table."), "file")
    if len(content) > LARGEST:
        said = N_("This file is too large: 30 MB at the most. Please split it.")
        raise Refusal(said, "file")
    if (twin := _just_brought(work, content, by)) is not None:
        return twin
    sheet = read_sheet(content)
    kept = PeopleImport(
        by_id=by,
        name=one_line(name)[:120],
        content=content,
        state=ImportState.LOOKING,
        columns=list(sheet.fields),
        seen={"header": [one[:60] for one in sheet.header], "has_header": sheet.has_header,
              "rows": _samples(sheet)},
        told={},
        topic=_checked_topic(topic),
        language=language,
        label=one_line(label)[:60],
        source="",
        ground="",
        created_at=work.now,
        changed_at=work.now,
    )  # fmt: skip
    work.session.add(kept)
    work.session.flush()
    work.wake(work_on(kept.id))
    return kept.id


def _just_brought(work: UnitOfWork, content: bytes, by: int | None) -> int | None:
    """The same list, brought by the same person a moment ago: a button that was pressed twice."""
    waits = PeopleImport.state.in_([str(ImportState.LOOKING), str(ImportState.LOOKED)])
    lately = PeopleImport.created_at > work.now - PRESSED_TWICE, PeopleImport.by_id == by
    same = select(PeopleImport.id).where(waits, *lately, PeopleImport.content == content)
    return work.session.scalar(same.order_by(PeopleImport.id.desc()).limit(1))


ROWS_SAMPLED = 400


def _samples(sheet: Sheet) -> list[list[str]]:
    """The first cells of each column that say something, as rows as wide as the header."""
    columns: list[list[str]] = [[] for _ in sheet.header]
    for _, cells, _problem in islice(sheet.lines, ROWS_SAMPLED):
        for found, cell in zip(columns, cells, strict=False):
            if cell.strip() and len(found) < SAMPLES:
                found.append(cell[:60])
    return [list(row) for row in zip_longest(*columns, fillvalue="")]


def _checked_topic(topic: str) -> str:
    said = topic.split()
    if not said or not set(said) <= set(TOPICS):
        raise Refusal(N_("Please say what they agreed to get."), "topic")
    return " ".join(dict.fromkeys(said))


def sheet_of(kept: PeopleImport) -> Sheet:
    """The list with its columns as they were corrected. Raises Refusal."""
    return read_sheet(kept.content).read_as(kept.columns)


def who_in(kept: PeopleImport, rows: Collection[int]) -> dict[int, str]:
    """The address, or else the name, that some rows of a list have as they stand there."""
    found: dict[int, str] = {}
    if not kept.content or len(kept.content) > EASILY_READ:
        return found
    for row in sheet_of(kept).table().rows:
        if row.line in rows:
            found[row.line] = (row.cells.get("email", "") or name_of(row.cells))[:80]
            if len(found) == len(rows):
                break
    return found


def set_columns(
    work: UnitOfWork,
    kept: PeopleImport,
    fields: Sequence[str],
    topic: str,
) -> None:
    """Say what the columns are, and what for; it is looked through anew. Raises Refusal."""
    chosen = [field if field in SYNONYMS else "" for field in fields][: len(kept.columns)]
    chosen += kept.columns[len(chosen) :]
    if chosen.count("email") != 1:
        raise Refusal(N_("Please say which one column holds the addresses."), "column")
    doubled = {field for field in chosen if field and chosen.count(field) > 1} - set(LEAVING)
    if doubled:
        twice = N_("Two columns cannot both be “%(field)s”.", field=min(doubled))
        raise Refusal(twice, "column")
    _move(
        work,
        kept,
        ImportState.LOOKING,
        Who.ORGANISER,
        columns=chosen,
        topic=_checked_topic(topic),
        told={},
    )
    work.wake(work_on(kept.id))


def version_of(kept: PeopleImport) -> str:
    """Tells whether it is still what somebody has looked at."""
    return kept.changed_at.isoformat()


def start(work: UnitOfWork, kept: PeopleImport, terms: Terms, seen: str, by: int | None) -> None:
    """Let it come in, as it was looked at. Raises Refusal naming the field."""
    source = one_line(terms.source)
    if seen != version_of(kept) or "counts" not in kept.told:
        raise Refusal(N_("This list was looked through anew meanwhile. Please look once more."))
    if not source:
        missing = N_("Please write where and when they agreed: “list at the fair, 12 November”.")
        raise Refusal(missing, "source")
    if terms.ground not in GROUNDS:
        raise Refusal(N_("Please say why we may write to them."), "ground")
    rows = kept.told.get("rows", 0)
    said = {"source": source[:LONGEST_SOURCE], "ground": terms.ground, "mends": terms.mends}
    _move(work, kept, ImportState.GOING, Who.ORGANISER, rows_done=0, told={}, **said)
    detail = {"people": rows, "source": source, "ground": terms.ground}
    audit(work, by, "begin", THING, kept.id, detail)
    work.wake(work_on(kept.id))


def drop(work: UnitOfWork, kept: PeopleImport) -> None:
    """Give it up before anything has come in. A second time changes nothing."""
    _drop(work, kept.id, Who.ORGANISER)


def _drop(work: UnitOfWork, number: int, by: Who) -> None:
    """Nothing of it stays but that it was there."""
    walk(
        work.session, PeopleImport.state, IMPORTS, ImportState.DROPPED, by,
        PeopleImport.id == number, changed_at=work.now, content=b"", seen=EMPTY, told={},
    )  # fmt: skip


def undo(work: UnitOfWork, kept: PeopleImport, by: int | None) -> None:
    """Take back what it did to people who have not changed since. Raises Refusal if too late."""
    if not kept.may_be_undone(work.now):
        raise Refusal(N_("An import can be taken back for one day."))
    _move(work, kept, ImportState.UNDOING, Who.ORGANISER)
    audit(work, by, "undo", THING, kept.id)
    work.wake(work_on(kept.id))


def _move(work: UnitOfWork, kept: PeopleImport, to: ImportState, by: Who, **said: Any) -> None:
    this = PeopleImport.id == kept.id, PeopleImport.changed_at == kept.changed_at
    values = {"changed_at": work.now, **said}
    if not walk(work.session, PeopleImport.state, IMPORTS, to, by, *this, **values):
        raise changed_meanwhile()
    work.session.expire(kept)


def purge(work: UnitOfWork) -> int:
    """Forget the files, the rows and the way back; the numbers stay. Returns how many."""
    old = PeopleImport.changed_at <= work.now - KEPT, PeopleImport.content != b""
    settled = PeopleImport.state.not_in([str(state) for state in WORKING])
    found = work.session.scalars(select(PeopleImport).where(*old, settled)).all()
    for kept in found:
        if kept.state == ImportState.LOOKED:
            _drop(work, kept.id, Who.TIME)
            continue
        kept.content, kept.seen = b"", EMPTY
        kept.told = {name: kept.told[name] for name in _NUMBERS if name in kept.told}
        work.session.execute(delete(ImportChange).where(ImportChange.import_id == kept.id))
    return len(found)
