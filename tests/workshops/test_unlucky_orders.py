"""Things that happen in an unlucky order, each found by a careful reader."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.errors import Refusal
from core.installation import Installation
from members.models import Member
from tests.conftest import both_databases
from tests.support import hosts
from tests.support.people import Browser, ShiftedClock
from worker import jobs
from workshops.conduct import conducting
from workshops.invitation import cohorts
from workshops.model.action_states import Course
from workshops.model.tables import Cohort, Registration, Workshop
from workshops.reflection import actions, attendance, follow_up, learning
from workshops.registration import counting, registering
from workshops.registration.registering import Words

Run = Callable[[], None]
A, B, C = (f"{who}@example.org" for who in ("ann", "bea", "cai"))
RULES = {"rules": "1"}


def _invited(browser: Browser, run_jobs: Run, capacity: int = 1, **more: object) -> Workshop:
    workshop = hosts.ready(browser.installation, capacity=capacity)
    hosts.invite(browser.installation, workshop, f"{A}\n{B}\n{C}", **more)  # type: ignore[arg-type]
    run_jobs()
    return workshop


def _member(installation: Installation, email: str) -> Member:
    with installation.reading() as work:
        return work.session.scalars(select(Member).where(Member.email == email)).one()


@both_databases
def test_a_workshop_that_is_off_gives_no_place_away(visitor: Browser, run_jobs: Run) -> None:
    workshop = _invited(visitor, run_jobs)
    for who in (A, B):
        hosts.say(visitor, who, "yes")
    run_jobs()
    with visitor.installation.unit_of_work() as work:
        conducting.postpone(work, work.session.get_one(Workshop, workshop.id), 1)
    visitor.post(f"{hosts.place_link(visitor, A)}/give-up")
    assert hosts.places(visitor.installation, workshop)[B] == "waitlisted"


@both_databases
def test_whoever_comes_by_two_doors_has_one_place(visitor: Browser, run_jobs: Run) -> None:
    workshop = hosts.ready(visitor.installation, capacity=3)
    hosts.invite(visitor.installation, workshop, f"{A}\n{B}\n{C}", holds_places=True)
    run_jobs()
    with visitor.installation.unit_of_work() as work:
        kept = work.session.get_one(Workshop, workshop.id)
        conducting.open_to(work, kept, "members", False, 1)
        member = work.session.get_one(Member, _member(visitor.installation, A).id)
        registering.register(work, kept, member, Words(rules_version=1), is_approved=True)
        assert counting.held(work.session, workshop.id, work.now) == 4
    assert hosts.answers(visitor.installation, workshop)[A] == "accepted"


def test_an_offer_can_be_taken_after_the_rules_have_changed(
    visitor: Browser, run_jobs: Run
) -> None:
    workshop = _invited(visitor, run_jobs)
    for who in (A, B):
        hosts.say(visitor, who, "yes")
    run_jobs()
    with visitor.installation.unit_of_work() as work:
        from workshops.planning import ground_rules

        ground_rules.keep(work, workshop.id, "Other rules.")
    visitor.post(f"{hosts.place_link(visitor, A)}/give-up")
    path = hosts.place_link(visitor, B)
    assert "Other rules." in visitor.get(path).text
    assert visitor.post(f"{path}/take").status == 422
    assert "You have a place" in visitor.post(f"{path}/take", {"rules": "2"}).text


def test_reminders_that_were_due_before_anybody_was_asked_are_not_sent(
    visitor: Browser, run_jobs: Run
) -> None:
    _invited(visitor, run_jobs, days=5)
    jobs.look_after_workshops()
    run_jobs()
    assert [m.subject for m in visitor.outbox(A)] == ["An invitation: The first minute"]


def test_nobody_is_reminded_of_a_door_that_is_shut(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    workshop = _invited(visitor, run_jobs)
    with visitor.installation.unit_of_work() as work:
        conducting.close(work, work.session.get_one(Workshop, workshop.id), 1)
    clock.forward(days=14)
    jobs.look_after_workshops()
    run_jobs()
    assert len(visitor.outbox(A)) == 1


def test_an_expired_cohort_gets_more_time_and_no_places(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    workshop = _invited(visitor, run_jobs, capacity=3, holds_places=True, days=5)
    clock.forward(days=6)
    assert hosts.say(visitor, A, "yes").status == 422
    with visitor.installation.unit_of_work() as work:
        cohort = work.session.scalars(select(Cohort)).one()
        kept = work.session.get_one(Workshop, workshop.id)
        with pytest.raises(Refusal, match="before it begins"):
            cohorts.give_more_time(work, kept, cohort, work.now + timedelta(days=99))
        cohorts.give_more_time(work, kept, cohort, work.now + timedelta(days=9))
        assert counting.held(work.session, workshop.id, work.now) == 1, "of who leads it"
    assert "You have a place" in hosts.say(visitor, A, "yes").text


def test_a_stale_button_neither_opens_nor_approves_what_is_off(
    visitor: Browser, run_jobs: Run
) -> None:
    workshop = _invited(visitor, run_jobs)
    with visitor.installation.unit_of_work() as work:
        kept = work.session.get_one(Workshop, workshop.id)
        conducting.open_to(work, kept, "members", True, 1)
        member = work.session.get_one(Member, _member(visitor.installation, A).id)
        registration = registering.register(
            work, kept, member, Words(rules_version=1), is_approved=False
        )
        conducting.postpone(work, kept, 1)
        with pytest.raises(Refusal):
            conducting.open_to(work, kept, "anyone", False, 1)
        with pytest.raises(Refusal):
            registering.approve(work, kept, registration, 1)
        assert (kept.stage, registration.state) == ("postponed", "requested")


def test_closing_can_be_undone(visitor: Browser, run_jobs: Run) -> None:
    workshop = _invited(visitor, run_jobs)
    with visitor.installation.unit_of_work() as work:
        kept = work.session.get_one(Workshop, workshop.id)
        conducting.close(work, kept, 1)
        for _ in range(2):
            conducting.reopen(work, kept, 1)
        assert kept.stage == "inviting"
    assert "You have a place" in hosts.say(visitor, A, "yes").text


@pytest.fixture
def held(visitor: Browser, run_jobs: Run, clock: ShiftedClock) -> Workshop:
    """A workshop that runs now, with A and B in it."""
    workshop = _invited(visitor, run_jobs, capacity=3)
    for who in (A, B):
        hosts.say(visitor, who, "yes", name=who.partition("@")[0], shows_name="1")
    run_jobs()
    clock.forward(hours=24 * hosts.days_until(workshop) + 0.2)
    return workshop


def _own(installation: Installation, email: str) -> Registration:
    with installation.reading() as work:
        found = select(Registration).join(Member, Member.id == Registration.member_id)
        return work.session.scalars(found.where(Member.email == email)).one()


def test_who_comes_late_is_not_locked_out_by_the_list(visitor: Browser, held: Workshop) -> None:
    installation = visitor.installation
    first, second = _own(installation, A), _own(installation, B)
    with installation.unit_of_work() as work:
        kept = work.session.get_one(Workshop, held.id)
        attendance.note(work, kept, {first.id: True, second.id: False}, 1)
    joined = visitor.post(f"{hosts.place_link(visitor, B)}/join", {"words": "late"})
    assert "meet.example" in joined.text


def test_a_second_click_makes_nobody_accountable_for_somebody_elses_action(
    visitor: Browser, held: Workshop
) -> None:
    due = str(hosts.fresh(visitor.installation, held).follow_up_on)
    mine = {"action": "We wait", "kind": "promise", "due_on": due, "take_on": "1"}
    visitor.post(f"{hosts.place_link(visitor, A)}/actions", mine)
    theirs = {"action": "We ask", "kind": "request", "due_on": due}
    visitor.post(f"{hosts.place_link(visitor, B)}/actions", theirs)
    visitor.post(f"{hosts.place_link(visitor, A)}/actions", mine)
    with visitor.installation.reading() as work:
        listed = actions.listed(work.session, held.id)
        assert [(one.text, len(one.doers)) for one in listed] == [("We wait", 1), ("We ask", 0)]


def test_each_action_is_asked_about_a_week_before_its_own_day(
    visitor: Browser, held: Workshop, clock: ShiftedClock, run_jobs: Run
) -> None:
    first = clock.now().date() + timedelta(days=5)
    path = hosts.place_link(visitor, A)
    for text, days in (("Soon", 0), ("Later", 12)):
        visitor.post(f"{path}/actions", {"action": text, "kind": "promise", "take_on": "1",
                                         "due_on": str(first + timedelta(days=days))})  # fmt: skip
    asked = []
    for _ in range(2):
        for _ in range(2):
            jobs.look_after_workshops()
            run_jobs()
        asked.append([m.text for m in visitor.outbox(A) if m.subject.startswith("How is it")])
        clock.forward(days=11)
    assert [len(mails) for mails in asked] == [1, 2]
    assert "Later" not in asked[0][0]
    assert "Later" in asked[1][0]
    with visitor.installation.unit_of_work() as work:
        [action, _] = actions.listed(work.session, held.id)
        registration = work.session.get_one(Registration, _own(visitor.installation, A).id)
        kept = work.session.get_one(Workshop, held.id)
        actions.report(work, kept, action.id, registration, Course.DONE, "")
        with pytest.raises(Refusal, match="not taken this on"):
            other = work.session.get_one(Registration, _own(visitor.installation, B).id)
            actions.report(work, kept, action.id, other, Course.DONE, "")


def test_a_point_is_told_elsewhere_only_if_everybody_behind_it_lets_it(
    visitor: Browser, held: Workshop, clock: ShiftedClock
) -> None:
    a, b = (hosts.place_link(visitor, who) for who in (A, B))
    visitor.post(f"{a}/points", {"point": "Stays here"})
    visitor.post(f"{a}/points", {"point": "May go", "may_share": "1"})
    for number in (1, 2):
        visitor.post(f"{b}/points/{number}/agree", {"may_share": "1"})
    with visitor.installation.unit_of_work() as work:
        kept = work.session.get_one(Workshop, held.id)
        points = learning.points(work.session, held.id)
        assert learning.shareable(kept, points) == ["May go"]
        assert learning.agreed(points) == ["Stays here", "May go"]
        with pytest.raises(Refusal, match="Others agree"):
            learning.withdraw(work, kept, 1, _member(visitor.installation, A).id)
        with pytest.raises(Refusal, match="can still change"):
            follow_up.draft_article(work, kept, 1)
        kept.boundary = "here"
        assert learning.shareable(kept, points) == []
        with pytest.raises(Refusal, match="stays here"):
            follow_up.draft_article(work, kept, 1)
    clock.forward(days=15)
    assert visitor.post(f"{b}/points", {"point": "Too late"}).status == 422


def test_thanks_without_a_person_are_not_lost(visitor: Browser, held: Workshop) -> None:
    path = hosts.place_link(visitor, A)
    refused = visitor.post(f"{path}/check-out", {"learned": "Much", "thanks": "You were kind"})
    assert (refused.status, "choose somebody" in refused.problem) == (422, True)
    assert 'value="You were kind"' in refused.text
    long = visitor.post(f"{path}/check-out", {"learned": "x" * 401})
    assert "400 characters" in long.problem


def test_what_is_only_being_planned_is_not_shown_in_the_chain(
    visitor: Browser, held: Workshop, clock: ShiftedClock
) -> None:
    clock.forward(hours=3)
    with visitor.installation.unit_of_work() as work:
        again = follow_up.hold_follow_up(work, work.session.get_one(Workshop, held.id), 1)
        assert [workshop.id for workshop in follow_up.chain(work.session, again)] == [
            held.id, again.id]  # fmt: skip
    assert "Follow-up" not in visitor.get(hosts.place_link(visitor, A)).text


@pytest.mark.parametrize("local", ["0001-01-01T00:00", "9999-12-31T23:59", "2027-10-31T03:30"])
def test_a_time_that_cannot_be_or_is_not_clear_is_asked_about(
    installation: Installation, local: str
) -> None:
    from workshops.model.schedules import WallStart
    from workshops.planning.planning import start_of

    with pytest.raises(Refusal) as refused:
        start_of(WallStart(local, "Europe/Helsinki"))
    assert refused.value.field == "local_start"
    assert installation
