"""One installation serves one community: its settings and its live parts, passed as one value."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from redis import Redis

from core.audit import AuditWords
from core.clock import Clock
from core.database import Database
from core.file_store import FileStore
from core.jobs import Queue
from core.persons import PersonalRecords
from core.rate_limits import RateLimits
from core.retention import Rule
from core.settings import Settings
from core.stored_files import FileHolder, FileReader
from core.tokens import Tokens
from core.unit_of_work import Reading, UnitOfWork


@dataclass(frozen=True)
class Installation:
    """Everything a process needs; built in one place, by `staffroom.composition`."""

    settings: Settings
    database: Database
    redis: Redis
    queue: Queue
    limits: RateLimits
    clock: Clock
    tokens: Tokens
    files: FileStore
    """Where large files lie."""
    file_holders: tuple[FileHolder, ...]
    """Every part of the house that keeps files; what none of them holds is swept."""
    file_readers: tuple[FileReader, ...]
    """Every part of the house that keeps files: who may have them."""
    persons: tuple[PersonalRecords, ...]
    """What each part of the house keeps of a person, the highest floor first."""
    retention: tuple[Rule, ...]
    """What is kept and how long: one table, from every part of the house."""
    audit_words: AuditWords
    """How the acts of every part of the house are told."""

    @contextmanager
    def unit_of_work(self) -> Generator[UnitOfWork]:
        """A unit of work: leaving commits and then wakes, raising rolls back. The only commit."""
        with self.database.turn, self.database.writing.begin() as session:
            work = UnitOfWork(session, self.clock.now(), self.settings, self.tokens)
            yield work
        for job in work.jobs:
            self.queue.wake(job)

    @contextmanager
    def reading(self) -> Generator[Reading]:
        """Only looking: it waits for no writer and is never committed."""
        with self.database.reading() as session:
            yield Reading(session, self.clock.now(), self.settings, self.tokens)
