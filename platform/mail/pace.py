"""Keeping to the rate of the account: one bucket in Valkey, shared by all workers.

We aim at 90 % of the allowed rate. Each throttling answer of the last minute takes a fifth off
that, for all workers, and is forgiven when its minute is over. No limiter, no sending: it would
be a guess.
"""

import time
from collections.abc import Callable

from limits import RateLimitItemPerMinute, RateLimitItemPerSecond, WindowStats
from limits.errors import StorageError
from limits.storage import Storage
from limits.strategies import MovingWindowRateLimiter

from core.errors import Unavailable
from mail.transport import LARGEST_CALL

SHARE = 0.9
NAP = 0.02
REMEMBERED = RateLimitItemPerMinute(8)
MEMORY_SECONDS = 0.5


class _Recipients(RateLimitItemPerSecond):
    """So many recipients a second, counted in one bucket however many that is at the moment."""

    def key_for(self, *identifiers: bytes | str | float) -> str:
        """Without the amount: going slower must not open a fresh bucket."""
        return "/".join(("LIMITS", *map(str, identifiers)))


class Pace:
    """Lets recipients through at the allowed rate."""

    def __init__(
        self,
        storage: Storage,
        sleep: Callable[[float], None] = time.sleep,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        # Exact, also at the edges of a second; an approximate window was seen to let 3 % too
        # many through, which SES answers with throttling.
        self._bucket = self._throttled = MovingWindowRateLimiter(storage)
        self._sleep = sleep
        self._seconds = seconds
        self._looked_at = float("-inf")
        self._share = SHARE

    def a_second(self, rate: float) -> int:
        """How many recipients a second we allow ourselves now. Raises Unavailable."""
        if self._seconds() - self._looked_at > MEMORY_SECONDS:
            stats = _or_unavailable(lambda: self._throttled.get_window_stats(REMEMBERED, "ses"))
            assert isinstance(stats, WindowStats)  # noqa: S101
            self._share = SHARE * 0.8 ** (REMEMBERED.amount - stats.remaining)
            self._looked_at = self._seconds()
        return max(1, int(rate * self._share))

    def batch(self, rate: float) -> int:
        """How many recipients one call may have: small enough to use a second's worth up evenly."""
        return max(1, min(LARGEST_CALL, self.a_second(rate) // 4))

    def wait(self, recipients: int, rate: float, give_up: Callable[[], bool]) -> bool:
        """Wait until `recipients` more may be sent; False if `give_up` says so first.

        Raises Unavailable if the bucket cannot be reached.
        """
        while not self._may_go(recipients, rate):
            if give_up():
                return False
            self._sleep(NAP)
        return True

    def slow_down(self) -> None:
        """SES said "too fast": every worker goes slower for the next minute."""
        _or_unavailable(lambda: self._throttled.hit(REMEMBERED, "ses"))
        self._looked_at = float("-inf")

    def _may_go(self, recipients: int, rate: float) -> bool:
        item = _Recipients(self.a_second(rate))
        cost = min(recipients, item.amount)
        return bool(_or_unavailable(lambda: self._bucket.hit(item, "mail-pace", cost=cost)))


def _or_unavailable(call: Callable[[], object]) -> object:
    try:
        return call()
    except StorageError as error:
        raise Unavailable("the rate limiter does not answer") from error
