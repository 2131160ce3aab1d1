"""Two-step sign-in: an app, codes on paper, and when they are asked for."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from core.addresses import parse_address
from core.audit import AuditEntry
from core.installation import Installation
from core.tokens import Tokens
from members.models import Member
from members.organisers import add_organiser, find_organiser
from members.roles import Role
from members.second_factor import authenticator, factors, recovery_codes
from members.second_factor.tables import Authenticator
from tests.conftest import both_databases
from tests.support.authors import member, send_in, sign_in_as
from tests.support.people import Browser, ShiftedClock, link_of
from tests.support.phones import App, letters_of, set_up

Run = Callable[[], None]
OLGA, EVA = "olga@example.org", "eva@example.org"
PAGE, PROOF = "/me/second-factor", "/sign-in/proof"


def _who(installation: Installation, email: str = OLGA) -> Member:
    with installation.reading() as work:
        return work.session.scalars(select(Member).where(Member.email == email)).one()


@pytest.fixture
def owner(visitor: Browser) -> Browser:
    """An owner, signed in a moment ago."""
    return visitor.sign_in(OLGA, Role.OWNER)


@both_databases
def test_an_owner_sets_up_an_app_and_from_then_on_signs_in_with_it(
    owner: Browser, clock: ShiftedClock, run_jobs: Run
) -> None:
    app, codes = set_up(owner, clock)
    assert len(set(codes)) == 10
    assert owner.get("/organise").status == 200, "who has just shown it is in"
    run_jobs()
    assert any("An app for codes was added" in mail.text for mail in owner.outbox(OLGA))
    with Browser.of(owner.installation) as other:
        sign_in_as(other, _who(owner.installation))
        for path in ("/organise", "/organise/issues", "/organise/team", PAGE):
            assert other.get(path).heading == "Please show that it is you", path
        assert other.post("/organise/issues").status == 403
        assert other.get("/me").status == 200, "a member's own pages need the mailbox only"
        wrong = other.post(PROOF, {"code": "000000", "next": "/organise/team"})
        assert (wrong.status, "not right" in wrong.problem) == (422, True)
        there = other.post(PROOF, {"code": app.code(), "next": "/organise/team"})
        assert (there.status, there.heading) == (200, "The team")


def test_a_code_is_good_once_whoever_saw_it(owner: Browser, clock: ShiftedClock) -> None:
    app, _ = set_up(owner, clock)
    code = app.code()
    with Browser.of(owner.installation) as one, Browser.of(owner.installation) as two:
        for browser in (one, two):
            sign_in_as(browser, _who(owner.installation))
        assert one.post(PROOF, {"code": code}).status == 200
        assert two.post(PROOF, {"code": code}).status == 422
        assert two.post(PROOF, {"code": app.code(-1)}).status == 422, "nor one before it"
        assert two.get("/organise").heading == "Please show that it is you"


@both_databases
def test_of_two_who_use_one_code_at_once_one_is_let_in(owner: Browser, clock: ShiftedClock) -> None:
    app, codes = set_up(owner, clock)
    installation, olga = owner.installation, _who(owner.installation)
    for code in (app.code(), codes[0]):

        def use(_: int, code: str = code) -> bool:
            with installation.unit_of_work() as work:
                return factors.use_code(work, olga, code)

        with ThreadPoolExecutor(4) as pool:
            assert sorted(pool.map(use, range(4))) == [False, False, False, True]


def test_a_recovery_code_lets_in_once_and_its_owner_is_told(
    owner: Browser, clock: ShiftedClock, run_jobs: Run
) -> None:
    _, codes = set_up(owner, clock)
    with Browser.of(owner.installation) as other:
        sign_in_as(other, _who(owner.installation))
        typed = codes[3].lower().replace("-", " ")
        assert other.post(PROOF, {"code": typed}).status == 200
        assert other.get("/organise").status == 200
        run_jobs()
        assert any("Left are: 9" in mail.text for mail in other.outbox(OLGA))
        sign_in_as(other, _who(owner.installation))
        assert other.post(PROOF, {"code": codes[3]}).status == 422


def test_recovery_codes_are_shown_for_ten_minutes_and_new_ones_end_the_old(
    owner: Browser, clock: ShiftedClock
) -> None:
    _, codes = set_up(owner, clock)
    assert codes[0] in owner.get(f"{PAGE}/codes").text
    again = owner.post(f"{PAGE}/codes").text
    assert codes[0] not in again
    clock.forward(minutes=11)
    assert not re.search(r"[A-Z2-7]{4}-[A-Z2-7]{4}", owner.get(f"{PAGE}/codes").text)
    with owner.installation.unit_of_work() as work:
        assert not recovery_codes.use(work, _who(owner.installation).id, codes[0])


def test_nobody_who_reads_the_database_can_make_a_code(owner: Browser, clock: ShiftedClock) -> None:
    app, codes = set_up(owner, clock)
    stranger = Tokens(["a-key-of-somebody-else-that-is-long-enough"], clock)
    thief = replace(owner.installation, tokens=stranger)
    with thief.unit_of_work() as work:
        assert not factors.use_code(work, _who(thief), app.code())
        assert not factors.use_code(work, _who(thief), codes[0])


def test_app_and_codes_stay_good_when_a_key_is_added(owner: Browser, clock: ShiftedClock) -> None:
    app, codes = set_up(owner, clock)
    old = owner.installation.settings.keys
    ring = Tokens(["a-newer-key-that-is-also-long-enough-to-be-one", *old], clock)
    rotated = replace(owner.installation, tokens=ring)
    with rotated.unit_of_work() as work:
        assert factors.use_code(work, _who(rotated), app.code())
        assert factors.use_code(work, _who(rotated), codes[0])


def test_owners_have_a_week_and_then_set_it_up_before_anything_else(
    visitor: Browser, clock: ShiftedClock
) -> None:
    visitor.sign_in(OLGA, Role.OWNER)
    banner = visitor.get("/organise").text
    assert "your role needs a second factor" in banner
    clock.forward(days=6, hours=23)
    assert visitor.get("/organise").status == 200
    clock.forward(hours=2)
    visitor.sign_in(OLGA, Role.OWNER)
    page = visitor.get("/organise/issues")
    assert (page.heading, "Set one up here" in page.problem) == ("Two-step sign-in", True)
    set_up(visitor, clock)
    assert visitor.get("/organise/issues").heading == "Issues"


@pytest.mark.parametrize(
    ("setting", "held"),
    [("owners", [Role.OWNER]), ("editors", [Role.OWNER, Role.EDITOR]), ("all", list(Role))],
)
def test_who_must_have_one_is_a_setting(
    installation: Installation, clock: ShiftedClock, setting: str, held: list[Role]
) -> None:
    settings = installation.settings.model_copy(update={"second_factor": setting})
    strict = replace(installation, settings=settings)
    for role in Role:
        with Browser.of(strict) as browser:
            browser.sign_in(f"{role}@example.org", role)
            clock.forward(days=8)
            sign_in_as(browser, _who(strict, f"{role}@example.org"))
            is_held = browser.get("/organise").heading == "Two-step sign-in"
            assert is_held is (role in held)


def test_a_new_owner_has_a_week_from_the_day_of_the_role(
    owner: Browser, clock: ShiftedClock
) -> None:
    with Browser.of(owner.installation) as eva:
        eva.sign_in(EVA, Role.EDITOR)
        clock.forward(days=10)
        _again(owner)
        set_up(owner, clock)
        path = f"/organise/team/{_who(owner.installation, EVA).id}/role"
        assert owner.post(path, {"role": "owner"}).status == 200
        sign_in_as(eva, _who(owner.installation, EVA))
        assert eva.get("/organise").status == 200


def _again(browser: Browser, email: str = OLGA) -> None:
    sign_in_as(browser, _who(browser.installation, email))


def test_who_lost_everything_comes_back_through_another_owner(
    owner: Browser, clock: ShiftedClock, run_jobs: Run
) -> None:
    with Browser.of(owner.installation) as eva:
        eva.sign_in(EVA, Role.OWNER)
        set_up(eva, clock)
        number = _who(owner.installation, EVA).id
        assert owner.post(f"/organise/team/{number}/second-factor").status == 200
        assert eva.get("/organise").heading == "Sign in", "whoever has the phone is signed out"
        sign_in_as(eva, _who(owner.installation, EVA))
        assert eva.get("/organise").status == 200
    run_jobs()
    for to in (OLGA, EVA):
        assert any("second factor was taken away" in m.subject for m in owner.outbox(to)), to
    again = owner.post(f"/organise/team/{number}/second-factor")
    assert (again.status, "no second factor" in again.problem) == (422, True)


def test_nobody_takes_their_own_away_on_the_page_of_the_team(
    owner: Browser, clock: ShiftedClock
) -> None:
    set_up(owner, clock)
    own = owner.post(f"/organise/team/{_who(owner.installation).id}/second-factor")
    assert (own.status, "own page" in own.problem) == (422, True)


def test_who_must_have_one_keeps_the_last_and_who_need_not_may_remove_it(
    owner: Browser, clock: ShiftedClock
) -> None:
    set_up(owner, clock)
    kept = owner.post(f"{PAGE}/app/remove")
    assert (kept.status, "add another one first" in kept.problem) == (422, True)
    with Browser.of(owner.installation) as eva:
        eva.sign_in(EVA, Role.EDITOR)
        set_up(eva, clock)
        assert eva.post(f"{PAGE}/app/remove").status == 200
        with owner.installation.reading() as work:
            assert not factors.of(work, _who(owner.installation, EVA).id).codes_left


def test_another_app_takes_over_once_it_is_confirmed(owner: Browser, clock: ShiftedClock) -> None:
    first, _ = set_up(owner, clock)
    second = App(letters_of(owner.post(f"{PAGE}/app/begin").text), clock)
    wrong = owner.post(f"{PAGE}/app", {"code": first.code()})
    assert (wrong.status, "not right" in wrong.problem) == (422, True)
    assert letters_of(wrong.text) == second.totp.secret[:4] + " " + " ".join(
        second.totp.secret[at : at + 4] for at in range(4, 32, 4)
    ), "the same picture is still there"
    assert owner.post(f"{PAGE}/app", {"code": second.code()}).status == 200
    clock.forward(seconds=90)
    with owner.installation.unit_of_work() as work:
        assert not factors.use_code(work, _who(owner.installation), first.code())
        assert factors.use_code(work, _who(owner.installation), second.code())


def test_a_clock_that_is_half_a_minute_wrong_is_fine_and_two_minutes_are_not(
    owner: Browser, clock: ShiftedClock
) -> None:
    app, _ = set_up(owner, clock)
    with owner.installation.unit_of_work() as work:
        olga = _who(owner.installation)
        assert not authenticator.use(work, olga.id, app.code(-4))
        assert not authenticator.use(work, olga.id, app.code(4))
        assert authenticator.use(work, olga.id, app.code(-1))
        assert authenticator.use(work, olga.id, app.code(1))


def test_guessing_ends_after_ten_and_is_in_the_audit(owner: Browser, clock: ShiftedClock) -> None:
    app, codes = set_up(owner, clock)
    with Browser.of(owner.installation) as thief:
        sign_in_as(thief, _who(owner.installation))
        answers = [thief.post(PROOF, {"code": f"{n:06}"}).problem for n in range(12)]
        assert ["too often" in said for said in answers] == [False] * 10 + [True] * 2
        assert "too often" in thief.post(PROOF, {"code": app.code()}).problem
        assert thief.post(PROOF, {"code": codes[0]}).status == 200, "nobody guesses these"
    with Browser.of(owner.installation) as elsewhere:
        elsewhere.client.headers["X-Forwarded-For"] = "203.0.113.7"
        sign_in_as(elsewhere, _who(owner.installation))
        assert elsewhere.post(PROOF, {"code": app.code()}).status == 200, "she is not locked out"
    with owner.installation.reading() as work:
        wrong = select(AuditEntry).where(AuditEntry.act == "wrong factor")
        assert len(work.session.scalars(wrong).all()) == 10


FRESH = ("/organise/team", PAGE)


@pytest.mark.parametrize("path", FRESH)
def test_what_cannot_be_undone_opens_for_who_showed_lately_who_they_are(
    owner: Browser, clock: ShiftedClock, run_jobs: Run, path: str
) -> None:
    assert owner.get(path).heading != "Please show that it is you"
    clock.forward(minutes=16)
    asked = owner.get(path)
    assert asked.heading == "Please show that it is you"
    owner.post(f"{PROOF}/mail", {"next": path})
    run_jobs()
    code = re.findall(r"\b(\d{3} \d{3})\b", owner.outbox(OLGA)[0].text)[0]
    assert owner.post(PROOF, {"code": "123", "next": path}).status == 422
    there = owner.post(PROOF, {"code": code, "next": path})
    assert str(there.response.url).endswith(path)


def test_a_form_may_be_filled_in_slowly_and_one_left_open_for_long_does_nothing(
    owner: Browser, clock: ShiftedClock
) -> None:
    typed = {"email": EVA, "name": "Eva", "role": "editor", "language": "en"}
    clock.forward(minutes=40)
    assert owner.post("/organise/team", typed).status == 200
    clock.forward(minutes=10)
    late = owner.post("/organise/team", typed | {"email": "late@example.org"})
    assert (late.status, late.heading) == (403, "Please show that it is you")
    with owner.installation.reading() as work:
        assert find_organiser(work, parse_address("late@example.org")) is None  # type: ignore[arg-type]


def test_who_has_a_second_factor_shows_it_and_a_mailed_code_does_not_do(
    owner: Browser, clock: ShiftedClock, run_jobs: Run
) -> None:
    app, _ = set_up(owner, clock)
    clock.forward(minutes=16)
    owner.post(f"{PROOF}/mail")
    run_jobs()
    code = re.findall(r"\b(\d{3} \d{3})\b", owner.outbox(OLGA)[0].text)[0]
    assert owner.post(PROOF, {"code": code}).status == 422
    assert owner.post(PROOF, {"code": app.code()}).status == 200


def test_a_mailed_code_of_somebody_else_proves_nothing(
    owner: Browser, clock: ShiftedClock, run_jobs: Run
) -> None:
    clock.forward(minutes=16)
    with owner.installation.unit_of_work() as work:
        add_organiser(work, parse_address(EVA), Role.EDITOR)
    owner.post("/sign-in", {"email": EVA})
    run_jobs()
    code = re.findall(r"\b(\d{3} \d{3})\b", owner.outbox(EVA)[0].text)[0]
    assert owner.post(PROOF, {"code": code}).status == 422
    assert owner.get("/organise/team").heading == "Please show that it is you"


def test_showing_who_one_is_gives_the_browser_a_new_secret(
    owner: Browser, clock: ShiftedClock
) -> None:
    app, _ = set_up(owner, clock)
    before = owner.client.cookies["session"]
    assert owner.post(PROOF, {"code": app.code()}).status == 200
    after = owner.client.cookies["session"]
    assert before != after
    with Browser.of(owner.installation) as thief:
        old = {"Cookie": f"session={before}"}
        assert thief.get("/organise", headers=old).heading == "Sign in"


def test_a_stranger_and_a_plain_member_may_not(visitor: Browser) -> None:
    assert visitor.get(PAGE).heading == "Sign in"
    assert visitor.post(f"{PAGE}/app/begin").status == 403
    visitor.subscribe(EVA)
    with visitor.installation.unit_of_work() as work:
        work.session.execute(Member.__table__.update().values(state="confirmed"))  # type: ignore[attr-defined]
    sign_in_as(visitor, _who(visitor.installation, EVA))
    for path in (PAGE, f"{PAGE}/app", f"{PAGE}/codes"):
        assert visitor.get(path).status == 403


def test_an_app_that_was_begun_and_never_confirmed_is_forgotten(
    owner: Browser, clock: ShiftedClock
) -> None:
    owner.post(f"{PAGE}/app/begin")
    assert owner.get(f"{PAGE}/app").status == 200
    clock.forward(days=1, minutes=1)
    with owner.installation.unit_of_work() as work:
        assert authenticator.purge_begun(work) == 1
    _again(owner)
    assert owner.get(f"{PAGE}/app").heading == "Two-step sign-in"
    assert owner.post(f"{PAGE}/app", {"code": "123456"}).heading == "Two-step sign-in"


def test_what_is_told_of_somebody_names_the_app_and_never_its_secret(
    owner: Browser, clock: ShiftedClock
) -> None:
    app, codes = set_up(owner, clock)
    with owner.installation.reading() as work:
        from core.persons import tell_all
        from members.persons import person_of

        told = str(
            tell_all(
                work, person_of(work.session, _who(owner.installation)), owner.installation.persons
            )
        )
    assert "'second factor': 'app'" in told
    assert app.totp.secret not in told
    assert codes[0] not in told


@pytest.mark.parametrize("padding", ["xxxx", " - - -", "x" * 10, "²" * 10])
def test_no_padding_switches_the_limit_off(
    owner: Browser, clock: ShiftedClock, padding: str
) -> None:
    """Longer than six digits was not counted, and its letters were not looked at."""
    app, _ = set_up(owner, clock)
    with Browser.of(owner.installation) as thief:
        sign_in_as(thief, _who(owner.installation))
        for number in range(10):
            thief.post(PROOF, {"code": f"{number:06}{padding}"})
        thief.post(PROOF, {"code": f"{app.code()}{padding}"})
        assert thief.get("/organise").heading == "Please show that it is you"


def test_of_many_guesses_at_once_no_more_are_looked_at_than_of_a_few(
    owner: Browser, clock: ShiftedClock
) -> None:
    set_up(owner, clock)
    with Browser.of(owner.installation) as thief:
        sign_in_as(thief, _who(owner.installation))

        def guess(number: int) -> bool:
            return "too often" in thief.post(PROOF, {"code": f"{number:06}"}).problem

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(guess, range(40))) == 30


def test_a_right_code_is_never_counted(owner: Browser, clock: ShiftedClock) -> None:
    app, _ = set_up(owner, clock)
    for _ in range(15):
        clock.forward(minutes=1)
        assert owner.post(PROOF, {"code": app.code()}).status == 200


def test_with_the_mailbox_alone_no_organiser_is_erased_moved_or_read(
    owner: Browser, clock: ShiftedClock, run_jobs: Run
) -> None:
    app, _ = set_up(owner, clock)
    olga = _who(owner.installation)
    with owner.installation.unit_of_work() as work:
        add_organiser(work, parse_address(EVA), Role.OWNER)
    with Browser.of(owner.installation) as author:
        sign_in_as(author, member(owner.installation))
        path = send_in(author, "article")
        author.post(f"{path}/files", files={"files": ("z.txt", b"private words")})
        [file] = re.findall(r"/files/[^\"]+", author.get(path).text)[:1]
    assert owner.get(file).status == 200
    owner.post("/me/data")
    owner.post("/me/address", {"email": "new@example.org"})
    run_jobs()
    data = link_of(next(m for m in owner.outbox(OLGA) if "/data/" in m.text), "/data/")
    move = link_of(owner.outbox("new@example.org")[0], "/move/")
    with Browser.of(owner.installation) as stranger:
        gone = stranger.post(f"{data}/erase", {"is_sure": "1"})
        assert (gone.status, "sign in first" in gone.problem) == (422, True)
    with Browser.of(owner.installation) as thief:
        sign_in_as(thief, olga)
        assert thief.get(file).status == 404
        for path, typed in (
            ("/me/data", {}), ("/me/address", {"email": "thief@evil.example"}),
            ("/me/sessions/1", {}), ("/me/links", {}), ("/me/preferences", {"name": "Thief"}),
        ):  # fmt: skip
            held = thief.post(path, typed)
            assert (held.status, held.heading) == (403, "Please show that it is you"), path
        gone = thief.post(f"{data}/erase", {"is_sure": "1"})
        assert (gone.status, "show that it is you" in gone.problem) == (422, True)
        moved = thief.post(move)
        assert (moved.status, "show that it is you" in moved.problem) == (422, True)
        assert _who(owner.installation).email == OLGA
        thief.post(PROOF, {"code": app.code()})
        assert thief.post(move).status == 200, "it was her, after all"


def test_an_address_is_changed_by_who_showed_lately_who_they_are(
    visitor: Browser, clock: ShiftedClock, run_jobs: Run
) -> None:
    """A stolen cookie moved the address, and the next code went to the thief."""
    sign_in_as(visitor, member(visitor.installation))
    clock.forward(minutes=46)
    held = visitor.post("/me/address", {"email": "thief@evil.example"})
    assert (held.status, held.heading) == (403, "Please show that it is you")
    visitor.post(f"{PROOF}/mail")
    run_jobs()
    assert visitor.outbox()[0].to == "m0@school.example"


def test_who_gets_a_role_signs_in_anew_and_no_old_way_leads_there(
    owner: Browser, run_jobs: Run
) -> None:
    """An editor corrected an address of a puppet before its owner was asked in."""
    puppet = member(owner.installation)
    with Browser.of(owner.installation) as sock:
        sign_in_as(sock, puppet)
        owner.post(f"/organise/people/{puppet.id}/correct", {"email": "anna@example.org"})
        run_jobs()
        back = link_of(sock.outbox("m0@school.example")[0], "/move/back/")
        assert sock.get("/me").heading == "Sign in"
        typed = {"email": "anna@example.org", "name": "Anna", "role": "owner", "language": "en"}
        assert owner.post("/organise/team", typed).status == 200
        assert sock.post(back).status == 404
    assert _who(owner.installation, "anna@example.org").id == puppet.id
    with Browser.of(owner.installation) as anna:
        sign_in_as(anna, puppet)
        path = f"/organise/team/{puppet.id}/role"
        assert owner.post(path, {"role": "editor"}).status == 200
        assert anna.get("/organise").heading == "Sign in"


def test_an_organiser_who_is_erased_is_told_to_owners_without_a_name(
    owner: Browser, run_jobs: Run
) -> None:
    with owner.installation.unit_of_work() as work:
        number = add_organiser(work, parse_address(EVA), Role.EDITOR).id
    assert owner.post(f"/organise/people/{number}/erase", {"is_sure": "1"}).status == 200
    run_jobs()
    told = next(mail for mail in owner.outbox(OLGA) if mail.subject == "A colleague is gone")
    assert ("Editor" in told.text, EVA in told.text) == (True, False)


def test_a_refusal_shows_the_page_and_that_is_written_down_too(owner: Browser) -> None:
    somebody = member(owner.installation)
    owner.post(f"/organise/people/{somebody.id}/correct", {"email": "nonsense"})
    with owner.installation.reading() as work:
        acts = work.session.scalars(select(AuditEntry.act)).all()
    assert "read" in acts


def test_owners_hear_of_a_first_factor_of_a_colleague(
    owner: Browser, clock: ShiftedClock, run_jobs: Run
) -> None:
    with Browser.of(owner.installation) as eva:
        eva.sign_in(EVA, Role.EDITOR)
        set_up(eva, clock)
    run_jobs()
    assert any("set up a second factor" in mail.subject for mail in owner.outbox(OLGA))
    assert not any("A colleague" in mail.subject for mail in owner.outbox(EVA))


def test_a_form_that_comes_when_the_week_is_over_says_that_nothing_was_done(
    owner: Browser, clock: ShiftedClock
) -> None:
    clock.forward(days=6, hours=23)
    owner.sign_in(OLGA, Role.OWNER)
    path = str(owner.post("/organise/issues").response.url).removeprefix(
        "http://testserver.localhost"
    )
    clock.forward(hours=2)
    late = owner.client.post(f"{path}/autosave", data={"version": "1"}, follow_redirects=False)
    assert (late.status_code, "data-not-done" in late.text) == (403, True)


@both_databases
def test_pressing_twice_at_once_is_no_fault(owner: Browser, clock: ShiftedClock) -> None:
    set_up(owner, clock)
    olga = _who(owner.installation)

    def press(number: int) -> None:
        with owner.installation.unit_of_work() as work:
            if number % 2:
                recovery_codes.make(work, olga.id)
            else:
                authenticator.begin(work, olga.id)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(press, range(12)))
    with owner.installation.reading() as work:
        begun = select(func.count()).where(Authenticator.confirmed_at.is_(None))
        assert work.session.scalar(begun) == 1


def test_a_wrong_passkey_is_in_the_audit(owner: Browser, clock: ShiftedClock) -> None:
    set_up(owner, clock)
    challenge = passkeys_challenge(owner)
    owner.post(PROOF, {"passkey": "{}", "challenge": challenge})
    with owner.installation.reading() as work:
        acts = work.session.scalars(select(AuditEntry.act)).all()
    assert acts.count("wrong factor") == 1


def passkeys_challenge(browser: Browser) -> str:
    """A challenge of this browser."""
    return browser.get(PAGE).hidden("challenge")
