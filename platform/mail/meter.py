"""What the workers count of their calls, added up in Valkey for whoever watches."""

import time
from collections import Counter
from contextlib import suppress

from redis import Redis
from redis.exceptions import RedisError

KEY = "staffroom:meter"
EVERY_SECONDS = 1.0
CALLS, SECONDS, THROTTLED = "calls", "seconds", "throttled"
NAMES = (CALLS, SECONDS, THROTTLED)


class Meter:
    """Counts in this process, and adds to what all have counted now and then.

    What is lost with a process, or with Valkey, is lost: it is watched, not relied on.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._counted: Counter[str] = Counter()
        self._flushed_at = time.monotonic()

    def count(self, name: str, amount: float = 1) -> None:
        """Add to a count."""
        self._counted[name] += amount  # type: ignore[assignment]
        if time.monotonic() - self._flushed_at > EVERY_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Add everything to what is in Valkey."""
        self._flushed_at = time.monotonic()
        counted, self._counted = self._counted, Counter()
        with suppress(RedisError):
            pipeline = self._redis.pipeline()
            for name, amount in counted.items():
                pipeline.hincrbyfloat(KEY, name, amount)
            pipeline.execute()


def read(redis: Redis) -> dict[str, float]:
    """What all have counted. Raises RedisError."""
    found = redis.hmget(KEY, list(NAMES))
    return {name: float(value or 0) for name, value in zip(NAMES, found, strict=True)}
