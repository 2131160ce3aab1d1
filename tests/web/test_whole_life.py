"""One workshop through its whole life, by everybody's own door, with the clock moved."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from mail.outbox import OutboxMail
from members.roles import Role
from tests.support import hosts
from tests.support.authors import do, member, send_in, sign_in_as
from tests.support.calendar_parts import event_of
from tests.support.people import Browser, ShiftedClock, link_of
from tests.support.phones import App, set_up
from tests.support.plans import PLAN
from worker import jobs
from workshops.planning.announcing import announceable

Run = Callable[[], None]
STARTS = datetime(2027, 4, 14, 15, tzinfo=UTC)
SEAT = "seat@example.org"
GUESTS = [f"guest{n}@example.org" for n in range(12)]


@dataclass
class Life:
    """Everybody whom the workshop concerns, each in a browser of their own."""

    guest: Browser
    owner: Browser
    facilitator: Browser
    clock: ShiftedClock
    run_jobs: Run
    path: str = ""
    app: App | None = None
    """On the owner's phone."""

    def come_to(self, moment: datetime) -> None:
        """Let time pass until a moment, do what was due, and sign in anew."""
        self.clock.come_to(moment)
        for _ in range(2):
            self.run_jobs()
            jobs.look_after_workshops()
            self.run_jobs()
        self.owner.sign_in("owner@example.org", Role.OWNER)
        self._show_second_factor()
        self.facilitator.sign_in("fa@example.org", Role.FACILITATOR)

    def _show_second_factor(self) -> None:
        if self.app is None:
            self.app, _ = set_up(self.owner, self.clock)
        self.owner.post("/sign-in/proof", {"code": self.app.code()})

    def mail(self, to: str, subject: str) -> OutboxMail:
        """The newest mail to somebody whose subject begins so."""
        found = [m for m in self.guest.outbox(to) if m.subject.startswith(subject)]
        assert found, [m.subject for m in self.guest.outbox(to)]
        return found[0]

    def learning_page(self, who: str) -> str:
        """What somebody learned and took on with the others."""
        return self.guest.get(f"{hosts.place_link(self.guest, who)}/learning").text

    def act(self, who: str, part: str, **form: str) -> str:
        """Do something on one's own page."""
        page = self.guest.post(f"{hosts.place_link(self.guest, who)}{part}", form)
        assert page.status == 200, page.problem
        return page.text

    def tell_everybody(self) -> None:
        """Let the mails about a change go, by their number."""
        page = self.owner.get(f"{self.path}/change")
        count = re.search(r"(\d+) people have not been told yet", page.text)
        assert count, "more than five, so somebody lets it go"
        self.owner.post(f"{self.path}/notices", {"typed": count[1]})
        self.run_jobs()


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_a_workshop_through_its_whole_life(
    visitor: Browser, author: Browser, clock: ShiftedClock, run_jobs: Run
) -> None:
    with Browser.of(visitor.installation) as owner, Browser.of(visitor.installation) as facilitator:
        life = Life(visitor, owner, facilitator, clock, run_jobs)
        _is_planned(life, author)
        _twelve_are_invited(life)
        _they_answer(life)
        first = event_of(life.mail(GUESTS[0], "You have a place"))
        assert (first["starts"], first["wall"]) == ("2027-03-17T16:00:00+00:00", "18:00")
        _the_waiting_list_moves(life, first)
        _it_is_put_off_over_the_change_of_clocks(life, first)
        _the_days_before(life)
        _it_is_held(life)
        _what_is_learned_and_taken_on(life)
        _it_is_followed_up(life)
        again = _it_goes_on(life)
        assert visitor.get(f"/workshops/{life.path.rpartition('/')[2]}").heading == "Sign in"
        _the_second_is_open_to_all(life, again)


def _facilitator_of(life: Life, path: str) -> str:
    options = life.owner.get(path).tree.css('select[name="facilitator"] option')
    [found] = [one for one in options if one.text().strip() == "fa@example.org"]
    return found.attributes["value"] or ""


def _is_planned(life: Life, author: Browser) -> None:
    """From a member's topic to a hotseat whose ground is prepared."""
    life.come_to(datetime(2027, 2, 1, 9, tzinfo=UTC))
    sign_in_as(author, member(author.installation))
    topic = send_in(author, "topic").replace("/me/", "/organise/")
    do(life.owner, topic, "open")
    page = life.owner.post(life.owner.get(topic).action("/workshops/from/"))
    life.path = str(page.response.url).removeprefix("http://testserver.localhost")
    hotseat = {"frame": "hotseat", "answer_seat": "Mia, who has agreed", "seat_email": SEAT,
               "capacity": "10", "answer_journey": "Five lines", "focus": "How do we listen?",
               "facilitator": _facilitator_of(life, life.path),
               "local_start": "2027-03-17T18:00"}  # fmt: skip
    life.owner.post(life.path, {**PLAN, "version": page.hidden("version"), **hotseat})
    life.run_jobs()
    assert life.mail("fa@example.org", "Would you facilitate?")
    life.facilitator.post(life.facilitator.get("/organise/workshops").action("/accept"))
    assert "Yes, the ground is prepared." in life.owner.post(f"{life.path}/ready").text


