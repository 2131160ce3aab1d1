"""The waiting list: who is offered what, when, how often, and when not at all."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import event, select, update

from core.installation import Installation
from tests.conftest import both_databases
from tests.support import hosts
from tests.support.people import Browser, ShiftedClock
from worker import jobs
from workshops.conduct import conducting
from workshops.model.tables import Registration, Workshop
from workshops.registration import registering, seats

Run = Callable[[], None]
AtOnce = Callable[..., list[object]]
PEOPLE = [f"{name}@example.org" for name in ("ann", "bea", "cai", "dan", "eve")]


@pytest.fixture
def workshop(visitor: Browser, run_jobs: Run, clock: ShiftedClock) -> Workshop:
    """Ann has the only place; the four others wait, one minute after each other."""
    made = hosts.ready(visitor.installation, capacity=1)
    hosts.invite(visitor.installation, made, "\n".join(PEOPLE))
    run_jobs()
    for who in PEOPLE:
        hosts.say(visitor, who, "yes")
        clock.forward(minutes=1)
    run_jobs()
    return made


def _offers(browser: Browser, who: str) -> int:
    return sum(m.subject.startswith("A place is free") for m in browser.outbox(who))


def _own(installation: Installation, workshop: Workshop, email: str) -> int:
    from members.models import Member

    with installation.reading() as work:
        found = select(Registration.id).join(Member, Member.id == Registration.member_id)
        wanted = found.where(Registration.workshop_id == workshop.id, Member.email == email)
        return work.session.scalars(wanted).one()


def _remove(installation: Installation, workshop: Workshop, email: str) -> None:
    number = _own(installation, workshop, email)
    with installation.unit_of_work() as work:
        kept = work.session.get_one(Workshop, workshop.id)
        registering.remove(work, kept, work.session.get_one(Registration, number), 1)


@both_databases
def test_promoting_at_once_makes_the_same_offers_and_tells_once(
    visitor: Browser, workshop: Workshop, run_jobs: Run, at_once: AtOnce
) -> None:
    installation = visitor.installation

    def promote() -> None:
        with installation.unit_of_work() as work:
            registering.promote(work, work.session.get_one(Workshop, workshop.id))

    with installation.unit_of_work() as work:
        work.session.execute(update(Workshop).values(capacity=4))
    at_once(*[promote] * 5)
    run_jobs()
    assert [_offers(visitor, who) for who in PEOPLE] == [0, 1, 1, 0, 0]
    for _ in range(2):
        jobs.look_after_workshops()
        run_jobs()
    assert sum(_offers(visitor, who) for who in PEOPLE) == 2


def test_two_more_places_are_two_offers_by_whom_waits_longest(
    visitor: Browser, workshop: Workshop, run_jobs: Run
) -> None:
    with visitor.installation.unit_of_work() as work:
        conducting.change_capacity(work, work.session.get_one(Workshop, workshop.id), 4, 1)
    run_jobs()
    assert [_offers(visitor, who) for who in PEOPLE] == [0, 1, 1, 0, 0]


def test_taking_somebody_off_offers_the_place_and_what_they_do_later_revives_nothing(
    visitor: Browser, workshop: Workshop, run_jobs: Run
) -> None:
    _remove(visitor.installation, workshop, PEOPLE[0])
    run_jobs()
    assert _offers(visitor, PEOPLE[1]) == 1
    assert visitor.outbox(PEOPLE[0])[0].subject.startswith("About your place")
    path = hosts.place_link(visitor, PEOPLE[1])
    visitor.post(f"{path}/give-up")
    run_jobs()
    assert _offers(visitor, PEOPLE[2]) == 1
    back = visitor.post(f"{path}/take", {"rules": "1"})
    assert "number 3 on the waiting list" in back.text, "behind all who wait, and no old offer"
    assert (
        visitor.post(f"{hosts.place_link(visitor, PEOPLE[0])}/take", {"rules": "1"}).status == 422
    )


def test_one_offer_after_the_other_each_with_its_end_in_words(
    visitor: Browser, workshop: Workshop, run_jobs: Run, clock: ShiftedClock
) -> None:
    visitor.post(f"{hosts.place_link(visitor, PEOPLE[0])}/give-up")
    for place, who in enumerate(PEOPLE[1:4], 1):
        jobs.look_after_workshops()
        run_jobs()
        assert [_offers(visitor, p) for p in PEOPLE[1:]] == [int(n < place) for n in range(4)]
        mail = next(m for m in visitor.outbox(who) if m.subject.startswith("A place"))
        assert "(Helsinki)" in mail.text
        clock.forward(hours=60)
    lapsed = visitor.get(hosts.place_link(visitor, PEOPLE[1]))
    assert "You have no place at the moment." in lapsed.text


def test_nobody_is_offered_a_place_when_it_is_over_off_or_too_late(
    visitor: Browser, workshop: Workshop, run_jobs: Run, clock: ShiftedClock
) -> None:
    clock.forward(hours=24 * hosts.days_until(workshop) - 4)
    visitor.post(f"{hosts.place_link(visitor, PEOPLE[0])}/give-up")
    for hours in (0, 3, 5):
        clock.forward(hours=hours)
        jobs.look_after_workshops()
        run_jobs()
    assert sum(_offers(visitor, who) for who in PEOPLE) == 0
    assert "no place was free for you" in visitor.get(hosts.place_link(visitor, PEOPLE[1])).text


def test_a_workshop_says_itself_when_offers_stop(
    visitor: Browser, workshop: Workshop, clock: ShiftedClock
) -> None:
    assert workshop.starts_at
    with visitor.installation.unit_of_work() as work:
        kept = work.session.get_one(Workshop, workshop.id)
        kept.waitlist_stops_at = work.now + timedelta(days=3)
    clock.forward(days=2.95)
    visitor.post(f"{hosts.place_link(visitor, PEOPLE[0])}/give-up")
    assert "offered" not in hosts.places(visitor.installation, workshop).values()


def test_promoting_asks_the_database_the_same_however_many_wait(
    installation: Installation, workshop: Workshop
) -> None:
    counts: list[int] = []

    def count(*_: object) -> None:
        counts[-1] += 1

    engine = installation.database.engine
    event.listen(engine, "before_cursor_execute", count)
    for _ in range(2):
        counts.append(0)
        with installation.unit_of_work() as work:
            seats.promote(seats.lock(work, work.session.get_one(Workshop, workshop.id)))
        with installation.unit_of_work() as work:
            rest = select(Registration.id).where(Registration.state == "waitlisted").limit(2)
            ids = list(work.session.scalars(rest))
            gone = update(Registration).where(Registration.id.in_(ids))
            work.session.execute(gone.values(state="cancelled"))
            counts[-1] -= 2
    event.remove(engine, "before_cursor_execute", count)
    assert counts[0] == counts[1]


def test_a_thank_you_reaches_one_person_once(
    visitor: Browser, run_jobs: Run, clock: ShiftedClock
) -> None:
    made = hosts.ready(visitor.installation, capacity=3)
    hosts.invite(visitor.installation, made, "\n".join(PEOPLE[:3]))
    run_jobs()
    say = partial(hosts.say, visitor, answer="yes", shows_name="1")
    for who in PEOPLE[:3]:
        say(email=who, name=who[:3].title())
    run_jobs()
    clock.forward(hours=24 * hosts.days_until(made) + 1)
    to = str(_own(visitor.installation, made, PEOPLE[1]))
    words = {"learned": "Much", "thanks_to": to, "thanks": "You asked what nobody asked."}
    for _ in range(2):
        visitor.post(f"{hosts.place_link(visitor, PEOPLE[0])}/check-out", words)
        run_jobs()
    thanks = [m for who in PEOPLE[:3] for m in visitor.outbox(who) if "A thank-you" in m.subject]
    assert [m.to for m in thanks] == [PEOPLE[1]]
    assert "You asked what nobody asked." in thanks[0].text
    assert "Ann" in thanks[0].text
