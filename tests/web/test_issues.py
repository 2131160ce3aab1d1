"""An organiser writes an issue, sees it, tries it, sends it, and watches it arrive."""

import json
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from sqlalchemy import select, update

from mail.models import Delivery
from members.roles import Role
from newsletters.models import Issue
from tests.conftest import both_databases
from tests.support.people import Browser, ShiftedClock, add_members
from web.organiser import progress
from worker import jobs

Run = Callable[[], None]

TEXTS = {
    "subject_en": "A good question",
    "preheader_en": "In short",
    "title_en": "",
    "body_en": "Hello *there*",
    "subject_fi": "Hyvä kysymys",
    "preheader_fi": "Lyhyesti",
    "title_fi": "Iso otsikko",
    "body_fi": "Moi **sinä**",
}


@pytest.fixture
def editor(visitor: Browser) -> Browser:
    """A signed-in editor."""
    return visitor.sign_in("ed@example.org", Role.EDITOR)


@pytest.fixture
def draft(editor: Browser) -> str:
    """The path of a written draft."""
    path = str(editor.post("/organise/issues").response.url).removeprefix(
        "http://testserver.localhost"
    )
    editor.post(path, {"version": "1", **TEXTS})
    return path


@both_databases
def test_an_issue_goes_to_everybody_in_their_language_and_into_the_archive(
    editor: Browser, draft: str, run_jobs: Run
) -> None:
    add_members(editor.installation, 5)
    review = editor.get(f"{draft}/send")
    assert "Send to 5 people" in review.text
    progress = editor.post(f"{draft}/send")
    assert str(progress.response.url).endswith("/progress")
    run_jobs()
    counts = editor.client.get(f"{draft}/progress.json").json()
    assert (counts["sent"], counts["total"], counts["phase"]) == (5, 5, "finished")
    subjects = sorted(mail.subject for mail in editor.outbox())
    assert subjects == ["A good question"] * 2 + ["Hyvä kysymys"] * 3
    assert editor.get("/fi/newsletter/1").heading == "Iso otsikko"
    assert "<em>there</em>" in editor.get("/newsletter/1").text
    assert "A good question" in editor.get("/newsletter").text
    assert editor.get("/newsletter/2").status == 404


def test_pressing_send_twice_sends_once(editor: Browser, draft: str, run_jobs: Run) -> None:
    add_members(editor.installation, 3)
    for _ in range(2):
        assert str(editor.post(f"{draft}/send").response.url).endswith("/progress")
    run_jobs()
    assert len(editor.outbox()) == 3


def test_what_is_typed_saves_itself_and_is_previewed_as_it_will_be_sent(
    editor: Browser, draft: str
) -> None:
    add_members(editor.installation, 1, "en")
    saved = editor.client.post(
        f"{draft}/autosave", data={"version": "2", **TEXTS, "body_en": "New"}
    )
    assert saved.json() == {"version": 3, "by_language": {"en": 1, "fi": 0}, "lags": {}}
    preview = editor.client.get(f"{draft}/preview/en")
    assert "New" in preview.text
    assert "{{" not in preview.text
    assert "sandbox" in preview.headers["content-security-policy"]


def test_two_editors_are_told_of_each_other_and_nothing_is_overwritten(
    editor: Browser, draft: str
) -> None:
    editor.post(draft, {"version": "2", **TEXTS, "body_en": "Mine"})
    second = editor.post(draft, {"version": "2", **TEXTS, "body_en": "Yours, precious"})
    assert second.status == 422
    assert "Somebody else changed this issue meanwhile" in second.problem
    assert "Yours, precious" in second.text
    late = editor.client.post(f"{draft}/autosave", data={"version": "2", **TEXTS})
    assert late.status_code == 409
    with editor.installation.reading() as work:
        issue = work.session.query(Issue).one()
        text = issue.text_in("en")
    assert text is not None
    assert text.body == "Mine\n"


def test_a_test_goes_to_chosen_addresses_marked_and_leaves_nothing_behind(
    editor: Browser, draft: str, run_jobs: Run
) -> None:
    page = editor.post(f"{draft}/test", {"addresses": "me@example.org, you@example.org"})
    assert "The test is on its way." in page.text
    run_jobs()
    mails = editor.outbox()
    assert len(mails) == 4
    assert all(mail.subject.startswith("[TEST] ") for mail in mails)
    assert not any("List-Unsubscribe" in mail.headers for mail in mails)
    assert "Hello," in mails[-1].text
    assert "No draft" not in editor.get("/organise").text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"subject_en": ""}, "An issue needs a subject."),
        ({"body_fi": "   "}, "The text of the issue is empty."),
        ({"body_fi": "<!-- -->\n\n"}, None),
        ({"subject_en": "x" * 300}, "“subject” is too long"),
        ({"body_en": "x" * 70_000}, "The text is too long"),
    ],
)
def test_an_unfit_issue_is_not_sent_and_the_sentence_says_why(
    editor: Browser, draft: str, change: dict[str, str], sentence: str | None
) -> None:
    add_members(editor.installation, 2)
    saved = editor.post(draft, {"version": "2", **TEXTS, **change})
    page = saved if saved.status == 422 else editor.post(f"{draft}/send")
    if sentence is None:
        assert page.status == 200
        return
    assert page.status == 422
    assert sentence in page.problem
    assert editor.outbox() == []


