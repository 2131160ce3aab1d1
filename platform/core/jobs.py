"""Jobs are wake-ups: the row in the database is the truth, the job only says "look again".

A job names a function by its dotted path and carries row ids. Losing one costs a tick;
running one twice costs nothing.
"""

from dataclasses import dataclass
from typing import Protocol

SERVICE = "service"
BULK = "bulk"
UPKEEP = "upkeep"
QUEUES = (SERVICE, BULK, UPKEEP)


@dataclass(frozen=True)
class Job:
    """One wake-up: a function of `worker.jobs`, the ids it needs, and the queue it waits in."""

    function: str
    queue: str
    args: tuple[int, ...] = ()

    @property
    def key(self) -> str:
        """Names the wake-up, so that asking for it again while it waits adds nothing."""
        return "-".join([self.function.rpartition(".")[2], *map(str, self.args)])


class Queue(Protocol):
    """Where wake-ups go after the commit."""

    def wake(self, job: Job) -> None:
        """Ask for `job` soon. Never raises: a lost wake-up costs one tick."""
        ...
