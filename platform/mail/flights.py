"""Calls under way: each in a thread of its own, as many as the rate needs and no more.

Whoever is killed leaves the recipients of all calls under way unknown, 50 for each; so their number
follows the rate and the time that a call takes (Little's law), from one upwards.
"""

import math
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

import structlog

from mail.ledger import Reserved
from mail.outcomes import Outcome, Verdict
from mail.parcels import Content

MOST = 32
"""Calls in flight at the most, whatever the rate."""
SLACK = 1.3
"""A call takes longer than usual now and then, and what is ours takes its time too."""
NEW_WEIGHT = 0.2

log = structlog.get_logger()


@dataclass
class Call:
    """One call: its attempt, its deliveries, and how it ended for each."""

    attempt: str
    content: Content
    deliveries: list[Reserved]
    outcomes: list[Outcome] = field(default_factory=list)
    seconds: float = 0.0


@dataclass
class Flights:
    """The calls of one worker process."""

    most: int = MOST
    latency: float | None = None
    """Seconds that a call takes, as of late."""

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(self.most, thread_name_prefix="call")
        self._flying: dict[Future[None], Call] = {}

    def __len__(self) -> int:
        return len(self._flying)

    def room(self, calls_a_second: float) -> int:
        """How many calls may be under way to keep a rate. The first one tells how long it takes."""
        if self.latency is None:
            return 1
        needed = math.ceil(calls_a_second * self.latency * SLACK)
        return max(1, min(self.most, needed))

    def launch(self, call: Call, transmit: Callable[[], list[Outcome]]) -> None:
        """Begin a call."""
        self._flying[self._pool.submit(self._fly, call, transmit)] = call

    def landed(self, seconds: float | None) -> list[Call]:
        """The calls that have ended; waits for the first so long, or as long as it takes."""
        if not self._flying:
            return []
        done, _ = wait(self._flying, seconds, FIRST_COMPLETED)
        return [self._flying.pop(future) for future in done]

    def _fly(self, call: Call, transmit: Callable[[], list[Outcome]]) -> None:
        began = time.monotonic()
        try:
            call.outcomes = transmit()
        except Exception as error:  # whatever it was, it may have been sent
            log.exception("a call broke off here")
            lost = Outcome(Verdict.UNKNOWN, f"the call broke off here ({type(error).__name__})")
            call.outcomes = [lost] * len(call.deliveries)
        call.seconds = time.monotonic() - began
        self._measure(call.seconds)

    def _measure(self, seconds: float) -> None:
        if self.latency is None:
            self.latency = seconds
        else:
            self.latency += NEW_WEIGHT * (seconds - self.latency)
