"""Workers that are really killed, on both databases: nobody is lost and nobody gets it twice."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial

import pytest
from redis import Redis
from sqlalchemy import text

from core.clock import SystemClock
from core.installation import Installation
from core.settings import Settings
from newsletters import issues, sending
from newsletters.models import Issue
from newsletters.texts import parse_files
from tests.conftest import KEY, both_databases
from tests.support.loopback_ses import Account
from tests.support.people import BEGIN, ShiftedClock, add_members, letter


@pytest.fixture
def clock() -> ShiftedClock:
    """The machine's own time: the processes have no other."""
    return ShiftedClock(shift=SystemClock().now() - BEGIN)


MEMBERS = 1200
PATIENCE = 60


def _environment(settings: Settings, ses_url: str) -> dict[str, str]:
    return {
        **os.environ,
        "AWS_ENDPOINT_URL_SESV2": ses_url,
        "STAFFROOM_BASE_URL": settings.base_url,
        "STAFFROOM_DATABASE_URL": settings.database,
        "STAFFROOM_REDIS_URL": settings.redis_url,
        "STAFFROOM_DATA_DIR": str(settings.data_dir),
        "STAFFROOM_SECRET_KEYS": KEY,
        "STAFFROOM_MAIL": "ses",
        "STAFFROOM_MAIL_FROM": "letters@staffroom.example",
        "STAFFROOM_LEASE_SECONDS": "2",
        "STAFFROOM_TICK_SECONDS": "0.5",
    }


@contextmanager
def _process(environment: dict[str, str], *words: str) -> Generator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "staffroom", *words]
    process = subprocess.Popen(command, env=environment)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not go on by itself"
        time.sleep(0.05)


def _has_accepted(account: Account, enough: int) -> bool:
    return account.accepted >= enough


EVERY_CONNECTION_BUT_OURS = text(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def _drops_somebody(installation: Installation) -> bool:
    """Somebody's connection; right after the last drop there may be none to be dropped."""
    with installation.reading() as work:
        return bool(work.session.scalar(EVERY_CONNECTION_BUT_OURS))


def _send(installation: Installation) -> int:
    add_members(installation, MEMBERS)
    with installation.unit_of_work() as work:
        texts = parse_files([letter("en"), letter("fi", "Kirje")])
        issue = issues.new_issue(work, texts)
        sending.send(work, issue.id)
    sending.freeze_audience(installation, issue.id)
    return issue.id


def _counts(installation: Installation, number: int) -> dict[str, int]:
    with installation.reading() as work:
        return sending.status(work.session, work.session.get_one(Issue, number))


def _is_over(installation: Installation, number: int) -> bool:
    counts = _counts(installation, number)
    return counts["queued"] + counts["reserved"] + counts["sending"] == 0


@pytest.mark.parametrize(
    ("settings", "how"),
    [
        ("sqlite", signal.SIGKILL),
        ("postgresql", signal.SIGKILL),
        ("postgresql", signal.SIGTERM),
    ],
    indirect=["settings"],
)
def test_a_killed_worker_loses_nobody_and_doubles_nobody(
    installation: Installation, ses: tuple[Account, str], how: signal.Signals
) -> None:
    account, url = ses
    account.latency, account.rate = 0.03, 1_500.0
    environment = _environment(installation.settings, url)
    number = _send(installation)
    kills = 0
    with _process(environment, "tick"):
        while kills < 3:
            with _process(environment, "worker", "--queue", "bulk") as worker:
                enough = account.accepted + random.randint(60, 260)  # noqa: S311
                _until(partial(_has_accepted, account, enough))
                worker.send_signal(how)
                worker.wait(30)
                kills += 1
        with _process(environment, "worker", "--queue", "bulk"):
            _until(lambda: _is_over(installation, number))
    counts = _counts(installation, number)
    addresses = account.addresses()
    assert len(addresses) == len(set(addresses)), "somebody got it twice"
    assert counts["total"] == MEMBERS
    assert counts["sent"] + counts["unknown"] == MEMBERS, "somebody was lost"
    # 50 for each call under way, of which the last had perhaps not reached SES.
    most = 50 * (account.most_flying + 1) * kills
    assert counts["unknown"] <= (most if how is signal.SIGKILL else 0)
    assert counts["sent"] <= len(addresses)


@both_databases
def test_a_valkey_that_forgets_everything_costs_a_tick_and_no_mail(
    installation: Installation, ses: tuple[Account, str]
) -> None:
    account, url = ses
    account.latency = 0.02
    environment = _environment(installation.settings, url)
    number = _send(installation)
    with _process(environment, "tick"), _process(environment, "worker", "--queue", "bulk"):
        _until(lambda: account.accepted >= 200)
        Redis.from_url(installation.settings.redis_url).flushall()
        _until(lambda: _is_over(installation, number))
    assert _counts(installation, number)["sent"] == MEMBERS
    assert len(set(account.addresses())) == len(account.mails) == MEMBERS


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_a_database_that_drops_every_connection_loses_nobody_and_leaves_nothing_unknown(
    installation: Installation, ses: tuple[Account, str]
) -> None:
    account, url = ses
    account.latency = 0.02
    environment = _environment(installation.settings, url)
    number = _send(installation)
    with _process(environment, "tick"), _process(environment, "worker", "--queue", "bulk"):
        for goal in (150, 400, 650):
            _until(partial(_has_accepted, account, goal))
            _until(partial(_drops_somebody, installation))
        _until(lambda: _is_over(installation, number))
    counts = _counts(installation, number)
    assert (counts["sent"], counts["unknown"]) == (MEMBERS, 0)
    assert len(set(account.addresses())) == len(account.mails) == MEMBERS


def test_an_outbox_that_cannot_be_written_makes_mail_wait_and_not_fail(
    installation: Installation, clock: ShiftedClock, run_jobs: Callable[[], None]
) -> None:
    from worker.schedule import Tick

    number = _send(installation)
    folder = installation.settings.outbox
    folder.write_text("a file where the folder should be")
    for _ in range(12):
        run_jobs()
        clock.forward(minutes=6)
        Tick(installation).once()
    assert _counts(installation, number)["queued"] == MEMBERS
    folder.unlink()
    run_jobs()
    assert _counts(installation, number)["sent"] == MEMBERS
