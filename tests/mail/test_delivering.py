"""A newsletter through the ledger and a loopback SES that checks everything and misbehaves."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from redis import Redis
from sqlalchemy import select, update

from core.installation import Installation
from mail import ledger, reasons, recovery
from mail.delivering import Sender
from mail.models import Delivery, Mailing, Suppression
from mail.outcomes import Outcome, Verdict
from mail.reasons import Reason
from mail.ses import Ses, open_client
from mail.suppressing import suppression_key
from mail.transport import Rerouted
from members.consent import Act
from members.evidence import Origin
from members.models import Member
from members.segments import EVERYBODY
from members.subscriptions import change_topic
from newsletters import issues, sending
from newsletters.copies import copy_for
from newsletters.models import Issue
from newsletters.texts import parse_files
from staffroom.composition import make_pace
from tests.conftest import both_databases
from tests.support.loopback_ses import Account
from tests.support.people import ShiftedClock, WorkNow, add_members, letter

BOTH = (letter("en"), letter("fi", "Kirje", "Muutama sana."))


@pytest.fixture
def sender(to_ses: Sender) -> Sender:
    """A sender to the loopback SES."""
    return to_ses


def send(installation: Installation, *files: str) -> int:
    with installation.unit_of_work() as work:
        issue = issues.new_issue(work, parse_files(files))
        sending.send(work, issue.id)
    sending.freeze_audience(installation, issue.id)
    return issue.id


def status(installation: Installation, issue_id: int) -> dict[str, int]:
    with installation.reading() as work:
        counts = sending.status(work.session, work.session.get_one(Issue, issue_id))
    return {state: count for state, count in counts.items() if count}


def why(installation: Installation) -> list[Reason]:
    with installation.reading() as work:
        return reasons.standing(work.session)


def tick(installation: Installation) -> None:
    from worker.schedule import Tick

    Tick(installation).once()


Run = Callable[[], None]


@both_databases
def test_everybody_gets_it_once_and_in_their_language(
    installation: Installation, run_jobs: Run, account: Account
) -> None:
    add_members(installation, 120)
    issue = send(installation, *BOTH)
    run_jobs()
    assert status(installation, issue) == {"sent": 120, "total": 120}
    assert sorted(account.addresses()) == sorted(f"m{n}@school.example" for n in range(120))
    subjects = {mail.to: mail.subject for mail in account.mails}
    assert subjects["m0@school.example"] == "Kirje"
    assert subjects["m1@school.example"] == "A letter"
    assert set(account.calls) == {"SendBulkEmail"}
    assert account.invalid == account.rendering_failures == []
    with installation.reading() as work:
        assert set(work.session.scalars(select(Mailing.state))) == {"finished"}
        ids = set(work.session.scalars(select(Delivery.message_id)))
    assert ids == {mail.message_id for mail in account.mails}


def test_each_mail_carries_its_own_one_click_header_and_tags(
    installation: Installation, run_jobs: Run, account: Account
) -> None:
    add_members(installation, 3)
    send(installation, *BOTH)
    run_jobs()
    leaving = {mail.headers["List-Unsubscribe"] for mail in account.mails}
    assert len(leaving) == 3
    for mail in account.mails:
        assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert mail.headers["List-Unsubscribe"].strip("<>") in mail.text
        assert mail.headers["List-Unsubscribe"].strip("<>") in mail.html
        assert mail.headers["Precedence"] == "bulk"
        assert set(mail.tags) == {"mailing", "delivery", "attempt"}


HOSTILE = 'Mal {{address}} "><script>alert(1)</script> \u202e{{{{ }} 🙂'


@pytest.mark.parametrize("in_bulk", [True, False])
def test_nothing_that_people_type_reaches_a_mail_as_markup_or_template(
    installation: Installation, run_jobs: Run, account: Account, sender: Sender, in_bulk: bool
) -> None:
    assert isinstance(sender.transport, Ses)
    sender.transport._bulk = in_bulk
    add_members(installation, 1, "en")
    with installation.unit_of_work() as work:
        member = work.session.scalars(select(Member)).one()
        member.name = HOSTILE.replace(" ", "_")  # letters greet by the first word
    body = HOSTILE + "\n\n[link](javascript:alert(1)) {% if x %} <img src=x onerror=y>"
    send(installation, letter("en", f"'{HOSTILE}'", body))
    run_jobs()
    assert account.invalid == account.rendering_failures == []
    [mail] = account.mails
    assert "<script" not in mail.html
    assert "onerror=y>" not in mail.html
    assert "javascript:" not in mail.html.replace("(javascript:alert(1))", "")
    assert "m0@school.example" not in mail.subject
    assert "{{address}}" in mail.subject
    assert "{{address}}" in mail.text
    assert "Hello Mal_{{address}}" in mail.text


@both_databases
def test_asking_twice_sends_once(
    installation: Installation, run_jobs: Run, account: Account, sender: Sender
) -> None:
    from core.errors import Refusal

    add_members(installation, 5)
    issue = send(installation, *BOTH)
    with pytest.raises(Refusal), installation.unit_of_work() as work:
        sending.send(work, issue)
    for _ in range(3):
        run_jobs()
        tick(installation)
        for mailing in (1, 2):
            sender.deliver_mailing(mailing, 0)
    assert len(account.mails) == 5


@both_databases
def test_entries_that_ses_refuses_or_delays_are_told_apart(
    installation: Installation, run_jobs: Run, account: Account, clock: ShiftedClock
) -> None:
    add_members(installation, 4, "en")
    account.behaviours.append(
        "entries:SUCCESS,MESSAGE_REJECTED,ACCOUNT_THROTTLED,TRANSIENT_FAILURE"
    )
    issue = send(installation, BOTH[0])
    run_jobs()
    assert status(installation, issue) == {"sent": 1, "failed": 1, "queued": 2, "total": 4}
    clock.forward(seconds=10)
    tick(installation)
    run_jobs()
    assert status(installation, issue) == {"sent": 3, "failed": 1, "total": 4}
    assert len(set(account.addresses())) == len(account.mails) == 3
    with installation.reading() as work:
        reason = work.session.scalar(select(Delivery.error).where(Delivery.state == "failed"))
    assert reason == "about message_rejected"


def tries(installation: Installation) -> list[int]:
    with installation.reading() as work:
        return list(work.session.scalars(select(Delivery.attempts)))


def test_throttling_means_that_nothing_was_sent_and_it_is_tried_again(
    installation: Installation, run_jobs: Run, account: Account, clock: ShiftedClock
) -> None:
    add_members(installation, 3, "en")
    account.behaviours.append("throttle")
    issue = send(installation, BOTH[0])
    run_jobs()
    assert account.calls == ["SendBulkEmail"]  # and nobody repeated it behind our back
    assert status(installation, issue) == {"queued": 3, "total": 3}
    assert tries(installation) == [0, 0, 0]  # it was nobody's fault: their tries are still theirs
    clock.forward(seconds=10)
    tick(installation)
    run_jobs()
    assert len(account.mails) == 3
    assert tries(installation) == [1, 1, 1]


def test_a_call_refused_as_a_whole_is_taken_apart_to_find_whom_it_was_about(
    installation: Installation, run_jobs: Run, account: Account
) -> None:
    add_members(installation, 3, "en")
    account.behaviours.extend(["rejected", "", "rejected"])
    issue = send(installation, BOTH[0])
    run_jobs()
    assert account.calls == ["SendBulkEmail", "SendEmail", "SendEmail", "SendEmail"]
    assert status(installation, issue) == {"sent": 2, "failed": 1, "total": 3}


def test_where_everybody_is_refused_the_mailing_pauses_and_nobody_fails(
    installation: Installation, run_jobs: Run, account: Account
) -> None:
    add_members(installation, 3, "en")
    account.behaviours.extend(["rejected"] * 4)
    issue = send(installation, BOTH[0])
    run_jobs()
    assert status(installation, issue) == {"queued": 3, "total": 3}
    with installation.reading() as work:
        assert work.session.scalars(select(Mailing.state)).one() == "paused"


@both_databases
def test_what_comes_back_after_a_cancel_is_cancelled_and_after_an_end_is_sent(
    installation: Installation, run_jobs: Run, account: Account, clock: ShiftedClock
) -> None:
    add_members(installation, 2, "en")
    number = send(installation, BOTH[0])
    with installation.unit_of_work() as work:
        lane = ledger.mailing_work(1, work.now)
        held = ledger.reserve(work.session, lane, "w", work.now, 2, timedelta(seconds=30))
        ledger.start(work.session, held, "w", "a", work.now, timedelta(seconds=30), 1)
        sending.cancel(work, work.session.get_one(Issue, number), None)
    throttled = [(delivery, Outcome(Verdict.THROTTLED)) for delivery in held]
    with installation.unit_of_work() as work:
        ledger.record(work.session, "a", throttled, work.now)
    tick(installation)
    assert status(installation, number) == {"cancelled": 2, "total": 2}
    with installation.unit_of_work() as work:
        work.session.execute(update(Mailing).values(state="finished"))
        work.session.execute(update(Delivery).values(state="queued"))
    clock.forward(minutes=1)
    tick(installation)
    run_jobs()
    assert len(account.mails) == 2


def test_urgent_mail_goes_before_what_has_waited_longer(
    installation: Installation, run_jobs: Run, account: Account, clock: ShiftedClock
) -> None:
    from core.addresses import parse_address
    from members import signing_in

    add_members(installation, 1, "en")
    with installation.unit_of_work() as work:
        for n in range(3):
            issue = issues.new_issue(work, parse_files([BOTH[0]]))
            issues.send_test(work, issue.id, f"x{n}@example.org")
        signing_in.ask(work, parse_address("m0@school.example"), "browser")
    with installation.unit_of_work() as work:
        signing_in.look_at_some(work)
    run_jobs()
    assert account.addresses()[0] == "m0@school.example"


@both_databases
@pytest.mark.parametrize("behaviour", ["close", "500", "slow:2"])
def test_no_answer_means_unknown_and_is_never_sent_again_by_itself(
    installation: Installation,
    run_jobs: Run,
    account: Account,
    clock: ShiftedClock,
    behaviour: str,
) -> None:
    add_members(installation, 60, "en")
    account.behaviours.append(behaviour)
    issue = send(installation, BOTH[0])
    run_jobs()
    assert status(installation, issue) == {"unknown": 50, "queued": 10, "total": 60}
    assert [one.kind for one in why(installation)] == ["unclear"]
    for _ in range(3):
        clock.forward(hours=1)
        tick(installation)
        run_jobs()
    assert status(installation, issue) == {"unknown": 50, "sent": 10, "total": 60}
    assert account.calls.count("SendBulkEmail") == 3  # one alone tries, then the rest
    assert why(installation) == []
    assert len(set(account.addresses())) == len(account.mails)


def test_ses_that_cannot_be_reached_costs_time_and_no_mail(
    installation: Installation,
    run_jobs: Run,
    account: Account,
    sender: Sender,
    clock: ShiftedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add_members(installation, 3, "en")
    good = sender.transport
    monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", "http://127.0.0.1:9")
    sender.transport = Ses(open_client())
    issue = send(installation, BOTH[0])
    run_jobs()
    assert status(installation, issue) == {"queued": 3, "total": 3}
    sender.transport = good
    clock.forward(minutes=1)
    tick(installation)
    run_jobs()
    assert status(installation, issue) == {"sent": 3, "total": 3}


def test_a_used_up_quota_makes_the_mailing_wait_and_go_on(
    installation: Installation, run_jobs: Run, account: Account, clock: ShiftedClock
) -> None:
    add_members(installation, 60, "en")
    account.behaviours.append("quota")
    issue = send(installation, BOTH[0])
    run_jobs()
    tick(installation)
    run_jobs()
    assert status(installation, issue) == {"queued": 60, "total": 60}
    [waits] = why(installation)
    assert (waits.kind, waits.words) == ("quota", "Daily message quota exceeded.")
    assert waits.next_try_at is not None
    clock.forward(minutes=16)
    tick(installation)
    run_jobs()
    assert status(installation, issue) == {"sent": 60, "total": 60}


@pytest.mark.parametrize("behaviour", ["suspended", "entries:MAIL_FROM_DOMAIN_NOT_VERIFIED"])
def test_a_fault_of_the_account_pauses_the_mailing_and_says_why(
    installation: Installation, run_jobs: Run, account: Account, behaviour: str
) -> None:
    add_members(installation, 120, "en")
    account.behaviours.append(behaviour)
    issue = send(installation, BOTH[0])
    run_jobs()
    assert account.calls == ["SendBulkEmail"]
    assert status(installation, issue) == {"queued": 120, "total": 120}
    with installation.unit_of_work() as work:
        mailing = work.session.scalars(select(Mailing)).one()
        assert mailing.state == "paused"
        [waits] = reasons.standing(work.session)
        assert (waits.kind, waits.next_try_at) == ("account", None)
        assert waits.advice is not None
        sending.resume(work, work.session.get_one(Issue, issue), None)
    run_jobs()


@both_databases
def test_leaving_in_the_middle_of_a_send_counts(
    installation: Installation, run_jobs: Run, account: Account
) -> None:
    add_members(installation, 4, "en")
    issue = send(installation, BOTH[0])
    with installation.unit_of_work() as work:
        leaver = work.session.scalars(select(Member).order_by(Member.id)).first()
        assert leaver is not None
        change_topic(work, leaver, "newsletter", False, Act.WITHDRAWN, Origin("test"))
        key = suppression_key("m1@school.example", installation.settings.keys[-1])
        row = {"reason": "complaint", "scope": "everything", "created_at": work.now}
        work.session.add(Suppression(key=key, **row))
    run_jobs()
    assert status(installation, issue) == {"sent": 2, "suppressed": 2, "total": 4}
    assert sorted(account.addresses()) == ["m2@school.example", "m3@school.example"]


def test_pause_resume_and_cancel_act_at_once(
    installation: Installation, run_jobs: Run, account: Account
) -> None:
    add_members(installation, 10, "en")
    number = send(installation, BOTH[0])
    with installation.unit_of_work() as work:
        sending.pause(work, work.session.get_one(Issue, number), None)
    run_jobs()
    assert status(installation, number) == {"queued": 10, "total": 10}
    with installation.unit_of_work() as work:
        sending.resume(work, work.session.get_one(Issue, number), None)
        sending.cancel(work, work.session.get_one(Issue, number), None)
    run_jobs()
    assert status(installation, number) == {"cancelled": 10, "total": 10}
    assert account.mails == []


@both_databases
def test_what_a_dead_worker_held_comes_back_or_is_called_unknown(
    installation: Installation, run_jobs: Run, account: Account, clock: ShiftedClock
) -> None:
    add_members(installation, 10, "en")
    number = send(installation, BOTH[0])
    lease = timedelta(seconds=30)
    with installation.unit_of_work() as work:
        held = ledger.reserve(
            work.session, ledger.mailing_work(1, work.now), "dead", work.now, 6, lease
        )
        ledger.start(work.session, held[:4], "dead", "lost-attempt", work.now, lease, 1)
    run_jobs()
    assert status(installation, number) == {"sent": 4, "reserved": 2, "sending": 4, "total": 10}
    clock.forward(seconds=31)
    tick(installation)
    run_jobs()
    assert status(installation, number) == {"sent": 6, "unknown": 4, "total": 10}
    assert len(account.mails) == len(set(account.addresses())) == 6


def test_a_worker_that_lost_its_lease_starts_nothing(
    installation: Installation, clock: ShiftedClock, account: Account
) -> None:
    add_members(installation, 3, "en")
    send(installation, BOTH[0])
    lease = timedelta(seconds=30)
    with installation.unit_of_work() as work:
        mine = ledger.mailing_work(1, work.now)
        slow = ledger.reserve(work.session, mine, "slow", work.now, 3, lease)
    clock.forward(seconds=31)
    with installation.unit_of_work() as work:
        recovery.recover(work.session, work.now)
        assert ledger.reserve(work.session, mine, "quick", work.now, 3, lease)
        assert ledger.start(work.session, slow, "slow", "a", work.now, lease, 1) == set()


def test_service_mail_that_is_harmless_twice_is_repeated_without_asking(
    installation: Installation, run_jobs: Run, account: Account, clock: ShiftedClock
) -> None:
    from core.addresses import parse_address
    from members import signing_in

    add_members(installation, 1)
    account.behaviours.append("500")
    with installation.unit_of_work() as work:
        signing_in.ask(work, parse_address("m0@school.example"), "browser")
    run_jobs()
    assert account.mails == []
    clock.forward(minutes=1)
    tick(installation)
    run_jobs()
    assert len(account.mails) == 1
    assert account.calls == ["SendEmail", "SendEmail"]


def test_a_message_that_asks_for_an_unknown_value_is_never_sent(
    installation: Installation, run_jobs: Run, account: Account
) -> None:
    add_members(installation, 2, "en")
    send(installation, BOTH[0])
    with installation.unit_of_work() as work:
        work.session.execute(update(Mailing).values(html="{{surname_html}}"))
    run_jobs()
    assert account.calls == []
    with installation.reading() as work:
        mailing = work.session.scalars(select(Mailing)).one()
    [waits] = why(installation)
    assert mailing.state == "paused"
    assert waits.words == "the message asks for unknown values: surname_html"


def test_without_the_limiter_nothing_is_sent_and_nothing_is_lost(
    installation: Installation, account: Account, sender: Sender
) -> None:
    add_members(installation, 3, "en")
    number = send(installation, BOTH[0])
    sender.pace = make_pace(Redis.from_url("redis://127.0.0.1:9"))
    sender.deliver_mailing(1, 0)
    assert account.calls == []
    assert status(installation, number) == {"queued": 3, "total": 3}


def test_in_test_mode_every_mail_goes_to_one_address(
    installation: Installation, run_jobs: Run, account: Account, sender: Sender
) -> None:
    sender.transport = Rerouted(sender.transport, "me@staffroom.example")
    add_members(installation, 3, "en")
    send(installation, BOTH[0])
    run_jobs()
    assert account.addresses() == ["me@staffroom.example"] * 3


def test_the_rate_of_the_account_is_kept_and_throttling_is_never_caused(
    installation: Installation, run_jobs: Run, account: Account
) -> None:
    account.rate, account.enforce_rate = 40.0, True
    add_members(installation, 100, "en")
    number = send(installation, BOTH[0])
    run_jobs()
    assert status(installation, number) == {"sent": 100, "total": 100}
    assert account.throttled == 0


def test_an_issue_in_one_language_reaches_the_others_too(
    installation: Installation, run_jobs: Run, account: Account
) -> None:
    add_members(installation, 10)
    send(installation, letter("fi", "Vain suomeksi"))
    run_jobs()
    assert {mail.subject for mail in account.mails} == {"Vain suomeksi"}
    assert len(account.mails) == 10


def test_wake_ups_go_out_only_after_the_commit(installation: Installation) -> None:
    assert isinstance(installation.queue, WorkNow)
    add_members(installation, 3)
    queue = installation.queue
    with pytest.raises(ZeroDivisionError), installation.unit_of_work() as work:
        issue = issues.new_issue(work, parse_files(BOTH))
        sending.send(work, issue.id)
        assert queue.jobs == []
        _ = 1 / 0
    assert queue.jobs == []


def test_what_ses_delivers_is_byte_for_byte_what_is_shown_of_that_reader(
    installation: Installation, run_jobs: Run, account: Account
) -> None:
    add_members(installation, 3, "en")
    with installation.unit_of_work() as work:
        for member in work.session.scalars(select(Member)):
            member.name = f"Virtanen, {member.email[:2].upper()} 100 % {{{{x}}}}"
    number = send(installation, letter("en", "A letter", "## Words\n\n{{braces}} *here*, 100 %."))
    run_jobs()
    own = re.compile(r"https?://[^\s\"<>]*/(?:unsubscribe|preferences)/[^\s\"<>]*")
    with installation.reading() as work:
        issue = work.session.get_one(Issue, number)
        for member in work.session.scalars(select(Member)):
            copy = copy_for(work, issue, EVERYBODY, member)
            [mail] = [one for one in account.mails if one.to == member.email]
            assert copy is not None
            assert copy.kept_from is None
            assert own.sub("#", mail.html) == copy.html
            assert own.sub("#", mail.text) == copy.text
            assert mail.subject == copy.subject
            assert f"Hello {member.email[:2].upper()}," in mail.html
            assert "Since 25 November 2026." in mail.text, "the foot says since when"
