"""Inviting a cohort and answering, through the front door."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from mail.models import Suppression
from mail.suppressing import suppression_key
from members.models import Member, Subscription
from members.roles import Role
from tests.conftest import both_databases
from tests.support import hosts
from tests.support.people import Browser, ShiftedClock, add_members
from worker import jobs

Run = Callable[[], None]


@pytest.fixture
def organiser(visitor: Browser) -> Browser:
    """A signed-in owner."""
    return visitor.sign_in("owner@example.org", Role.OWNER)


@both_databases
def test_a_cohort_is_chosen_seen_released_by_its_number_and_answers_in_three_ways(
    organiser: Browser, run_jobs: Run
) -> None:
    workshop = hosts.ready(organiser.installation)
    base = f"/organise/workshops/{workshop.public_id}"
    typed = "Mia <mia@example.org>\nben@example.org; no address\nMIA@example.org\ncleo@example.org"
    page = organiser.post(f"{base}/cohorts", {"way": "list", "people": typed})
    assert page.heading == "3 people"
    assert "2: no address" in page.text
    assert "is in the list twice" in page.text
    run_jobs()
    assert organiser.outbox("mia@example.org") == [], "nothing goes out by itself"
    path = str(page.response.url).removeprefix("http://testserver.localhost")
    terms = {"answer_by": str(hosts.today().replace(year=hosts.today().year + 1)), "note": "x"}
    assert "before it begins" in organiser.post(path, terms).problem
    refused = organiser.post(f"{path}/release", {"typed": "4"})
    assert (refused.status, "number of people: 3" in refused.problem) == (422, True)
    for _ in range(2):
        organiser.post(f"{path}/release", {"typed": " 3 "})
    run_jobs()
    [mail] = organiser.outbox("mia@example.org")
    assert mail.subject == "An invitation: The first minute"
    assert "Hello Mia," in mail.text
    assert "18:00–19:30 (Helsinki)" in mail.text
    assert "List-Unsubscribe" in mail.headers
    with Browser.of(organiser.installation) as somebody:
        seen = somebody.get(hosts.invitation_link(somebody, "mia@example.org"))
        assert "How do we begin a lesson?" in seen.text
        assert hosts.QUESTION in seen.text
        assert "secret-room" not in seen.text
        place = hosts.say(somebody, "mia@example.org", "yes", answer_1="With a song",
                          shared_1="group", shows_name="1", newsletter="1")  # fmt: skip
        assert place.status == 200
        assert "You have a place" in place.text
        assert "ask you once more" in hosts.say(somebody, "ben@example.org", "maybe").text
        assert "No reason is needed" in hosts.say(somebody, "cleo@example.org", "no").text
        again = somebody.get(hosts.invitation_link(somebody, "mia@example.org"))
        assert "You have a place" in again.text, "a used link shows the place"
    assert hosts.answers(organiser.installation, workshop) == {
        "mia@example.org": "accepted",
        "ben@example.org": "maybe",
        "cleo@example.org": "declined",
    }
    run_jobs()
    asked, confirmed = organiser.outbox("mia@example.org")[:2]
    if asked.subject != "Please confirm your subscription":
        asked, confirmed = confirmed, asked
    assert asked.subject == "Please confirm your subscription", "the newsletter, once confirmed"
    assert confirmed.subject == "You have a place: The first minute"
    assert "METHOD:REQUEST" in confirmed.source or "text/calendar" in confirmed.source
    people = organiser.get(f"{base}/people")
    for words in ("Mia", "maybe", "Has a place"):
        assert words in people.text


def test_who_cannot_be_invited_is_left_out_with_the_reason(
    organiser: Browser, run_jobs: Run
) -> None:
    installation = organiser.installation
    workshop = hosts.ready(installation)
    add_members(installation, 6, "en")
    hosts.invite(installation, workshop, "m0@school.example\nm1@school.example")
    run_jobs()
    hosts.say(organiser, "m0@school.example", "yes")
    with installation.unit_of_work() as work:
        ids = dict(work.session.execute(select(Member.email, Member.id)).all())
        away = work.session.get_one(Member, ids["m2@school.example"])
        away.paused_until = hosts.today() + timedelta(days=9)
        work.session.add(Subscription(member_id=ids["m3@school.example"], topic="workshops",
                                      state="unsubscribed", changed_at=work.now))  # fmt: skip
        key = suppression_key("m4@school.example", work.settings.keys[0])
        work.session.add(Suppression(key=key, reason="bounce", scope="everything",
                                     created_at=work.now))  # fmt: skip
    typed = "\n".join(f"m{n}@school.example" for n in range(6)) + "\nfa@example.org"
    page = organiser.post(
        f"/organise/workshops/{workshop.public_id}/cohorts", {"way": "list", "people": typed}
    )
    assert page.heading == "1 person"
    for words in (
        "has been invited already",
        "wants no mail for a while",
        "has asked for no invitations",
        "mail to this address came back",
        "facilitates it",
    ):
        assert words in page.text


def test_reminders_go_to_the_unanswered_only_and_once_each(
    organiser: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    installation = organiser.installation
    workshop = hosts.ready(installation)
    hosts.invite(installation, workshop, "a@example.org\nb@example.org\nc@example.org", days=20)
    run_jobs()
    hosts.say(organiser, "b@example.org", "no")
    hosts.say(organiser, "c@example.org", "maybe")

    def reminded(who: str) -> int:
        mails = organiser.outbox(f"{who}@example.org")
        return sum(m.subject.startswith("Will you come?") for m in mails)

    for days, expected in ((12, (0, 0, 0)), (2, (1, 0, 0)), (5, (2, 0, 1)), (3, (2, 0, 1))):
        clock.forward(days=days)
        for _ in range(2):
            jobs.look_after_workshops()
            run_jobs()
        assert tuple(map(reminded, "abc")) == expected, days


def test_held_places_wait_until_the_answer_is_due_and_not_longer(
    organiser: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    installation = organiser.installation
    workshop = hosts.ready(installation, capacity=2)
    hosts.invite(installation, workshop, "a@example.org\nb@example.org", holds_places=True, days=20)
    hosts.invite(installation, workshop, "c@example.org\nd@example.org", days=25)
    run_jobs()
    for who in "cd":
        hosts.say(organiser, f"{who}@example.org", "yes")
    assert "a@example.org" not in hosts.places(installation, workshop)
    assert hosts.places(installation, workshop)["c@example.org"] == "waitlisted"
    hosts.say(organiser, "a@example.org", "yes")
    assert hosts.places(installation, workshop)["a@example.org"] == "confirmed", (
        "it was kept for them"
    )
    clock.forward(days=20.1)
    jobs.look_after_workshops()
    assert hosts.places(installation, workshop)["c@example.org"] == "offered"
    late = organiser.get(hosts.invitation_link(organiser, "b@example.org"))
    assert "We waited for an answer until" in late.text
    assert organiser.post(hosts.invitation_link(organiser, "b@example.org"),
                          {"answer": "yes", "rules": "1"}).status == 422  # fmt: skip


def test_more_places_cannot_wait_than_there_are(organiser: Browser, run_jobs: Run) -> None:
    workshop = hosts.ready(organiser.installation, capacity=2)
    base = f"/organise/workshops/{workshop.public_id}"
    page = organiser.post(
        f"{base}/cohorts", {"way": "list", "people": "a@example.org\nb@example.org\nc@example.org"}
    )
    path = str(page.response.url).removeprefix("http://testserver.localhost")
    soon = str(hosts.today() + timedelta(days=9))
    organiser.post(path, {"answer_by": soon, "holds_places": "1", "note": "Do come"})
    refused = organiser.post(f"{path}/release", {"typed": "3"})
    assert "2 places are free, so they cannot wait for 3 people" in refused.problem
    assert (
        organiser.post(path, {"answer_by": "soon"}).problem == "Please write the day as 2026-12-31."
    )
    organiser.post(path, {"answer_by": soon, "note": "Do come"})
    assert organiser.post(f"{path}/release", {"typed": "3"}).status == 200
    run_jobs()
    assert "> Do come" in organiser.outbox("a@example.org")[0].text


@both_databases
def test_whoever_leaves_by_an_invitation_is_not_invited_again(
    organiser: Browser, run_jobs: Run
) -> None:
    workshop = hosts.ready(organiser.installation)
    hosts.invite(organiser.installation, workshop, "mia@example.org\nben@example.org")
    run_jobs()
    leave = organiser.outbox("mia@example.org")[0].headers["List-Unsubscribe"].strip("<>")
    path = leave.removeprefix("http://testserver.localhost")
    with Browser.of(organiser.installation) as mia:
        assert mia.get(path).status == 200
        for _ in range(2):
            assert mia.post(path, {"List-Unsubscribe": "One-Click"}).status == 200
    again = hosts.ready(organiser.installation, title="The next one")
    page = organiser.post(
        f"/organise/workshops/{again.public_id}/cohorts",
        {"way": "earlier", "earlier": workshop.public_id},
    )
    assert page.heading == "1 person"
    assert "has asked for no invitations" in page.text
