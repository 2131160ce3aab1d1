"""Places: never more held than there are, however many ask at once; and the waiting list."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from core.errors import Refusal
from core.installation import Installation
from core.unit_of_work import UnitOfWork
from members.models import Member
from tests.conftest import both_databases
from tests.support.people import ShiftedClock, add_members
from workshops.invitation import by_organisers, invitations
from workshops.model.plans import Plan
from workshops.model.registration_states import EDGES, REGISTRATIONS, RegistrationState
from workshops.model.tables import Cohort, Invitation, Registration, Workshop
from workshops.model.wall_time import offer_until
from workshops.registration import counting, seats
from workshops.registration.registering import Words
from workshops.registration.seats import LockedSeats

AtOnce = Callable[..., list[object]]


def _workshop(installation: Installation, capacity: int, days: float = 14) -> int:
    """A workshop that begins in some days."""
    with installation.unit_of_work() as work:
        workshop = Workshop(
            public_id="w", stage="inviting", version=1, title="W", frame="workshop",
            plan=Plan(focus="F"),
            language="en", zone="Europe/Helsinki", local_start="", capacity=capacity,
            starts_at=work.now + timedelta(days=days), ends_at=work.now + timedelta(days=days),
            created_at=work.now, changed_at=work.now,
        )  # fmt: skip
        work.session.add(workshop)
        work.session.flush()
        return workshop.id


def _members(installation: Installation, count: int) -> list[int]:
    add_members(installation, count)
    with installation.reading() as work:
        return list(work.session.scalars(select(Member.id).order_by(Member.id)))


def _locked(work: UnitOfWork, workshop: int, member: int = 0) -> LockedSeats:
    return seats.lock(work, work.session.get_one(Workshop, workshop), member)


def _take(installation: Installation, workshop: int, member: int) -> RegistrationState:
    with installation.unit_of_work() as work:
        return seats.take(_locked(work, workshop, member))


def _give_up(installation: Installation, workshop: int, member: int) -> bool:
    with installation.unit_of_work() as work:
        return seats.leave(_locked(work, workshop, member), RegistrationState.CANCELLED)


def _promote(installation: Installation, workshop: int) -> int:
    with installation.unit_of_work() as work:
        return len(seats.promote(_locked(work, workshop)))


def _capacity(installation: Installation, workshop: int, capacity: int) -> None:
    with installation.unit_of_work() as work:
        seats.change_capacity(_locked(work, workshop), capacity)


def _states(installation: Installation) -> dict[int, str]:
    with installation.reading() as work:
        rows = work.session.execute(select(Registration.member_id, Registration.state))
        return dict(rows.all())


@both_databases
def test_twenty_at_once_on_three_places_get_exactly_three(
    installation: Installation, at_once: AtOnce
) -> None:
    workshop, people = _workshop(installation, 3), _members(installation, 20)
    ends = at_once(*(partial(_take, installation, workshop, member) for member in people))
    assert ends.count(RegistrationState.CONFIRMED) == 3
    assert ends.count(RegistrationState.WAITLISTED) == 17


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_the_same_holds_where_every_transaction_sees_one_moment(
    installation: Installation, at_once: AtOnce
) -> None:
    """Repeatable read: whoever is second is sent back by PostgreSQL, and tries again."""
    strict = installation.database.engine.execution_options(isolation_level="REPEATABLE READ")
    installation.database.writing.configure(bind=strict)
    workshop, people = _workshop(installation, 3), _members(installation, 20)

    def patiently(member: int) -> RegistrationState:
        while True:
            try:
                return _take(installation, workshop, member)
            except OperationalError:
                continue

    ends = at_once(*(partial(patiently, member) for member in people))
    assert ends.count(RegistrationState.CONFIRMED) == 3


@both_databases
def test_without_the_lock_more_are_held_than_there_are(
    installation: Installation, at_once: AtOnce, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: count, then insert, as others do it."""
    import threading

    workshop, people = _workshop(installation, 3), _members(installation, 12)
    met = threading.Barrier(12)

    def unlocked(work: UnitOfWork, workshop: Workshop, member_id: int = 0) -> LockedSeats:
        return LockedSeats(work, workshop, held[member_id], member_id)

    held: dict[int, int] = {}
    monkeypatch.setattr(seats, "lock", unlocked)

    def take(member: int) -> RegistrationState:
        with installation.reading() as looking:
            held[member] = counting.held(looking.session, workshop, looking.now)
        met.wait()
        return _take(installation, workshop, member)

    ends = at_once(*(partial(take, member) for member in people))
    assert ends.count(RegistrationState.CONFIRMED) > 3
    with installation.reading() as work:
        [fault] = counting.check_seats(work.session, work.now)
    assert (fault.capacity, fault.held > 3) == (3, True)


