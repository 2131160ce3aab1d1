"""Somebody to interview: from a suggestion to a conversation that anybody can hear."""

from collections.abc import Callable

from sqlalchemy import select

from core.logs import hide_addresses
from members.models import Member
from tests.conftest import both_databases
from tests.support.authors import do, send_in, state_of
from tests.support.people import Browser, ShiftedClock, link_of
from worker import jobs

Run = Callable[[], None]
TOLD = {
    "interview_title": "A talk with Pat",
    "interview_recording": "https://talks.example/pat.mp3",
    "interview_text": "What *silence* does to a class.",
}


def _desk(path: str) -> str:
    return path.replace("/me/", "/organise/")


@both_databases
def test_an_interview_ends_in_what_an_editor_writes_and_nothing_of_the_suggestion(
    author: Browser, editor: Browser, visitor: Browser, run_jobs: Run
) -> None:
    path = send_in(author, "interviewee")
    for action in ("open", "accept", "approach", "agrees_to_talk", "record"):
        do(editor, _desk(path), action)
    assert "agree to the text" not in author.get(path).text
    refused = do(editor, _desk(path), "publish", **{**TOLD, "interview_recording": "pat.mp3"})
    assert refused.status == 422
    assert "A talk with Pat" in refused.text
    assert do(editor, _desk(path), "publish", **TOLD).status == 200
    assert state_of(author.installation, path) == "published"
    text = visitor.get("/library/a-talk-with-pat").text
    assert "<em>silence</em>" in text
    assert "https://talks.example/pat.mp3" in text
    for private in ("She listens", "pat@private.example", "my cousin", "Pat Smith, head"):
        assert private not in text + visitor.get("/").text


def test_editors_hear_of_what_came_once_a_day(
    author: Browser, editor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    send_in(author, "article")
    send_in(author, "topic")
    run_jobs()
    for _ in range(60):
        jobs.remind_authors()
        run_jobs()
        clock.forward(hours=1)
    digests = [m.text for m in author.outbox("ed@example.org") if "desk" in m.subject.lower()]
    assert len(digests) == 1
    assert "2" in digests[0]


def test_a_line_of_a_log_that_was_made_to_be_slow_is_written() -> None:
    """Quadratic before, and it held all threads: 64 times as long for eight times the text."""
    event = hide_addresses(None, "", {"event": "x" * 300_000 + " anna@school.example"})
    assert event["event"].endswith(" [address]")


@both_databases
def test_an_editor_hears_at_once_if_she_likes_and_not_once_more_in_the_morning(
    author: Browser, editor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    assert "Rather at once" in editor.get("/organise/contributions").text
    page = editor.post("/organise/contributions/hear", {"at_once": "1"})
    assert "Rather once a day" in page.text
    send_in(author, "article")
    run_jobs()
    [told] = [m for m in author.outbox("ed@example.org") if "desk" in m.subject.lower()]
    assert "“On listening” has been sent in." in told.text
    for _ in range(40):
        jobs.remind_authors()
        run_jobs()
        clock.forward(hours=1)
    assert len([m for m in author.outbox("ed@example.org") if "desk" in m.subject.lower()]) == 1


def test_a_colleague_is_written_to_in_the_language_of_the_browser_that_said_yes(
    author: Browser, run_jobs: Run
) -> None:
    path = send_in(author, "article")
    author.post(f"{path}/co-authors", {"name": "O", "email": "oona@example.org"})
    run_jobs()
    link = link_of(author.outbox("oona@example.org")[0], "/co-author/")
    with Browser.of(author.installation) as colleague:
        finnish = {"Accept-Language": "fi-FI,fi;q=0.9,en;q=0.5"}
        assert colleague.post(link, {"answer": "yes"}, headers=finnish).status == 200
    with author.installation.reading() as work:
        key = Member.email_key == "oona@example.org"
        assert work.session.scalar(select(Member.language).where(key)) == "fi"
