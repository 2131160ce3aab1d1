"""The gate: is this database the one that knows what was sent last?

A database that was put back from a backup has forgotten what went out since, and would send it
again. So each time mail is taken out, a mark in the database grows, and before the first call a
witness outside of it (a file, and Valkey) learns the mark. A database whose mark is below the
witness's, or that comes to a place where no witness knows it, is not the newest: the gate closes,
and a person opens it. So it is when the clock jumps, for then everything seems due, or nothing.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from sqlalchemy import ColumnElement, exists, or_, select, update
from sqlalchemy.orm import Session

from core.database import insert_if_new
from core.i18n import N_, Message
from core.installation import Installation
from core.unit_of_work import UnitOfWork
from core.witness import Witness
from mail.models import Gate, Mailing

ONLY = 1
BACK = timedelta(minutes=5)
"""The clocks of two machines differ by less."""
JUMP = timedelta(minutes=10)
SETTLING = 180.0
"""Seconds after the start of the machine in which its clock is being set."""

log = structlog.get_logger()


class Closed(StrEnum):
    """Why nothing leaves."""

    RESTORED = "restored"
    MOVED = "moved"
    CLOCK = "clock"


WHY: dict[Closed, Message] = {
    Closed.RESTORED: N_(
        "The database was put back from a backup. What has gone out since is not in it, and would "
        "go out a second time."
    ),
    Closed.MOVED: N_(
        "The database came to a new place. If it is a backup, what has gone out since is not in "
        "it, and would go out a second time."
    ),
    Closed.CLOCK: N_(
        "The clock of the machine jumped. What is due, and what was due long ago, cannot be told "
        "apart."
    ),
}


def witness_of(installation: Installation) -> Witness:
    """The witness of an installation."""
    file = installation.settings.data_dir / "ledger-mark"
    return Witness(file, installation.redis, "staffroom:ledger-mark")


def may_pass() -> ColumnElement[bool]:
    """The condition under which a mailing may leave: what its owner asked for just now always."""
    return or_(~exists().where(Gate.closed_at.is_not(None)), Mailing.always)


def find(session: Session) -> Gate | None:
    """The row of the gate; None before the first look."""
    return session.get(Gate, ONLY, populate_existing=True)


def check(installation: Installation) -> None:
    """Look whether this database is the newest; close the gate if not. Harmless to repeat."""
    witness = witness_of(installation)
    highest = witness.highest()
    with installation.reading() as work:
        gate = find(work.session)
        if gate is not None and _suspicion(gate, highest, work.now) is None:
            return
    with installation.unit_of_work() as work:
        gate = find(work.session) or _first(work, highest)
        highest = witness.highest()  # others may have begun meanwhile
        if highest is None and not witness.answers():
            return
        why = _suspicion(gate, highest, work.now)
        if why is not None:
            close(work, why)
        gate.mark = max(gate.mark, highest or 0) + 1
        gate.seen_at = work.now
        mark = gate.mark
    witness.learn(mark)


def beat(work: UnitOfWork) -> None:
    """Note that time goes on."""
    work.session.execute(update(Gate).where(Gate.id == ONLY).values(seen_at=work.now))


def _first(work: UnitOfWork, highest: int | None) -> Gate:
    """A database without mail is new, whatever was here before it; one with mail may be old."""
    is_new = work.session.scalar(select(Mailing.id).limit(1)) is None
    mark = highest or 0 if is_new else 0
    row = {"id": ONLY, "mark": mark, "seen_at": work.now, "closed_why": ""}
    work.session.execute(insert_if_new(work.session, Gate).values(**row))
    return work.session.get_one(Gate, ONLY, populate_existing=True)


def _suspicion(gate: Gate, highest: int | None, now: datetime) -> Closed | None:
    if highest is None:
        return Closed.MOVED if gate.mark > 1 else None
    if highest > gate.mark:
        return Closed.RESTORED
    return Closed.CLOCK if gate.seen_at > now + BACK else None


def close(work: UnitOfWork, why: Closed) -> None:
    """Let nothing out until a person opens. Harmless to repeat."""
    shut = update(Gate).where(Gate.id == ONLY, Gate.closed_at.is_(None))
    if work.change(shut.values(closed_at=work.now, closed_why=why, told_at=None)):
        log.error("mail is held", reason=why.value)


def open_again(work: UnitOfWork) -> bool:
    """Let mail out again; False if the gate was open."""
    closed = update(Gate).where(Gate.id == ONLY, Gate.closed_at.is_not(None))
    return work.change(closed.values(closed_at=None, closed_why="", seen_at=work.now)) > 0


def advance(work: UnitOfWork) -> int:
    """Mail is about to be taken out: the mark grows. The witness must learn it before a call."""
    grown = update(Gate).where(Gate.id == ONLY).values(mark=Gate.mark + 1, seen_at=work.now)
    return work.session.execute(grown.returning(Gate.mark)).scalar_one()


@dataclass
class ClockWatch:
    """Sees when the clock jumps, beside one that only ever goes forward."""

    steady: Callable[[], float] = lambda: time.clock_gettime(time.CLOCK_BOOTTIME)
    last: tuple[datetime, float] | None = None

    def has_jumped(self, now: datetime) -> bool:
        """Whether it went by much more, or less, since the last look than time did."""
        steady = self.steady()
        last, self.last = self.last, (now, steady)
        if last is None or steady < SETTLING:
            return False
        passed = timedelta(seconds=steady - last[1])
        return abs((now - last[0]) - passed) > JUMP
