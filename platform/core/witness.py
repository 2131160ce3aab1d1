"""A witness outside of the database: it remembers the highest of a number that only grows.

Whoever puts the database back does not put the witness back.
"""

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import RedisError

log = structlog.get_logger()


@dataclass(frozen=True)
class Witness:
    """Keeps the highest mark, in a file and in Valkey; either is enough."""

    file: Path
    redis: Redis
    key: str

    def highest(self) -> int | None:
        """The highest mark it has seen; None if it has seen none."""
        seen = [mark for mark in (self._in_file(), self._in_valkey()) if mark is not None]
        return max(seen, default=None)

    def answers(self) -> bool:
        """Whether Valkey can be asked: without it, knowing of no mark says nothing."""
        try:
            return bool(self.redis.ping())
        except RedisError:
            return False

    def learn(self, mark: int) -> None:
        """Remember a mark. Raises OSError if the file cannot be written."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(self.file, os.O_RDWR | os.O_CREAT, 0o600), "r+") as kept:
            fcntl.flock(kept, fcntl.LOCK_EX)
            if _number(kept.read()) < mark:
                kept.seek(0)
                kept.write(f"{mark:012d}\n")
        try:
            self.redis.set(self.key, mark)
        except RedisError:
            log.debug("the mark is in the file only")

    def _in_file(self) -> int | None:
        return _number(self.file.read_text("ascii")) if self.file.exists() else None

    def _in_valkey(self) -> int | None:
        try:
            kept: Any = self.redis.get(self.key)
        except RedisError:
            return None
        return None if kept is None else _number(str(kept, "ascii"))


def _number(kept: str) -> int:
    return int(kept) if kept.strip().isdecimal() else 0
