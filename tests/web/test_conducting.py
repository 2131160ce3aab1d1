"""Changing, putting off, cancelling, closing: whoever it concerns is told, once and rightly."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from core.installation import Installation
from members.roles import Role
from tests.conftest import both_databases
from tests.support import hosts
from tests.support.calendar_parts import event_of
from tests.support.people import Browser, ShiftedClock
from worker import jobs
from workshops.model.tables import Workshop
from workshops.registration import counting

Run = Callable[[], None]
PEOPLE = [f"p{n}@example.org" for n in range(4)]


@pytest.fixture
def owner(installation: Installation) -> Iterator[Browser]:
    """A signed-in owner."""
    with Browser.of(installation) as browser:
        yield browser.sign_in("owner@example.org", Role.OWNER)


@pytest.fixture
def workshop(owner: Browser, run_jobs: Run) -> Workshop:
    """Three people on two places; a fourth has not answered."""
    made = hosts.ready(owner.installation, capacity=2)
    hosts.invite(owner.installation, made, "\n".join(PEOPLE))
    run_jobs()
    for who in PEOPLE[:3]:
        hosts.say(owner, who, "yes")
    run_jobs()
    return made


def _change(owner: Browser, workshop: Workshop, part: str = "change", **changes: str):  # type: ignore[no-untyped-def]
    form = hosts.change_form(owner, workshop, **changes)
    return owner.post(f"/organise/workshops/{workshop.public_id}/{part}", form)


def _subjects(owner: Browser, who: str) -> list[str]:
    return [m.subject.partition(":")[0] for m in owner.outbox(who)]


@both_databases
def test_few_people_are_told_at_once_each_what_concerns_them(
    owner: Browser, workshop: Workshop, run_jobs: Run
) -> None:
    assert workshop.starts_at
    later = f"{workshop.starts_at + timedelta(days=7):%Y-%m-%d}T17:00"
    for _ in range(2):
        _change(owner, workshop, local_start=later)
        run_jobs()
    first, again = (event_of(m) for m in owner.outbox(PEOPLE[0])[1::-1])
    assert first["uid"] == again["uid"]
    assert int(first["sequence"]) < int(again["sequence"])
    assert again["wall"] == "17:00"
    assert _subjects(owner, PEOPLE[2])[0] == "Changed"
    assert "text/calendar" not in owner.outbox(PEOPLE[2])[0].source, "who waits has no entry"
    assert _subjects(owner, PEOPLE[3]) == ["Changed", "An invitation"]
    assert _subjects(owner, PEOPLE[0]).count("Changed") == 2 - 1, "the same change is told once"


def test_what_concerns_nobody_is_told_to_nobody(
    owner: Browser, workshop: Workshop, run_jobs: Run
) -> None:
    before = len(owner.outbox())
    page = _change(owner, workshop, meeting_url="https://meet.example/other", rules="Other rules.")
    assert page.status == 200
    run_jobs()
    assert len(owner.outbox()) == before


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("title", " ", "give it a title"),
        ("local_start", "2027-03-28T03:30", "does not exist"),
        ("local_start", "2020-01-01T10:00", "has passed"),
        ("local_start", "", "2026-12-31T18:00"),
        ("local_start", "9999-12-31T23:59", ""),
        ("zone", "Mars/Base", "time zone"),
        ("zone", "../etc/passwd", "time zone"),
        ("minutes", "0", "15 and 600"),
        ("minutes", "٣٠", "15 and 600"),
        ("meeting_url", "http://plain.example", "https://"),
        ("rules", "", "ground rules"),
        ("follow_up_on", "2020-01-01", "after the workshop"),
        ("version", "1", "changed this a moment ago"),
    ],
)
def test_what_cannot_be_is_named_at_its_field_and_what_was_typed_stays(
    owner: Browser, workshop: Workshop, field: str, value: str, words: str
) -> None:
    page = _change(owner, workshop, **{"title": "Typed and kept", field: value})
    assert page.status == 422
    assert words in page.problem
    assert field == "title" or "Typed and kept" in page.text
    assert hosts.fresh(owner.installation, workshop).title == "The first minute"


def test_fewer_places_than_are_taken_are_refused_with_the_number(
    owner: Browser, workshop: Workshop, run_jobs: Run
) -> None:
    path = f"/organise/workshops/{workshop.public_id}/capacity"
    page = owner.post(path, {"capacity": "1"})
    assert (page.status, "3 places are taken" in page.problem) == (422, True)
    assert 'name="capacity" value="1"' in page.text
    owner.post(path, {"capacity": "4"})
    run_jobs()
    assert _subjects(owner, PEOPLE[2])[0] == "A place is free"
    for nonsense in ("", "-1", "1e9", "999999999999"):
        assert owner.post(path, {"capacity": nonsense}).status == 422


@both_databases
def test_a_cancelled_workshop_is_cancelled_everywhere(
    owner: Browser, workshop: Workshop, run_jobs: Run, clock: ShiftedClock
) -> None:
    path = f"/organise/workshops/{workshop.public_id}"
    for _ in range(2):
        owner.post(f"{path}/cancel")
    run_jobs()
    event = event_of(owner.outbox(PEOPLE[0])[0])
    assert (event["method"], event["status"]) == ("CANCEL", "CANCELLED")
    assert _subjects(owner, PEOPLE[0]).count("Cancelled") == 1
    assert _subjects(owner, PEOPLE[3])[0] == "Cancelled"
    invited = owner.get(hosts.invitation_link(owner, PEOPLE[3]))
    assert "does not take place" in invited.text
    assert "does not take place" in owner.get(hosts.place_link(owner, PEOPLE[0])).text
    before = len(owner.outbox())
    clock.forward(hours=24 * hosts.days_until(workshop) - 0.5)
    jobs.look_after_workshops()
    run_jobs()
    assert len(owner.outbox()) == before, "and nobody is reminded of it"
    assert owner.get(f"{hosts.place_link(owner, PEOPLE[0])}/join").status == 422


def test_what_waits_to_be_told_is_dropped_when_it_is_not_true_any_more(
    owner: Browser, run_jobs: Run
) -> None:
    made = hosts.ready(owner.installation, capacity=8)
    people = [f"q{n}@example.org" for n in range(7)]
    hosts.invite(owner.installation, made, "\n".join(people))
    run_jobs()
    for who in people:
        hosts.say(owner, who, "yes")
    run_jobs()
    path = f"/organise/workshops/{made.public_id}"
    _change(owner, made, title="Another title")
    assert "8 people have not been told yet" in owner.get(f"{path}/change").text
    assert "number of people: 8" in owner.post(f"{path}/notices", {"typed": "9"}).problem
    owner.post(f"{path}/cancel")
    assert made.public_id in owner.get("/organise/workshops").text, "until everybody is told"
    owner.post(f"{path}/notices", {"typed": "8"})
    run_jobs()
    assert _subjects(owner, people[0])[0] == "Cancelled"
    assert "Changed" not in _subjects(owner, people[0])
    found = owner.get("/organise/workshops").text.partition("Earlier workshops")[2]
    assert made.public_id in found, "and can be looked up later"


@both_databases
def test_the_days_that_were_missed_are_not_made_up_for_twice(
    owner: Browser, workshop: Workshop, run_jobs: Run, clock: ShiftedClock
) -> None:
    """The machine was off from the week before until an hour after the start."""
    clock.forward(hours=24 * hosts.days_until(workshop) + 1)
    for _ in range(3):
        jobs.look_after_workshops()
        run_jobs()
    assert _subjects(owner, PEOPLE[0]).count("It begins soon") == 1
    assert "What we bring along" not in _subjects(owner, PEOPLE[0])
    assert _subjects(owner, PEOPLE[2]).count("It begins soon") == 0, "who waits is not asked in"
    with owner.installation.reading() as work:
        assert counting.check_seats(work.session, work.now) == []


def test_the_agenda_can_be_changed_after_people_were_invited(
    owner: Browser, workshop: Workshop
) -> None:
    path = f"/organise/workshops/{workshop.public_id}"
    version = str(hosts.fresh(owner.installation, workshop).version)
    part = {"minutes_1": "80", "what_1": "Only talk", "dialogue_1": "action"}
    form = {"version": version, "focus": "How do we end?", **part}
    form["question_1"] = "How did you end today?"
    refused = owner.post(f"{path}/plan", form)
    assert (refused.status, "80 minutes of 90" in refused.problem) == (422, True)
    assert 'value="Only talk"' in refused.text
    assert owner.post(f"{path}/plan", {**form, "focus": " "}).status == 422
    for _ in range(2):
        last = owner.post(f"{path}/plan", {**form, "minutes_1": "90"})
    assert "changed this a moment ago" in last.problem, "an old page does not win"
    assert "Only talk" in owner.get(f"{path}/run-sheet").text
    assert "How do we end?" in owner.get(hosts.invitation_link(owner, PEOPLE[3])).text


def test_a_facilitator_may_not_conduct_or_invite(owner: Browser, workshop: Workshop) -> None:
    path = f"/organise/workshops/{workshop.public_id}"
    with Browser.of(owner.installation) as facilitator:
        facilitator.sign_in("fa@example.org", Role.FACILITATOR)
        for part in ("change", "cohorts/1"):
            assert facilitator.get(f"{path}/{part}").status == 403
        assert "Prepare" not in facilitator.get(f"{path}/people").text, "she reads, and no more"
        for part in ("cancel", "postpone", "open", "close", "capacity", "cohorts", "notices"):
            assert facilitator.post(f"{path}/{part}").status == 403
        assert facilitator.get(f"{path}/room").status == 200
    with Browser.of(owner.installation) as other:
        other.sign_in("other@example.org", Role.FACILITATOR)
        assert other.get(f"{path}/room").status == 404
        assert other.get(f"{path}/people").status == 404
        assert other.post(f"{path}/room/notes", {"notes": "x"}).status == 404
    assert owner.post(f"{path}/room/notes", {"notes": "x"}).status == 403