def _some_act(
    installation: Installation, workshop: int, people: list[int], chance: random.Random
) -> Callable[[], object]:
    member = chance.choice(people)
    acts: list[Callable[[], object]] = [
        partial(_take, installation, workshop, member),
        partial(_give_up, installation, workshop, member),
        partial(_promote, installation, workshop),
        partial(_capacity, installation, workshop, chance.randint(1, 5)),
    ]
    return chance.choices(acts, [4, 2, 1, 1])[0]


@both_databases
@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_at_once_no_more_is_held_than_there_is(
    installation: Installation, at_once: AtOnce, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - a mix that can be repeated
    workshop, people = _workshop(installation, 3), _members(installation, 12)
    for _ in range(4):
        at_once(*(_some_act(installation, workshop, people, chance) for _ in range(10)))
        with installation.reading() as work:
            assert counting.check_seats(work.session, work.now) == []


def _invite_all(installation: Installation, workshop: int, people: list[int]) -> None:
    """Three of them are asked with a place that waits for them."""
    with installation.unit_of_work() as work:
        until = work.now + timedelta(days=7)
        cohort = Cohort(workshop_id=workshop, state="released", holds_places=True, note="",
                        answer_by=until, left_out=[], created_at=work.now)  # fmt: skip
        work.session.add(cohort)
        work.session.flush()
        for member in people:
            row = {"workshop_id": workshop, "cohort_id": cohort.id, "member_id": member}
            work.session.add(Invitation(**row, state="awaiting", round=1, changed_at=work.now))


def _answer(installation: Installation, member: int, act: str) -> object:
    with installation.unit_of_work() as work:
        found = select(Invitation).where(Invitation.member_id == member)
        invitation = work.session.scalars(found).one()
        invited = invitations._find(work.session, invitation.id)
        assert invited
        acts: dict[str, Callable[[], object]] = {
            "yes": lambda: invitations.say_yes(work, invited, Words()),
            "maybe": lambda: invitations.say_maybe(work, invited),
            "no": lambda: invitations.say_no(work, invited),
            "again": lambda: by_organisers.send_again(work, invitation, "", 1),
            "revoke": lambda: by_organisers.revoke(work, invitation, 1),
        }
        return acts[act]()


@both_databases
@pytest.mark.parametrize("seed", range(3))
def test_the_invited_for_whom_a_place_waits_are_counted_among_all_the_others(
    installation: Installation, at_once: AtOnce, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - a mix that can be repeated
    workshop, people = _workshop(installation, 4), _members(installation, 12)
    _invite_all(installation, workshop, people[:3])
    for _ in range(4):
        acts: list[Callable[[], object]] = [
            partial(_answer, installation, member, chance.choice(["yes", "maybe", "no", "again",
                                                                  "revoke"]))
            for member in people[:3]
        ]  # fmt: skip
        acts += [_some_act(installation, workshop, people, chance) for _ in range(9)]
        at_once(*acts)
        with installation.reading() as work:
            assert counting.check_seats(work.session, work.now) == []


@both_databases
def test_a_place_that_is_given_up_is_offered_to_whoever_waits_longest(
    installation: Installation, clock: ShiftedClock
) -> None:
    workshop = _workshop(installation, 1)
    first, second, third = _members(installation, 3)
    assert _take(installation, workshop, first) is RegistrationState.CONFIRMED
    for member in (second, third):
        assert _take(installation, workshop, member) is RegistrationState.WAITLISTED
        clock.forward(minutes=1)
    assert [_give_up(installation, workshop, first) for _ in range(2)] == [True, False]
    assert _states(installation) == {first: "cancelled", second: "offered", third: "waitlisted"}
    assert _promote(installation, workshop) == 0, "asking twice offers once"
    assert _take(installation, workshop, third) is RegistrationState.WAITLISTED, (
        "nobody passes an offer"
    )
    assert _take(installation, workshop, second) is RegistrationState.CONFIRMED


@both_databases
def test_an_offer_that_ends_goes_to_the_next_and_nobody_has_to_notice(
    installation: Installation, clock: ShiftedClock
) -> None:
    workshop = _workshop(installation, 1)
    first, second, third = _members(installation, 3)
    for member in (first, second, third):
        _take(installation, workshop, member)
        clock.forward(minutes=1)
    _give_up(installation, workshop, first)
    clock.forward(hours=60)
    with installation.reading() as work:
        assert counting.held(work.session, workshop, work.now) == 0, "expired without a job"
    assert _promote(installation, workshop) == 1
    assert _states(installation)[third] == "offered"
    assert _states(installation)[second] == "lapsed"
    assert _take(installation, workshop, second) is RegistrationState.WAITLISTED, (
        "at the end of the line"
    )


def test_a_walk_in_does_not_pass_those_who_wait(installation: Installation) -> None:
    workshop = _workshop(installation, 1)
    first, second, walk_in = _members(installation, 3)
    for member in (first, second):
        _take(installation, workshop, member)
    assert _take(installation, workshop, walk_in) is RegistrationState.WAITLISTED


def test_when_no_place_is_offered_any_more_a_free_one_is_for_who_presses_first(
    installation: Installation,
) -> None:
    """It was nobody's: two waited, seven of ten places were held, and a new yes became third."""
    workshop = _workshop(installation, 1, days=0.05)
    first, second, walk_in = _members(installation, 3)
    for member in (first, second):
        _take(installation, workshop, member)
    _give_up(installation, workshop, first)
    assert _states(installation)[second] == "waitlisted", "too late for offers"
    assert _take(installation, workshop, walk_in) is RegistrationState.CONFIRMED
    assert _take(installation, workshop, second) is RegistrationState.WAITLISTED
    _give_up(installation, workshop, walk_in)
    assert _take(installation, workshop, second) is RegistrationState.CONFIRMED


def test_more_places_are_offered_and_fewer_than_taken_are_refused(
    installation: Installation,
) -> None:
    workshop = _workshop(installation, 2)
    people = _members(installation, 5)
    for member in people:
        _take(installation, workshop, member)
    _capacity(installation, workshop, 4)
    assert sorted(_states(installation).values()) == [
        "confirmed", "confirmed", "offered", "offered", "waitlisted",
    ]  # fmt: skip
    with pytest.raises(Refusal, match="4 places are taken or promised"):
        _capacity(installation, workshop, 3)
    for member in people[:2]:
        _give_up(installation, workshop, member)
    with installation.reading() as work:
        assert counting.held(work.session, workshop, work.now) == 3


def test_whoever_was_removed_does_not_come_back_by_a_click(installation: Installation) -> None:
    workshop, [member] = _workshop(installation, 2), _members(installation, 1)
    _take(installation, workshop, member)
    with installation.unit_of_work() as work:
        assert seats.leave(_locked(work, workshop, member), RegistrationState.REMOVED)
        assert not seats.leave(_locked(work, workshop, member), RegistrationState.REMOVED)
    with pytest.raises(Refusal):
        _take(installation, workshop, member)


def test_the_position_on_the_list_is_known(installation: Installation, clock: ShiftedClock) -> None:
    workshop = _workshop(installation, 1)
    people = _members(installation, 4)
    for member in people:
        _take(installation, workshop, member)
        clock.forward(minutes=1)
    with installation.reading() as work:
        waiting = work.session.scalars(
            select(Registration).where(Registration.state == "waitlisted").order_by(Registration.id)
        ).all()
        assert [counting.position(work.session, one) for one in waiting] == [1, 2, 3]


def test_a_workshop_that_is_gone_is_named_so(installation: Installation) -> None:
    with pytest.raises(Refusal, match="does not exist"), installation.unit_of_work() as work:
        seats.lock(work, Workshop(id=99), 1)


def test_the_table_of_places_is_whole() -> None:
    assert set(EDGES) == set(RegistrationState)
    before = "requested waitlisted offered lapsed cancelled not_accepted"
    assert " ".join(REGISTRATIONS.sources(RegistrationState.CONFIRMED)) == before


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "starts", "until"),
    [
        # A third of six days is two days, at noon.
        ("2026-06-01T10:00", "2026-06-07T10:00", "2026-06-03T10:00"),
        # Never longer than 48 hours.
        ("2026-06-01T10:00", "2026-09-01T10:00", "2026-06-03T10:00"),
        # Never shorter than two hours.
        ("2026-06-01T10:00", "2026-06-01T14:00", "2026-06-01T12:00"),
        # 23:00 in Helsinki becomes eight in the morning.
        ("2026-06-01T20:00", "2026-09-01T10:00", "2026-06-04T05:00"),
        # So does three at night.
        ("2026-06-01T00:00", "2026-09-01T10:00", "2026-06-03T05:00"),
        # The morning after would be too late: ten in the evening before.
        ("2026-06-01T10:00", "2026-06-02T04:30", "2026-06-01T16:10"),
    ],
)
def test_an_offer_never_ends_at_night(now: str, starts: str, until: str) -> None:
    assert offer_until(_at(now), _at(starts), "Europe/Helsinki") == _at(until)


