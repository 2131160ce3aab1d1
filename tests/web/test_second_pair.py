"""A second pair of eyes: nobody sends what they wrote themselves, where the setting says so."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import update

from core.errors import Refusal
from core.installation import Installation
from core.unit_of_work import Reading
from members.models import Member
from members.roles import Role
from newsletters import issues, second_pair, sending
from newsletters.models import Issue
from newsletters.texts import parse_files
from tests.conftest import both_databases
from tests.support.people import Browser, add_members, letter

Run = Callable[[], None]
OLGA, EVA = "olga@example.org", "eva@example.org"
WORDS = {"subject_en": "A letter", "body_en": "Some words."}


@pytest.fixture
def careful(installation: Installation) -> Installation:
    """An installation that wants a second pair of eyes."""
    settings = installation.settings.model_copy(update={"second_pair_of_eyes": True})
    add_members(installation, 3, "en")
    return replace(installation, settings=settings)


@pytest.fixture
def olga(careful: Installation) -> Iterator[Browser]:
    """Who writes."""
    with Browser.of(careful) as browser:
        yield browser.sign_in(OLGA, Role.OWNER)


@pytest.fixture
def eva(careful: Installation) -> Iterator[Browser]:
    """Who looks."""
    with Browser.of(careful) as browser:
        yield browser.sign_in(EVA, Role.EDITOR)


def _written(browser: Browser) -> int:
    path = str(browser.post("/organise/issues").response.url)
    number = int(path.rstrip("/").rsplit("/", 1)[-1])
    _change(browser, number, **WORDS)
    return number


def _change(browser: Browser, number: int, **words: str) -> None:
    version = browser.get(f"/organise/issues/{number}").hidden("version")
    saved = browser.post(f"/organise/issues/{number}", {"version": version, **words})
    assert saved.status == 200, saved.problem


def _send(browser: Browser, number: int) -> tuple[int, str]:
    page = browser.post(f"/organise/issues/{number}/send", {"anyway": "1"})
    return page.status, page.problem


def test_who_wrote_asks_another_who_looks_and_sends(
    olga: Browser, eva: Browser, run_jobs: Run
) -> None:
    number = _written(olga)
    page = olga.get(f"/organise/issues/{number}/send").text
    assert "Ask the others" in page
    assert "Send to 3" not in page
    assert _send(olga, number)[0] == 422
    for _ in range(2):
        assert olga.post(f"/organise/issues/{number}/ask-to-send").status == 200
    run_jobs()
    asked = [mail for mail in olga.outbox(EVA) if "look at an issue" in mail.subject]
    assert len(asked) == 1
    assert f"/organise/issues/{number}/send" in asked[0].text
    assert "Send to 3" in eva.get(f"/organise/issues/{number}/send").text
    assert _send(eva, number)[0] == 200


def test_who_changes_a_word_meanwhile_has_written_it(olga: Browser, eva: Browser) -> None:
    number = _written(olga)
    _change(eva, number, **WORDS | {"body_en": "Better words."})
    assert _send(eva, number)[0] == 422
    assert _send(olga, number)[0] == 200


def test_saving_the_same_words_changes_nothing(olga: Browser, eva: Browser) -> None:
    number = _written(olga)
    _change(eva, number, **WORDS)
    assert _send(olga, number)[0] == 422
    assert _send(eva, number)[0] == 200


def test_nothing_is_sent_from_the_machine_itself(careful: Installation) -> None:
    with careful.unit_of_work() as work:
        number = issues.new_issue(work, parse_files([letter("en")])).id
    with pytest.raises(Refusal), careful.unit_of_work() as work:
        sending.send(work, number)
    with careful.reading() as work:
        assert work.session.get_one(Issue, number).state == "draft"


def test_where_there_is_nobody_else_that_is_said(olga: Browser) -> None:
    number = _written(olga)
    page = olga.post(f"/organise/issues/{number}/ask-to-send")
    assert "nobody else yet" in page.text


def test_without_the_setting_one_person_is_enough(installation: Installation) -> None:
    add_members(installation, 1, "en")
    with Browser.of(installation) as browser:
        browser.sign_in(OLGA, Role.OWNER)
        assert _send(browser, _written(browser))[0] == 200


def test_the_mail_names_the_issue_in_whichever_language_it_is_written(
    olga: Browser, eva: Browser, run_jobs: Run
) -> None:
    number = _written(olga)
    with olga.installation.unit_of_work() as work:
        work.session.execute(update(Member).values(language="fi"))
    olga.post(f"/organise/issues/{number}/ask-to-send")
    run_jobs()
    assert "”A letter”" in olga.outbox(EVA)[0].text


@both_databases
def test_what_changes_between_looking_and_sending_is_not_sent(
    careful: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL nobody waits: the sender's own change came after the check."""
    with careful.unit_of_work() as work:
        issue = issues.new_issue(work, parse_files([letter("en")]))
        issue.changed_by = 1
        number = issue.id
    looked = second_pair.check

    def look(work: Reading, issue: Issue, by: int | None) -> None:
        looked(work, issue, by)
        changed = update(Issue).where(Issue.id == issue.id).values(version=2, changed_by=2)
        work.session.execute(changed.execution_options(synchronize_session=False))

    monkeypatch.setattr(second_pair, "check", look)
    with pytest.raises(Refusal), careful.unit_of_work() as work:
        sending.send(work, number, 1, by=2)
