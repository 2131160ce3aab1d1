"""`staffroom run`: everything on one machine, in one command."""

import fcntl
import socket
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click
from redis.exceptions import RedisError

from core.database import Database
from core.heartbeats import worker_of
from core.installation import Installation
from core.jobs import QUEUES
from core.settings import Settings, running_address
from core.unit_of_work import UnitOfWork
from members import signing_in
from members.organisers import first_owner
from staffroom.composition import install, make_transport, redis_url, socket_path
from staffroom.migrating import migrate
from staffroom.private_files import keep_private
from staffroom.processes import keep_valkey, name_process, serve_web, tick, work_queue
from staffroom.supervisor import Supervisor

READY_SECONDS = 20
LONGEST_SOCKET_PATH = 100  # the operating system allows 108 bytes, on some machines 104


def run(
    settings: Settings,
    host: str,
    port: int,
    fill: Callable[[Installation], None],
    start_more: Callable[[Supervisor], None] = lambda _supervisor: None,
) -> int:
    """Start everything, say where it is, and keep it going until Ctrl-C. Returns the exit status.

    `fill` puts something into a fresh database; `start_more` starts what is needed beside our own
    parts. Raises click.ClickException with one clear line if it cannot start.
    """
    name_process("supervisor")
    _keep_to_ourselves(settings)
    with _data_dir(settings.data_dir), listener(host, port) as opened:
        supervisor = Supervisor(settings.log_format, _say)
        try:
            if not settings.redis_url:
                _check_socket(settings)
                supervisor.start("valkey", keep_valkey, settings)
            name, link = _prepare(settings, fill)
            _await_valkey(settings, supervisor)
            _start_all(supervisor, settings, opened)
            start_more(supervisor)
            _announce(settings, name, host, port, link)
            supervisor.all_came_up()
            return 0 if supervisor.watch() else 1
        finally:
            supervisor.end()


def _keep_to_ourselves(settings: Settings) -> None:
    """Nobody else on this machine reads what is kept here; says what had to be changed."""
    for path in keep_private(settings):
        click.echo(f"staffroom: {path} was open to others on this machine; not any more", err=True)


def _start_all(supervisor: Supervisor, settings: Settings, listener: socket.socket) -> None:
    supervisor.start("web", serve_web, settings, listener)
    for queue in QUEUES:
        supervisor.start(worker_of(queue), work_queue, settings, queue)
    supervisor.start("tick", tick, settings)


def _prepare(settings: Settings, fill: Callable[[Installation], None]) -> tuple[str, str]:
    """Bring the database up to date; the community's name, and the path of a one-time sign-in link.

    In production only while there is no owner: what a console says is kept in logs.
    """
    running_address(settings.data_dir).write_text(settings.base_url, "utf-8")
    make_transport(settings)  # wrong settings for mail are said here, once, and not by each worker
    installation = install(settings)
    try:
        migrate(installation.database)
        fill(installation)
        with installation.unit_of_work() as work:
            return work.community.name, _way_in(work)
    finally:
        _close(installation.database)


def _way_in(work: UnitOfWork) -> str:
    owner = first_owner(work)
    if owner is None:
        return signing_in.print_first_link(work)
    return "" if work.settings.env == "production" else signing_in.print_link(work, owner)


def _close(database: Database) -> None:
    """No connection may be carried into a forked child."""
    database.engine.dispose()


def _announce(settings: Settings, name: str, host: str, port: int, link: str) -> None:
    _await_web(host, port)
    click.echo(f"{name} is ready: {settings.base_url}/")
    if link:
        click.echo(f"Sign in as organiser (works once, for a day): {settings.base_url}{link}")
    else:
        click.echo("A way in for an organiser: staffroom organiser sign-in-link EMAIL")
    if settings.mail == "outbox":
        click.echo(f"Mail stays on this machine; read it at {settings.base_url}/outbox")
    click.echo("Ctrl-C ends everything.")


def _await_web(host: str, port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    request = b"GET /healthz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n"
    own_host = "127.0.0.1" if host in ("0.0.0.0", "") else host  # noqa: S104 - a comparison
    while time.monotonic() < deadline:
        try:
            with socket.create_connection((own_host, port), timeout=1) as connection:
                connection.sendall(request)
                if connection.recv(12).startswith(b"HTTP/1"):
                    return
        except OSError:
            time.sleep(0.05)
    raise click.ClickException("the web service did not start; its own message is above")


def _await_valkey(settings: Settings, supervisor: Supervisor) -> None:
    redis = install(settings).redis
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            redis.ping()
        except RedisError:
            if not settings.redis_url and not supervisor.is_alive("valkey"):
                break
            time.sleep(0.03)
        else:
            redis.close()
            return
    where = redis_url(settings) if settings.redis_url else str(settings.data_dir / "valkey")
    raise click.ClickException(f"Valkey does not answer: {where}")


def _check_socket(settings: Settings) -> None:
    path = str(socket_path(settings))
    if len(path.encode()) > LONGEST_SOCKET_PATH:
        raise click.ClickException(
            f"the path of the data directory is too long for a socket: {path} "
            "(set STAFFROOM_DATA_DIR to a shorter one)"
        )


@contextmanager
def _data_dir(folder: Path) -> Generator[None]:
    """The data directory, for this process alone."""
    with _opened(folder) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise click.ClickException(
                f"the data directory {folder} is in use by another `staffroom run`"
            ) from None
        yield


def _opened(folder: Path) -> TextIO:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return (folder / "run.lock").open("w")
    except OSError as error:
        raise click.ClickException(
            f"cannot write to {error.filename}: {error.strerror} (choose another with --data)"
        ) from None


@contextmanager
def listener(host: str, port: int) -> Generator[socket.socket]:
    """The open socket that the web service will answer on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as opened:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            opened.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"cannot listen on {host}:{port}: {error.strerror} (choose another with --port)"
            ) from None
        opened.listen(512)
        opened.set_inheritable(True)
        yield opened


def _say(line: str) -> None:
    click.echo(f"staffroom: {line}", err=True)