def test_nobody_to_send_to_is_said_and_the_draft_stays(editor: Browser, draft: str) -> None:
    assert "nobody to send to" in editor.post(f"{draft}/send").problem
    assert editor.get(draft).heading == "Write an issue"


def test_what_was_sent_cannot_be_changed(editor: Browser, draft: str) -> None:
    add_members(editor.installation, 1)
    editor.post(f"{draft}/send")
    assert editor.post(draft, {"version": "2", **TEXTS, "body_en": "Later"}).status == 422
    assert "Later" not in editor.get("/newsletter/1").text


def test_organisers_text_cannot_run_on_any_page(editor: Browser, draft: str, run_jobs: Run) -> None:
    add_members(editor.installation, 1, "en")
    evil = "<script>x</script> <img src=x onerror=y> \"'>"
    links = f"{evil} [a](javascript:z) [b](data:text/html,z)"
    texts = {**TEXTS, "body_en": links, "subject_en": evil, "title_en": evil}
    editor.post(draft, {"version": "2", **texts})
    seen = editor.get(f"{draft}/preview/en").text
    assert 'href="javascript:' not in seen
    assert 'href="data:' not in seen
    assert editor.post(f"{draft}/send", {"anyway": "1"}).status == 422, "and it does not go so"
    editor.post(draft, {"version": "3", **texts, "body_en": evil})
    editor.post(f"{draft}/send", {"anyway": "1"})
    run_jobs()
    name = editor.outbox()[0].name
    for path in ("/newsletter/1", f"{draft}/preview/en", f"/outbox/{name}/html", "/newsletter"):
        text = editor.get(path).text
        assert "<script>x" not in text
        assert "<img src=x" not in text
        assert 'href="javascript:' not in text
        assert 'href="data:' not in text


def test_the_feed_is_atom_and_has_every_issue_of_its_language(editor: Browser, draft: str) -> None:
    add_members(editor.installation, 1)
    editor.post(f"{draft}/send")
    root = ElementTree.fromstring(editor.get("/fi/newsletter/feed.atom").text)  # noqa: S314
    atom = "{http://www.w3.org/2005/Atom}"
    assert root.tag == f"{atom}feed"
    [entry] = root.findall(f"{atom}entry")
    assert entry.findtext(f"{atom}title") == "Iso otsikko"
    assert entry.findtext(f"{atom}id") == "http://testserver.localhost/newsletter/1/fi"
    assert "<strong>sinä</strong>" in (entry.findtext(f"{atom}content") or "")


def test_sending_can_be_paused_resumed_and_cancelled(
    editor: Browser, draft: str, run_jobs: Run
) -> None:
    add_members(editor.installation, 3)
    editor.post(f"{draft}/send")
    assert editor.post(f"{draft}/pause").heading.startswith("Paused")
    run_jobs()
    assert editor.outbox() == []
    assert editor.post(f"{draft}/resume").heading.startswith("Sending")
    assert editor.post(f"{draft}/cancel").heading.startswith("Cancelled")
    run_jobs()
    assert editor.outbox() == []


def test_an_issue_in_one_language_is_read_in_it_by_everybody(editor: Browser) -> None:
    add_members(editor.installation, 2)
    path = str(editor.post("/organise/issues").response.url).removeprefix(
        "http://testserver.localhost"
    )
    finnish = {**TEXTS, "subject_en": "", "preheader_en": "", "body_en": ""}
    editor.post(path, {"version": "1", **finnish})
    editor.post(f"{path}/send", {"version": "2", "anyway": "1"})
    assert "Moi <strong>sinä</strong>" in editor.get("/en/newsletter/1").text
    assert "Iso otsikko" in editor.get("/en/newsletter").text


