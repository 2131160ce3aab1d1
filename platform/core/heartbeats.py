"""Which parts of an installation are there: each leaves a sign of life in Valkey now and then."""

import threading

import structlog
from redis import Redis
from redis.exceptions import RedisError

from core.jobs import QUEUES

BEAT_SECONDS = 5.0
ALIVE_SECONDS = 20


log = structlog.get_logger()


def worker_of(queue: str) -> str:
    """The name of the part that runs the jobs of a queue."""
    return f"{queue} worker"


PARTS = tuple(worker_of(queue) for queue in QUEUES)
"""The parts that an installation needs beside web and tick (whose sign is a row)."""


def keep_beating(redis: Redis, part: str, stopping: threading.Event) -> None:
    """Leave signs of life, in a thread of its own, until told to stop."""

    def beat() -> None:
        is_silent = False
        while True:
            is_silent = beat_once(redis, part, is_silent)
            if stopping.wait(BEAT_SECONDS):
                return

    threading.Thread(target=beat, name=f"heartbeat of {part}", daemon=True).start()


def beat_once(redis: Redis, part: str, was_silent: bool = False) -> bool:
    """Leave one sign of life; whether Valkey is silent. Says so once, and once that it is back."""
    try:
        redis.set(_key(part), 1, ex=ALIVE_SECONDS)
    except RedisError as error:
        if not was_silent:
            log.warning("Valkey does not answer", part=part, error=type(error).__name__)
        return True
    if was_silent:
        log.warning("Valkey answers again", part=part)
    return False


def missing_parts(redis: Redis) -> list[str]:
    """The parts of which nothing was heard for 20 seconds. Raises RedisError."""
    found = redis.mget([_key(part) for part in PARTS])
    return [part for part, sign in zip(PARTS, found, strict=True) if sign is None]


def _key(part: str) -> str:
    return f"staffroom:alive:{part}"
