"""A worker process on RQ: one queue, JSON arguments, only our own jobs.

RQ's forking worker would build a new SES client for each job, and its orphaned children run on
beside their repetition. Ours runs jobs in its own process: a killed worker is simply gone, and
what it held comes back by its lease. On SIGTERM the job is told to stop and hands back the rest.
"""

import logging
import threading
from collections.abc import Callable
from types import FrameType

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.executions import Execution
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy.exc import OperationalError

from core.rq_queue import wake_key

ALLOWED = "worker.jobs."
_FORGOTTEN = (InvalidJobOperation, NoSuchJobError)
WORKER_SECONDS = 30
MAINTENANCE_SECONDS = 60


log = structlog.get_logger()


class OwnJob(Job):
    """A job that is one of ours: whoever can write to Valkey could name any Python function."""

    @property
    def func(self) -> Callable[..., object]:
        """The function to run. Raises PermissionError if it is not a job of `worker.jobs`."""
        if not (self.func_name or "").startswith(ALLOWED):
            raise PermissionError(f"{self.func_name} is not a job of ours")
        function: Callable[..., object] = super().func
        return function


class QueueWorker(SimpleWorker):
    """Runs the jobs of one queue, and nothing that is not one of ours."""

    def __init__(self, queue: str, redis: Redis, stopping: threading.Event) -> None:
        super().__init__(
            [Queue(queue, connection=redis, job_class=OwnJob, serializer=JSONSerializer)],
            connection=redis,
            job_class=OwnJob,
            serializer=JSONSerializer,
            worker_ttl=WORKER_SECONDS,
            maintenance_interval=MAINTENANCE_SECONDS,
            log_job_description=False,
        )
        self._stopping = stopping

    def procline(self, message: str) -> None:
        """Keep the name that we gave our process: RQ would put its own in its place."""

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """Run a job. From its first line on, a new wake-up counts again."""
        self.connection.delete(wake_key(str(job.meta.get("key", ""))))
        with structlog.contextvars.bound_contextvars(job=job.id, **_request_of(job)):
            return super().perform_job(job, queue, execution)

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """SIGTERM: let the running job end early, then leave."""
        self._stopping.set()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]


def _request_of(job: Job) -> dict[str, str]:
    return {"request": str(job.meta["request"])} if "request" in job.meta else {}


def _says_something_new(record: logging.LogRecord) -> bool:
    """What RQ says and we do not: that Valkey went away (our heartbeat says it once), or forgot a
    job (the tick wakes another). A database that does not answer is one line."""
    kind = record.exc_info[0] if record.exc_info else None
    if kind is None:
        return "could not connect to Redis" not in record.getMessage()
    if issubclass(kind, OperationalError):
        log.warning("a job waits for the database", error=kind.__name__)
    return not issubclass(kind, (RedisError, OperationalError, *_FORGOTTEN))


def work(queue: str, redis: Redis, stopping: threading.Event) -> bool:
    """Work until told to stop; False if Valkey went away, so that the caller can try again."""
    library = logging.getLogger("rq.worker")
    library.setLevel(logging.ERROR)
    if _says_something_new not in library.filters:
        library.addFilter(_says_something_new)
    QueueWorker(queue, redis, stopping).work(logging_level="ERROR")
    return stopping.is_set()
