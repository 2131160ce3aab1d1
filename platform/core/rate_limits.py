"""Limits on what visitors can cause, counted in Valkey so that all processes share them."""

import hashlib
import time

from limits import parse
from limits.errors import StorageError
from limits.storage import Storage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from core.errors import Unavailable

LOOKED_SECONDS = 1.0
SECONDS = 3.0
"""A Valkey that hangs must not hang the pages."""


class RateLimits:
    """Counts acts against limits such as `3/day`."""

    def __init__(self, storage: Storage) -> None:
        self._window = MovingWindowRateLimiter(storage)
        self._looked: dict[tuple[str, ...], tuple[float, int]] = {}

    def allow(self, limit: str, *key: str) -> bool:
        """Count one act under `key`; False when `limit` is used up. Raises Unavailable."""
        try:
            return self._window.hit(parse(limit), *map(_hashed, key))
        except StorageError as error:
            raise Unavailable("the rate limiter does not answer") from error

    def forget(self, limit: str, *key: str) -> None:
        """Count from the beginning again: what was done was right. Raises Unavailable."""
        try:
            self._window.clear(parse(limit), *map(_hashed, key))
        except StorageError as error:
            raise Unavailable("the rate limiter does not answer") from error

    def about_left(self, limit: str, *key: str) -> int:
        """How much of `limit` is left, or was a second ago; counts nothing. Raises Unavailable.

        For the few limits that every page shows something of: each is remembered.
        """
        at, known = self._looked.get((limit, *key), (-LOOKED_SECONDS, 0))
        if time.monotonic() - at < LOOKED_SECONDS:
            return known
        try:
            left = int(self._window.get_window_stats(parse(limit), *map(_hashed, key)).remaining)
        except StorageError as error:
            raise Unavailable("the rate limiter does not answer") from error
        self._looked[limit, *key] = time.monotonic(), left
        return left


def _hashed(part: str) -> str:
    """Counters hold no address, and nobody's network."""
    return hashlib.sha256(part.encode()).hexdigest()[:32]


def widened(limit: str, times: float) -> str:
    """A limit such as `2/hour` that allows so many times as much, and at least one."""
    item = parse(limit)
    return f"{max(1, int(item.amount * times))} per {item.multiples} {item.GRANULARITY.name}"


def amount_and_seconds(limit: str) -> tuple[int, int]:
    """How much a limit such as `3/day` allows in how many seconds. Raises ValueError."""
    item = parse(limit)
    return item.amount, item.get_expiry()


def open_storage(redis_url: str) -> Storage:
    """The counters' place for a redis URL, with storage errors told apart from our own."""
    scheme, _, rest = redis_url.partition("://")
    limits_url = f"redis+unix://{rest}" if scheme == "unix" else redis_url
    storage = storage_from_string(
        limits_url,
        wrap_exceptions=True,
        socket_connect_timeout=SECONDS,
        socket_timeout=SECONDS,
    )
    assert isinstance(storage, Storage)  # noqa: S101 - the others are asynchronous
    return storage
