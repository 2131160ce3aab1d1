"""The one place that knows which concrete part is used for what."""

from collections.abc import Callable
from pathlib import Path

from redis import Redis

from core.clock import Clock, SystemClock
from core.database import open_database
from core.file_settings import BUCKET
from core.file_store import FileStore, Folder
from core.installation import Installation
from core.mailboxes import parse_mailbox
from core.rate_limits import RateLimits, open_storage
from core.rq_queue import RqQueue
from core.settings import Settings
from core.token_bucket import TokenBucket
from core.tokens import Tokens
from mail.delivering import Sender
from mail.outbox import Outbox
from mail.pace import CLIMB, Pace
from mail.transport import Rerouted, Transport
from members.audience import still_wanted
from staffroom.auditing import AUDIT_WORDS
from staffroom.retention import FILE_HOLDERS, FILE_READERS, PERSONS, RETENTION

REDIS_SECONDS = 5


def socket_path(settings: Settings) -> Path:
    """Where the embedded Valkey listens: only for this user, on no network."""
    return settings.data_dir.absolute() / "valkey.sock"


def redis_url(settings: Settings) -> str:
    """The Valkey or Redis to use; the embedded one where none is set."""
    return settings.redis_url or f"unix://{socket_path(settings)}"


def install(settings: Settings, clock: Clock | None = None) -> Installation:
    """Build an installation from its settings. Connects to nothing yet."""
    url, clock = redis_url(settings), clock or SystemClock()
    redis = Redis.from_url(url, socket_connect_timeout=REDIS_SECONDS, socket_timeout=REDIS_SECONDS)
    return Installation(
        settings=settings,
        database=open_database(settings.database),
        redis=redis,
        queue=RqQueue(redis),
        limits=RateLimits(open_storage(url)),
        clock=clock,
        tokens=Tokens(settings.keys, clock),
        files=make_file_store(settings),
        file_holders=FILE_HOLDERS,
        file_readers=FILE_READERS,
        persons=PERSONS,
        retention=RETENTION,
        audit_words=AUDIT_WORDS,
    )


def make_file_store(settings: Settings) -> FileStore:
    """Where large files lie in this installation. Connects to nothing yet."""
    if not settings.files:
        return Folder(settings.data_dir / "files")
    from staffroom.bucket import Bucket

    name, _, folder = settings.files.removeprefix(BUCKET).partition("/")
    return Bucket(name, folder)


def make_sender(installation: Installation, stopping: Callable[[], bool]) -> Sender:
    """A sender for a worker process."""
    settings = installation.settings
    transport = make_transport(settings)
    if settings.test_mode_to:
        transport = Rerouted(transport, parse_mailbox(settings.test_mode_to).address)
    return Sender(installation, transport, make_pace(installation.redis), still_wanted, stopping)


def make_pace(redis: Redis) -> Pace:
    """The pace that all workers keep together."""
    return Pace(TokenBucket(redis, "pace", CLIMB))


def make_transport(settings: Settings) -> Transport:
    """Where mail goes in this installation."""
    if settings.mail == "outbox":
        return Outbox(settings.outbox, settings.ses_rate)
    from mail.ses import Ses, open_client

    return Ses(open_client(), settings.ses_configuration_set, settings.ses_rate, settings.ses_bulk)
