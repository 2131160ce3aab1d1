"""What SES tells afterwards reaches the ledger, in whichever order, and stops what must stop."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import func, select, update

from core.installation import Installation
from core.unit_of_work import UnitOfWork
from mail import ledger, reasons, suppressing
from mail.delivering import Sender
from mail.events.applying import read_all
from mail.events.inbox import Notice, keep
from mail.models import Delivery, MailEvent, Mailing, Suppression
from mail.suppressing import Why, why_suppressed
from tests.conftest import both_databases
from tests.mail.test_delivering import BOTH, send, status, tick
from tests.support.loopback_ses import Account, Mail
from tests.support.people import ShiftedClock, add_members
from tests.support.ses_events import bounce, complaint, told

Run = Callable[[], None]


@pytest.fixture
def sender(to_ses: Sender) -> Sender:
    """A sender to the loopback SES."""
    return to_ses


def letter_to(installation: Installation, run_jobs: Run, people: int) -> int:
    """A letter goes to so many people; returns the issue."""
    add_members(installation, people, "en")
    issue = send(installation, BOTH[0])
    run_jobs()
    return issue


_counter = iter(range(1_000_000))


def tell(installation: Installation, *events: dict[str, Any]) -> None:
    """SES tells something, and the job reads it."""
    with installation.unit_of_work() as work:
        notices = [Notice(f"n{next(_counter)}", json.dumps(event)) for event in events]
        keep(work, "queue", notices)
    read_all(installation)


def state_of(installation: Installation, mail: Mail) -> str:
    with installation.reading() as work:
        own = select(Delivery.state).where(Delivery.id == int(mail.tags["delivery"]))
        return str(work.session.scalar(own))


def why(installation: Installation, address: str) -> Why | None:
    with installation.reading() as work:
        return why_suppressed(work, address)


@both_databases
@pytest.mark.parametrize("key", ["eventType", "notificationType"])
def test_each_event_moves_its_delivery_and_says_why(
    installation: Installation, run_jobs: Run, account: Account, key: str
) -> None:
    issue = letter_to(installation, run_jobs, 7)
    a, b, c, d, e, f, g = account.mails
    tell(
        installation,
        told(a, "Delivery", key),
        bounce(b, key=key),
        bounce(c, "Transient", "MailboxFull", key=key),
        complaint(d, key=key),
        told(e, "Reject", key, reason="Bad content"),
        told(f, "Rendering Failure", key, errorMessage="Attribute 'x' is not present"),
        told(g, "DeliveryDelay", key, delayType="MailboxFull", delayedRecipients=[]),
    )
    expected = {
        "delivered": 1, "bounced": 2, "complained": 1, "rejected": 1, "failed": 1, "sent": 1,
        "total": 7,
    }  # fmt: skip
    assert status(installation, issue) == expected
    with installation.reading() as work:
        said = dict(work.session.execute(select(Delivery.address, Delivery.error)).all())
    assert said[b.to] == "Permanent/General 5.1.1 smtp; 550 5.1.1 user unknown"
    assert said[e.to] == "Bad content"
    assert said[f.to] == "Attribute 'x' is not present"
    assert said[g.to] == "MailboxFull"
    assert [why(installation, m.to) for m in (a, b, c, d, e, f, g)] == [
        None, Why.BOUNCE, None, Why.COMPLAINT, None, None, None,
    ]  # fmt: skip


@both_databases
def test_the_end_is_the_same_in_any_order_and_with_everything_twice(
    installation: Installation, run_jobs: Run, account: Account
) -> None:
    orders = list(permutations(["Send", "Delivery", "Bounce", "Complaint"]))
    letter_to(installation, run_jobs, len(orders))
    for mail, order in zip(account.mails, orders, strict=True):
        made = {"Bounce": bounce(mail), "Complaint": complaint(mail)}
        for kind in order:
            tell(installation, made.get(kind) or told(mail, kind))
        tell(installation, *(made.get(kind) or told(mail, kind) for kind in order))
        assert state_of(installation, mail) == "complained"


@both_databases
def test_an_event_may_come_before_our_own_commit(
    installation: Installation, account: Account, clock: ShiftedClock
) -> None:
    from mail.outcomes import Outcome, Verdict

    add_members(installation, 2, "en")
    send(installation, BOTH[0])
    lease = timedelta(seconds=30)
    with installation.unit_of_work() as work:
        lane = ledger.mailing_work(1, work.now)
        held = ledger.reserve(work.session, lane, "w", work.now, 2, lease)
        ledger.start(work.session, held, "w", "made", work.now, lease, 1)
    first, second = (_mail_of(one.id, one.address, "made") for one in held)
    tell(installation, told(first, "Delivery"), told(second, "Send"))
    late = [
        (held[0], Outcome(Verdict.ACCEPTED, message_id="m")),
        (held[1], Outcome(Verdict.UNKNOWN)),
    ]
    with installation.unit_of_work() as work:
        ledger.record(work.session, "made", late, work.now)
    assert [state_of(installation, mail) for mail in (first, second)] == ["delivered", "sent"]


def _mail_of(delivery: int, to: str, attempt: str) -> Mail:
    tags = {"delivery": str(delivery), "mailing": "1", "attempt": attempt}
    return Mail(to, "", "", "", {}, tags, f"id-{delivery}")


@both_databases
def test_an_unknown_delivery_is_settled_by_the_event_with_its_tag(
    installation: Installation, run_jobs: Run, account: Account, clock: ShiftedClock
) -> None:
    add_members(installation, 3, "en")
    account.behaviours.append("close")
    issue = send(installation, BOTH[0])
    run_jobs()
    assert status(installation, issue) == {"unknown": 3, "total": 3}
    tell(
        installation, *(told(mail, "Send") for mail in account.mails[:2]), bounce(account.mails[2])
    )
    assert status(installation, issue) == {"sent": 2, "bounced": 1, "total": 3}


@both_databases
def test_a_call_that_was_taken_for_lost_and_was_not_is_not_made_again(
    installation: Installation, run_jobs: Run, account: Account, clock: ShiftedClock
) -> None:
    add_members(installation, 3, "en")
    account.behaviours.append("close")
    issue = send(installation, BOTH[0])
    run_jobs()
    with installation.unit_of_work() as work:
        work.session.execute(update(Delivery).values(state="queued", attempt=None))
    tell(installation, *(told(mail, "Delivery") for mail in account.mails))
    clock.forward(hours=1)
    tick(installation)
    run_jobs()
    assert status(installation, issue) == {"delivered": 3, "total": 3}
    assert len(account.mails) == 3


def _settled_neighbours(installation: Installation, account: Account, heard: int) -> None:
    for mail in account.mails[:heard]:
        tell(installation, told(mail, "Send"))


@both_databases
@pytest.mark.parametrize("silent", [0, 1])
def test_silence_is_proof_only_if_everything_else_was_told_of(
    installation: Installation, run_jobs: Run, account: Account, clock: ShiftedClock, silent: int
) -> None:
    from mail.absence import requeue_absent

    add_members(installation, 62, "en")
    account.behaviours.extend(["", "500"])
    issue = send(installation, BOTH[0])
    run_jobs()
    assert status(installation, issue) == {"sent": 50, "unknown": 12, "total": 62}
    _settled_neighbours(installation, account, 50 - silent)
    queue = {"ses_events_queue": "https://sqs.eu-north-1.amazonaws.com/1/mail"}
    heard = replace(installation, settings=installation.settings.model_copy(update=queue))
    with heard.unit_of_work() as work:
        assert requeue_absent(work) == 0  # an hour has not passed
    clock.forward(hours=2)
    with installation.unit_of_work() as work:
        assert requeue_absent(work) == 0  # SNS gives up on a page: silence says nothing there
    with heard.unit_of_work() as work:
        assert requeue_absent(work) == (0 if silent else 12)
    tick(installation)
    run_jobs()
    assert len(account.mails) == (50 if silent else 62)
    assert len(set(account.addresses())) == len(account.mails)


@both_databases
def test_a_dead_address_is_written_to_once(
    installation: Installation, run_jobs: Run, account: Account, clock: ShiftedClock
) -> None:
    letter_to(installation, run_jobs, 2)
    dead = account.mails[0]
    tell(installation, bounce(dead))
    issue = send(installation, BOTH[1])
    run_jobs()
    assert account.addresses().count(dead.to) == 1
    assert status(installation, issue) == {"sent": 1, "suppressed": 1, "total": 2}


def test_not_even_a_sign_in_goes_to_where_no_mailbox_is_but_one_who_complained_gets_it(
    installation: Installation, run_jobs: Run, account: Account
) -> None:
    from core.addresses import parse_address
    from members import signing_in

    letter_to(installation, run_jobs, 2)
    dead, angry = account.mails
    tell(installation, bounce(dead), complaint(angry))
    with installation.unit_of_work() as work:
        for mail in (dead, angry):
            signing_in.ask(work, parse_address(mail.to), "browser")
    run_jobs()
    assert account.addresses()[2:] == [angry.to]


@both_databases
def test_a_mailbox_that_is_full_three_times_in_a_month_is_left_alone_until_it_takes_something(
    installation: Installation, run_jobs: Run, account: Account, clock: ShiftedClock
) -> None:
    add_members(installation, 1, "en")
    for n in range(1, 4):
        send(installation, BOTH[0].replace("A letter", f"Letter {n}"))
        run_jobs()
        tell(installation, bounce(account.mails[-1], "Transient", "MailboxFull"))
        assert why(installation, "m0@school.example") is (Why.FULL if n == 3 else None)
        clock.forward(days=2)
    send(installation, BOTH[1])
    run_jobs()
    assert len(account.mails) == 3
    tell(installation, told(account.mails[0], "Delivery"))
    assert why(installation, "m0@school.example") is None


def test_not_spam_means_nothing_bad(
    installation: Installation, run_jobs: Run, account: Account
) -> None:
    letter_to(installation, run_jobs, 1)
    tell(installation, complaint(account.mails[0], "not-spam"))
    assert state_of(installation, account.mails[0]) == "sent"
    assert why(installation, account.mails[0].to) is None


@both_databases
@pytest.mark.parametrize("bad", [5, 6])
def test_more_than_five_in_a_hundred_that_bounce_stop_a_mailing(
    installation: Installation, run_jobs: Run, account: Account, bad: int
) -> None:
    issue = letter_to(installation, run_jobs, 100)
    with installation.unit_of_work() as work:
        work.session.execute(update(Mailing).values(state="released"))
    tell(installation, *(bounce(mail) for mail in account.mails[:bad]))
    with installation.reading() as work:
        state = work.session.scalar(select(Mailing.state))
        found = [one.kind for one in reasons.standing(work.session)]
    assert (state, found) == (("paused", ["bounces"]) if bad > 5 else ("released", []))
    assert status(installation, issue)["bounced"] == bad


def test_two_complaints_of_a_hundred_stop_a_mailing_and_the_owners_are_told(
    installation: Installation, run_jobs: Run, account: Account
) -> None:
    from core.addresses import parse_address
    from members.organisers import add_organiser
    from members.roles import Role

    letter_to(installation, run_jobs, 100)
    with installation.unit_of_work() as work:
        add_organiser(work, parse_address("owner@example.org"), Role.OWNER)
    tell(installation, complaint(account.mails[0]))
    with installation.reading() as work:
        assert reasons.standing(work.session) == []
    tell(installation, complaint(account.mails[1]))
    from worker.jobs import look_after_mail

    for _ in range(2):
        look_after_mail()
        run_jobs()
    told_owner = [mail for mail in account.mails if mail.to == "owner@example.org"]
    assert len(told_owner) == 1
    assert "call this letter spam" in told_owner[0].text


def test_more_than_three_in_a_hundred_confirmations_that_bounce_stop_sign_ups_until_a_look(
    installation: Installation, run_jobs: Run, account: Account
) -> None:
    from mail.stop_rules import mail_sign_ups_again
    from members.blocking import blocked_sign_ups
    from tests.support.people import Browser

    with Browser.of(installation) as browser:
        for n in range(8):
            browser.subscribe(f"typed{n}@example.org")
        run_jobs()
        assert len(account.mails) == 8
        tell(installation, *(bounce(mail) for mail in account.mails[:7]))
        browser.subscribe("real@example.org")
        run_jobs()
        assert len(account.mails) == 8
        with installation.unit_of_work() as work:
            assert [kept.reason for kept in blocked_sign_ups(work.session)] == ["bounces"]
            mail_sign_ups_again(work)
        browser.subscribe("other@example.org")
        run_jobs()
    assert account.addresses()[-1] == "other@example.org"


@both_databases
def test_what_belongs_to_nothing_is_kept_and_matched_when_our_commit_comes(
    installation: Installation, run_jobs: Run, account: Account, clock: ShiftedClock
) -> None:
    add_members(installation, 1, "en")
    send(installation, BOTH[0])
    stranger = Mail("m0@school.example", "", "", "", {}, {}, "known-later")
    tell(installation, told(stranger, "Delivery"))
    with installation.unit_of_work() as work:
        assert work.session.scalars(select(MailEvent.meaning)).one() == "unmatched"
        sent = {"state": "sent", "message_id": "known-later"}
        work.session.execute(update(Delivery).values(**sent))
    clock.forward(minutes=2)
    read_all(installation)
    with installation.reading() as work:
        assert work.session.scalars(select(MailEvent.meaning)).one() == "applied"
        assert work.session.scalars(select(Delivery.state)).one() == "delivered"


NONSENSE = (
    "", "[]", "null", "{}", "nonsense", '{"mail": 1}', '{"eventType": "Bounce"}', "[" * 100_000,
    '{"eventType": "Bounce", "mail": {"messageId": "x", "tags": {"delivery": [1]}}}',
    '{"eventType": "Delivery", "mail": {"messageId": "x"}, "delivery": 3}',
    "x" * 300_000,
)  # fmt: skip


@both_databases
def test_nonsense_is_kept_marked_and_holds_up_nothing(
    installation: Installation, run_jobs: Run, account: Account
) -> None:
    letter_to(installation, run_jobs, 1)
    with installation.unit_of_work() as work:
        keep(work, "queue", [Notice(f"x{n}", body) for n, body in enumerate(NONSENSE)])
    tell(installation, told(account.mails[0], "Delivery"))
    with installation.reading() as work:
        found = dict(
            work.session.execute(
                select(MailEvent.meaning, func.count()).group_by(MailEvent.meaning)
            ).all()
        )
    assert found == {"broken": len(NONSENSE), "applied": 1}
    assert state_of(installation, account.mails[0]) == "delivered"


def test_an_event_for_another_mailing_or_call_changes_nothing(
    installation: Installation, run_jobs: Run, account: Account
) -> None:
    letter_to(installation, run_jobs, 1)
    mail = account.mails[0]
    foreign = Mail("x@other.example", "", "", "", {}, {**mail.tags, "mailing": "99"}, "other")
    older = Mail(mail.to, "", "", "", {}, {**mail.tags, "attempt": "an-earlier-one"}, "other")
    tell(installation, bounce(foreign), told(older, "Delivery"))
    assert state_of(installation, mail) == "sent"


def test_ses_refusing_an_address_of_its_own_list_counts_as_no_bounce_of_ours(
    installation: Installation, run_jobs: Run, account: Account
) -> None:
    letter_to(installation, run_jobs, 100)
    listed = [bounce(mail, "Permanent", "OnAccountSuppressionList") for mail in account.mails[:9]]
    tell(installation, *listed)
    with installation.reading() as work:
        assert reasons.standing(work.session) == []
        assert work.session.scalar(select(func.count()).select_from(Suppression)) == 9
    assert why(installation, account.mails[0].to) is Why.LISTED


@both_databases
def test_what_no_database_takes_holds_up_no_event(
    installation: Installation, run_jobs: Run, account: Account
) -> None:
    letter_to(installation, run_jobs, 2)
    odd = bounce(account.mails[0])
    odd["bounce"]["bouncedRecipients"][0]["diagnosticCode"] = "550 \0 \ud800 no such user"
    tell(installation, odd, told(account.mails[1], "Delivery"))
    assert [state_of(installation, mail) for mail in account.mails] == ["bounced", "delivered"]


def test_a_mailing_that_somebody_has_looked_at_goes_on_and_counts_anew(
    installation: Installation, run_jobs: Run, account: Account, clock: ShiftedClock
) -> None:
    from mail import mailings

    letter_to(installation, run_jobs, 100)
    tell(installation, *(bounce(mail) for mail in account.mails[:9]))
    clock.forward(minutes=1)
    with installation.unit_of_work() as work:
        mailings.resume(work, [1])
    tell(installation, bounce(account.mails[9]))
    with installation.reading() as work:
        assert reasons.standing(work.session) == []


def test_what_is_erased_is_gone_from_what_ses_said(
    installation: Installation, run_jobs: Run, account: Account
) -> None:
    from mail.retention import forget_recipients

    letter_to(installation, run_jobs, 1)
    odd = bounce(account.mails[0])
    odd["bounce"]["bouncedRecipients"][0]["diagnosticCode"] = "550 <m0@school.example> unknown"
    tell(installation, odd)
    with installation.unit_of_work() as work:
        forget_recipients(work, [work.session.scalar(select(Delivery.recipient_id)) or 0])
    with installation.reading() as work:
        assert work.session.scalars(select(MailEvent.body)).all() == []
        assert work.session.scalars(select(Delivery.error)).all() == [""]


def test_a_single_mail_that_failed_is_sent_again_as_what_it_was(
    installation: Installation, run_jobs: Run, account: Account, clock: ShiftedClock
) -> None:
    from core.addresses import parse_address
    from mail import mailings
    from members import signing_in

    add_members(installation, 1, "en")
    account.behaviours.append("rejected")
    with installation.unit_of_work() as work:
        signing_in.ask(work, parse_address("m0@school.example"), "browser")
    run_jobs()
    clock.forward(hours=30)
    with installation.unit_of_work() as work:
        assert mailings.retry_failed(work, [1]) == 1
    run_jobs()
    assert account.calls == ["SendEmail", "SendEmail"]
    assert account.addresses() == ["m0@school.example"]


def test_one_single_mail_that_cannot_be_sent_stands_in_nobodys_way(
    installation: Installation, run_jobs: Run, account: Account
) -> None:
    from core.addresses import parse_address
    from members import signing_in

    add_members(installation, 2, "en")
    account.behaviours.append("odd")
    with installation.unit_of_work() as work:
        for n in range(2):
            signing_in.ask(work, parse_address(f"m{n}@school.example"), "browser")
    run_jobs()
    assert len(account.mails) == 1
    with installation.reading() as work:
        assert reasons.standing(work.session) == []


@both_databases
def test_an_event_that_cannot_be_applied_keeps_no_other_from_being_read(
    installation: Installation,
    run_jobs: Run,
    account: Account,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    letter_to(installation, run_jobs, 3)
    poison = account.mails[1].to
    add = suppressing.add

    def breaks(work: UnitOfWork, addresses: Sequence[str], reason: Why) -> None:
        if poison in addresses:
            raise ValueError("whatever a stranger has thought of")
        add(work, addresses, reason)

    monkeypatch.setattr(suppressing, "add", breaks)
    tell(installation, *(bounce(mail) for mail in account.mails))
    assert [state_of(installation, mail) for mail in account.mails] == [
        "bounced",
        "sent",
        "bounced",
    ]
    with installation.reading() as work:
        meanings = select(MailEvent.meaning).order_by(MailEvent.id)
        assert list(work.session.scalars(meanings)) == ["applied", "broken", "applied"]
