"""Mail that its owner did not ask for: one budget for a mailbox, and a way to have no more."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from core.addresses import parse_address, wider_networks
from core.installation import Installation
from core.tokens import Purpose
from mail import unasked
from mail.models import Suppression
from members import sign_up_requests, subscribing
from members.models import BlockedSignUp, Member, SignUpRequest, UnkeptSignUps
from members.roles import Role
from members.sign_up_requests import settle
from tests.conftest import both_databases
from tests.support import hosts
from tests.support.authors import form, member, send_in, sign_in_as
from tests.support.people import Browser, ShiftedClock, add_members, link_of
from worker import jobs

Run = Callable[[], None]
EVA = "eva@example.org"


def _with(installation: Installation, **changes: object) -> Installation:
    return replace(installation, settings=installation.settings.model_copy(update=changes))


def _blocked(installation: Installation) -> dict[str, str]:
    with installation.reading() as work:
        rows = work.session.execute(select(BlockedSignUp.email, BlockedSignUp.reason))
        return dict(rows.all())


def _sign_up(visitor: Browser) -> None:
    visitor.subscribe(EVA)


def _place(visitor: Browser) -> None:
    workshop = hosts.ready(visitor.installation)
    with Browser.of(visitor.installation) as owner:
        owner.sign_in("owner@example.org", Role.OWNER)
        owner.post(f"/organise/workshops/{workshop.public_id}/open", {"audience": "anyone"})
    visitor.post(f"/workshops/{workshop.public_id}", {"email": EVA, "name": "Eva"})


def _contribution(visitor: Browser) -> None:
    typed = {**form("topic"), "email": EVA, "form_key": "k", "act": "submit"}
    visitor.post("/contribute/topic", typed)


def _co_author(visitor: Browser) -> None:
    with Browser.of(visitor.installation) as author:
        sign_in_as(author, member(visitor.installation))
        path = send_in(author, "article")
        author.post(f"{path}/co-authors", {"email": EVA, "name": "Eva"})


KINDS = {
    "a sign-up": _sign_up,
    "a place": _place,
    "a contribution": _contribution,
    "a co-author": _co_author,
}


@pytest.mark.parametrize("first", KINDS)
@pytest.mark.parametrize("second", KINDS)
def test_two_strangers_cause_one_mail_in_ten_minutes_of_whatever_kinds(
    visitor: Browser, run_jobs: Run, first: str, second: str
) -> None:
    KINDS[first](visitor)
    KINDS[second](visitor)
    run_jobs()
    assert len(visitor.outbox(EVA)) == 1


def test_three_a_day_are_the_most(visitor: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unasked, "PER_MAILBOX", unasked.PER_MAILBOX[1:])  # ten minutes lie between
    limits = visitor.installation.limits
    names = (EVA, "Eva+1@example.org", "eva+2@example.org", EVA)
    assert [unasked.may_write(limits, parse_address(one)) for one in names] == [
        True, True, True, False]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_each_such_mail_says_how_to_have_none_ever_again(
    visitor: Browser, run_jobs: Run, kind: str
) -> None:
    KINDS[kind](visitor)
    run_jobs()
    [mail] = visitor.outbox(EVA)
    never = link_of(mail, "/never/")
    assert "example.org" not in never
    assert f"{never}" in mail.html
    assert visitor.get(never).heading == "Never write to you again?"
    with visitor.installation.reading() as work:
        assert work.session.scalars(select(Suppression.key)).all() == []
    for _ in range(2):
        assert visitor.post(never).heading == "We write no more"
    for other in KINDS.values():
        visitor.installation.redis.flushdb()
        other(visitor)
    run_jobs()
    assert len(visitor.outbox(EVA)) == 1


@both_databases
def test_a_member_who_asked_for_silence_signs_in_and_is_written_to_again(
    visitor: Browser, run_jobs: Run
) -> None:
    add_members(visitor.installation, 1, "en")
    visitor.subscribe("m0@school.example")
    run_jobs()
    visitor.post(link_of(visitor.outbox()[0], "/never/"))
    visitor.post("/sign-in", {"email": "m0@school.example"})
    run_jobs()
    assert "sign-in code" in visitor.outbox()[0].subject, "what its owner asks for still comes"
    with visitor.installation.reading() as work:
        her = work.session.scalars(select(Member)).one()
    with Browser.of(visitor.installation) as she:
        page = sign_in_as(she, her).get("/me")
        assert "never to write" in page.text
        she.post(page.action("/me/mail"))
        assert "never to write" not in she.get("/me").text
    with visitor.installation.reading() as work:
        assert work.session.scalars(select(Suppression.key)).all() == []


def test_a_complaint_is_not_taken_back_by_that_button(visitor: Browser) -> None:
    installation = visitor.installation
    with installation.unit_of_work() as work:
        token = work.tokens.sign(Purpose.NEVER, "a" * 64)
        unasked.never_write(work, token)
        work.session.get_one(Suppression, "a" * 64).reason = "complaint"
        work.session.flush()
        unasked.write_again(work, ["eva@example.org"])
        assert work.session.get(Suppression, "a" * 64) is not None


@pytest.mark.parametrize("token", ["nonsense", "a.b", "x" * 300])
def test_a_forged_link_silences_nobody(visitor: Browser, token: str) -> None:
    assert visitor.post(f"/never/{token}").status == 404
    with visitor.installation.reading() as work:
        assert work.session.scalars(select(Suppression.key)).all() == []


def test_the_networks_around_a_rented_one_are_counted_too(installation: Installation) -> None:
    assert wider_networks("2001:db8:1:2::/64") == [
        "2001:db8:1:2::/64", "2001:db8:1::/56", "2001:db8:1::/48"]  # fmt: skip
    assert wider_networks("203.0.113.0/24") == ["203.0.113.0/24"]
    assert wider_networks("unknown") == ["unknown"]
    limits = installation.limits
    allowed = [unasked.network_may(limits, "1/hour", "places", f"2001:db8:1:{n:x}::/64")
               for n in range(512)]  # fmt: skip
    assert sum(allowed) == 4, "a /48 may cause four times what a /64 may"
    assert unasked.network_may(limits, "1/hour", "places", "2001:db8:2::/64")


def test_near_the_cap_the_browser_works_and_a_flood_does_not_shut_the_door(
    installation: Installation, run_jobs: Run
) -> None:
    from tests.web.test_blocked_sign_ups import _work

    with Browser.of(_with(installation, sign_ups_in_all="6/hour")) as visitor:
        old = visitor.get("/subscribe").hidden("stamp")
        for n in range(3):
            visitor.subscribe(f"robot{n}@example.org")
        installation.limits._looked.clear()  # a second later
        page = visitor.get("/subscribe")
        assert page.attribute("[data-proof]", "data-proof") == "16"
        early = visitor.post("/subscribe", {"email": EVA, "language": "en", "stamp": old})
        assert (early.status, early.field("email")) == (422, EVA)
        assert "once more" in early.problem
        stamp = early.hidden("stamp")
        worked = {"email": EVA, "language": "en", "stamp": stamp, "proof": _work(stamp, 16)}
        assert visitor.post("/subscribe", worked).heading == "Look into your inbox"
        settle(visitor.installation)
        run_jobs()
        assert len(visitor.outbox(EVA)) == 1
        visitor.subscribe("robot9@example.org", proof="")
        assert _blocked(installation) == {"robot9@example.org": "no proof"}


def test_when_all_is_used_up_the_page_says_so_and_the_owners_are_told_once(
    installation: Installation, run_jobs: Run
) -> None:
    with Browser.of(_with(installation, sign_ups_in_all="1/hour")) as visitor:
        visitor.sign_in("owner@example.org", Role.OWNER)
        assert "write to everybody" not in visitor.subscribe("a@example.org", proof="").text
        installation.limits._looked.clear()
        for name in ("b", "c"):
            assert "write to everybody" in visitor.subscribe(f"{name}@example.org", proof="").text
        run_jobs()
        assert set(_blocked(installation)) == {"b@example.org", "c@example.org"}
        told = visitor.outbox("owner@example.org")
        assert [mail.subject for mail in told] == ["Unusually many sign-ups"]


def test_one_network_takes_its_share_of_the_review_and_the_rest_is_counted(
    installation: Installation,
) -> None:
    with Browser.of(installation) as visitor:
        for n in range(53):
            visitor.subscribe(f"robot{n}@example.org", website="x")
        assert len(_blocked(installation)) == 50
        with installation.reading() as work:
            assert work.session.scalars(select(UnkeptSignUps.count)).all() == [3]
        visitor.sign_in("owner@example.org", Role.OWNER)
        assert "Counted only" in visitor.get("/organise/people/sign-ups").text


@both_databases
def test_the_answer_costs_the_same_whoever_it_is(installation: Installation, run_jobs: Run) -> None:
    """What becomes of it, the worker finds out: time and page cannot tell anything."""
    add_members(installation, 1, "en")
    with installation.unit_of_work() as work:
        unasked.never_write(work, work.tokens.sign(Purpose.NEVER, "a" * 64))
    answers = []
    with Browser.of(installation) as visitor:
        stamp = visitor.get("/subscribe").hidden("stamp")
        for email in ("new@example.org", "m0@school.example", "new@example.org"):
            typed = {"email": email, "language": "en", "stamp": stamp}
            page = visitor.post("/subscribe", typed)
            answers.append(page.text.replace(email, "").replace(page.hidden("stamp"), ""))
    assert len(set(answers)) == 1
    with installation.reading() as work:
        assert len(work.session.scalars(select(SignUpRequest.id)).all()) == 3


@both_databases
def test_two_workers_at_the_same_sign_ups_do_each_once(
    installation: Installation, run_jobs: Run
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with Browser.of(installation) as visitor:
        stamp = visitor.get("/subscribe").hidden("stamp")
        for n in range(25):
            typed = {"email": f"p{n}@example.org", "language": "en", "stamp": stamp}
            visitor.post("/subscribe", typed)
        with ThreadPoolExecutor(4) as pool:
            for done in [pool.submit(settle, installation) for _ in range(4)]:
                done.result()
        run_jobs()
        assert len(visitor.outbox()) == 25


def test_one_sign_up_that_cannot_be_looked_at_holds_up_nobody(
    visitor: Browser, run_jobs: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = subscribing.sign_up

    def sometimes(work, wish, **more):  # type: ignore[no-untyped-def]
        if wish.address.key == EVA:
            raise ZeroDivisionError
        return real(work, wish, **more)

    monkeypatch.setattr(sign_up_requests, "sign_up", sometimes)
    stamp = visitor.get("/subscribe").hidden("stamp")
    for email in ("a@example.org", EVA, "b@example.org"):
        visitor.post("/subscribe", {"email": email, "language": "en", "stamp": stamp})
    run_jobs()
    assert {mail.to for mail in visitor.outbox()} == {"a@example.org", "b@example.org"}
    assert _blocked(visitor.installation) == {EVA: "fault"}


def test_a_worker_that_dies_over_sign_ups_loses_none(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    stamp = visitor.get("/subscribe").hidden("stamp")
    visitor.post("/subscribe", {"email": EVA, "language": "en", "stamp": stamp})
    assert len(sign_up_requests._take(visitor.installation)) == 1, "taken, and then it died"
    settle(visitor.installation)
    assert visitor.outbox() == []
    clock.forward(seconds=61)
    settle(visitor.installation)
    run_jobs()
    assert [mail.to for mail in visitor.outbox()] == [EVA]


def test_a_sign_up_whose_mailbox_others_had_used_up_waits_for_review(
    visitor: Browser, run_jobs: Run
) -> None:
    unasked.may_write(visitor.installation.limits, parse_address(EVA))
    assert visitor.subscribe(EVA).heading == "Look into your inbox"
    assert _blocked(visitor.installation) == {EVA: "mailbox"}
    visitor.sign_in("owner@example.org", Role.OWNER)
    visitor.post(visitor.get("/organise/people/sign-ups").action("/let-in"))
    run_jobs()
    assert len(visitor.outbox(EVA)) == 1


def test_organisers_get_one_mail_an_hour_however_many_ask(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    installation = visitor.installation
    workshop = hosts.ready(installation)
    hosts.invite(installation, workshop, EVA)
    run_jobs()
    link = hosts.invitation_link(visitor, EVA)
    for n in range(15):
        visitor.post(f"{link}/ask", {"email": f"p{n}@example.org", "name": "P"})

    def tick() -> list[str]:
        jobs.look_after_workshops()
        run_jobs()
        owner = installation, "owner@example.org"
        return [m.text for m in visitor.outbox(owner[1]) if m.subject == "People ask for a place"]

    assert len(tick()) == 1
    assert "The first minute: 15" in tick()[0]
    clock.forward(minutes=50)
    visitor.post(f"{link}/ask", {"email": "late@example.org", "name": "P"})
    assert len(tick()) == 1
    clock.forward(minutes=11)
    assert "The first minute: 16" in tick()[0]
    clock.forward(hours=2)
    assert len(tick()) == 2, "nothing new has come"


def test_who_was_named_by_others_learns_from_whom_we_have_the_address(
    visitor: Browser, run_jobs: Run
) -> None:
    workshop = hosts.ready(visitor.installation)
    hosts.invite(visitor.installation, workshop, "ann@example.org")
    run_jobs()
    link = hosts.invitation_link(visitor, "ann@example.org")
    visitor.post(f"{link}/nominate", {"email": EVA, "name": "Eva"})
    with Browser.of(visitor.installation) as owner:
        owner.sign_in("owner@example.org", Role.OWNER)
        people = owner.get(f"/organise/workshops/{workshop.public_id}/people")
        owner.post(people.action("/invite"))
    run_jobs()
    assert "named you to us" in visitor.outbox(EVA)[0].text
    assert "/privacy" in visitor.outbox(EVA)[0].text
    assert "named you to us" not in visitor.outbox("ann@example.org")[0].text


def test_a_co_author_learns_it_too(visitor: Browser, run_jobs: Run) -> None:
    _co_author(visitor)
    run_jobs()
    assert "your address is from them" in visitor.outbox(EVA)[0].text


def test_a_link_to_leave_that_was_replaced_writes_no_more_than_any_other(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    her = member(visitor.installation)
    old = f"/unsubscribe/{visitor.installation.tokens.sign(Purpose.LEAVE, her.id, 'newsletter', 1)}"
    with Browser.of(visitor.installation) as she:
        sign_in_as(she, her).post("/me/links")
    for _ in range(8):
        assert visitor.post(old).status == 200
        run_jobs()
        clock.forward(minutes=11)
    # Limits run by the real clock, in which hardly a moment has passed.
    assert len(visitor.outbox(her.email)) == 1