def test_what_was_changed_after_the_review_is_not_sent(editor: Browser, draft: str) -> None:
    add_members(editor.installation, 1)
    version = editor.get(f"{draft}/send").hidden("version")
    editor.post(draft, {"version": "2", **TEXTS, "body_en": "Something else"})
    page = editor.post(f"{draft}/send", {"version": version})
    assert "changed after you looked at it" in page.problem
    assert "Something else" in page.text  # and what is written is shown, not an empty form
    assert editor.outbox() == []


def test_saving_again_after_a_conflict_does_not_overwrite_a_colleague(
    editor: Browser, draft: str
) -> None:
    editor.post(draft, {"version": "2", **TEXTS, "body_en": "Mine"})
    conflict = editor.post(draft, {"version": "2", **TEXTS, "body_en": "Yours"})
    again = editor.post(draft, {"version": conflict.hidden("version"), **TEXTS, "body_en": "Yours"})
    assert again.status == 422


def test_a_draft_is_put_away_taken_out_again_and_forgotten_after_a_month(
    editor: Browser, draft: str, run_jobs: Run, clock: ShiftedClock
) -> None:
    add_members(editor.installation, 1)
    for _ in range(2):
        listing = editor.post(f"{draft}/discard")
    assert "No draft is waiting." in listing.text
    assert "A good question" in listing.text
    late = editor.post(draft, {"version": "2", **TEXTS})
    assert late.status == 422
    assert "A good question" in late.text, "what was typed is kept"
    assert editor.post(f"{draft}/send").status == 422
    assert editor.get(draft).heading == "Issues"
    restored = editor.post(listing.action("/restore"))
    assert restored.heading == "Write an issue"
    editor.post(f"{draft}/discard")
    run_jobs()
    jobs.purge()
    assert editor.get(f"{draft}/progress").status == 200
    clock.forward(days=31)
    editor.sign_in("ed@example.org", Role.EDITOR)
    jobs.purge()
    assert editor.get(draft).status == 404


@both_databases
def test_an_organiser_decides_about_what_is_unknown(
    editor: Browser, draft: str, run_jobs: Run
) -> None:
    add_members(editor.installation, 4)
    editor.post(f"{draft}/send")
    run_jobs()
    _forget(editor, 2)
    page = editor.get(f"{draft}/progress")
    assert "2 letters that nobody knows about" in page.text
    editor.post(f"{draft}/unknown/count")
    assert _counts(editor, draft) == {"sent": 4, "unknown": 0}
    assert "/unknown/" not in editor.get(f"{draft}/progress").text
    _forget(editor, 3)
    for _ in range(2):
        editor.post(f"{draft}/unknown/repeat")
    run_jobs()
    assert _counts(editor, draft) == {"sent": 4, "unknown": 0}
    assert len(editor.outbox()) == 4 + 3


def test_a_facilitator_may_not_decide_about_what_is_unknown(
    editor: Browser, draft: str, run_jobs: Run
) -> None:
    add_members(editor.installation, 1)
    editor.post(f"{draft}/send")
    run_jobs()
    _forget(editor, 1)
    editor.sign_in("fa@example.org", Role.FACILITATOR)
    assert editor.post(f"{draft}/unknown/repeat").status == 403
    run_jobs()
    assert len(editor.outbox()) == 1


def _forget(editor: Browser, count: int) -> None:
    """As if the worker had died after handing over `count` letters."""
    with editor.installation.unit_of_work() as work:
        ids = select(Delivery.id).where(Delivery.state == "sent").limit(count)
        work.session.execute(
            update(Delivery).where(Delivery.id.in_(ids)).values(state="unknown", message_id=None)
        )


def _counts(editor: Browser, draft: str) -> dict[str, int]:
    counts = editor.client.get(f"{draft}/progress.json").json()
    return {state: counts[state] for state in ("sent", "unknown")}


def test_the_server_tells_how_far_it_is_until_it_is_done(
    editor: Browser, draft: str, run_jobs: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "STREAM_SECONDS", 0.6)
    monkeypatch.setattr(progress, "LOOK_SECONDS", 0.05)
    add_members(editor.installation, 3)
    editor.post(f"{draft}/send")
    [begun] = _told(editor, draft)
    assert begun["phase"] in ("released", "about to go"), "and it is not said again unchanged"
    run_jobs()
    [ended] = _told(editor, draft)
    assert (ended["sent"], ended["phase"]) == (3, "finished")
    stream = editor.client.get(f"{draft}/progress/events")
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert stream.headers["cache-control"] == "no-store"
    with Browser.of(editor.installation) as stranger:
        assert stranger.get(f"{draft}/progress/events").heading == "Sign in"


def _told(editor: Browser, draft: str) -> list[dict[str, object]]:
    lines = editor.client.get(f"{draft}/progress/events").text.splitlines()
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
