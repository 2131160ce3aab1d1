"""The tick: every few seconds, look in the database for what is due and wake somebody for it.

Several ticks may run at once: recurring jobs are claimed in SQL, and recovering is idempotent.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from core.installation import Installation
from core.jobs import UPKEEP, Job
from core.schedule import Recurring, is_due
from core.unit_of_work import UnitOfWork
from library.broken_links import TRY_LINKS
from library.polling import FETCH_PICTURES, POLL_FEEDS
from library.transcribing import FETCH_TRANSCRIPTS
from mail import gate, recovery, tally
from mail.events.inbox import READ
from mail.gate import ClockWatch
from members import imports
from members.sign_up_requests import SETTLE
from members.signing_in import LOOK
from newsletters import sending
from newsletters.routine import LOOK_AFTER_LETTERS
from workshops.conduct.upkeep import LOOK_AFTER

RECURRING = {
    Job("worker.jobs.remind_pending", UPKEEP): timedelta(minutes=10),
    Job("worker.jobs.mail_guests", UPKEEP): timedelta(minutes=10),
    Job("worker.jobs.purge", UPKEEP): timedelta(hours=1),
    Job("worker.jobs.remind_authors", UPKEEP): timedelta(hours=1),
    Job("worker.jobs.look_after_mail", UPKEEP): timedelta(minutes=1),
    READ: timedelta(minutes=1),
    SETTLE: timedelta(minutes=1),
    LOOK: timedelta(minutes=1),
    LOOK_AFTER: timedelta(minutes=1),
    LOOK_AFTER_LETTERS: timedelta(minutes=1),
    POLL_FEEDS: timedelta(minutes=1),
    FETCH_PICTURES: timedelta(minutes=10),
    FETCH_TRANSCRIPTS: timedelta(minutes=10),
    TRY_LINKS: timedelta(minutes=10),
}

SLACK = timedelta(minutes=1)
"""How far the clocks of two machines may differ."""

log = structlog.get_logger()


@dataclass
class Tick:
    """Looks for due work, again and again, until told to stop."""

    installation: Installation
    clock_watch: ClockWatch = field(default_factory=ClockWatch)

    def run(self, wait: Callable[[float], bool]) -> None:
        """Tick until `wait`, given the seconds to the next tick, answers True."""
        while True:
            self.once()
            if wait(self.installation.settings.tick_seconds):
                return

    def once(self) -> None:
        """One tick. A database that does not answer costs this tick and no more."""
        try:
            self._guard()
            with self.installation.unit_of_work() as work:
                recovery.recover(work.session, work.now)
                recovery.settle_closed(work.session, work.now)
                recovery.finish(work.session, work.now)
            self._count()
            with self.installation.unit_of_work() as work:
                for job in recovery.due_jobs(work.session, work.now):
                    work.wake(job)
                for issue_id in sending.unfrozen(work):
                    work.wake(sending.freeze_audience_of(issue_id))
                for import_id in imports.unfinished(work.session):
                    work.wake(imports.work_on(import_id))
                _wake_recurring(work)
                _beat(work)
        except SQLAlchemyError as error:
            log.warning("tick missed", error=type(error).__name__)

    def _guard(self) -> None:
        """Close the gate if this database is not the newest, or the clock is wrong."""
        gate.check(self.installation)
        with self.installation.unit_of_work() as work:
            if self.clock_watch.has_jumped(work.now):
                gate.close(work, gate.Closed.CLOCK)
            gate.beat(work)

    def _count(self) -> None:
        """Count what has changed, one list after the other."""
        with self.installation.reading() as reading:
            to_count = tally.to_count(reading)
        for mailing_id in to_count:
            with self.installation.unit_of_work() as work:
                tally.count(work, mailing_id)


def _wake_recurring(work: UnitOfWork) -> None:
    for job, interval in RECURRING.items():
        if _claim(work, job.key, interval):
            work.wake(job)


def _beat(work: UnitOfWork) -> None:
    """Leave a sign of life, for `/readyz`."""
    _claim(work, "tick", timedelta(0))


def _claim(work: UnitOfWork, name: str, interval: timedelta) -> bool:
    """Whether this tick is the one that starts `name` now."""
    claimed = work.session.execute(
        update(Recurring)
        .where(Recurring.name == name, is_due(Recurring.next_at, work.now, interval + SLACK))
        .values(next_at=work.now + interval, started_at=work.now)
        .returning(Recurring.name)
    ).one_or_none()
    if claimed is not None:
        return True
    if work.session.scalar(select(Recurring.name).where(Recurring.name == name)) is not None:
        return False
    return _introduce(work, name, interval)


def _introduce(work: UnitOfWork, name: str, interval: timedelta) -> bool:
    row = {"name": name, "next_at": work.now + interval, "started_at": work.now}
    try:
        with work.session.begin_nested():
            work.session.execute(insert(Recurring).values(**row))
    except IntegrityError:
        return False  # another tick was first
    return True
