"""What processes count, added up in Valkey for whoever watches."""

import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from redis import Redis
from redis.exceptions import RedisError

KEY = "staffroom:meter"
EVERY_SECONDS = 1.0


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


def read(redis: Redis, names: Sequence[str]) -> dict[str, float]:
    """What all have counted under these names. Raises RedisError."""
    found = redis.hmget(KEY, list(names))
    return {name: float(value or 0) for name, value in zip(names, found, strict=True)}
