"""One unit of work: everything in it happens, or nothing does, and then the wake-ups go out.

It opens and closes at the edge (an endpoint, a job, a command). Services take it and never commit.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from sqlalchemy import CursorResult, UpdateBase
from sqlalchemy.orm import Session

from core.community import Community, read_community
from core.jobs import Job
from core.settings import Settings
from core.tokens import Tokens


@dataclass
class Reading:
    """A database session that only looks, and the moment at which it does.

    The database refuses to write in it: SQLite by `query_only`, PostgreSQL by a read-only
    transaction.
    """

    session: Session
    now: datetime
    settings: Settings
    tokens: Tokens

    @cached_property
    def community(self) -> Community:
        """What the community says of itself: read once."""
        return read_community(self.session, self.settings)


@dataclass
class UnitOfWork(Reading):
    """A database session, the moment it all happens, and what to wake afterwards."""

    jobs: list[Job] = field(default_factory=list)

    def change(self, statement: UpdateBase) -> int:
        """Update or delete; returns how many rows that were."""
        result = self.session.execute(statement)
        assert isinstance(result, CursorResult)  # noqa: S101
        return result.rowcount

    def wake(self, job: Job) -> None:
        """Ask for `job` once this unit of work is committed."""
        if job not in self.jobs:
            self.jobs.append(job)
