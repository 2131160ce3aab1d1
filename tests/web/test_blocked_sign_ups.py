"""Sign-ups that cause no mail: why, that nobody can tell, and that organisers can let people in."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from itertools import count

import pytest
from limits.errors import StorageError
from sqlalchemy import select

from core.installation import Installation
from core.rate_limits import RateLimits, open_storage
from core.settings import Settings
from members.models import BlockedSignUp
from members.roles import Role
from members.sign_up_requests import settle
from tests.conftest import both_databases
from tests.support.people import Browser, ShiftedClock
from worker import jobs

Run = Callable[[], None]
SIGN_UPS = "/organise/people/sign-ups"


def _with(installation: Installation, **changes: object) -> Installation:
    return replace(installation, settings=installation.settings.model_copy(update=changes))


def _blocked(installation: Installation) -> dict[str, str]:
    with installation.reading() as work:
        rows = work.session.execute(select(BlockedSignUp.email, BlockedSignUp.reason))
        return dict(rows.all())


@both_databases
def test_who_was_blocked_by_the_limit_of_a_network_is_let_in_by_an_organiser(
    installation: Installation, run_jobs: Run
) -> None:
    with Browser.of(_with(installation, sign_ups_per_network="1/hour")) as visitor:
        first = visitor.subscribe("a@example.org")
        second = visitor.subscribe("b@example.org", "fi", name="Bea")
        assert (second.status, len(second.text) > 0) == (first.status, True)
        run_jobs()
        assert [mail.to for mail in visitor.outbox()] == ["a@example.org"]
        assert _blocked(installation) == {"b@example.org": "network"}
        visitor.sign_in("o@example.org", Role.EDITOR)
        page = visitor.get(SIGN_UPS)
        assert "b@example.org" in page.text
        assert "1 sign-up was blocked" in visitor.get("/organise").text
        let_in = page.action("/let-in")
        visitor.post(let_in)
        visitor.post(let_in)
        run_jobs()
        assert len(visitor.outbox("b@example.org")) == 1
        assert visitor.outbox("b@example.org")[0].subject == "Vahvista tilauksesi"
        assert "Nothing was blocked" in visitor.get(SIGN_UPS).text


def test_the_trap_is_answered_as_everything_else_and_kept_for_review(
    visitor: Browser, run_jobs: Run
) -> None:
    page = visitor.subscribe("robot@example.org", website="http://spam.example")
    assert page.heading == "Look into your inbox"
    run_jobs()
    assert visitor.outbox() == []
    assert _blocked(visitor.installation) == {"robot@example.org": "trap"}


def test_asking_for_one_mailbox_again_and_again_is_not_kept(visitor: Browser) -> None:
    for _ in range(3):
        visitor.subscribe("a@example.org")
    assert _blocked(visitor.installation) == {}


def test_a_blocked_sign_up_is_dropped_by_hand_or_forgotten_after_a_week(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    for name in ("one", "two"):
        visitor.subscribe(f"{name}@example.org", website="x")
    visitor.sign_in("o@example.org", Role.OWNER)
    visitor.post(visitor.get(SIGN_UPS).action("/drop"))
    assert list(_blocked(visitor.installation)) == ["one@example.org"]
    run_jobs()
    jobs.purge()
    assert len(_blocked(visitor.installation)) == 1
    clock.forward(days=8)
    jobs.purge()
    assert _blocked(visitor.installation) == {}


def test_a_stranger_may_not_see_or_let_in_anybody(visitor: Browser) -> None:
    visitor.subscribe("robot@example.org", website="x")
    assert visitor.get(SIGN_UPS).heading == "Sign in"
    assert visitor.post(f"{SIGN_UPS}/1/let-in").status == 403
    assert visitor.sign_in("f@example.org", Role.FACILITATOR).get(SIGN_UPS).status == 403
    assert len(_blocked(visitor.installation)) == 1


def _work(stamp: str, bits: int) -> str:
    for number in count():
        digest = hashlib.sha256(f"{stamp}:{number}".encode()).digest()
        if int.from_bytes(digest) >> (256 - bits) == 0:
            return str(number)
    raise AssertionError


def test_where_work_is_asked_for_only_who_did_it_gets_a_mail(
    installation: Installation, run_jobs: Run
) -> None:
    with Browser.of(_with(installation, proof_bits=8)) as visitor:
        stamp = visitor.get("/subscribe").hidden("stamp")
        form = {"language": "en", "stamp": stamp}
        lazy = visitor.post("/subscribe", {**form, "email": "lazy@example.org", "proof": ""})
        keen = {**form, "email": "keen@example.org", "proof": _work(stamp, 8)}
        assert visitor.post("/subscribe", keen).heading == lazy.heading
        wrong = {**form, "email": "wrong@example.org", "proof": "x"}
        assert "once more" in visitor.post("/subscribe", wrong).problem
        as_json = {"email": "script@example.org", "language": "en"}
        assert visitor.post("/api/subscriptions", json=as_json).status == 202
        settle(visitor.installation)
        run_jobs()
        assert [mail.to for mail in visitor.outbox()] == ["keen@example.org"]
        assert set(_blocked(installation)) == {"lazy@example.org", "script@example.org"}


def test_one_proof_is_good_for_few_sign_ups_only(installation: Installation) -> None:
    with Browser.of(_with(installation, proof_bits=8)) as visitor:
        stamp = visitor.get("/subscribe").hidden("stamp")
        proof = _work(stamp, 8)
        for n in range(12):
            form = {"email": f"m{n}@example.org", "language": "en", "stamp": stamp}
            visitor.post("/subscribe", {**form, "proof": proof})
        settle(visitor.installation)
    assert len(_blocked(installation)) == 2


@pytest.fixture
def without_valkey(installation: Installation) -> Installation:
    """An installation whose Valkey is gone."""
    storage = open_storage("unix:///tmp/there-is-no-valkey.sock")
    with pytest.raises(StorageError):
        storage.incr("x", 1)
    return replace(installation, limits=RateLimits(storage))


@both_databases
def test_without_valkey_sign_ups_go_on_and_are_counted_in_the_database(
    without_valkey: Installation, run_jobs: Run, clock: ShiftedClock
) -> None:
    limited = _with(without_valkey, sign_ups_per_network="4/hour", sign_ups_in_all="5/hour")
    with Browser.of(limited) as visitor:
        for _ in range(2):
            assert visitor.subscribe("a@example.org").status == 200
        for name in ("b", "c", "d"):
            visitor.subscribe(f"{name}@example.org")
        run_jobs()
        assert sorted(mail.to for mail in visitor.outbox()) == [
            f"{name}@example.org" for name in ("a", "b", "c")
        ]
        assert _blocked(limited) == {"d@example.org": "network"}
        clock.forward(minutes=61)
        visitor.subscribe("e@example.org")
        run_jobs()
        assert len(visitor.outbox("e@example.org")) == 1


def test_the_limit_of_all_counts_in_the_database_too(
    without_valkey: Installation, settings: Settings
) -> None:
    with Browser.of(_with(without_valkey, sign_ups_in_all="1/hour")) as visitor:
        visitor.subscribe("a@example.org")
        visitor.subscribe("b@example.org")
    assert _blocked(without_valkey) == {"b@example.org": "all"}