def _twelve_are_invited(life: Life) -> None:
    people = {"way": "list", "people": "\n".join(GUESTS)}
    page = life.owner.post(f"{life.path}/cohorts", people)
    assert page.heading == "12 people"
    cohort = str(page.response.url).removeprefix("http://testserver.localhost")
    life.owner.post(f"{cohort}/release", {"typed": "12"})
    life.run_jobs()
    assert event_of(life.mail(SEAT, "A place is kept for you"))["method"] == "REQUEST"
    assert life.mail("fa@example.org", "A place is kept for you")


def _they_answer(life: Life) -> None:
    """Nine say yes for eight places, one maybe, one no; one says nothing."""
    for n, who in enumerate(GUESTS[:9]):
        hosts.say(life.guest, who, "yes", name=f"Guest {n}", answer_1=f"With song {n}",
                  shared_1="group" if n else "facilitator",
                  shows_name="1" if n < 3 else "")  # fmt: skip
    hosts.say(life.guest, GUESTS[9], "maybe")
    hosts.say(life.guest, GUESTS[10], "no")
    life.run_jobs()
    assert life.mail(GUESTS[8], "On the waiting list")


def _the_waiting_list_moves(life: Life, first: dict[str, str]) -> None:
    life.act(GUESTS[7], "/give-up")
    life.run_jobs()
    gone = event_of(life.mail(GUESTS[7], "Your place is given back"))
    assert (gone["method"], gone["uid"]) == ("CANCEL", first["uid"])
    assert life.mail(GUESTS[8], "A place is free")
    assert "You have a place" in life.act(GUESTS[8], "/take")


def _it_is_put_off_over_the_change_of_clocks(life: Life, first: dict[str, str]) -> None:
    page = life.owner.post(f"{life.path}/postpone")
    life.run_jobs()
    assert not any(m.subject.startswith("Put off") for m in life.guest.outbox(GUESTS[0]))
    life.tell_everybody()
    off = event_of(life.mail(GUESTS[0], "Put off"))
    assert (off["method"], off["status"], off["uid"]) == ("CANCEL", "CANCELLED", first["uid"])
    new = {"version": page.hidden("version"), "title": "On listening", "minutes": "90",
           "local_start": "2027-04-14T18:00", "zone": "Europe/Helsinki", "rules": "We ask first.",
           "meeting_url": "https://meet.example/1", "follow_up_on": "2027-05-12",
           "answer_by": "2027-04-10",
           "answer_seat": "Mia, who has agreed", "seat_email": SEAT,
           "facilitator": _facilitator_id(life)}  # fmt: skip
    changed = life.owner.post(f"{life.path}/new-date", new)
    assert changed.status == 200, changed.problem
    life.tell_everybody()
    again = event_of(life.mail(GUESTS[0], "A new day"))
    assert (again["starts"], again["wall"]) == ("2027-04-14T15:00:00+00:00", "18:00")
    assert (again["method"], again["uid"]) == ("REQUEST", first["uid"])
    assert int(first["sequence"]) < int(off["sequence"]) < int(again["sequence"])
    assert life.mail(GUESTS[10], "Another time"), "who said no is asked anew"


def _the_days_before(life: Life) -> None:
    life.come_to(STARTS - timedelta(days=2) + timedelta(minutes=1))
    digest = life.mail("fa@example.org", "In two days").text
    assert "With song 0" in digest
    life.come_to(STARTS - timedelta(days=1) + timedelta(minutes=1))
    shared = life.mail(GUESTS[3], "What we bring along").text
    assert "Guest 1" in shared
    assert "song 0" not in shared, "for the facilitator only"
    assert "song 5" in shared
    assert "Guest 5" not in shared, "their words, but not their name"


def _it_is_held(life: Life) -> None:
    early = life.guest.get(f"{hosts.place_link(life.guest, GUESTS[0])}/join")
    assert "opens 30 minutes before" in early.problem
    life.come_to(STARTS - timedelta(minutes=20))
    assert life.mail(GUESTS[0], "It begins soon")
    for who in GUESTS[:3]:
        page_link = hosts.place_link(life.guest, who)
        assert "ground rules have changed" in life.guest.get(f"{page_link}/join").text
        life.guest.post(f"{page_link}/rules", {"rules": "2"})
        assert "meet.example" not in life.guest.get(f"{page_link}/join").text
        room = life.guest.post(f"{page_link}/join", {"words": f"I bring tea, {who}"})
        assert "https://meet.example/1" in room.text
    room_path = f"{life.path}/room"
    assert f"I bring tea, {GUESTS[1]}" in life.facilitator.get(room_path).text
    assert "I bring tea" not in life.owner.get(room_path).text
    life.come_to(STARTS + timedelta(minutes=100))
    ticked = life.facilitator.get(room_path).tree.css('input[name="there"][checked]')
    there = [box.attributes["value"] for box in ticked]
    assert len(there) == 4, "three came in, and whoever leads it is there"
    for _ in range(2):
        life.facilitator.post(f"{room_path}/attendance", {"there": there})
    life.run_jobs()
    assert life.mail(GUESTS[0], "Your certificate")
    states = hosts.places(life.guest.installation, hosts.find(life.guest.installation, life.path))
    assert (states[GUESTS[2]], states[GUESTS[3]]) == ("attended", "no_show")


