"""Many at once: what a constraint or a guarded UPDATE has to hold."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from core.errors import Refusal
from core.installation import Installation
from mail import account
from mail.models import AccountNote, Delivery, Mailing
from mail.transport import Allowance
from members import organisers, records
from members.consent import NEWSLETTER
from members.evidence import Origin
from members.models import Member, Organiser
from members.roles import Role
from members.subscribing import check_sign_up, sign_up
from newsletters import issues, sending
from newsletters.models import Issue
from newsletters.texts import parse_files
from tests.conftest import both_databases
from tests.support.people import Browser, add_members, letter
from web import endpoint

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


ON_POSTGRESQL = pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
"""On SQLite one writes after the other."""


def _subscribe_in_between(eva: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eva subscribes after it was looked whether she is known, and before she is written down."""
    record, once = records.new_record, [True]
    settings, told = eva.installation.settings, Origin("test")
    wish = check_sign_up(settings, "eva@example.org", "en", "", [NEWSLETTER], told)

    def slow(*given: object, **more: object) -> object:
        if once and once.pop():
            with eva.installation.unit_of_work() as work:
                sign_up(work, wish)
        return record(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(organisers, "new_record", slow)


def _ask_in(owner: Browser) -> int:
    typed = {"email": "eva@example.org", "name": "Eva", "role": "editor", "language": "en"}
    return owner.post("/organise/team", typed).status


@ON_POSTGRESQL
def test_who_subscribes_while_an_owner_asks_her_in_is_one_person_and_asked_in(
    visitor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = visitor.sign_in("owner@example.org", Role.OWNER)
    _subscribe_in_between(visitor, monkeypatch)
    assert _ask_in(owner) == 200
    with owner.installation.reading() as work:
        of_eva = select(Organiser.role).join(Member).where(Member.email == "eva@example.org")
        assert work.session.scalars(of_eva).all() == ["editor"]


@ON_POSTGRESQL
def test_without_doing_it_again_the_owner_would_see_a_fault(
    visitor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the test above."""
    owner = visitor.sign_in("owner@example.org", Role.OWNER)
    _subscribe_in_between(visitor, monkeypatch)
    monkeypatch.setattr(endpoint, "has_collided", lambda _: False)
    with pytest.raises(IntegrityError):
        _ask_in(owner)


@ON_POSTGRESQL
def test_two_workers_that_write_down_at_once_what_the_account_says_both_go_on(
    installation: Installation,
) -> None:
    said = Allowance(14.0, facts={"sandbox": False})

    def note() -> None:
        with installation.unit_of_work() as work:
            account.note(work, said)

    with ThreadPoolExecutor(1) as pool, ExitStack() as quicker:
        account.note(quicker.enter_context(installation.unit_of_work()), said)
        slower = pool.submit(note)
        wait([slower], 0.3)  # it has looked, found nothing, and waits to write
        quicker.close()
        slower.result(10)
    with installation.reading() as work:
        assert work.session.scalar(select(func.count()).select_from(AccountNote)) == 1
