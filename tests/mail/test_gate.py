"""A database that was put back, or a clock that jumped, sends nothing until somebody has looked."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update

from core.addresses import parse_address
from core.installation import Installation
from mail import gate, reasons
from mail.delivering import Sender
from mail.gate import ClockWatch
from mail.models import Gate
from members import signing_in
from members.roles import Role
from tests.conftest import both_databases
from tests.mail.test_delivering import BOTH, send, status, tick
from tests.support.loopback_ses import Account
from tests.support.people import BEGIN, Browser, ShiftedClock, add_members

Run = Callable[[], None]


@pytest.fixture
def sender(to_ses: Sender) -> Sender:
    """A sender to the loopback SES."""
    return to_ses


def why(installation: Installation) -> list[str]:
    with installation.reading() as work:
        return [one.kind for one in reasons.closed(work.session)]


def test_a_backup_that_is_put_back_in_mid_send_sends_nothing_by_itself(
    installation: Installation, run_jobs: Run, account: Account, tmp_path: Path
) -> None:
    """The file itself is put back, as an operator would."""
    add_members(installation, 100, "en")
    issue = send(installation, BOTH[0])
    file = installation.settings.data_dir / "staffroom.db"
    tick(installation)
    with installation.database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql(f"VACUUM INTO '{tmp_path / 'backup.db'}'")
    run_jobs()
    assert len(account.mails) == 100
    installation.database.engine.dispose()
    for leftover in installation.settings.data_dir.glob("staffroom.db*"):
        leftover.unlink()
    shutil.copy(tmp_path / "backup.db", file)
    assert status(installation, issue) == {"queued": 100, "total": 100}
    for _ in range(3):
        tick(installation)
        run_jobs()
    assert len(account.mails) == 100
    assert why(installation) == ["restored"]
    with installation.unit_of_work() as work:
        signing_in.ask(work, parse_address("m0@school.example"), "browser")
    run_jobs()
    assert account.addresses()[100:] == ["m0@school.example"]


@both_databases
def test_the_organiser_cancels_what_went_out_and_lets_the_rest_go(
    installation: Installation, run_jobs: Run, account: Account
) -> None:
    add_members(installation, 5, "en")
    run_jobs()
    gate.check(installation)
    send(installation, BOTH[0])
    second = send(installation, BOTH[1])
    gate.witness_of(installation).learn(1_000)  # it has seen more than this database knows
    run_jobs()
    assert account.mails == []
    with Browser.of(installation) as browser:
        browser.sign_in("owner@example.org", Role.OWNER)
        page = browser.get("/organise/mail")
        assert "put back from a backup" in page.text
        browser.post("/organise/mail/1/cancel", {"csrf": page.hidden("csrf")})
        browser.post("/organise/mail/gate/open", {"csrf": page.hidden("csrf")})
        browser.post("/organise/mail/gate/open", {"csrf": page.hidden("csrf")})
    run_jobs()
    assert why(installation) == []
    assert status(installation, second) == {"sent": 5, "total": 5}
    assert {mail.subject for mail in account.mails} - {"Kirje"} <= {
        mail.subject for mail in account.mails if mail.to == "owner@example.org"
    }


@both_databases
def test_a_database_that_comes_to_a_new_place_is_taken_for_a_backup(
    installation: Installation, run_jobs: Run, account: Account
) -> None:
    add_members(installation, 2, "en")
    send(installation, BOTH[0])
    gate.check(installation)
    with installation.unit_of_work() as work:
        gate.advance(work)
    (installation.settings.data_dir / "ledger-mark").unlink()
    installation.redis.flushdb()
    run_jobs()
    assert why(installation) == ["moved"]
    assert account.mails == []


@both_databases
@pytest.mark.parametrize("lost", ["file", "valkey"])
def test_one_of_the_two_witnesses_is_enough(
    installation: Installation, run_jobs: Run, account: Account, lost: str
) -> None:
    add_members(installation, 2, "en")
    send(installation, BOTH[0])
    gate.check(installation)
    if lost == "file":
        (installation.settings.data_dir / "ledger-mark").unlink()
    else:
        installation.redis.flushdb()
    run_jobs()
    assert why(installation) == []
    assert len(account.mails) == 2


def test_a_new_database_where_an_old_one_was_is_no_backup(installation: Installation) -> None:
    gate.witness_of(installation).learn(500)
    gate.check(installation)
    assert why(installation) == []
    with installation.reading() as work:
        found = gate.find(work.session)
        assert found is not None
        assert found.mark > 500


def test_a_backup_from_before_there_was_a_gate_is_one_too(installation: Installation) -> None:
    add_members(installation, 1, "en")
    send(installation, BOTH[0])
    gate.witness_of(installation).learn(500)
    gate.check(installation)
    assert why(installation) == ["restored"]


@both_databases
def test_every_time_mail_is_taken_out_the_witness_learns_more_than_any_backup_before_knows(
    installation: Installation, run_jobs: Run, account: Account
) -> None:
    gate.check(installation)
    marks = []
    for n in range(3):
        with Browser.of(installation) as browser:
            browser.subscribe(f"p{n}@example.org")
        run_jobs()
        marks.append(gate.witness_of(installation).highest() or 0)
    assert marks == sorted(set(marks))


@both_databases
def test_a_clock_that_went_back_holds_everything(
    installation: Installation, run_jobs: Run, account: Account, clock: ShiftedClock
) -> None:
    add_members(installation, 2, "en")
    tick(installation)
    clock.forward(days=-2)
    send(installation, BOTH[0])
    tick(installation)
    run_jobs()
    assert why(installation) == ["clock"]
    assert account.mails == []


@pytest.mark.parametrize(
    ("wall", "steady", "jumped"),
    [(15, 15, False), (900, 15, True), (-900, 15, True), (90_000, 90_000, False), (60, 15, False)],
    ids=["ticks", "forward", "back", "slept", "set a little"],
)
def test_the_clock_is_watched_beside_one_that_only_goes_forward(
    wall: float, steady: float, jumped: bool
) -> None:
    now = iter([1000.0, 1000.0 + steady])
    watch = ClockWatch(steady=lambda: next(now))
    assert watch.has_jumped(BEGIN) is False
    assert watch.has_jumped(BEGIN + timedelta(seconds=wall)) is jumped


def test_while_a_machine_starts_its_clock_may_be_set() -> None:
    now = iter([10.0, 20.0])
    watch = ClockWatch(steady=lambda: next(now))
    watch.has_jumped(BEGIN)
    assert watch.has_jumped(BEGIN + timedelta(days=300)) is False


def test_a_stranger_may_not_open_the_gate(installation: Installation, visitor: Browser) -> None:
    gate.check(installation)
    with installation.unit_of_work() as work:
        work.session.execute(update(Gate).values(closed_at=work.now, closed_why="restored"))
    visitor.post("/organise/mail/gate/open")
    assert why(installation) == ["restored"]
    with Browser.of(installation) as browser:
        browser.sign_in("f@example.org", Role.FACILITATOR)
        assert browser.post("/organise/mail/gate/open").status == 403
    assert why(installation) == ["restored"]


def test_the_mark_is_a_row_that_a_lost_database_would_miss(installation: Installation) -> None:
    gate.check(installation)
    with installation.unit_of_work() as work:
        before = gate.advance(work)
    with installation.reading() as work:
        assert work.session.scalar(text("SELECT mark FROM mail_gate")) == before
