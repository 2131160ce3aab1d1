"""Signing in by a mailed link or code, bound to the browser that asked."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from core.audit import AuditEntry
from core.database import Base
from members.models import Organiser, SignInRequest, SignInSession
from members.roles import Role
from members.signing_in import LOOK, look_at_some, print_first_link
from tests.conftest import both_databases
from tests.support.people import Browser, ShiftedClock, WorkNow, add_members, link_of
from tests.support.statements import statements_of
from worker import jobs
from worker.schedule import RECURRING

Run = Callable[[], None]


def _code(visitor: Browser) -> str:
    return visitor.outbox()[0].subject[:7].replace(" ", "")


@pytest.fixture
def asked(visitor: Browser, run_jobs: Run) -> str:
    """A member has asked for a way in; the link that they were mailed."""
    add_members(visitor.installation, 1, "en")
    visitor.post("/sign-in", {"email": "m0@school.example"})
    run_jobs()
    return link_of(visitor.outbox()[0], "/sign-in/")


@both_databases
def test_the_link_shows_a_button_and_the_button_signs_in_once(visitor: Browser, asked: str) -> None:
    assert visitor.get(asked).heading == "Welcome back"
    assert visitor.get("/me").heading == "Sign in"
    assert "m0@school.example" in visitor.post(asked).text
    assert visitor.get("/me").status == 200
    assert visitor.post(asked).status == 410


def test_another_browser_cannot_use_the_link(visitor: Browser, asked: str) -> None:
    with Browser.of(visitor.installation) as stranger:
        assert stranger.get(asked).status == 410
        assert stranger.post(asked).status == 410
        assert stranger.get("/me").heading == "Sign in"


def test_the_code_signs_in_only_where_it_was_asked_for(visitor: Browser, asked: str) -> None:
    with Browser.of(visitor.installation) as stranger:
        assert stranger.post("/sign-in/code", {"code": _code(visitor)}).status == 422
    page = visitor.post("/sign-in/code", {"code": f" {_code(visitor)[:3]} {_code(visitor)[3:]} "})
    assert page.status == 200
    assert visitor.post("/sign-in/code", {"code": _code(visitor)}).status == 422


def test_five_wrong_codes_use_the_request_up(visitor: Browser, asked: str) -> None:
    right = _code(visitor)
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(5):
        assert visitor.post("/sign-in/code", {"code": wrong}).status == 422
    assert visitor.post("/sign-in/code", {"code": right}).status == 422


def test_after_ten_minutes_neither_works(visitor: Browser, asked: str, clock: ShiftedClock) -> None:
    clock.forward(minutes=10, seconds=1)
    assert visitor.post(asked).status == 410
    assert visitor.post("/sign-in/code", {"code": _code(visitor)}).status == 422


def test_an_unknown_address_gets_the_same_answer_and_no_mail(
    visitor: Browser, run_jobs: Run
) -> None:
    add_members(visitor.installation, 1, "en")
    known = visitor.post("/sign-in", {"email": "m0@school.example"})
    unknown = visitor.post("/sign-in", {"email": "x0@school.example"})
    assert known.status == unknown.status == 200
    assert known.text.replace("m0@", "x0@") == unknown.text
    run_jobs()
    assert [mail.to for mail in visitor.outbox()] == ["m0@school.example"]


@both_databases
def test_the_page_asks_the_database_the_same_whoever_it_is(visitor: Browser) -> None:
    """So that no clock can tell a member from a stranger, under any load."""
    add_members(visitor.installation, 1, "en")
    visitor.subscribe("pending@example.org")
    visitor.post("/sign-in", {"email": "warm@example.org"})
    said: list[list[str]] = []
    for email in ("m0@school.example", "pending@example.org", "nobody@example.org"):
        with statements_of(visitor.installation) as statements:
            visitor.post("/sign-in", {"email": email})
        said.append(statements)
    assert said[0] == said[1] == said[2]
    assert len([one for one in said[0] if one.startswith("INSERT")]) == 1


@both_databases
def test_what_was_typed_is_kept_until_the_worker_has_looked(
    visitor: Browser, run_jobs: Run
) -> None:
    add_members(visitor.installation, 1, "en")
    for email in ("m0@school.example", "nobody@example.org"):
        visitor.post("/sign-in", {"email": email})
    addresses = select(SignInRequest.address).order_by(SignInRequest.id)
    with visitor.installation.reading() as work:
        before = work.session.scalars(addresses).all()
    assert before == ["m0@school.example", "nobody@example.org"]
    run_jobs()
    with visitor.installation.reading() as work:
        assert work.session.scalars(addresses).all() == ["", ""]


@both_databases
def test_two_workers_who_look_at_once_mail_once(visitor: Browser, run_jobs: Run) -> None:
    add_members(visitor.installation, 1, "en")
    visitor.post("/sign-in", {"email": "m0@school.example"})

    def look(_: int) -> None:
        with visitor.installation.unit_of_work() as work:
            look_at_some(work)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(look, range(4)))
    run_jobs()
    assert len(visitor.outbox()) == 1


def test_a_wake_up_that_is_lost_costs_a_tick(visitor: Browser, run_jobs: Run) -> None:
    add_members(visitor.installation, 1, "en")
    visitor.post("/sign-in", {"email": "m0@school.example"})
    queue = visitor.installation.queue
    assert isinstance(queue, WorkNow)
    queue.jobs.clear()
    run_jobs()
    assert not visitor.outbox()
    assert LOOK in RECURRING
    jobs.look_at_sign_ins()
    run_jobs()
    assert len(visitor.outbox()) == 1


def test_a_pending_address_cannot_sign_in(visitor: Browser, run_jobs: Run) -> None:
    visitor.subscribe("ben@example.org")
    visitor.post("/sign-in", {"email": "ben@example.org"})
    run_jobs()
    assert [mail.subject for mail in visitor.outbox()] == ["Please confirm your subscription"]


def test_sign_in_mail_is_limited_without_saying_so(visitor: Browser, run_jobs: Run) -> None:
    add_members(visitor.installation, 1, "en")
    for _ in range(15):
        assert visitor.post("/sign-in", {"email": "m0@school.example"}).status == 200
    run_jobs()
    assert len(visitor.outbox()) == 12


@both_databases
def test_sessions_are_listed_revoked_and_run_out(
    visitor: Browser, asked: str, clock: ShiftedClock
) -> None:
    visitor.post(asked)
    with visitor.installation.reading() as work:
        [session] = work.session.scalars(select(SignInSession)).all()
    visitor.post(f"/me/sessions/{session.id}")
    assert visitor.get("/me").heading == "Sign in"
    visitor.sign_in("owner@example.org", Role.OWNER)
    clock.forward(days=15)
    assert visitor.get("/me").heading == "Sign in"


def test_nobody_can_revoke_the_session_of_another(visitor: Browser, asked: str) -> None:
    visitor.post(asked)
    with visitor.installation.reading() as work:
        [session] = work.session.scalars(select(SignInSession)).all()
    with Browser.of(visitor.installation) as stranger:
        stranger.sign_in("eve@example.org", Role.OWNER)
        stranger.post(f"/me/sessions/{session.id}")
    assert visitor.get("/me").status == 200
    assert "m0@school.example" in visitor.get("/me").text


def test_signing_out_ends_the_session_on_the_server_too(visitor: Browser, asked: str) -> None:
    visitor.post(asked)
    cookie = visitor.client.cookies.get("session")
    out = visitor.client.post("/sign-out", follow_redirects=False)
    assert out.headers["clear-site-data"] == '"storage"'
    visitor.client.cookies.set("session", cookie or "")
    assert visitor.get("/me").heading == "Sign in"


def test_only_a_hash_of_the_session_is_kept(visitor: Browser, asked: str) -> None:
    visitor.post(asked)
    cookie = visitor.client.cookies.get("session") or ""
    with visitor.installation.reading() as work:
        assert cookie not in work.session.scalars(select(SignInSession.token_hash)).all()


def test_the_first_organiser_says_who_they_are(visitor: Browser) -> None:
    with visitor.installation.unit_of_work() as work:
        link, second = print_first_link(work), print_first_link(work)
    assert visitor.get(link).heading == "Welcome. You are the first one here"
    wrong = visitor.post(link, {"email": "nonsense", "name": "Anna"})
    assert wrong.status == 422
    assert 'value="Anna"' in wrong.text
    visitor.post(link, {"email": "anna@example.org", "name": "Anna"})
    assert visitor.get("/organise").heading == "Hello Anna"
    assert visitor.post(link, {"email": "eve@example.org"}).status == 410
    assert visitor.post(second, {"email": "eve@example.org"}).status == 410
    with visitor.installation.reading() as work:
        assert len(work.session.scalars(select(Organiser)).all()) == 1


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil", "/../x"])
def test_signing_in_never_leads_away_from_us(visitor: Browser, asked: str, target: str) -> None:
    page = visitor.post("/sign-in/code", {"code": _code(visitor), "next": target})
    assert str(page.response.url) == "http://testserver.localhost/me"


def test_after_signing_in_one_is_where_one_wanted_to_be(visitor: Browser) -> None:
    page = visitor.get("/organise/issues")
    assert page.heading == "Sign in"
    assert page.hidden("next") == "/organise/issues"


@both_databases
def test_nobody_who_reads_the_database_can_sign_in_with_it(visitor: Browser, run_jobs: Run) -> None:
    add_members(visitor.installation, 1, "en")
    visitor.post("/sign-in", {"email": "m0@school.example"})
    run_jobs()
    [mail] = visitor.outbox()
    link, code = link_of(mail, "/sign-in/").rpartition("/")[2], mail.subject[:7]
    kept = []
    with visitor.installation.reading() as work:
        for table in Base.metadata.sorted_tables:
            kept += [str(value) for row in work.session.execute(table.select()) for value in row]
    assert len(kept) > 50
    for secret in (link, link.partition(".")[2], code, code.replace(" ", "")):
        assert [value for value in kept if secret in value] == []
    assert "Sign in" in visitor.get(f"/sign-in/{link}").text


def test_an_organiser_is_told_of_a_browser_that_is_new(visitor: Browser, run_jobs: Run) -> None:
    visitor.sign_in("owner@example.org", Role.OWNER)
    with Browser.of(visitor.installation) as elsewhere:
        for _ in range(2):
            elsewhere.post("/sign-in", {"email": "owner@example.org"})
            run_jobs()
            mail = next(m for m in visitor.outbox() if any("/sign-in/" in x for x in m.links))
            elsewhere.post(link_of(mail, "/sign-in/"))
            run_jobs()
    told = [m for m in visitor.outbox("owner@example.org") if "new browser" in m.subject]
    assert len(told) == 1, "the second time it is known"
    with visitor.installation.reading() as work:
        acts = work.session.execute(select(AuditEntry.act, AuditEntry.detail)).all()
    assert [detail["new browser"] for act, detail in acts if act == "sign in"] == [
        False, True, False]  # fmt: skip


def test_a_wrong_code_for_an_organiser_is_written_down(visitor: Browser, run_jobs: Run) -> None:
    visitor.sign_in("owner@example.org", Role.OWNER)
    add_members(visitor.installation, 1, "en")
    for email, count in (("m0@school.example", 0), ("owner@example.org", 1)):
        with Browser.of(visitor.installation) as elsewhere:
            elsewhere.post("/sign-in", {"email": email})
            run_jobs()
            elsewhere.post("/sign-in/code", {"code": "000000"})
        with visitor.installation.reading() as work:
            acts = list(work.session.scalars(select(AuditEntry.act)))
        assert acts.count("wrong code") == count


FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.mark.parametrize(
    ("named", "shown"),
    [
        (FIREFOX, "Firefox, Linux"),
        ("", "does not say"),
        ("<script>alert(1)</script>" * 400, "does not say"),
        (f"{'w' * 5000} {FIREFOX}", "does not say"),
    ],
)
def test_a_session_says_which_browser_it_is(visitor: Browser, named: str, shown: str) -> None:
    visitor.client.headers["user-agent"] = named
    visitor.sign_in("owner@example.org", Role.OWNER)
    page = visitor.get("/me")
    assert page.each("tbody td")[0].strip() == shown
    assert "<script>alert" not in page.text
    assert (shown in visitor.get("/organise/team").text) is (named == FIREFOX)


def test_a_browser_with_a_name_of_any_length_signs_in(visitor: Browser) -> None:
    visitor.client.headers["user-agent"] = f"Mozilla/5.0 {'Longest' * 60}/1.0 (X11; Linux)"
    visitor.sign_in("owner@example.org", Role.OWNER)
    with visitor.installation.reading() as work:
        [device] = work.session.scalars(select(SignInSession.device))
    assert len(device) <= 80


@pytest.mark.parametrize("first", ["٠", "０", "०"])
def test_a_code_may_be_written_in_the_digits_of_any_keyboard(
    visitor: Browser, asked: str, first: str
) -> None:
    written = "".join(chr(ord(first) + int(digit)) for digit in _code(visitor))
    assert visitor.post("/sign-in/code", {"code": "²²²²²²"}).status == 422, "none is a digit"
    assert visitor.post("/sign-in/code", {"code": written}).status == 200


def test_strangers_who_guess_do_not_lock_out_the_browser_that_is_known(
    visitor: Browser, run_jobs: Run
) -> None:
    add_members(visitor.installation, 1, "en")
    visitor.post("/sign-in", {"email": "m0@school.example"})
    run_jobs()
    visitor.post("/sign-in/code", {"code": _code(visitor)})
    for number in range(11):
        with Browser.of(visitor.installation) as stranger:
            stranger.client.headers["X-Forwarded-For"] = f"203.0.{number}.7"
            stranger.post("/sign-in", {"email": "m0@school.example"})
            run_jobs()
            for _ in range(5):
                stranger.post("/sign-in/code", {"code": "000000"})
    visitor.post("/sign-out")
    visitor.post("/sign-in", {"email": "m0@school.example"})
    run_jobs()
    assert visitor.post("/sign-in/code", {"code": _code(visitor)}).status == 200
    assert visitor.get("/me").status == 200


def test_a_flood_of_wrong_codes_is_a_few_lines(visitor: Browser, run_jobs: Run) -> None:
    visitor.sign_in("owner@example.org", Role.OWNER)
    with Browser.of(visitor.installation) as stranger:
        stranger.post("/sign-in", {"email": "owner@example.org"})
        run_jobs()
        for _ in range(40):
            stranger.post("/sign-in/code", {"code": "000000"})
    with visitor.installation.reading() as work:
        acts = work.session.scalars(select(AuditEntry.act)).all()
    assert acts.count("wrong code") == 5
