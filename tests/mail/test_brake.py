"""After the first unclear answer nothing runs on through a list, and everybody can see why."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from core.addresses import parse_address
from core.installation import Installation
from core.witness import Witness
from mail import reasons
from mail.delivering import Sender
from mail.models import Mailing
from mail.states import MailClass
from mail.trouble import PATIENCE, TITLES, Trouble, stops, wait_before
from members import signing_in
from members.organisers import add_organiser
from members.roles import Role
from newsletters import sending
from newsletters.models import Issue
from tests.conftest import both_databases
from tests.mail.test_delivering import BOTH, send, status, tick
from tests.support.loopback_ses import Account
from tests.support.people import Browser, ShiftedClock, add_members

Run = Callable[[], None]


@pytest.fixture
def sender(to_ses: Sender) -> Sender:
    """A sender to the loopback SES."""
    return to_ses


def waits(installation: Installation) -> list[str]:
    with installation.reading() as work:
        return [one.kind for one in reasons.standing(work.session)]


def go_on(
    installation: Installation, run_jobs: Run, clock: ShiftedClock, times: int, **by: float
) -> None:
    for _ in range(times):
        clock.forward(**by)
        tick(installation)
        run_jobs()


TROUBLES = {
    "500": "unclear",
    "502": "unclear",
    "close": "unclear",
    "hang:2": "unclear",
    "throttle": "throttled",
    "quota": "quota",
}


@both_databases
@pytest.mark.parametrize("behaviour", TROUBLES)
def test_a_mail_service_in_trouble_costs_one_call_and_then_one_letter_at_a_time(
    installation: Installation, run_jobs: Run, account: Account, clock: ShiftedClock, behaviour: str
) -> None:
    add_members(installation, 300, "en")
    account.always = behaviour
    account.account_behaviour = ""
    issue = send(installation, BOTH[0])
    run_jobs()
    assert waits(installation) == [TROUBLES[behaviour]]
    first = status(installation, issue)
    assert first.get("unknown", 0) <= 50
    go_on(installation, run_jobs, clock, 3, minutes=16)
    counts = status(installation, issue)
    assert counts.get("unknown", 0) <= 53
    assert counts["queued"] >= 247
    account.always = ""
    go_on(installation, run_jobs, clock, 2, minutes=16)
    assert status(installation, issue).get("queued", 0) == 0
    assert waits(installation) == []
    assert len(set(account.addresses())) == len(account.mails)


def test_while_the_account_does_not_answer_no_letter_is_spent_on_trying(
    installation: Installation, run_jobs: Run, account: Account, clock: ShiftedClock
) -> None:
    add_members(installation, 60, "en")
    account.always = account.account_behaviour = "500"
    issue = send(installation, BOTH[0])
    run_jobs()
    calls = len(account.calls)
    go_on(installation, run_jobs, clock, 10, minutes=11)
    assert len(account.calls) == calls
    assert status(installation, issue) == {"unknown": 1, "queued": 59, "total": 60}


def test_one_mailing_that_is_never_answered_clearly_stops_for_a_person(
    installation: Installation, run_jobs: Run, account: Account, clock: ShiftedClock
) -> None:
    add_members(installation, 100, "en")
    account.always = "500"
    issue = send(installation, BOTH[0])
    run_jobs()
    go_on(installation, run_jobs, clock, 12, minutes=11)
    counts = status(installation, issue)
    assert counts["unknown"] <= 50 + 8
    with installation.reading() as work:
        assert work.session.scalars(select(Mailing.state)).one() == "paused"
    account.always = ""
    with installation.unit_of_work() as work:
        sending.resume(work, work.session.get_one(Issue, issue), None)
    run_jobs()
    assert status(installation, issue)["sent"] == 100 - counts["unknown"]


@pytest.mark.parametrize(
    ("fact", "value"), [("status", "SHUTDOWN"), ("is_enabled", False)], ids=["shut", "off"]
)
def test_an_account_that_is_shut_is_not_even_asked_to_send(
    installation: Installation, run_jobs: Run, account: Account, fact: str, value: object
) -> None:
    add_members(installation, 10, "en")
    setattr(account, fact, value)
    issue = send(installation, BOTH[0])
    run_jobs()
    assert account.calls == []
    assert waits(installation) == ["account"]
    assert status(installation, issue) == {"queued": 10, "total": 10}


def test_confirmations_outlive_an_outage_and_come_once(
    installation: Installation, run_jobs: Run, account: Account, clock: ShiftedClock
) -> None:
    account.always = "500"
    with Browser.of(installation) as browser:
        for n in range(20):
            browser.subscribe(f"p{n}@example.org")
    run_jobs()
    assert len(account.calls) == 1
    go_on(installation, run_jobs, clock, 5, minutes=11)
    assert account.mails == []
    account.always = ""
    go_on(installation, run_jobs, clock, 4, minutes=11)
    assert sorted(account.addresses()) == sorted(f"p{n}@example.org" for n in range(20))
    assert waits(installation) == []


def test_trouble_is_in_the_log_on_the_pages_on_the_command_line_and_in_a_mail(
    installation: Installation,
    run_jobs: Run,
    account: Account,
    clock: ShiftedClock,
) -> None:
    from staffroom.newsletter_command import _reasons
    from worker.jobs import look_after_mail

    with installation.unit_of_work() as work:
        add_organiser(work, parse_address("owner@example.org"), Role.OWNER)
    add_members(installation, 60, "en")
    account.behaviours.append("500")
    issue = send(installation, BOTH[0])
    with capture_logs() as said:
        run_jobs()
    assert [(one["event"], one["kind"]) for one in said] == [("mail waits", "unclear")]
    title = TITLES[Trouble.UNCLEAR].text()
    with Browser.of(installation) as browser:
        browser.sign_in("owner@example.org", Role.OWNER)
        for path in ("/organise", "/organise/mail", f"/organise/issues/{issue}/progress"):
            assert title in browser.get(path).text
        progress = json.loads(browser.get(f"/organise/issues/{issue}/progress.json").text)
    assert progress["waits"] == 1
    assert title in _reasons(installation, issue)[0]
    clock.forward(minutes=2)
    for _ in range(2):
        look_after_mail()
    run_jobs()
    alarms = [mail for mail in account.mails if "as it should" in mail.subject]
    assert [mail.to for mail in alarms] == ["owner@example.org"]
    assert title in alarms[0].text


@both_databases
def test_a_letter_that_was_to_go_a_day_ago_asks_first(
    installation: Installation, run_jobs: Run, account: Account, clock: ShiftedClock
) -> None:
    add_members(installation, 3, "en")
    issue = send(installation, BOTH[0])
    clock.forward(hours=25)
    tick(installation)
    run_jobs()
    assert account.calls == []
    assert waits(installation) == ["stale"]
    with installation.unit_of_work() as work:
        sending.resume(work, work.session.get_one(Issue, issue), None)
    run_jobs()
    assert status(installation, issue) == {"sent": 3, "total": 3}


def test_what_has_begun_goes_on_by_itself_also_after_days(
    installation: Installation, run_jobs: Run, account: Account, clock: ShiftedClock
) -> None:
    add_members(installation, 60, "en")
    account.behaviours.extend(["", "throttle"])
    issue = send(installation, BOTH[0])
    run_jobs()
    clock.forward(days=2)
    tick(installation)
    run_jobs()
    assert status(installation, issue) == {"sent": 60, "total": 60}


def test_the_same_refusal_for_everybody_stops_also_where_calls_are_small(
    installation: Installation, run_jobs: Run, account: Account
) -> None:
    account.rate, account.always = 4.0, "rejected"
    add_members(installation, 30, "en")
    issue = send(installation, BOTH[0])
    run_jobs()
    counts = status(installation, issue)
    assert counts["failed"] <= 6
    with installation.unit_of_work() as work:
        assert work.session.scalars(select(Mailing.state)).one() == "paused"
        account.always, account.rate = "", 10_000.0
        sending.retry_failed(work, work.session.get_one(Issue, issue), None)
        sending.resume(work, work.session.get_one(Issue, issue), None)
    run_jobs()
    assert status(installation, issue)["sent"] == 30


@pytest.mark.parametrize("trouble", Trouble)
def test_each_trouble_waits_longer_each_time_but_not_for_ever_or_for_a_person(
    trouble: Trouble,
) -> None:
    waited = [wait_before(trouble, tries) for tries in range(40)]
    if trouble not in PATIENCE:
        assert set(waited) == {None}
        assert stops(trouble, 0, MailClass.NEWSLETTER)
        return
    known = [wait for wait in waited if wait is not None]
    assert len(known) == 40
    assert known == sorted(known)
    assert timedelta(0) < known[0] <= known[-1] <= timedelta(minutes=15)


@pytest.mark.parametrize("trouble", Trouble)
def test_service_mail_never_stops_for_a_person(trouble: Trouble) -> None:
    assert not stops(trouble, 1000, MailClass.SERVICE)


def test_who_signs_in_while_letters_wait_gets_a_code(
    installation: Installation, run_jobs: Run, account: Account
) -> None:
    add_members(installation, 60, "en")
    account.behaviours.append("500")
    send(installation, BOTH[0])
    run_jobs()
    with installation.unit_of_work() as work:
        signing_in.ask(work, parse_address("m0@school.example"), "browser")
    run_jobs()
    assert account.addresses() == ["m0@school.example"]


def test_a_try_that_shows_nothing_leaves_everything_as_it_was(
    installation: Installation,
    run_jobs: Run,
    account: Account,
    clock: ShiftedClock,
    sender: Sender,
) -> None:
    """As where a worker is told to stop before it has called."""
    add_members(installation, 60, "en")
    account.behaviours.append("500")
    send(installation, BOTH[0])
    run_jobs()
    clock.forward(minutes=1)
    sender.stopping = lambda: True
    sender.deliver_mailing(1, 0)
    assert waits(installation) == ["unclear"]
    assert len(account.calls) == 1
    sender.stopping = lambda: False
    go_on(installation, run_jobs, clock, 1, minutes=2)
    assert waits(installation) == []


def test_a_second_click_on_going_on_does_not_release_the_brake(
    installation: Installation, run_jobs: Run, account: Account
) -> None:
    """As from a tab that still shows the button of a while ago."""
    add_members(installation, 60, "en")
    account.behaviours.append("500")
    issue = send(installation, BOTH[0])
    run_jobs()
    with installation.unit_of_work() as work:
        sending.resume(work, work.session.get_one(Issue, issue), None)
    run_jobs()
    assert waits(installation) == ["unclear"]
    assert len(account.calls) == 1


@both_databases
def test_where_the_witness_cannot_be_written_no_call_is_made_and_nothing_is_unknown(
    installation: Installation,
    run_jobs: Run,
    account: Account,
    clock: ShiftedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add_members(installation, 60, "en")
    issue = send(installation, BOTH[0])
    tick(installation)

    def full(_witness: Witness, _mark: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(Witness, "learn", full)
        run_jobs()
    assert account.calls == []
    assert status(installation, issue) == {"queued": 60, "total": 60}
    with installation.reading() as work:
        assert "No space left" in reasons.standing(work.session)[0].words
    go_on(installation, run_jobs, clock, 1, minutes=1)
    assert status(installation, issue) == {"sent": 60, "total": 60}
