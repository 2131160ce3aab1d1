"""On the pages of mail one can follow what became of each message, and decide what nobody knows."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.audit import AuditEntry
from core.installation import Installation
from mail import mailings, tally
from mail.delivering import Sender
from mail.events.applying import read_all
from mail.events.inbox import Notice, keep
from mail.models import Delivery, Mailing
from members.models import Member
from members.roles import Role
from newsletters import issues, sending
from newsletters.models import Issue
from newsletters.texts import parse_files
from staffroom.mail_command import mail
from tests.conftest import both_databases
from tests.support.loopback_ses import Account
from tests.support.people import Browser, ShiftedClock, add_members, letter
from tests.support.ses_events import bounce, told
from worker.schedule import Tick

Run = Callable[[], None]


@pytest.fixture
def sender(to_ses: Sender) -> Sender:
    """A sender to the loopback SES."""
    return to_ses


@pytest.fixture
def owner(installation: Installation) -> Browser:
    """An owner, signed in; her own mails are not counted."""
    with Browser.of(installation) as browser:
        return browser.sign_in("owner@example.org", Role.OWNER)


def send(installation: Installation, *files: str) -> int:
    with installation.unit_of_work() as work:
        issue = issues.new_issue(work, parse_files(files or (letter("en"),)))
        sending.send(work, issue.id)
    sending.freeze_audience(installation, issue.id)
    return issue.id


def act(browser: Browser, path: str) -> object:
    return browser.post(path, {"csrf": browser.get("/organise/issues").hidden("csrf")})


def status(installation: Installation, number: int) -> dict[str, int]:
    with installation.reading() as work:
        counts = sending.status(work.session, work.session.get_one(Issue, number))
    return {state: count for state, count in counts.items() if count}


def tell(installation: Installation, *events: dict[str, object]) -> None:
    with installation.unit_of_work() as work:
        keep(work, "queue", [Notice(str(id(event)), json.dumps(event)) for event in events])
    read_all(installation)


def test_each_message_of_a_letter_can_be_followed_also_the_one_that_bounced(
    installation: Installation, owner: Browser, run_jobs: Run, account: Account
) -> None:
    add_members(installation, 60, "en")
    account.behaviours.append("close")
    send(installation)
    run_jobs()
    dead, arrived = account.mails[0], account.mails[1]
    tell(installation, bounce(dead), told(arrived, "Delivery"))
    page = owner.get("/organise/mail/1")
    assert "unknown (48)" in page.text
    assert "bounced (1)" in page.text
    bounced = owner.get("/organise/mail/1?state=bounced")
    assert dead.to in bounced.text
    assert "user unknown" in bounced.text
    assert arrived.to not in bounced.text
    assert arrived.to in owner.get("/organise/mail/1?state=delivered").text
    found = owner.get(f"/organise/mail?q={dead.to}").text
    assert "bounced" in found
    assert "Nothing went to this address" in owner.get("/organise/mail?q=x@y.example").text


def test_a_long_list_comes_page_by_page(
    installation: Installation, owner: Browser, run_jobs: Run
) -> None:
    add_members(installation, 230, "en")
    send(installation)
    run_jobs()
    pages = [owner.get(f"/organise/mail/1?page={n}").each("tbody tr") for n in (1, 2, 3)]
    assert [len(rows) for rows in pages] == [100, 100, 30]
    assert len({row for rows in pages for row in rows}) == 230


def test_the_list_is_a_file_for_owners_and_runs_nothing_in_a_spreadsheet(
    installation: Installation, owner: Browser, editor: Browser, run_jobs: Run
) -> None:
    add_members(installation, 3, "en")
    send(installation)
    run_jobs()
    with installation.unit_of_work() as work:
        risky = update(Delivery).where(Delivery.address == "m0@school.example")
        work.session.execute(risky.values(error="=HYPERLINK(1)"))
    csrf = owner.get("/organise/mail/1").hidden("csrf")
    file = owner.client.post("/organise/mail/1/deliveries.csv", data={"csrf": csrf})
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    lines = file.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "address,state,reason,attempts,changed at"
    assert len(lines) == 4
    assert "'=HYPERLINK(1)" in lines[1]
    assert editor.post("/organise/mail/1/deliveries.csv").status == 403


ACTS = (
    "gate/open", "sign-ups", "1/pause", "1/resume", "1/cancel", "1/retry", "1/unknown/count",
    "1/unknown/repeat", "1/release", "1/drop", "1/deliveries.csv",
)  # fmt: skip


@pytest.mark.parametrize("path", ACTS)
def test_a_stranger_and_a_facilitator_may_do_nothing_to_mail(
    installation: Installation, visitor: Browser, path: str
) -> None:
    add_members(installation, 2, "en")
    number = send(installation)
    before = status(installation, number)
    visitor.post(f"/organise/mail/{path}")
    with Browser.of(installation) as browser:
        browser.sign_in("f@example.org", Role.FACILITATOR)
        assert browser.post(f"/organise/mail/{path}").status == 403
        assert browser.get("/organise/mail").status == 403
        assert browser.get("/organise/mail/1").status == 403
    with installation.reading() as work:
        assert work.session.scalars(select(Mailing.state)).first() == "released"
    assert status(installation, number) == before


def test_a_mailing_is_paused_resumed_retried_and_cancelled_from_its_page(
    installation: Installation, owner: Browser, run_jobs: Run, account: Account
) -> None:
    add_members(installation, 4, "en")
    number = send(installation)
    act(owner, "/organise/mail/1/pause")
    run_jobs()
    assert status(installation, number) == {"queued": 4, "total": 4}
    account.behaviours.append("entries:SUCCESS,MESSAGE_REJECTED")
    act(owner, "/organise/mail/1/resume")
    run_jobs()
    assert status(installation, number) == {"sent": 2, "failed": 2, "total": 4}
    act(owner, "/organise/mail/1/retry")
    run_jobs()
    assert status(installation, number) == {"sent": 4, "total": 4}
    second = send(installation)
    act(owner, "/organise/mail/2/cancel")
    assert status(installation, second) == {"cancelled": 4, "total": 4}


def test_what_nobody_knows_is_never_called_done(
    installation: Installation, owner: Browser, run_jobs: Run, account: Account
) -> None:
    add_members(installation, 3, "en")
    account.behaviours.append("close")
    number = send(installation)
    run_jobs()
    page = owner.get(f"/organise/issues/{number}/progress")
    assert page.heading.startswith("Not all is known")
    assert "Done" not in page.heading


@pytest.fixture
def with_undo(installation: Installation) -> Installation:
    """An installation in which an issue can be taken back for a minute."""
    settings = installation.settings.model_copy(update={"undo_seconds": 60})
    return replace(installation, settings=settings)


def test_an_issue_can_be_taken_back_for_a_minute_and_sent_again(
    with_undo: Installation, run_jobs: Run, account: Account, clock: ShiftedClock
) -> None:
    add_members(with_undo, 3, "en")
    with Browser.of(with_undo) as owner:
        owner.sign_in("owner@example.org", Role.OWNER)
        number = send(with_undo)
        run_jobs()
        assert account.mails == []
        page = owner.get(f"/organise/issues/{number}/progress")
        assert page.heading.startswith("About to go out")
        assert owner.get("/newsletter/1").status == 404
        owner.post(f"/organise/issues/{number}/take-back", {"csrf": page.hidden("csrf")})
        owner.post(f"/organise/issues/{number}/take-back", {"csrf": page.hidden("csrf")})
        assert owner.get(f"/organise/issues/{number}").status == 200
        clock.forward(minutes=5)
        run_jobs()
        assert account.mails == []
        with with_undo.unit_of_work() as work:
            assert sending.send(work, number) == {"en": 3}
        sending.freeze_audience(with_undo, number)
        clock.forward(minutes=2)
        with with_undo.unit_of_work() as work:
            mailings.wake(work, [2])
        run_jobs()
        assert len(account.mails) == 3
        refused = owner.post(f"/organise/issues/{number}/take-back", {"csrf": page.hidden("csrf")})
        assert "It goes out already" in refused.text
        assert owner.get("/newsletter/1").status == 200


def test_who_joins_later_gets_it_only_when_somebody_says_so_and_once(
    installation: Installation, owner: Browser, run_jobs: Run, account: Account
) -> None:
    add_members(installation, 3, "en")
    number = send(installation, letter("en"), letter("fi", "Kirje"))
    run_jobs()
    add_members(installation, 5)
    run_jobs()
    assert len(account.mails) == 3
    page = owner.get(f"/organise/issues/{number}/progress")
    assert "2 readers joined since" in page.text
    for _ in range(3):
        owner.post(f"/organise/issues/{number}/joined", {"csrf": page.hidden("csrf")})
        run_jobs()
    assert len(account.mails) == 5
    assert len(set(account.addresses())) == 5
    assert "joined since" not in owner.get(f"/organise/issues/{number}/progress").text


def test_metrics_are_for_named_networks_and_name_nobody(
    installation: Installation, visitor: Browser, run_jobs: Run, account: Account
) -> None:
    assert visitor.get("/metrics").status == 404
    settings = installation.settings.model_copy(update={"metrics_networks": ("127.0.0.0/8",)})
    add_members(installation, 60, "en")
    account.behaviours.append("close")
    send(installation)
    run_jobs()
    with Browser.of(replace(installation, settings=settings)) as watcher:
        text = watcher.get("/metrics").text
    for line in (
        'staffroom_deliveries{state="unknown"} 50.0',
        'staffroom_deliveries{state="queued"} 10.0',
        'staffroom_obstacles{kind="unclear"} 1.0',
        "staffroom_gate_closed 0.0",
        "staffroom_ses_calls_total 1.0",
        "staffroom_events_unread 0.0",
        'staffroom_queue_jobs{queue="bulk"} 0.0',
    ):
        assert line in text
    assert "@" not in text


def test_an_organiser_sees_why_somebody_gets_no_mail_and_may_know_better(
    installation: Installation, owner: Browser, run_jobs: Run, account: Account
) -> None:
    add_members(installation, 1, "en")
    send(installation)
    run_jobs()
    tell(installation, bounce(account.mails[0]))
    with installation.reading() as work:
        number = work.session.scalar(select(Member.id).where(Member.email == "m0@school.example"))
    page = owner.get(f"/organise/people/{number}")
    assert "there is no mailbox at this address" in page.text
    owner.post(f"/organise/people/{number}/write-again", {"csrf": page.hidden("csrf")})
    assert "there is no mailbox" not in owner.get(f"/organise/people/{number}").text
    send(installation, letter("en", "Another"))
    run_jobs()
    assert len(account.mails) == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"mail": "ses"}, "Nobody tells us what becomes of mails"),
        ({"ses_rate": 99_999.0}, "the account allows 10000"),
    ],
)
def test_settings_that_contradict_the_account_are_said_in_one_line(
    installation: Installation,
    run_jobs: Run,
    account: Account,
    changes: dict[str, object],
    said: str,
) -> None:
    add_members(installation, 1, "en")
    send(installation)
    run_jobs()
    settings = installation.settings.model_copy(update=changes)
    with Browser.of(replace(installation, settings=settings)) as owner:
        owner.sign_in("owner@example.org", Role.OWNER)
        assert said in owner.get("/organise/mail").text


@both_databases
def test_a_long_list_is_counted_by_the_tick_and_a_page_only_looks(
    installation: Installation, run_jobs: Run, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mail.tally.LONG", 100)
    add_members(installation, 130, "en")
    number = send(installation)
    Tick(installation).once()
    counted: list[int] = []
    count = tally._counted

    def noted(session: Session, ids: Sequence[int]) -> Counter[str]:
        counted.extend(ids)
        return count(session, ids)

    monkeypatch.setattr("mail.tally._counted", noted)
    assert status(installation, number) == {"queued": 130, "total": 130}
    assert counted == []
    run_jobs()
    Tick(installation).once()
    counted.clear()
    assert status(installation, number) == {"sent": 130, "total": 130}
    tell(installation, bounce(account.mails[0]))
    Tick(installation).once()
    counted.clear()
    assert status(installation, number) == {"sent": 129, "bounced": 1, "total": 130}
    assert counted == []


def test_the_command_line_tells_the_same(
    installation: Installation, run_jobs: Run, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_members(installation, 60, "en")
    send(installation)
    run_jobs()
    tell(installation, bounce(account.mails[0]))
    account.behaviours.append("close")
    send(installation, letter("en", "Another"))
    run_jobs()
    monkeypatch.setattr("staffroom.mail_command.open_installation", lambda: installation)
    found = CliRunner().invoke(mail, ["find", account.mails[0].to])
    assert "gets no mail: there is no mailbox at this address" in found.output
    assert "bounced (Permanent/General" in found.output
    assert CliRunner().invoke(mail, ["find", "nobody@x.example"]).exit_code == 1
    stands = CliRunner().invoke(mail, ["status"])
    assert stands.exit_code == 1
    assert "account: HEALTHY, 10000 a second" in stands.output
    assert "does not say clearly" in stands.output


def test_a_second_click_is_not_written_down_as_a_second_act(
    installation: Installation, owner: Browser, run_jobs: Run, account: Account
) -> None:
    add_members(installation, 4, "en")
    number = send(installation)
    for path in ("/organise/mail/1", f"/organise/issues/{number}"):
        for name in ("pause", "resume", "cancel", "retry"):
            act(owner, f"{path}/{name}")
            act(owner, f"{path}/{name}")
    with installation.reading() as work:
        done = select(AuditEntry.act).where(AuditEntry.thing.in_(["mailing", "issue"]))
        acts = list(work.session.scalars(done.order_by(AuditEntry.id)))
    assert acts == ["send", "pause", "resume", "cancel"]


def test_a_subject_is_shown_as_it_was_written_also_with_braces_and_markup(
    installation: Installation, owner: Browser, run_jobs: Run, account: Account
) -> None:
    title = "<b>{{ address }}</b> {once}"
    add_members(installation, 1, "en")
    send(installation, letter("en", title))
    run_jobs()
    act(owner, "/organise/mail/1/cancel")
    pages = ("/organise/mail", "/organise/mail/1", "/organise/mail?q=m0@school.example")
    for path in pages:
        page = owner.get(path)
        assert title in page.words("main")
        assert "<b>" not in page.text
