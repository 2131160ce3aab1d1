"""Leaving is one click, and taking it back another; preferences from a mail's link."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from core.tokens import Purpose, Tokens
from members import own_links
from members.models import ConsentEvent, Member, Subscription
from newsletters import issues, sending
from newsletters.texts import parse_files
from tests.conftest import both_databases
from tests.support.people import Browser, ShiftedClock, add_members, fresh_link, letter, link_of

Run = Callable[[], None]


@pytest.fixture
def letter_in_hand(visitor: Browser, run_jobs: Run) -> str:
    """The one-click address of a letter that has arrived."""
    add_members(visitor.installation, 1, "fi")
    with visitor.installation.unit_of_work() as work:
        issue = issues.new_issue(work, parse_files([letter("fi")]))
        sending.send(work, issue.id)
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


def test_a_forwarded_letter_cannot_bring_its_owner_back(
    visitor: Browser, letter_in_hand: str, clock: ShiftedClock
) -> None:
    undo = visitor.post(letter_in_hand).action("/resubscribe/")
    assert "/resubscribe/" not in visitor.get(letter_in_hand).text, "only who left may come back"
    assert "/resubscribe/" not in visitor.post(letter_in_hand).text
    clock.forward(hours=2)
    assert visitor.post(undo).status == 404
    assert _state(visitor) == "unsubscribed"


def test_leaving_is_taken_back_once_and_only_while_it_is_the_last_word(
    visitor: Browser, letter_in_hand: str
) -> None:
    undo = visitor.post(letter_in_hand).action("/resubscribe/")
    visitor.post(undo)
    visitor.post(letter_in_hand)
    assert visitor.post(undo).status == 200
    assert _state(visitor) == "unsubscribed"


def test_who_never_said_anything_has_said_nothing_after_taking_it_back(
    visitor: Browser, letter_in_hand: str
) -> None:
    with visitor.installation.reading() as work:
        owner = work.session.scalars(select(Member)).one()
    token = visitor.installation.tokens.sign(Purpose.LEAVE, owner.id, "workshops", 1)
    visitor.post(visitor.post(f"/unsubscribe/{token}").action("/resubscribe/"))
    with visitor.installation.reading() as work:
        assert set(work.session.scalars(select(Subscription.topic))) == {"newsletter"}


def test_what_nobody_had_confirmed_cannot_be_taken_back(
    visitor: Browser, letter_in_hand: str
) -> None:
    visitor.post(letter_in_hand)
    visitor.subscribe("m0@school.example")
    assert _state(visitor) == "pending"
    assert "/resubscribe/" not in visitor.post(letter_in_hand).text
    assert _state(visitor) == "unsubscribed"


def test_who_has_left_can_have_a_link_to_come_back(
    visitor: Browser, letter_in_hand: str, run_jobs: Run
) -> None:
    visitor.post(letter_in_hand)
    fresh = visitor.get(letter_in_hand).action("/fresh").removeprefix("/fi")
    assert visitor.post(fresh).status == 200
    run_jobs()
    change = link_of(visitor.outbox()[0], "/change/")
    visitor.post(change, {"topics": "newsletter", "language": "fi"})
    assert _state(visitor) == "subscribed"


def test_unticking_everything_says_that_one_has_left(visitor: Browser, letter_in_hand: str) -> None:
    path = link_of(visitor.outbox()[0], "/preferences/")
    assert "Olet poistunut listalta" in visitor.post(path, {"paused_until": ""}).text
    assert "Olet poistunut listalta" not in visitor.post(path, {"paused_until": ""}).text
    assert _state(visitor) == "unsubscribed"


@both_databases
def test_a_link_out_of_a_letter_takes_away_and_adds_nothing(
    visitor: Browser, letter_in_hand: str
) -> None:
    with visitor.installation.unit_of_work() as work:
        owner = work.session.scalars(select(Member)).one()
        owner.name, owner.role, owner.country = "Aino Virtanen", "teacher", "FI"
        owner.paused_until = date(2027, 1, 31)
    path = link_of(visitor.outbox()[0], "/preferences/")
    page = visitor.get(path)
    for known in ("m0@school.example", "Aino", "Virtanen"):
        assert known not in page.text
    assert page.attributes('[name="name"], [name="language"], [name="role"]', "name") == []
    typed = {"topics": ["newsletter", "workshops"], "language": "en", "name": "Mallory",
             "role": "decision-maker", "country": "SE", "paused_until": "2026-12-01"}  # fmt: skip
    assert visitor.post(path, typed).status == 200
    with visitor.installation.reading() as work:
        owner = work.session.scalars(select(Member)).one()
        assert set(work.session.scalars(select(Subscription.topic))) == {"newsletter"}
    assert (owner.name, owner.language, owner.role, owner.country) == (
        "Aino Virtanen", "fi", "teacher", "FI")  # fmt: skip
    assert str(owner.paused_until) == "2027-01-31", "a pause is made longer, never shorter"
    visitor.post(path, {"topics": "newsletter", "paused_until": "2027-06-01"})
    with visitor.installation.reading() as work:
        assert str(work.session.scalars(select(Member)).one().paused_until) == "2027-06-01"


@pytest.mark.parametrize("day", ["31.12.2026", "9999-01-01"])
def test_a_pause_that_is_no_day_keeps_what_was_typed(
    visitor: Browser, letter_in_hand: str, day: str
) -> None:
    path = link_of(visitor.outbox()[0], "/preferences/")
    page = visitor.post(path, {"paused_until": day})
    assert (page.status, page.field("paused_until")) == (422, day)
    assert page.problem
    assert _state(visitor) == "subscribed"


def test_a_fresh_link_is_good_for_an_hour_and_the_next_is_one_tap_away(
    visitor: Browser, letter_in_hand: str, run_jobs: Run, clock: ShiftedClock
) -> None:
    preferences = link_of(visitor.outbox()[0], "/preferences/")
    change = fresh_link(visitor, preferences, run_jobs)
    assert visitor.get(change).status == 200
    clock.forward(minutes=61)
    visitor.installation.redis.flushdb()  # an hour there too
    ended = visitor.post(change, {"topics": "workshops", "language": "en"})
    assert ended.status == 410
    assert _state(visitor) == "subscribed"
    assert visitor.post(ended.action("/fresh").removeprefix("/fi")).status == 200
    run_jobs()
    assert visitor.get(link_of(visitor.outbox()[0], "/change/")).status == 200


def test_a_button_pressed_again_and_again_mails_one_fresh_link(
    visitor: Browser, letter_in_hand: str, run_jobs: Run
) -> None:
    preferences = link_of(visitor.outbox()[0], "/preferences/")
    fresh_link(visitor, preferences, run_jobs)
    for _ in range(3):
        assert "has to wait" in visitor.post(f"{preferences}/fresh").problem or (
            "saa odottaa" in visitor.post(f"{preferences}/fresh").problem
        )
    run_jobs()
    assert len([mail for mail in visitor.outbox() if "/change/" in mail.text]) == 1


@both_databases
def test_links_that_were_made_new_end_those_of_older_mails(
    visitor: Browser, letter_in_hand: str, run_jobs: Run
) -> None:
    preferences = link_of(visitor.outbox()[0], "/preferences/")
    change = fresh_link(visitor, preferences, run_jobs)
    with visitor.installation.unit_of_work() as work:
        owner = work.session.scalars(select(Member)).one()
        own_links.renew_links(work, owner, owner.id)
        issue = issues.new_issue(work, parse_files([letter("fi", "Toinen")]))
        sending.send(work, issue.id)
    for old in (preferences, change, letter_in_hand):
        assert visitor.get(old).status == 410
        assert visitor.get(old).heading == "Tämä linkki on vaihdettu" or "was replaced" in (
            visitor.get(old).heading
        )
    assert visitor.post(preferences, {}).status == 410
    run_jobs()
    newer = visitor.outbox()[0]
    assert visitor.get(link_of(newer, "/preferences/")).status == 200
    leave = newer.headers["List-Unsubscribe"].strip("<>")
    visitor.post(leave.removeprefix("http://testserver.localhost"))
    assert _state(visitor) == "unsubscribed"


def test_an_old_one_click_link_leaves_nothing_and_its_owner_is_asked(
    visitor: Browser, letter_in_hand: str, run_jobs: Run
) -> None:
    with visitor.installation.unit_of_work() as work:
        owner = work.session.scalars(select(Member)).one()
        own_links.renew_links(work, owner, owner.id)
    assert visitor.post(letter_in_hand).status == 200
    assert _state(visitor) == "subscribed"
    run_jobs()
    assert visitor.get(link_of(visitor.outbox()[0], "/change/")).status == 200


@pytest.mark.parametrize("purpose", [Purpose.LEAVE, Purpose.PREFERENCES])
def test_links_of_before_the_versions_are_good_until_the_first_renewal(
    visitor: Browser, letter_in_hand: str, purpose: Purpose
) -> None:
    path, more = {Purpose.LEAVE: ("unsubscribe", ("newsletter",)),
                  Purpose.PREFERENCES: ("preferences", ())}[purpose]  # fmt: skip
    with visitor.installation.reading() as work:
        owner = work.session.scalars(select(Member)).one()
    old = f"/{path}/{visitor.installation.tokens.sign(purpose, owner.id, *more)}"
    assert visitor.get(old).status == 200
    with visitor.installation.unit_of_work() as work:
        own_links.renew_links(work, work.session.get_one(Member, owner.id), None)
    assert visitor.get(old).status == 410


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
def test_preferences_are_read_and_changed_by_a_fresh_link(
    visitor: Browser, letter_in_hand: str, run_jobs: Run
) -> None:
    path = fresh_link(visitor, link_of(visitor.outbox()[0], "/preferences/"), run_jobs)
    assert "m0@school.example" in visitor.get(path).text
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
    visitor: Browser, letter_in_hand: str, run_jobs: Run, field: str, value: str
) -> None:
    path = fresh_link(visitor, link_of(visitor.outbox()[0], "/preferences/"), run_jobs)
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


def test_a_role_that_an_import_brought_may_stay(
    visitor: Browser, letter_in_hand: str, run_jobs: Run
) -> None:
    with visitor.installation.unit_of_work() as work:
        work.session.scalars(select(Member)).one().role = "rehtori"
    path = fresh_link(visitor, link_of(visitor.outbox()[0], "/preferences/"), run_jobs)
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


def test_the_link_of_a_letter_of_years_ago_leaves_though_the_key_was_changed_since(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    add_members(visitor.installation, 1, "en")
    with visitor.installation.unit_of_work() as work:
        sending.send(work, issues.new_issue(work, parse_files([letter("en")])).id)
    run_jobs()
    leave = link_of(visitor.outbox()[0], "/unsubscribe/")
    clock.forward(days=4 * 365)
    old = visitor.installation.settings.keys
    ring = Tokens(["a-newer-key-that-is-also-long-enough-to-be-one", *old], clock)
    with Browser.of(replace(visitor.installation, tokens=ring)) as later:
        assert later.post(leave).status == 200
    forgotten = Tokens(["a-newer-key-that-is-also-long-enough-to-be-one"], clock)
    with Browser.of(replace(visitor.installation, tokens=forgotten)) as stranger:
        assert stranger.post(leave).status == 404
    with visitor.installation.reading() as work:
        states = work.session.scalars(select(Subscription.state)).all()
    assert states == ["unsubscribed"]
