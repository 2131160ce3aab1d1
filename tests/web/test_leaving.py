"""Leaving is one click, and taking it back another; preferences from a mail's link."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from members.models import ConsentEvent, Member, Subscription
from newsletters import issues
from newsletters.texts import parse_files
from tests.conftest import both_databases
from tests.support.people import Browser, ShiftedClock, add_members, letter, link_of

Run = Callable[[], None]


@pytest.fixture
def letter_in_hand(visitor: Browser, run_jobs: Run) -> str:
    """The one-click address of a letter that has arrived."""
    add_members(visitor.installation, 1, "fi")
    with visitor.installation.unit_of_work() as work:
        issue = issues.new_issue(work, parse_files([letter("fi")]))
        issues.send(work, issue.id)
    run_jobs()
    header = visitor.outbox()[0].headers["List-Unsubscribe"]
    return header.strip("<>").removeprefix("http://testserver.localhost")


def _state(visitor: Browser) -> str | None:
    with visitor.installation.reading() as work:
        return work.session.scalar(select(Subscription.state))


@both_databases
@pytest.mark.parametrize(
    "body",
    [
        {"data": {"List-Unsubscribe": "One-Click"}},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
        {"content": b""},
        {"content": b"\xff\x00 anything", "headers": {"Content-Type": "application/x-odd"}},
    ],
)
def test_a_bare_post_from_anywhere_leaves(
    visitor: Browser, letter_in_hand: str, body: dict[str, Any]
) -> None:
    for _ in range(2):
        answer = httpx2.Client(transport=visitor.client._transport).post(
            f"http://testserver.localhost{letter_in_hand}", **body
        )
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
        assert _state(visitor) == "unsubscribed"


def test_opening_the_same_address_shows_a_button_and_changes_nothing(
    visitor: Browser, letter_in_hand: str
) -> None:
    page = visitor.get(letter_in_hand)
    assert page.heading == "Haluatko poistua listalta?"
    assert "m0…@school.example" in page.text
    assert _state(visitor) == "subscribed"


def test_leaving_can_be_taken_back_with_evidence_of_both(
    visitor: Browser, letter_in_hand: str
) -> None:
    left = visitor.post(letter_in_hand)
    assert left.heading == "Olet poistunut listalta"
    undo = left.action("/resubscribe/").removeprefix("/fi")
    assert visitor.get(undo).status == 200
    assert _state(visitor) == "unsubscribed"
    assert visitor.post(undo).heading == "Mukavaa, että palasit"
    assert _state(visitor) == "subscribed"
    with visitor.installation.reading() as work:
        acts = list(work.session.scalars(select(ConsentEvent.act).order_by(ConsentEvent.id)))
    assert acts == ["imported", "withdrawn", "restored"]


def test_a_forwarded_letter_cannot_bring_its_owner_back_later(
    visitor: Browser, letter_in_hand: str, clock: ShiftedClock
) -> None:
    assert "/resubscribe/" in visitor.post(letter_in_hand).text
    assert "/resubscribe/" in visitor.get(letter_in_hand).text
    clock.forward(hours=2)
    assert "/resubscribe/" not in visitor.get(letter_in_hand).text
    assert "/resubscribe/" not in visitor.post(letter_in_hand).text


def test_unticking_everything_says_that_one_has_left(visitor: Browser, letter_in_hand: str) -> None:
    path = link_of(visitor.outbox()[0], "/preferences/")
    assert "Olet poistunut listalta" in visitor.post(path, {"language": "fi"}).text
    assert "Olet poistunut listalta" not in visitor.post(path, {"language": "fi"}).text
    assert _state(visitor) == "unsubscribed"


def test_why_somebody_left_is_kept(visitor: Browser, letter_in_hand: str) -> None:
    left = visitor.post(letter_in_hand)
    visitor.post(left.action("/reason").removeprefix("/fi"), {"reason": "Liian usein <b>"})
    with visitor.installation.reading() as work:
        assert work.session.scalar(select(Subscription.reason)) == "Liian usein <b>"


def test_leaving_works_for_somebody_who_is_gone(visitor: Browser, letter_in_hand: str) -> None:
    with visitor.installation.unit_of_work() as work:
        work.session.delete(work.session.scalars(select(Member)).one())
    assert visitor.post(letter_in_hand).status == 200


@both_databases
def test_preferences_are_read_and_changed_by_the_link(
    visitor: Browser, letter_in_hand: str
) -> None:
    path = link_of(visitor.outbox()[0], "/preferences/")
    page = visitor.get(path)
    assert "m0@school.example" not in page.text
    saved = visitor.post(
        path,
        {
            "topics": ["newsletter", "workshops"],
            "language": "en",
            "name": "Ada",
            "time_zone": "Europe/London",
            "paused_until": "2027-01-31",
        },
    )
    assert (saved.status, saved.language) == (200, "en")
    assert "Saved." in saved.text
    with visitor.installation.reading() as work:
        member = work.session.scalars(select(Member)).one()
        topics = set(work.session.scalars(select(Subscription.topic)))
    assert (member.name, member.language, str(member.paused_until)) == ("Ada", "en", "2027-01-31")
    assert topics == {"newsletter", "workshops"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("language", "sv"),
        ("time_zone", "Europe/Nowhere"),
        ("paused_until", "31.12.2026"),
        ("paused_until", "9999-01-01"),
        ("name", "x" * 200),
    ],
)
def test_a_wrong_preference_keeps_what_was_typed_and_changes_nothing(
    visitor: Browser, letter_in_hand: str, field: str, value: str
) -> None:
    path = link_of(visitor.outbox()[0], "/preferences/")
    typed = {"topics": "workshops", "language": "en", "name": "Ada", field: value}
    page = visitor.post(path, typed)
    assert page.status == 422
    assert page.problem
    assert field == "language" or f'value="{value}"' in page.text
    assert _state(visitor) == "subscribed"


def test_who_has_confirmed_may_say_a_little_about_their_work(
    visitor: Browser, run_jobs: Run
) -> None:
    visitor.subscribe("ben@example.org", workshops="1")
    run_jobs()
    done = visitor.post(link_of(visitor.outbox()[0], "/confirm/"))
    about = done.action("/about")
    said = {"role": "teacher", "level": "primary", "country": "FI"}
    assert "Saved." in visitor.post(about, said).text
    wrong = visitor.post(about, {**said, "level": "kindergarten", "role": "school-leader"})
    assert (wrong.status, wrong.problem) == (
        422,
        "Please choose a level of education from the list.",
    )
    assert 'value="school-leader" selected' in wrong.text
    assert wrong.text.count("checked") == 2, "nobody leaves by a form that has no topics"
    with visitor.installation.reading() as work:
        member = work.session.scalars(select(Member)).one()
    assert (member.role, member.level, member.country) == ("teacher", "primary", "FI")


def test_a_role_that_an_import_brought_may_stay(visitor: Browser, letter_in_hand: str) -> None:
    with visitor.installation.unit_of_work() as work:
        work.session.scalars(select(Member)).one().role = "rehtori"
    path = link_of(visitor.outbox()[0], "/preferences/")
    page = visitor.get(path)
    assert '<option value="rehtori" selected>' in page.text
    form = {"language": "en", "role": "rehtori", "level": "", "country": "SE"}
    assert visitor.post(path, form).status == 200
    assert visitor.post(path, {**form, "country": "XX"}).status == 422
    assert visitor.post(path, {**form, "role": "teacher"}).status == 200
    assert visitor.post(path, form).status == 422


def test_who_takes_a_pause_gets_nothing_until_it_is_over(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock, letter_in_hand: str
) -> None:
    until = (clock.now().date()).replace(day=28)
    with visitor.installation.unit_of_work() as work:
        member = work.session.scalars(select(Member)).one()
        member.paused_until = until.replace(year=until.year + 1)
        issue = issues.new_issue(work, parse_files([letter("fi", "Toinen")]))
        assert issues.audience_of(work, issue).total == 0
        assert issues.audience_of(work, issue).left_out["paused"] == 1
