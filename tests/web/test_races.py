"""Many at once: what a constraint or a guarded UPDATE has to hold."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from core.errors import Refusal
from core.installation import Installation
from mail.models import Delivery, Mailing
from members.consent import NEWSLETTER
from members.evidence import Origin
from members.models import Member
from members.subscribing import check_sign_up, sign_up
from newsletters import issues, sending
from newsletters.models import Issue
from newsletters.texts import parse_files
from tests.conftest import both_databases
from tests.support.people import add_members, letter

AT_ONCE = 8


def _claim_nothing(_work: object, issue: Issue, _is_right: object, **_written: object) -> None:
    issue.state = "sent"


def _at_once(act: Callable[[], object]) -> list[object]:
    def guarded(_: int) -> object:
        try:
            return act()
        except Refusal as refused:
            return refused

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(guarded, range(AT_ONCE)))


@both_databases
def test_one_address_that_subscribes_many_times_at_once_is_one_member(
    installation: Installation,
) -> None:
    request = check_sign_up(
        installation.settings, "ben@example.org", "en", "", [NEWSLETTER], Origin("test")
    )

    def subscribe() -> None:
        with installation.unit_of_work() as work:
            sign_up(work, request)

    _at_once(subscribe)
    with installation.reading() as work:
        assert work.session.scalar(select(func.count()).select_from(Member)) == 1


@both_databases
def test_an_issue_that_is_sent_many_times_at_once_goes_out_once(installation: Installation) -> None:
    add_members(installation, 20)
    with installation.unit_of_work() as work:
        number = issues.new_issue(work, parse_files([letter("en")])).id

    def send() -> None:
        with installation.unit_of_work() as work:
            sending.send(work, number)

    results = _at_once(send)
    assert results.count(None) == 1
    _at_once(lambda: sending.freeze_audience(installation, number))
    with installation.reading() as after:
        assert after.session.scalar(select(func.count()).select_from(Delivery)) == 20


@both_databases
def test_without_the_guard_it_would_go_out_more_than_once(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the test above: with the claim taken away, the same race is lost."""
    add_members(installation, 20)
    with installation.unit_of_work() as work:
        number = issues.new_issue(work, parse_files([letter("en")])).id
    monkeypatch.setattr(sending, "_claim", _claim_nothing)

    def send() -> None:
        with installation.unit_of_work() as work:
            sending.send(work, number)

    _at_once(send)
    with installation.reading() as after:
        assert after.session.get_one(Issue, number).state == "sent"
        assert (after.session.scalar(select(func.count()).select_from(Mailing)) or 0) > 1
