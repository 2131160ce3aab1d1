"""What an attacker tried on workshops, and does not get anywhere with any more."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select, update

from core.errors import Refusal
from core.installation import Installation
from core.tokens import Purpose
from members.models import Member
from members.roles import Role
from tests.conftest import both_databases
from tests.support import hosts
from tests.support.people import Browser, ShiftedClock, link_of
from worker import jobs
from workshops.conduct import conducting
from workshops.invitation import by_organisers, choosing, cohorts, invitations
from workshops.invitation.cohorts import Terms
from workshops.model.tables import Cohort, Invitation, Workshop
from workshops.reflection import follow_up
from workshops.registration import counting, registering
from workshops.registration.registering import Words

Run = Callable[[], None]
AtOnce = Callable[..., list[object]]
ANN, BEA, CAI = (f"{who}@example.org" for who in ("ann", "bea", "cai"))
only_postgresql = pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
"""SQLite lets one transaction write at a time, so there nothing can come between."""


@pytest.fixture
def workshop(visitor: Browser, run_jobs: Run) -> Workshop:
    """A workshop of one place, to which three are invited."""
    made = hosts.ready(visitor.installation, capacity=1)
    hosts.invite(visitor.installation, made, f"{ANN}\n{BEA}\n{CAI}")
    run_jobs()
    return made


def _member(installation: Installation, email: str) -> int:
    with installation.reading() as work:
        return work.session.scalars(select(Member.id).where(Member.email == email)).one()


@pytest.mark.parametrize("zone", ["localtime", "Factory", "posixrules"])
def test_a_zone_without_a_name_is_taken_nowhere_and_harms_nobody(
    visitor: Browser, workshop: Workshop, run_jobs: Run, zone: str
) -> None:
    installation = visitor.installation
    ann = _member(installation, ANN)
    link = f"/change/{installation.tokens.sign(Purpose.CHANGE, ann, 1)}"
    assert "time zone" in visitor.post(link, {"language": "en", "time_zone": zone}).problem
    with installation.unit_of_work() as work:
        work.session.execute(update(Member).values(time_zone=zone))
    for who in (ANN, BEA):
        assert hosts.say(visitor, who, "yes").status == 200
    run_jobs()
    assert visitor.post(f"{hosts.place_link(visitor, ANN)}/give-up").status == 200
    run_jobs()
    assert "It is kept until" in visitor.get(hosts.place_link(visitor, BEA)).text


@only_postgresql
def test_nobody_comes_into_what_was_cancelled_in_the_same_moment(
    installation: Installation, visitor: Browser, workshop: Workshop
) -> None:
    ann = _member(installation, ANN)
    with installation.unit_of_work() as slow:
        seen = slow.session.get_one(Workshop, workshop.id)
        member = slow.session.get_one(Member, ann)
        with installation.unit_of_work() as fast:
            conducting.cancel(fast, fast.session.get_one(Workshop, workshop.id), 1)
        with pytest.raises(Refusal, match=r"does not take place|Nobody can be taken"):
            registering.register(slow, seen, member, Words(rules_version=1), is_approved=True)
    assert hosts.places(installation, workshop) == {}


@only_postgresql
def test_terms_do_not_change_behind_a_release(installation: Installation) -> None:
    workshop = hosts.ready(installation, capacity=1)
    with installation.unit_of_work() as work:
        kept = work.session.get_one(Workshop, workshop.id)
        chosen = choosing.from_text(work, f"{ANN}\n{BEA}\n{CAI}", "en")
        terms = Terms(work.now + timedelta(days=9), holds_places=False, note="")
        number = cohorts.prepare(work, kept, chosen.people, terms, 1).id
    with installation.unit_of_work() as slow:
        seen, old = (
            slow.session.get_one(Workshop, workshop.id),
            slow.session.get_one(Cohort, number),
        )
        with installation.unit_of_work() as fast:
            kept = fast.session.get_one(Workshop, workshop.id)
            cohorts.release(fast, kept, fast.session.get_one(Cohort, number), "3", 1)
        holding = Terms(slow.now + timedelta(days=9), holds_places=True, note="")
        with pytest.raises(Refusal, match="gone out already"):
            cohorts.change_terms(slow, seen, old, holding)
    with installation.reading() as work:
        assert counting.check_seats(work.session, work.now) == []


@only_postgresql
def test_a_clock_that_goes_on_while_somebody_waits_gives_nobody_two_places(
    installation: Installation, visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    workshop = hosts.ready(installation, capacity=1)
    hosts.invite(installation, workshop, ANN, holds_places=True, days=5)
    hosts.invite(installation, workshop, BEA)
    run_jobs()
    clock.forward(days=4.9999)
    with installation.unit_of_work() as early:
        member = early.session.get_one(Member, _member(installation, ANN))
        seen = early.session.get_one(Workshop, workshop.id)
        clock.forward(days=0.01)
        hosts.say(visitor, BEA, "yes")
        registration = registering.register(
            early, seen, member, Words(rules_version=1), is_approved=True
        )
        assert registration.state == "waitlisted"
    with installation.reading() as work:
        assert counting.check_seats(work.session, work.now) == []


@both_databases
def test_yes_and_taking_back_at_once_never_wait_for_each_other(
    visitor: Browser, workshop: Workshop, at_once: AtOnce
) -> None:
    installation = visitor.installation

    def answer(email: str) -> None:
        token = hosts.invitation_link(visitor, email).rpartition("/")[2]
        with installation.unit_of_work() as work:
            invited = invitations.find_by_token(work, token)
            if invited is not None:
                invitations.say_yes(work, invited, Words(rules_version=1))

    def revoke(email: str) -> None:
        with installation.unit_of_work() as work:
            found = select(Invitation).join(Member).where(Member.email == email)
            by_organisers.revoke(work, work.session.scalars(found).one(), 1)

    for who in (ANN, BEA, CAI):
        at_once(partial(answer, who), partial(revoke, who))
    kept = hosts.places(installation, workshop)
    states = hosts.answers(installation, workshop)
    assert all((states[who] == "accepted") == (who in kept) for who in (ANN, BEA, CAI))


def test_who_was_refused_does_not_come_in_by_an_old_invitation(
    visitor: Browser, workshop: Workshop
) -> None:
    installation = visitor.installation
    ann = _member(installation, ANN)
    with installation.unit_of_work() as work:
        kept = work.session.get_one(Workshop, workshop.id)
        one = work.session.scalars(select(Invitation).where(Invitation.member_id == ann)).one()
        by_organisers.revoke(work, one, 1)
        conducting.open_to(work, kept, "members", True, 1)
        member = work.session.get_one(Member, ann)
        registration = registering.register(
            work, kept, member, Words(rules_version=1), is_approved=False
        )
        token = installation.tokens.sign(Purpose.PLACE, registration.id)
        registering.refuse(work, kept, registration, 1)
    for _ in range(2):
        visitor.post(f"/w/{token}/take", {"rules": "1"})
    assert hosts.places(installation, workshop)[ANN] in ("not_accepted", "requested")


def test_correcting_an_address_makes_all_its_links_worthless(
    visitor: Browser, workshop: Workshop, run_jobs: Run
) -> None:
    other = hosts.ready(visitor.installation, title="Another")
    hosts.invite(visitor.installation, other, ANN)
    run_jobs()
    elsewhere = link_of(next(m for m in visitor.outbox(ANN) if "Another" in m.subject), "/i/")
    with visitor.installation.unit_of_work() as work:
        found = select(Invitation).where(Invitation.workshop_id == workshop.id)
        one = work.session.scalars(found.order_by(Invitation.id)).first()
        assert one
        by_organisers.send_again(work, one, "right@example.org", 1)
    assert visitor.get(elsewhere).status == 410
    assert visitor.post(elsewhere, {"answer": "yes", "rules": "1"}).status == 410


def test_more_time_begins_the_reminders_anew(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    workshop = hosts.ready(visitor.installation)
    hosts.invite(visitor.installation, workshop, ANN, days=8)
    run_jobs()

    def reminded() -> int:
        jobs.look_after_workshops()
        run_jobs()
        return sum(m.subject.startswith("Will you come") for m in visitor.outbox(ANN))

    clock.forward(days=2)
    assert reminded() == 1
    with visitor.installation.unit_of_work() as work:
        cohort = work.session.scalars(select(Cohort)).one()
        kept = work.session.get_one(Workshop, workshop.id)
        cohorts.give_more_time(work, kept, cohort, work.now + timedelta(days=12))
    assert reminded() == 1
    clock.forward(days=6)
    assert reminded() == 2


def test_who_came_by_another_door_is_not_invited_by_the_batch(
    visitor: Browser, run_jobs: Run
) -> None:
    installation = visitor.installation
    workshop = hosts.ready(installation)
    with installation.unit_of_work() as work:
        kept = work.session.get_one(Workshop, workshop.id)
        chosen = choosing.from_text(work, f"{ANN}\n{BEA}", "en")
        terms = cohorts.default_terms(kept, work.now)
        number = cohorts.prepare(work, kept, chosen.people, terms, 1).id
        conducting.open_to(work, kept, "members", False, 1)
        ann = work.session.scalars(select(Member).where(Member.email == ANN)).one()
        registering.register(work, kept, ann, Words(rules_version=1), is_approved=True)
    with installation.unit_of_work() as work:
        kept, cohort = (
            work.session.get_one(Workshop, workshop.id),
            work.session.get_one(Cohort, number),
        )
        with pytest.raises(Refusal, match="number of people: 1"):
            cohorts.release(work, kept, cohort, "2", 1)
        assert cohorts.release(work, kept, cohort, "1", 1) == 1
    run_jobs()
    assert [m.subject.partition(":")[0] for m in visitor.outbox(ANN)] == ["You have a place"]


def test_what_waits_is_told_to_those_it_still_concerns_as_it_is_then(
    visitor: Browser, run_jobs: Run
) -> None:
    installation = visitor.installation
    workshop = hosts.ready(installation, capacity=9)
    people = [f"q{n}@example.org" for n in range(8)]
    hosts.invite(installation, workshop, "\n".join(people))
    run_jobs()
    for who in people[:6]:
        hosts.say(visitor, who, "yes")
    run_jobs()
    with Browser.of(installation) as owner:
        owner.sign_in("owner@example.org", Role.OWNER)
        path = f"/organise/workshops/{workshop.public_id}"
        owner.post(f"{path}/change", hosts.change_form(owner, workshop, title="Another title"))
        visitor.post(f"{hosts.place_link(visitor, people[0])}/give-up")
        hosts.say(visitor, people[6], "no")
        run_jobs()
        shown = owner.get(f"{path}/change").text
        assert "7 people have not been told yet" in shown
        owner.post(f"{path}/notices", {"typed": "7"})
    run_jobs()
    newest = [visitor.outbox(who)[0].subject for who in people]
    assert newest[0].startswith("Your place is given back")
    assert newest[1] == "Changed: Another title"
    assert newest[6].startswith("An invitation")
    assert newest[7] == "Changed: Another title"


def test_a_completed_workshop_asks_nobody_to_check_out(
    visitor: Browser, workshop: Workshop, run_jobs: Run, clock: ShiftedClock
) -> None:
    hosts.say(visitor, ANN, "yes")
    run_jobs()
    clock.forward(hours=24 * hosts.days_until(workshop) + 0.1)
    visitor.post(f"{hosts.place_link(visitor, ANN)}/join")
    clock.forward(hours=3)
    with visitor.installation.unit_of_work() as work:
        kept = work.session.get_one(Workshop, workshop.id)
        with pytest.raises(Refusal, match="neither be put off nor cancelled"):
            conducting.cancel(work, kept, 1)
        conducting.complete(work, kept, 1)
    clock.forward(days=8)
    jobs.look_after_workshops()
    run_jobs()
    assert not any("take along" in m.subject for m in visitor.outbox(ANN))


def test_a_follow_up_is_seen_by_those_who_may_know_of_it(
    visitor: Browser, workshop: Workshop, run_jobs: Run, clock: ShiftedClock
) -> None:
    hosts.say(visitor, ANN, "yes")
    run_jobs()
    clock.forward(hours=24 * hosts.days_until(workshop) + 3)
    with visitor.installation.unit_of_work() as work:
        again = follow_up.hold_follow_up(work, work.session.get_one(Workshop, workshop.id), 1)
        again.stage = "inviting"
    assert "Follow-up" not in visitor.get(hosts.place_link(visitor, ANN)).text


@both_databases
def test_two_who_press_at_once_begin_one_follow_up(
    installation: Installation, workshop: Workshop, at_once: AtOnce, clock: ShiftedClock
) -> None:
    clock.forward(hours=24 * hosts.days_until(workshop) + 3)

    def press() -> int:
        with installation.unit_of_work() as work:
            return follow_up.hold_follow_up(work, work.session.get_one(Workshop, workshop.id), 1).id

    assert len(set(at_once(press, press, press))) == 1


def test_who_was_removed_knows_no_more_than_a_stranger(
    visitor: Browser, workshop: Workshop, run_jobs: Run
) -> None:
    hosts.say(visitor, ANN, "yes")
    run_jobs()
    path = hosts.place_link(visitor, ANN)
    with visitor.installation.unit_of_work() as work:
        registration = work.session.scalars(hosts.place_of(ANN)).one()
        kept = work.session.get_one(Workshop, workshop.id)
        registering.remove(work, kept, registration, 1)
        from workshops.invitation import open_door

        assert not open_door.may_know(work.session, kept, registration.member_id)
    assert "How do we begin a lesson?" not in visitor.get(path).text


def test_a_facilitator_reads_what_is_for_them_once_they_have_accepted(
    visitor: Browser, workshop: Workshop, run_jobs: Run
) -> None:
    hosts.say(visitor, ANN, "yes", answer_1="Only for you", shared_1="facilitator")
    room = f"/organise/workshops/{workshop.public_id}/room"
    visitor.sign_in("fa@example.org", Role.FACILITATOR)
    assert "Only for you" in visitor.get(room).text
    with visitor.installation.unit_of_work() as work:
        work.session.get_one(Workshop, workshop.id).facilitator_accepted_at = None
    assert "Only for you" not in visitor.get(room).text


def test_years_beyond_reason_are_refused(visitor: Browser, workshop: Workshop) -> None:
    visitor.sign_in("owner@example.org", Role.OWNER)
    base = f"/organise/workshops/{workshop.public_id}"
    form = hosts.change_form(visitor, workshop, follow_up_on="9999-12-31")
    assert visitor.post(f"{base}/change", form).status == 422
    late = {"answer_by": "9999-12-31"}
    assert visitor.post(f"{base}/cohorts/1/time", late).status == 422
    jobs_day = {"action": "x", "kind": "promise", "due_on": "9999-12-31"}
    assert visitor.post(f"{base}/room/actions", jobs_day).status == 422


def test_a_line_of_very_many_addresses_is_refused_soon(installation: Installation) -> None:
    typed = ";".join(f"n{n}@example.org" for n in range(5000))
    with installation.unit_of_work() as work, pytest.raises(Refusal, match="2000"):
        choosing.from_text(work, typed, "en")


@both_databases
def test_several_workers_at_once_tell_everybody_once(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock, at_once: AtOnce
) -> None:
    from workshops.conduct.upkeep import look_after

    workshop = hosts.ready(visitor.installation, capacity=1)
    hosts.invite(visitor.installation, workshop, f"{ANN}\n{BEA}\n{CAI}")
    run_jobs()
    for who in (ANN, BEA):
        hosts.say(visitor, who, "yes")
    clock.forward(hours=24 * hosts.days_until(workshop) - 0.5)
    at_once(*[partial(look_after, visitor.installation.unit_of_work)] * 4)
    run_jobs()
    told = [m.subject.partition(":")[0] for m in visitor.outbox(ANN)]
    assert told.count("It begins soon") == 1
    assert "It begins soon" not in [m.subject.partition(":")[0] for m in visitor.outbox(BEA)]


def test_a_worker_that_dies_in_the_middle_leaves_everything_for_the_next(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workshops.conduct import upkeep

    workshop = hosts.ready(visitor.installation, capacity=3)
    hosts.invite(visitor.installation, workshop, f"{ANN}\n{BEA}\n{CAI}")
    run_jobs()
    for who in (ANN, BEA, CAI):
        hosts.say(visitor, who, "yes")
    clock.forward(hours=24 * hosts.days_until(workshop) - 0.5)
    sent = upkeep._send
    left = iter((True, True, False))

    def dies(*args: object) -> None:
        if not next(left):
            raise SystemExit  # between the second mail and the third
        sent(*args)  # type: ignore[arg-type]

    with monkeypatch.context() as patched, pytest.raises(SystemExit):
        patched.setattr(upkeep, "_send", dies)
        upkeep.look_after(visitor.installation.unit_of_work)
    for _ in range(2):
        upkeep.look_after(visitor.installation.unit_of_work)
        run_jobs()
    for who in (ANN, BEA, CAI):
        told = [m.subject.partition(":")[0] for m in visitor.outbox(who)]
        assert told.count("It begins soon") == 1
