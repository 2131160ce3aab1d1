"""The queue on RQ. The only module besides `worker` that knows RQ.

RQ's own `unique=True` refuses a job until the hash of the last one is gone, which after a
killed worker is minutes; so a wake-up is marked in Valkey by a key of its own that the job
removes before it looks at the database. Asking twice adds nothing, asking after that adds one.
"""

import time

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue as RqLibraryQueue
from rq.serializers import JSONSerializer

from core.jobs import QUEUES, Job

WAKE_SECONDS = 10
SILENT_SECONDS = 15.0
"""How long nobody is woken after Valkey did not answer."""
WAITING_SECONDS = 60
"""A wake-up that waited so long is not needed: the tick has sent others."""
JOB_SECONDS = 300
FAILURE_SECONDS = 3600

log = structlog.get_logger()


def wake_key(key: str) -> str:
    """The Valkey key that says: this wake-up is waiting already."""
    return f"staffroom:wake:{key}"


def _request_id() -> dict[str, str]:
    """The id of the request that caused a wake-up, so that its log lines can be found together."""
    bound = structlog.contextvars.get_contextvars()
    return {"request": str(bound["request"])} if "request" in bound else {}


class RqQueue:
    """Puts wake-ups into RQ, each once while it waits."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._silent_until = 0.0
        self._queues = {
            name: RqLibraryQueue(name, connection=redis, serializer=JSONSerializer)
            for name in QUEUES
        }

    def wake(self, job: Job) -> None:
        """Ask for `job` soon. Never raises: a lost wake-up costs one tick.

        A Valkey that hangs makes one visitor wait, and then none for a while.
        """
        if time.monotonic() < self._silent_until:
            return
        try:
            if self._redis.set(wake_key(job.key), 1, nx=True, ex=WAKE_SECONDS):
                self._enqueue(job)
        except RedisError as error:
            self._silent_until = time.monotonic() + SILENT_SECONDS
            log.warning("wake-up lost", job=job.key, error=type(error).__name__)

    def _enqueue(self, job: Job) -> None:
        self._queues[job.queue].enqueue_call(
            job.function,
            args=job.args,
            timeout=JOB_SECONDS,
            ttl=WAITING_SECONDS,
            result_ttl=0,
            failure_ttl=FAILURE_SECONDS,
            meta={"key": job.key, **_request_id()},
        )
