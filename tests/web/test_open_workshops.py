"""Workshops that are open: to members, to anyone, with or without approval; and interest."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

from core.installation import Installation
from members.models import Subscription
from members.roles import Role
from tests.conftest import both_databases
from tests.support import hosts
from tests.support.authors import member, sign_in_as
from tests.support.people import Browser, link_of
from worker import jobs

Run = Callable[[], None]


@pytest.fixture
def organiser(installation: Installation) -> Iterator[Browser]:
    """A signed-in owner."""
    with Browser.of(installation) as browser:
        yield browser.sign_in("owner@example.org", Role.OWNER)


@both_databases
def test_members_mark_areas_organisers_see_numbers_and_open_with_one_act(
    organiser: Browser, visitor: Browser
) -> None:
    installation = organiser.installation
    added = organiser.post("/organise/interest", {"name_en": "Listening", "name_fi": "Kuuntelu"})
    assert "Listening" in added.text
    missing = organiser.post("/organise/interest", {"name_en": "Only English"})
    assert (missing.status, "every language" in missing.problem) == (422, True)
    assert 'value="Only English"' in missing.text
    sign_in_as(visitor, member(installation))
    page = visitor.get("/me/interest")
    wrong = visitor.post("/me/interest", {"areas": "1", "time_zone": "Mars/Base"})
    assert (wrong.status, "time zone" in wrong.problem) == (422, True)
    assert "checked" in wrong.text
    assert page.status == 200
    mine = {"areas": "1", "role": "teacher", "country": "FI", "time_zone": "Asia/Kolkata"}
    assert "Saved." in visitor.post("/me/interest", mine).text
    numbers = organiser.get("/organise/interest").text
    assert "Teacher: 1" in numbers
    workshop = hosts.ready(installation)
    base = f"/organise/workshops/{workshop.public_id}"
    opened = organiser.post(f"{base}/open", {"audience": "members"})
    assert "It is open to all members." in opened.text
    seen = visitor.get(f"/workshops/{workshop.public_id}")
    assert "(Kolkata)" in seen.text, "their own zone first"
    place = visitor.post(f"/workshops/{workshop.public_id}", {"rules": "1", "name": "Mia"})
    assert "You have a place" in place.text
    assert "The first minute" in visitor.get("/workshops").text
    with Browser.of(installation) as stranger:
        assert "The first minute" not in stranger.get("/workshops").text
        assert stranger.get(f"/workshops/{workshop.public_id}").heading == "Sign in"
        closed = organiser.post(f"{base}/close")
        assert "Nobody new can come." in closed.text
    visitor.post("/me/interest", {})
    assert "Teacher: 1" not in organiser.get("/organise/interest").text
    organiser.post("/organise/interest/1/put-away")
    assert "Listening" not in visitor.get("/me/interest").text


@both_databases
def test_with_approval_an_organiser_decides_about_each(
    organiser: Browser, visitor: Browser, run_jobs: Run
) -> None:
    installation = organiser.installation
    workshop = hosts.ready(installation, capacity=1)
    base = f"/organise/workshops/{workshop.public_id}"
    organiser.post(f"{base}/open", {"audience": "members", "needs_approval": "1"})
    for number in (0, 1, 2):
        with Browser.of(installation) as browser:
            sign_in_as(browser, member(installation, number))
            for _ in range(2):
                asked = browser.post(f"/workshops/{workshop.public_id}", {"rules": "1"})
            assert "look at your request" in asked.text
            assert "look at your request" in browser.post(
                hosts_path(asked) + "/take", {"rules": "1"}).text  # fmt: skip
    assert set(hosts.places(installation, workshop).values()) == {"requested"}
    run_jobs()
    jobs.look_after_workshops()
    run_jobs()
    told = [m for m in visitor.outbox("owner@example.org") if m.subject.startswith("People")]
    assert len(told) == 1, "once an hour, however many ask"
    assert "3 people wait for your decision" in organiser.get("/organise").text
    for act in ("approve", "approve", "refuse"):
        page = organiser.get(f"{base}/people")
        for _ in range(2):
            organiser.post(page.action(f"/{act}"))
    assert hosts.places(installation, workshop) == {
        "m0@school.example": "confirmed",
        "m1@school.example": "waitlisted",
        "m2@school.example": "not_accepted",
    }
    run_jobs()
    assert visitor.outbox("m2@school.example")[0].subject == "About your request: The first minute"


def hosts_path(page: object) -> str:
    """The path of the page that one was led to."""
    return str(page.response.url).removeprefix("http://testserver.localhost")  # type: ignore[attr-defined]


@both_databases
def test_a_visitor_shows_first_that_the_address_is_theirs(
    organiser: Browser, visitor: Browser, run_jobs: Run
) -> None:
    installation = organiser.installation
    workshop = hosts.ready(installation)
    path = f"/workshops/{workshop.public_id}"
    organiser.post(f"/organise{path}/open", {"audience": "anyone", "needs_approval": "1"})
    wrong = visitor.post(path, {"email": "no address", "name": "Nea"})
    assert (wrong.status, 'value="Nea"' in wrong.text) == (422, True)
    same = [visitor.post(path, {"email": email}).heading
            for email in ("new@example.org", "owner@example.org")]  # fmt: skip
    assert same == ["Look into your mailbox"] * 2, "whoever it is"
    assert hosts.places(installation, workshop) == {}
    run_jobs()
    link = link_of(visitor.outbox("new@example.org")[0], "/i/")
    assert "look at your request" in visitor.post(link, {"answer": "yes", "rules": "1"}).text
    assert hosts.places(installation, workshop) == {"new@example.org": "requested"}


@both_databases
def test_the_box_for_the_newsletter_keeps_nobody_out_whose_mailbox_has_no_room(
    organiser: Browser, visitor: Browser, run_jobs: Run
) -> None:
    """The mail with the link was already the one of ten minutes."""
    installation = organiser.installation
    workshop = hosts.ready(installation)
    path = f"/workshops/{workshop.public_id}"
    organiser.post(f"/organise{path}/open", {"audience": "anyone"})
    visitor.post(path, {"email": "new@example.org"})
    run_jobs()
    link = link_of(visitor.outbox("new@example.org")[0], "/i/")
    assert visitor.post(link, {"answer": "yes", "rules": "1", "newsletter": "1"}).status == 200
    assert hosts.places(installation, workshop) == {"new@example.org": "confirmed"}
    run_jobs()
    assert not any("/confirm/" in x for m in visitor.outbox("new@example.org") for x in m.links)
    with installation.reading() as work:
        [state] = work.session.scalars(select(Subscription.state))
    assert state == "pending", "the wish is known to the next page that asks"


def test_an_open_workshop_is_no_way_into_one_that_is_not(
    organiser: Browser, visitor: Browser, run_jobs: Run
) -> None:
    installation = organiser.installation
    workshop = hosts.ready(installation)
    path = f"/workshops/{workshop.public_id}"
    assert visitor.post(path, {"email": "new@example.org"}).heading == "Sign in"
    organiser.post(f"/organise{path}/open", {"audience": "anyone"})
    visitor.post(path, {"email": "new@example.org"})
    run_jobs()
    link = link_of(visitor.outbox("new@example.org")[0], "/i/")
    organiser.post(f"/organise{path}/close")
    assert "Nobody new can come" in visitor.get(link).text
    assert visitor.post(link, {"answer": "yes", "rules": "1"}).status == 422
    late = visitor.post(path, {"email": "new@example.org"})
    assert (late.status, late.problem) == (422, "Nobody new can come any more.")
    sign_in_as(visitor, member(installation))
    assert visitor.post(path, {"rules": "1"}).status == 422
    assert hosts.places(installation, workshop) == {}
