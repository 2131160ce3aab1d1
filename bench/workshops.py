"""Workshops: a cohort of 500, places that many want at once, pages, and what the tick costs."""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import httpx2
from sqlalchemy import insert, select

from bench.ground import Ground, await_url, free_port, ground, process
from core.addresses import parse_address
from core.installation import Installation
from core.tokens import Purpose
from members.models import Member
from members.organisers import add_organiser
from members.roles import Role
from members.signing_in import print_link
from tests.support import hosts
from tests.support.people import add_members
from workshops.conduct import conducting
from workshops.conduct.upkeep import look_after
from workshops.model.tables import Registration, Workshop
from workshops.registration import counting, seats

COHORT = 500
TAKERS = 1600
PLACES = 400
THREADS = 16
FINISHED = 500
PAGES = 300


@dataclass(frozen=True)
class Figures:
    """What one run measured."""

    database: str
    cohort: float
    takes: float
    pages: dict[str, float]
    tick: tuple[float, float]

    def __str__(self) -> str:
        worst = max(self.pages.values())
        where = max(self.pages, key=lambda name: self.pages[name])
        return (
            f"| {self.database} | {self.cohort:.2f} s | {self.takes:,.0f} "
            f"| {worst:.0f} ms ({where}) "
            f"| {statistics.median(self.pages.values()):.0f} ms "
            f"| {self.tick[0] * 1000:.0f} ms | {self.tick[1] * 1000:.0f} ms |"
        )


HEADER = (
    f"| database | {COHORT} prepared, previewed, released | places asked for a second, {THREADS} "
    f"at once | worst p99 of a page | median p99 | tick | tick with {FINISHED} finished ones |\n"
    "|---|---|---|---|---|---|---|"
)


def measure(database: str) -> Figures:
    """A cohort over HTTP, places in threads, pages one after the other, ticks."""
    with ground(database) as here:
        installation = here.installation
        add_members(installation, TAKERS, "en")
        workshop = hosts.ready(installation, capacity=PLACES)
        cohort, pages = _over_http(here, workshop)
        takes = _takes(installation)
        before = _tick(installation)
        _finish_many(installation)
        after = _tick(installation)
    return Figures(database, cohort, takes, pages, (before, after))


def _over_http(here: Ground, workshop: Workshop) -> tuple[float, dict[str, float]]:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with here.installation.unit_of_work() as work:
        owner = add_organiser(work, parse_address("owner@example.org"), Role.OWNER)
        link = print_link(work, owner)
    environment = {**here.environment, "STAFFROOM_BASE_URL": base}
    own_site = {"Sec-Fetch-Site": "same-origin"}
    with process(environment, "staffroom", "web", "--port", str(port)):
        await_url(f"{base}/healthz")
        with httpx2.Client(base_url=base, headers=own_site, follow_redirects=True) as client:
            assert client.post(link).status_code == 200
            return _cohort(client, workshop), _pages(here.installation, client, workshop)


def _cohort(client: httpx2.Client, workshop: Workshop) -> float:
    people = "\n".join(f"Guest {n} <guest{n}@example.org>" for n in range(COHORT))
    base = f"/organise/workshops/{workshop.public_id}"
    began = time.perf_counter()
    prepared = client.post(f"{base}/cohorts", data={"way": "list", "people": people})
    assert f"{COHORT} people" in prepared.text
    path = prepared.url.path
    assert client.get(path).status_code == 200
    released = client.post(f"{path}/release", data={"typed": str(COHORT)})
    assert "went out" in released.text
    return time.perf_counter() - began


def _pages(
    installation: Installation, client: httpx2.Client, planned: Workshop
) -> dict[str, float]:
    with installation.unit_of_work() as work:
        kept = work.session.get_one(Workshop, planned.id)
        conducting.open_to(work, kept, "anyone", False, 1)
        member_id = work.session.scalars(select(Member.id).limit(1)).one()
        workshop = work.session.get_one(Workshop, planned.id)
        seats.take(seats.lock(work, workshop, member_id))
        theirs = select(Registration.id).where(Registration.member_id == member_id)
        registration = work.session.scalars(theirs).one()
    tokens = installation.tokens
    base = f"/organise/workshops/{planned.public_id}"
    paths = {
        "list": "/workshops",
        "workshop": f"/workshops/{planned.public_id}",
        "invitation": f"/i/{tokens.sign(Purpose.INVITE, 1, 1)}",
        "own page": f"/w/{tokens.sign(Purpose.PLACE, registration)}",
        "calendar feed": f"/calendar/{tokens.sign(Purpose.CALENDAR, member_id)}",
        "change": f"{base}/change",
        "room": f"{base}/room",
        "planned": "/organise/workshops",
        f"people, {COHORT} invited": f"{base}/people",
    }
    return {name: _p99(client, path) for name, path in paths.items()}


def _p99(client: httpx2.Client, path: str) -> float:
    """Milliseconds that all but one in a hundred openings of a page stay below."""
    times = []
    for number in range(PAGES + 20):
        began = time.perf_counter()
        assert client.get(path).status_code == 200, path
        if number >= 20:
            times.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(times, n=100)[98]


def _takes(installation: Installation) -> float:
    """Everybody asks for a place in one workshop at once."""
    workshop = hosts.ready(installation, capacity=PLACES, title="Wanted")
    with installation.reading() as work:
        people = work.session.scalars(select(Member.id).where(Member.email.like("m%"))).all()

    def take(member_id: int) -> None:
        with installation.unit_of_work() as work:
            seats.take(seats.lock(work, workshop, member_id))

    began = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(take, people))
    seconds = time.perf_counter() - began
    with installation.reading() as work:
        assert (
            counting.held(work.session, workshop.id, work.now) == PLACES + 1
        )  # of who leads it too
    return len(people) / seconds


def _tick(installation: Installation) -> float:
    times = []
    for _ in range(7):
        began = time.perf_counter()
        look_after(installation.unit_of_work)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def _finish_many(installation: Installation) -> None:
    """Years of workshops that are over, each with forty people."""
    with installation.unit_of_work() as work:
        model = work.session.scalars(select(Workshop).limit(1)).one()
        columns = {
            c.key: getattr(model, c.key) for c in Workshop.__table__.columns if c.key != "id"
        }
        people = work.session.scalars(select(Member.id).limit(40)).all()
        for number in range(FINISHED):
            starts = work.now - timedelta(days=60 + number)
            row = {**columns, "public_id": f"old{number}", "stage": "complete",
                   "starts_at": starts, "ends_at": starts + timedelta(hours=2),
                   "follow_up_on": (starts + timedelta(days=30)).date()}  # fmt: skip
            added = work.session.execute(insert(Workshop).values(**row).returning(Workshop.id))
            workshop_id = added.scalar_one()
            place = {"workshop_id": workshop_id, "state": "attended", "joined_at": starts,
                     "changed_at": starts}  # fmt: skip
            places = [{**place, "member_id": member_id} for member_id in people]
            work.session.execute(insert(Registration), places)
