"""Keeping to the rate of the account: one token bucket for all workers.

We begin at 90 % of the allowed rate and come up to 98 % while nothing is throttled. Each throttling
answer takes a fifth off for a minute, and the climb begins again. No limiter, no sending: it would
be a guess.
"""

import time
from collections.abc import Callable

from core.token_bucket import Climb, TokenBucket
from mail.transport import LARGEST_CALL

CLIMB = Climb(floor=0.90, top=0.98, a_second=0.01, slower=0.8, slowest=0.2, slow_seconds=60)
AHEAD_SECONDS = 0.05
"""A fast worker takes tokens for so long at once: asking for each call costs as much as a tenth of
it. They are good for a moment only."""
GOOD_SECONDS = 0.5
CALLS_A_SECOND = 4
"""Calls are so small that there are this many a second: bursts stay short."""


class Pace:
    """Lets recipients through at the allowed rate."""

    def __init__(self, bucket: TokenBucket, seconds: Callable[[], float] = time.monotonic) -> None:
        self._bucket = bucket
        self._seconds = seconds
        self._allowed: tuple[float, float] | None = None
        self._ahead, self._taken_at = 0, 0.0

    def a_second(self, rate: float) -> float:
        """How many recipients a second of a `rate` we allowed ourselves when last asked."""
        known_of, allowed = self._allowed or (rate, rate * CLIMB.floor)
        return allowed * rate / known_of

    def batch(self, rate: float) -> int:
        """How many recipients one call may have: small enough to use a second's worth up evenly."""
        return max(1, min(LARGEST_CALL, int(self.a_second(rate) / CALLS_A_SECOND)))

    def take(self, recipients: int, rate: float) -> float:
        """Take tokens for so many recipients; the seconds to wait where there are not enough yet.

        Raises Unavailable if the bucket cannot be reached.
        """
        if self._seconds() - self._taken_at > GOOD_SECONDS:
            self._ahead = 0
        if self._ahead < recipients:
            cost = max(recipients - self._ahead, int(self.a_second(rate) * AHEAD_SECONDS))
            burst = max(cost, self.batch(rate))
            wait, allowed = self._bucket.take(rate, cost, burst)
            self._allowed = rate, allowed
            if wait > 0:
                return wait
            self._ahead, self._taken_at = self._ahead + cost, self._seconds()
        self._ahead -= recipients
        return 0.0

    def slow_down(self) -> None:
        """SES said "too fast": every worker goes slower for the next minute. Raises Unavailable."""
        self._ahead = 0
        self._bucket.slow_down()
