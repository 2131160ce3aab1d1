"""What happens by itself, if an owner has said so."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from core.installation import Installation
from library.items import NewItem, publish
from library.kinds import Boundary, ItemKind, Licence
from members.roles import Role
from newsletters import checking, issues, sending
from newsletters.models import Issue
from newsletters.texts import parse_files
from tests.conftest import both_databases
from tests.support.people import Browser, ShiftedClock, add_members, letter, link_of
from worker import jobs

Run = Callable[[], None]
ROUTINE = "/organise/settings/routine"


@pytest.fixture
def owner(visitor: Browser) -> Browser:
    """A signed-in owner."""
    return visitor.sign_in("owner@example.org", Role.OWNER)


def _sent(installation: Installation, run_jobs: Run) -> None:
    """A letter that went to everybody."""
    with installation.unit_of_work() as work:
        texts = parse_files([letter("en"), letter("fi", "Kirje")])
        number = issues.new_issue(work, texts).id
        sending.send(work, number)
    run_jobs()


def _confirm(installation: Installation, run_jobs: Run, email: str, language: str = "en") -> None:
    with Browser.of(installation) as somebody:
        somebody.subscribe(email, language)
        run_jobs()
        somebody.post(link_of(somebody.outbox(email)[0], "/confirm/"))
        run_jobs()


def _look_after(run_jobs: Run) -> None:
    jobs.look_after_letters()
    run_jobs()


def _letters(browser: Browser, email: str) -> list[str]:
    return [one.subject for one in browser.outbox(email) if one.subject in ("A letter", "Kirje")]


@both_databases
def test_whoever_confirms_gets_the_newest_letter_once_in_their_language(
    owner: Browser, installation: Installation, run_jobs: Run, clock: ShiftedClock
) -> None:
    owner.post(ROUTINE, {"welcome": "1", "version": "0"})
    add_members(installation, 2, "en")
    _sent(installation, run_jobs)
    clock.forward(minutes=5)
    _confirm(installation, run_jobs, "aino@example.org", "fi")
    add_members(installation, 4, "en")  # those were brought in by a list
    for _ in range(3):
        _look_after(run_jobs)
    assert _letters(owner, "aino@example.org") == ["Kirje"]
    assert _letters(owner, "m0@school.example") == ["A letter"]
    assert _letters(owner, "m3@school.example") == [], "no list is written to by itself"


@both_databases
def test_nobody_is_welcomed_by_a_letter_unless_an_owner_says_so(
    owner: Browser, installation: Installation, run_jobs: Run, clock: ShiftedClock
) -> None:
    add_members(installation, 2, "en")
    _sent(installation, run_jobs)
    clock.forward(minutes=5)
    _confirm(installation, run_jobs, "aino@example.org")
    _look_after(run_jobs)
    assert _letters(owner, "aino@example.org") == []
    owner.post(ROUTINE, {"welcome": "1", "version": "0"})
    with installation.unit_of_work() as work:
        work.session.scalars(select(Issue)).one().is_listed = False
    _look_after(run_jobs)
    assert _letters(owner, "aino@example.org") == [], "an unlisted letter welcomes nobody"
    with installation.unit_of_work() as work:
        work.session.scalars(select(Issue)).one().is_listed = True
    clock.forward(days=2)
    _look_after(run_jobs)
    assert _letters(owner, "aino@example.org") == [], "two days later it would be a surprise"


@both_databases
def test_a_draft_prepares_itself_when_it_is_time_and_never_goes_by_itself(
    owner: Browser, installation: Installation, run_jobs: Run, clock: ShiftedClock
) -> None:
    owner.post(ROUTINE, {"every": "month", "version": "0"})
    add_members(installation, 2, "en")
    _sent(installation, run_jobs)
    with installation.unit_of_work() as work:
        item = NewItem(
            kind=ItemKind.RECORDING, title="Ten seconds", summary="", body_html="<p>x</p>",
            byline="Rosa", boundary=Boundary.ANYONE, language="en", licence=Licence.HERE_ONLY,
        )  # fmt: skip
        publish(work, item)
    _look_after(run_jobs)
    with installation.reading() as work:
        assert issues.drafts(work.session) == [], "the last letter went out today"
    clock.forward(days=29)
    before = len(owner.outbox())
    for _ in range(3):
        _look_after(run_jobs)
    with installation.reading() as work:
        [draft] = issues.drafts(work.session)
        assert {text.language for text in draft.texts} == {"en", "fi"}
        assert all("::library[]" in text.body for text in draft.texts)
        number = draft.id
    assert len(owner.outbox()) == before
    with installation.unit_of_work() as work:
        draft = work.session.get_one(Issue, number)
        found = [one.sentence.text() for one in checking.findings(work, draft, {})]
        assert "Line 1: “TK” looks as if something were still to be written." in found
        issues.discard(work, number, None)
    _look_after(run_jobs)
    with installation.reading() as work:
        assert issues.drafts(work.session) == [], "who put it away does not find it again tomorrow"


def test_an_editor_and_a_stranger_may_not_change_what_happens_by_itself(visitor: Browser) -> None:
    assert visitor.post(ROUTINE, {"welcome": "1", "version": "0"}).status == 403
    editor = visitor.sign_in("ed@example.org", Role.EDITOR)
    assert editor.get(ROUTINE).status == 403
    assert editor.post(ROUTINE, {"welcome": "1", "version": "0"}).status == 403


def test_a_time_that_is_not_offered_is_refused(owner: Browser) -> None:
    kept = owner.post(ROUTINE, {"every": "month", "welcome": "1", "version": "0"})
    assert "Kept." in kept.text
    assert "a draft prepares itself" in owner.get("/organise/settings").text
    owner.post(ROUTINE, {"every": "hour", "version": "1"})
    assert "no draft prepares itself" in owner.get("/organise/settings").text