ZONES = ("Europe/Helsinki", "Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Apia")


def test_an_offer_ends_by_day_wherever_somebody_lives() -> None:
    chance = random.Random(7)  # noqa: S311 - a mix that can be repeated
    from zoneinfo import ZoneInfo

    for _ in range(500):
        now = _at("2026-01-01T00:00") + timedelta(minutes=chance.randrange(525_600))
        starts = now + timedelta(hours=chance.uniform(30, 2000))
        zone = chance.choice(
            ["Europe/Helsinki", "America/New_York", "Asia/Kolkata", "Pacific/Apia"]
        )
        until = offer_until(now, starts, zone)
        assert now + timedelta(hours=2) <= until < starts
        assert 8 <= until.astimezone(ZoneInfo(zone)).hour <= 22


def test_the_command_proves_it_or_names_the_workshop(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    from click.testing import CliRunner

    from staffroom import workshops_command
    from staffroom.command import staffroom

    monkeypatch.setattr(workshops_command, "open_installation", lambda: installation)
    workshop, people = _workshop(installation, 2), _members(installation, 3)
    for member in people:
        _take(installation, workshop, member)
    fine = CliRunner().invoke(staffroom, ["workshops", "check-seats"])
    assert (fine.exit_code, "at most as many" in fine.output) == (0, True)
    with installation.unit_of_work() as work:
        work.session.get_one(Workshop, workshop).capacity = 1
    fault = CliRunner().invoke(staffroom, ["workshops", "check-seats"])
    assert (fault.exit_code, "w: 2 held of 1" in fault.output) == (1, True)
