"""What a worker does with an import: looks it through, lets it come in, takes it back.

How far it came is written in the same commit as what it did: a killed one goes on where it was, and
of two at once one finds that it was overtaken.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, undefer

from core.actors import Who
from core.audit import audit
from core.database import look_over
from core.errors import Refusal
from core.i18n import N_, Message
from core.installation import Installation
from core.many_rows import insert_new
from core.transitions import walk
from core.unit_of_work import UnitOfWork
from members import importing, judging, list_rows, undoing
from members.import_states import IMPORTS, ImportState
from members.importing import BATCH
from members.imports import MOST_TOLD, ImportChange, PeopleImport, sheet_of
from members.list_rows import Import, Report
from members.models import Member, Subscription

log = structlog.get_logger()


def look(installation: Installation, kept: PeopleImport) -> None:
    """Find out what it would come to; nothing of it is written but that."""
    try:
        table = sheet_of(kept).table()
        into = _into(installation, kept)
        report = importing.look_through(installation.reading, table, into)
        told = as_told(report)
    except Refusal as refusal:
        told = {"problem": [refusal.message.source, dict(refusal.message.values)]}
    with installation.unit_of_work() as work:
        this = PeopleImport.id == kept.id, PeopleImport.changed_at == kept.changed_at
        walk(
            work.session, PeopleImport.state, IMPORTS, ImportState.LOOKED, Who.WORKER, *this,
            told=told,
        )  # fmt: skip


class Overtaken(Exception):
    """Another worker is at it: what this one did last is not kept."""


def come_in(installation: Installation, kept: PeopleImport) -> None:
    """Import it, from where it was left. Raises Overtaken.

    What breaks on a row of it ends it there: it is said, and what came in can be taken back.
    """
    report, fresh = from_told(kept.told), Report()
    try:
        done = _bring_in(installation, kept, report, fresh)
    except (OperationalError, Overtaken):
        raise
    except Exception as error:
        log.exception("an import breaks off", number=kept.id)
        words = N_("It broke off in the middle: %(why)s. What came in can be taken back.",
                   why=type(error).__name__)  # fmt: skip
        told = {**as_told(report), "problem": [words.source, dict(words.values)]}
        with installation.reading() as work:
            came = select(PeopleImport.rows_done).where(PeopleImport.id == kept.id)
            done = work.session.scalar(came) or 0
        _end(installation, kept.id, done, told)
    else:
        report.add_unreadable(fresh)  # what cannot be read is counted once, in the end
        _end(installation, kept.id, done, as_told(report))


def _bring_in(installation: Installation, kept: PeopleImport, report: Report, fresh: Report) -> int:
    into = _into(installation, kept)
    rows = list_rows.checked(sheet_of(kept).table(), into, fresh)
    done = kept.rows_done
    list(islice(rows, done))
    while batch := list(islice(rows, BATCH)):
        with installation.unit_of_work() as work:
            judged = judging.judge(work, batch)
            changes = importing.apply(work, judged, into, report)
            told = as_told(report)
            if not _went_on(work, kept.id, done, done + len(batch), told):
                raise Overtaken
            values = [{"import_id": kept.id, "member_id": one.member_id, "is_new": one.is_new,
                       "did": dict(one.did)} for one in changes]  # fmt: skip
            insert_new(work.session, ImportChange, values)
        done += len(batch)
    return done


def _into(installation: Installation, kept: PeopleImport) -> Import:
    with installation.reading() as work:
        return kept.into(work.community)


def _went_on(work: UnitOfWork, number: int, before: int, after: int, told: dict[str, Any]) -> bool:
    """Whether this worker is the one that came from there to here."""
    here = PeopleImport.id == number, PeopleImport.rows_done == before
    step = update(PeopleImport).where(*here, PeopleImport.state == ImportState.GOING)
    return bool(work.change(step.values(rows_done=after, told=told, changed_at=work.now)))


def _end(installation: Installation, number: int, done: int, told: dict[str, Any]) -> None:
    with installation.unit_of_work() as work:
        this = PeopleImport.id == number, PeopleImport.rows_done == done
        ended = walk(
            work.session, PeopleImport.state, IMPORTS, ImportState.DONE, Who.WORKER, *this,
            told=told, done_at=work.now, changed_at=work.now,
        )  # fmt: skip
        if ended:
            kept = work.session.get_one(PeopleImport, number)
            counts = told["counts"]
            taken = counts.get("new", 0) + counts.get("updated", 0)
            detail = {"people": taken, "source": kept.source}
            audit(work, kept.by_id, "import", "people", number, detail)
            look_over(work.session, Member, Subscription)


MOST_ROLES = 12


def as_told(report: Report) -> dict[str, Any]:
    """A report as it is stored."""
    return {
        "rows": sum(report.counts.values()),
        "counts": dict(report.counts),
        "news": dict(report.news),
        "languages": dict(report.languages),
        "roles": dict(report.roles.most_common(MOST_ROLES)),
        "invalid": [
            [n, r.message.source, _plain(r.message)] for n, r in report.invalid[:MOST_TOLD]
        ],
        "notes": [[n, m.source, _plain(m)] for n, m in report.notes[:MOST_TOLD]],
        "doubled": report.doubled[:MOST_TOLD],
        "typos": [list(one) for one in report.typos[:MOST_TOLD]],
        "unused": list(report.unused),
    }


def _plain(message: Message) -> dict[str, str]:
    return {name: str(value) for name, value in message.values.items()}


def from_told(told: dict[str, Any]) -> Report:
    """The same as it was, to go on with."""
    report = Report()
    report.counts.update(told.get("counts", {}))
    report.news.update(told.get("news", {}))
    report.languages.update(told.get("languages", {}))
    report.roles.update(told.get("roles", {}))
    report.typos += [(n, hint) for n, hint in told.get("typos", ())]
    return report


def read_fully(session: Session, number: int) -> PeopleImport | None:
    """An import with its file."""
    return session.scalar(
        select(PeopleImport)
        .where(PeopleImport.id == number)
        .options(undefer(PeopleImport.content))
        .execution_options(populate_existing=True)
    )


def work_on(installation: Installation, import_id: int) -> None:
    """Do what is to be done now, by where it stands; asked twice, it does no more."""
    with installation.reading() as work:
        kept = read_fully(work.session, import_id)
        if kept is not None:
            work.session.expunge(kept)
    if kept is not None and kept.state in _DO:
        with suppress(Overtaken):  # RQ may run a job twice at once: one of them goes on
            _DO[kept.state](installation, kept)


_DO: Mapping[str, Callable[[Installation, PeopleImport], None]] = {
    ImportState.LOOKING: look,
    ImportState.GOING: come_in,
    ImportState.UNDOING: undoing.take_back,
}