def _what_is_learned_and_taken_on(life: Life) -> None:
    assert life.mail(GUESTS[0], "What do you take along?")
    life.act(GUESTS[0], "/check-out", learned="Silence is an answer", is_point="1",
             involves="My head", doubt="Is once a year enough?")  # fmt: skip
    assert "Is once a year enough?" in life.owner.get(f"{life.path}/room").text
    [point] = set(re.findall(r"/points/(\d+)/agree", life.learning_page(GUESTS[1])))
    for who in GUESTS[:2]:
        life.act(who, f"/points/{point}/agree", may_share="1")
    life.act(GUESTS[0], "/actions", action="We wait seven seconds", kind="promise",
             due_on="2027-05-10", take_on="1", form_key="a")  # fmt: skip
    life.act(GUESTS[1], "/actions", action="We ask the pupils", kind="request",
             due_on="2027-05-11", form_key="b")  # fmt: skip
    asked = re.findall(r"/actions/(\d+)/take-on", life.learning_page(GUESTS[1]))
    life.act(GUESTS[1], f"/actions/{asked[-1]}/take-on")


def _it_is_followed_up(life: Life) -> None:
    life.come_to(STARTS + timedelta(days=14, hours=3))
    assert "Silence is an answer" in life.mail(GUESTS[2], "What we learned").text
    life.come_to(datetime(2027, 5, 5, 6, tzinfo=UTC))
    assert "We wait seven seconds" in life.mail(GUESTS[0], "How is it going?").text
    for who, course in ((GUESTS[0], "done"), (GUESTS[1], "carried_on")):
        [page_link] = set(re.findall(r"/actions/(\d+)/report", life.learning_page(who)))
        life.act(who, f"/actions/{page_link}/report", course=course, note="Because of the pupils")
    life.come_to(datetime(2027, 5, 12, 6, tzinfo=UTC))
    digest = life.mail(GUESTS[2], "We come back to it").text
    assert "Guest 0 (done)" in digest
    assert "Guest 1 (carried on)" in digest


def _it_goes_on(life: Life) -> str:
    """The follow-up conversation with the same people, and an article."""
    owner = life.owner
    again = str(owner.post(f"{life.path}/follow-up").response.url)
    assert again == str(owner.post(f"{life.path}/follow-up").response.url), "asked twice, one"
    path = again.removeprefix("http://testserver.localhost")
    assert "Follow-up: On listening" in owner.get(path).text
    [cohort] = set(re.findall(r"/cohorts/(\d+)", owner.get(f"{path}/people").text))
    assert owner.get(f"{path}/cohorts/{cohort}").heading == "3 people"
    draft = owner.post(f"{life.path}/article")
    assert "Silence is an answer" in draft.text
    assert "With thanks to Mia" in draft.text
    assert str(owner.post(f"{life.path}/article").response.url) == str(draft.response.url)
    assert "Complete" in owner.post(f"{life.path}/complete").text
    return path


def _the_second_is_open_to_all(life: Life, path: str) -> None:
    owner, guest = life.owner, life.guest
    form = {**PLAN, "frame": "hotseat", "answer_seat": "Ada", "answer_journey": "Five lines",
            "seat_email": "ada@example.org",
            "title": "Listening again", "local_start": "2027-09-15T18:00",
            "follow_up_on": "2027-10-20", "facilitator": _facilitator_of(life, path)}  # fmt: skip
    owner.post(path, {**form, "version": owner.get(path).hidden("version")})
    life.facilitator.post(life.facilitator.get("/organise/workshops").action("/accept"))
    owner.post(f"{path}/ready")
    with guest.installation.reading() as work:
        assert announceable(work.session, work.now) == []
    owner.post(f"{path}/open", {"audience": "anyone"})
    assert "Listening again" in guest.get("/workshops").text
    page_link = f"/workshops/{path.rpartition('/')[2]}"
    assert guest.get(page_link).heading == "Listening again"
    with guest.installation.reading() as work:
        [told] = announceable(work.session, work.now, "anyone")
        assert (told.title, told.audience) == ("Listening again", "anyone")
    sent = guest.post(page_link, {"email": "new@example.org", "name": "Nea"})
    assert "Look into your mailbox" in sent.text
    life.run_jobs()
    link = link_of(life.mail("new@example.org", "Confirm your request"), "/i/")
    assert "You have a place" in guest.post(link, {"answer": "yes", "rules": "1"}).text
    life.come_to(datetime(2027, 9, 15, 16, 40, tzinfo=UTC))
    assert "Listening again" in guest.get(hosts.place_link(guest, "new@example.org")).text


def _facilitator_id(life: Life) -> str:
    return str(hosts.find(life.guest.installation, life.path).facilitator_id)
