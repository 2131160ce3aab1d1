"""Who sees what of a workshop: role by page by field. Everything that could leak is there."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.installation import Installation
from members.models import Member
from members.roles import Role
from tests.support import hosts
from tests.support.authors import member, sign_in_as
from tests.support.people import Browser, ShiftedClock
from tests.support.phones import set_up
from worker import jobs
from workshops.model.tables import Workshop

Run = Callable[[], None]
ROLES = ("visitor", "member", "invited", "waiting", "confirmed", "facilitator", "organiser")

SECRETS = {
    "the title": "The first minute",
    "the focus": "How do we begin a lesson?",
    "a name that is shown": "Shona",
    "a name that is not shown": "Hidda",
    "a shared answer": "A shared song",
    "an answer for the facilitator": "A private song",
    "an address": "hidda@example.org",
    "the link of the meeting": "secret-room",
    "a check-in": "I bring tea",
    "a learning point": "Silence is an answer",
    "an action": "We wait seven seconds",
    "a note of the facilitator": "Mind the quiet ones",
    "a doubt": "Should we at all",
    "who said no": "nora@example.org",
}

SEES = {
    "visitor": set[str](),
    "member": set[str](),
    "invited": {"the title"},  # once it has begun; before, the focus too
    "waiting": {"the title", "the focus"},
    "confirmed": {
        "the title", "the focus", "a name that is shown", "a shared answer",
        "the link of the meeting", "a check-in", "a learning point", "an action",
    },
    "facilitator": {
        "the title", "the focus", "a name that is shown", "a name that is not shown",
        "a shared answer", "an answer for the facilitator", "the link of the meeting",
        "a check-in", "a learning point", "an action", "a note of the facilitator", "a doubt",
    },
    "organiser": {
        "the title", "the focus", "a name that is shown", "a name that is not shown",
        "a shared answer", "an address", "the link of the meeting", "a learning point",
        "an action", "a doubt", "who said no",
    },
}  # fmt: skip


class Scene:
    """A workshop that runs now, with everything in it that could leak."""

    def __init__(self, installation: Installation, clock: ShiftedClock, run_jobs: Run) -> None:
        self.installation, self.clock = installation, clock
        self.workshop = hosts.ready(installation, capacity=2)
        people = "Shona <shona@example.org>\nHidda <hidda@example.org>\nWalt <walt@example.org>\n"
        hosts.invite(installation, self.workshop, people + "nora@example.org\nivy@example.org")
        run_jobs()
        with Browser.of(installation) as browser:
            self._fill(browser, clock, run_jobs)

    def _fill(self, browser: Browser, clock: ShiftedClock, run_jobs: Run) -> None:
        hosts.say(browser, "shona@example.org", "yes", answer_1="A shared song",
                  shared_1="group", shows_name="1")  # fmt: skip
        hosts.say(browser, "hidda@example.org", "yes", answer_1="A private song",
                  shared_1="facilitator")  # fmt: skip
        hosts.say(browser, "walt@example.org", "yes")
        hosts.say(browser, "nora@example.org", "no")
        run_jobs()
        self.links = {
            "confirmed": hosts.place_link(browser, "shona@example.org"),
            "waiting": hosts.place_link(browser, "walt@example.org"),
            "invited": hosts.invitation_link(browser, "ivy@example.org"),
        }
        clock.forward(hours=24 * hosts.days_until(self.workshop) + 0.1)
        for who in ("shona@example.org", "hidda@example.org"):
            path = hosts.place_link(browser, who)
            browser.post(f"{path}/join", {"words": "I bring tea"})
            browser.post(f"{path}/points", {"point": "Silence is an answer"})
            due = str(hosts.today() + timedelta(days=60))
            action = {"action": "We wait seven seconds", "kind": "promise", "due_on": due}
            browser.post(f"{path}/actions", action)
        browser.post(f"{path}/check-out", {"learned": "Much", "doubt": "Should we at all"})
        browser.sign_in("fa@example.org", Role.FACILITATOR)
        room = f"/organise/workshops/{self.workshop.public_id}/room/notes"
        assert browser.post(room, {"notes": "Mind the quiet ones"}).status == 200

    @property
    def people(self) -> list[int]:
        """Everybody, by number."""
        with self.installation.reading() as work:
            return list(work.session.scalars(select(Member.id)))

    def pages(self, role: str) -> list[str]:
        """Every page of the workshop whose address this role could come to know."""
        public_id = self.workshop.public_id
        base = f"/organise/workshops/{public_id}"
        cohort = "/cohorts/1"
        common = ["/workshops", f"/workshops/{public_id}", f"/workshops/{public_id}/event.ics",
                  base, "/organise/workshops", "/certificates/abcdefgh",
                  *(f"{base}{part}" for part in ("/people", cohort, "/change", "/room",
                                                 "/run-sheet"))]  # fmt: skip
        common += ["/organise/mail", *(f"/organise/mail/{n}" for n in range(1, 12))]
        common += ["/organise/people", *(f"/organise/people/{number}" for number in self.people)]
        link = self.links.get(role)
        extra = [link, f"{link}/event.ics", f"{link}/certificate.pdf"] if link else []
        own_pages = [f"{link}/join", f"{link}/learning"] if link and "/w/" in link else []
        return [*common, *extra, *own_pages]


@pytest.fixture
def scene(installation: Installation, clock: ShiftedClock, run_jobs: Run) -> Scene:
    """Everything that could leak."""
    return Scene(installation, clock, run_jobs)


@pytest.fixture
def browsers(installation: Installation, scene: Scene) -> Iterator[dict[str, Browser]]:
    """One browser for each role."""
    assert scene.workshop
    with ExitStack() as stack:
        made = {role: stack.enter_context(Browser.of(installation)) for role in ROLES}
        sign_in_as(made["member"], member(installation))
        made["facilitator"].sign_in("fa@example.org", Role.FACILITATOR)
        set_up(made["organiser"].sign_in("owner@example.org", Role.OWNER), scene.clock)
        yield made


def _seen(browser: Browser, scene: Scene, role: str) -> set[str]:
    texts = [browser.get(path).text for path in scene.pages(role)]
    whole = "\n".join(texts)
    return {name for name, words in SECRETS.items() if words in whole}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_sees_exactly_what_is_theirs(
    scene: Scene, browsers: dict[str, Browser], role: str
) -> None:
    assert _seen(browsers[role], scene, role) == SEES[role]


def test_what_does_not_exist_and_what_is_not_for_you_look_the_same(
    scene: Scene, browsers: dict[str, Browser]
) -> None:
    for role in ("visitor", "member"):
        hidden = browsers[role].get(f"/workshops/{scene.workshop.public_id}")
        nothing = browsers[role].get("/workshops/aaaaaaaa")
        assert (hidden.status, hidden.heading) == (nothing.status, nothing.heading)
        asked = browsers[role].post(
            f"/workshops/{scene.workshop.public_id}", {"email": "x@example.org"}
        )
        assert asked.status in (200, 404)
        assert "mailbox" not in asked.text


def test_what_was_brought_in_and_noted_is_forgotten_in_time(
    scene: Scene, browsers: dict[str, Browser], clock: ShiftedClock, run_jobs: Run
) -> None:
    room = f"/organise/workshops/{scene.workshop.public_id}/room"

    def shown() -> tuple[bool, bool]:
        text = browsers["facilitator"].sign_in("fa@example.org", Role.FACILITATOR).get(room).text
        return "I bring tea" in text, "Mind the quiet ones" in text

    run_jobs()
    jobs.purge()
    assert shown() == (True, True)
    clock.forward(hours=25)
    jobs.purge()
    assert shown() == (False, True)
    clock.forward(days=31)
    jobs.purge()
    assert shown() == (False, False)


def test_the_doubt_has_no_name_anywhere(installation: Installation, scene: Scene) -> None:
    from workshops.model.reflection_tables import DoubleLoopAnswer

    columns = set(DoubleLoopAnswer.__table__.columns.keys())
    assert scene.workshop
    assert columns == {"id", "workshop_id", "words", "on"}


def test_the_button_opens_half_an_hour_before_and_closes_half_an_hour_after(
    visitor: Browser, clock: ShiftedClock, run_jobs: Run
) -> None:
    workshop = hosts.ready(visitor.installation)
    hosts.invite(visitor.installation, workshop, "mia@example.org")
    run_jobs()
    hosts.say(visitor, "mia@example.org", "yes")
    run_jobs()
    path = hosts.place_link(visitor, "mia@example.org")
    assert workshop.starts_at
    found = []
    for minutes in (-31, -29, 119, 121):
        moment = workshop.starts_at + timedelta(minutes=minutes)
        clock.shift += moment - visitor.installation.clock.now()
        joined = visitor.post(f"{path}/join", {"words": ""})
        found.append("secret-room" in joined.text)
        assert ("Come in" in visitor.get(path).text) is found[-1]
    assert found == [False, True, True, False]


def test_somebody_who_was_removed_or_left_sees_no_more_than_the_invited(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    workshop = _two_in(visitor, run_jobs)
    paths = {who: hosts.place_link(visitor, f"{who}@example.org") for who in ("mia", "ben")}
    visitor.post(f"{paths['mia']}/give-up")
    with Browser.of(visitor.installation) as owner:
        owner.sign_in("owner@example.org", Role.OWNER)
        page = owner.get(f"/organise/workshops/{workshop.public_id}/people")
        for number in re.findall(r"/places/(\d+)/remove", page.text):
            owner.post(f"/organise/workshops/{workshop.public_id}/places/{number}/remove")
    assert set(hosts.places(visitor.installation, workshop).values()) == {"cancelled", "removed"}
    clock.forward(hours=24 * hosts.days_until(workshop))
    for path in paths.values():
        page = visitor.get(path)
        assert "Shona" not in page.text
        assert "A shared song" not in page.text
        assert visitor.get(f"{path}/join").status == 422
        for part in ("/points", "/actions", "/check-out", "/points/1/agree", "/take"):
            assert visitor.post(f"{path}{part}", {"rules": "1"}).status == 422, part


def _two_in(visitor: Browser, run_jobs: Run) -> Workshop:
    workshop = hosts.ready(visitor.installation)
    hosts.invite(
        visitor.installation, workshop, "mia@example.org\nben@example.org\nshona@example.org"
    )
    run_jobs()
    for who in ("mia", "ben", "shona"):
        hosts.say(visitor, f"{who}@example.org", "yes", name=who.title(), shows_name="1",
                  answer_1="A shared song", shared_1="group")  # fmt: skip
    run_jobs()
    return workshop
