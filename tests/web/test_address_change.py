"""Teachers change schools: another address, confirmed at the new one and told at the old one."""

from collections.abc import Callable

import pytest
from sqlalchemy import false, select

from core.addresses import parse_address
from core.errors import Refusal
from core.unit_of_work import UnitOfWork
from members import address_change
from members.models import ConsentEvent, Member, SignInSession, Subscription
from tests.conftest import both_databases
from tests.support import hosts
from tests.support.authors import form, member, sign_in_as
from tests.support.people import Browser, ShiftedClock, link_of

Run = Callable[[], None]
OLD, NEW = "m0@school.example", "aino@newschool.example"


@pytest.fixture
def she(visitor: Browser) -> Browser:
    """A member, signed in."""
    return sign_in_as(visitor, member(visitor.installation))


def _ask(she: Browser, run_jobs: Run, email: str = NEW) -> str:
    assert she.post("/me/address", {"email": email}).status == 200
    run_jobs()
    return link_of(she.outbox(email)[0], "/move/")


def _email(she: Browser) -> str:
    with she.installation.reading() as work:
        return work.session.scalars(select(Member.email).where(Member.id == 1)).one()


@both_databases
def test_it_is_confirmed_at_the_new_address_and_told_at_the_old(
    she: Browser, run_jobs: Run
) -> None:
    link = _ask(she, run_jobs)
    assert _email(she) == OLD
    assert she.get(link).status == 200
    assert _email(she) == OLD, "looking changes nothing"
    for _ in range(2):
        assert "new address" in she.post(link).text
    run_jobs()
    assert _email(she) == NEW
    assert [m.subject for m in she.outbox(OLD)] == ["Your address has been changed"]
    with she.installation.reading() as work:
        assert work.session.get_one(Member, 1).links_version == 2
        assert work.session.scalars(select(Subscription.state)).all() == ["subscribed"]
        assert len(work.session.scalars(select(ConsentEvent.id)).all()) == 1, "history is kept"
    she.post("/sign-in", {"email": NEW})
    run_jobs()
    assert "sign-in code" in she.outbox(NEW)[0].subject


def test_the_old_address_takes_it_back_and_whoever_did_it_is_signed_out(
    she: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    she.post(_ask(she, run_jobs))
    run_jobs()
    back = link_of(she.outbox(OLD)[0], "/move/back/")
    clock.forward(days=20)
    assert she.get(back).status == 200
    for _ in range(2):
        assert "is back" in she.post(back).text
    assert _email(she) == OLD
    assert she.get("/me").heading == "Sign in"
    with she.installation.reading() as work:
        assert work.session.scalars(select(SignInSession.id)).all() == []
        assert work.session.get_one(Member, 1).links_version == 3


@both_databases
@pytest.mark.parametrize("crossed", [False, True])
def test_whoever_did_it_has_no_other_way_left_when_it_is_taken_back(
    she: Browser, run_jobs: Run, crossed: bool
) -> None:
    waiting, first = _ask(she, run_jobs, "second@evil.example"), _ask(she, run_jobs)
    she.post(first)
    run_jobs()
    back = link_of(she.outbox(OLD)[0], "/move/back/")
    # Asked for before, done after.
    she.post(waiting if crossed else _ask(she, run_jobs, "third@evil.example"))
    run_jobs()
    backwards = link_of(she.outbox(NEW)[0], "/move/back/")
    assert OLD in she.get(back).text, "it says which address it is about"
    assert "is back" in she.post(back).text
    for link in (first, waiting, backwards):
        assert she.post(link).status == 404
        assert _email(she) == OLD


def test_the_way_back_leads_to_the_address_of_the_moment_before(
    she: Browser, run_jobs: Run
) -> None:
    first, second = _ask(she, run_jobs), _ask(she, run_jobs, "other@newschool.example")
    she.post(first)
    she.post(second)
    run_jobs()
    she.post(link_of(she.outbox(NEW)[0], "/move/back/"))
    assert _email(she) == NEW


def test_the_link_to_the_new_address_is_good_for_a_day(
    she: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    link = _ask(she, run_jobs)
    clock.forward(hours=25)
    assert she.get(link).status == she.post(link).status == 410
    assert _email(she) == OLD


def test_nobody_takes_the_address_of_another_member(she: Browser, run_jobs: Run) -> None:
    member(she.installation, 1)
    link = _ask(she, run_jobs, "m1@school.example")
    refused = she.post(link)
    assert (refused.status, "member already" in refused.problem) == (422, True)
    assert _email(she) == OLD


def test_an_address_that_waited_to_be_confirmed_by_nobody_is_free(
    she: Browser, run_jobs: Run
) -> None:
    she.subscribe(NEW)
    she.installation.redis.flushdb()
    she.post(_ask(she, run_jobs))
    assert _email(she) == NEW
    with she.installation.reading() as work:
        assert len(work.session.scalars(select(Member.id)).all()) == 1


@pytest.mark.parametrize("typed", ["", "nonsense", OLD, "ä@example.org"])
def test_a_wrong_address_is_said_so_and_kept(she: Browser, typed: str) -> None:
    page = she.post("/me/address", {"email": typed})
    assert (page.status, page.field("email")) == (422, typed)
    assert page.problem


def test_a_stranger_may_not(visitor: Browser, run_jobs: Run) -> None:
    member(visitor.installation)
    assert visitor.get("/me/address").heading == "Sign in"
    assert visitor.post("/me/address", {"email": NEW}).status == 403
    for path in ("/move/1.x", "/move/back/1.x"):
        assert visitor.post(path).status == 404


def test_an_organiser_corrects_what_somebody_says_on_the_phone(
    visitor: Browser, run_jobs: Run
) -> None:
    her = member(visitor.installation)
    with visitor.installation.unit_of_work() as work:
        _correct(work, her.id)
    run_jobs()
    assert _email(visitor) == NEW
    assert link_of(visitor.outbox(OLD)[0], "/move/back/")
    with visitor.installation.unit_of_work() as work, pytest.raises(Refusal, match="we have"):
        _correct(work, her.id)


def _correct(work: UnitOfWork, member_id: int) -> None:
    her, awaited = work.session.get_one(Member, member_id), false()
    address_change.correct(work, her, parse_address(NEW), None, awaited)


@both_databases
@pytest.mark.parametrize("waiting", ["an invitation", "a contribution"])
def test_what_waits_in_the_new_mailbox_is_not_lost(
    she: Browser, run_jobs: Run, waiting: str
) -> None:
    installation = she.installation
    with Browser.of(installation) as visitor:
        if waiting == "an invitation":
            hosts.invite(installation, hosts.ready(installation), NEW)
            run_jobs()
            link = hosts.invitation_link(visitor, NEW)
        else:
            key = visitor.get("/contribute/topic").hidden("form_key")
            sent = {**form("topic"), "email": NEW, "form_key": key, "act": "submit"}
            visitor.post("/contribute/topic", sent)
            run_jobs()
            link = link_of(visitor.outbox(NEW)[0], "/contribute/deliver/")
        installation.redis.flushdb()
        refused = she.post(_ask(she, run_jobs))
        assert (refused.status, "waits in this mailbox" in refused.problem) == (422, True)
        assert _email(she) == OLD
        assert visitor.get(link).status == 200
