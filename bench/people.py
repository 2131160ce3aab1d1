"""People: a hundred thousand of them, found, filtered, counted, listed and taken along."""

import os
import random
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import insert, text

from bench.ground import ground
from core.addresses import Address
from core.installation import Installation
from members import exporting, finding
from members.finding import Search
from members.models import Member, MemberLabel, Subscription
from members.records import new_record
from members.roles import Role
from members.segments import Segment
from tests.support.people import Browser
from workshops.invitation.facts import FACTS

MEMBERS = int(os.environ.get("BENCH_MEMBERS", "100000"))
ROUNDS = 40
PEOPLE = "/organise/people"
FIRST = ("Aino", "Väinö", "Åsa", "Mary", "Nguyễn", "Łucja", "Sinikka", "Olli", "Siân", "Pekka")
LAST = ("Mäkinen", "Virtanen", "O’Hara", "Østergård", "Smith", "Lindqvist", "Järvinen", "Novák")
ROLES = ("teacher", "school-leader", "student-teacher", "")
PATHS = (
    PEOPLE,
    f"{PEOPLE}?page=400",
    f"{PEOPLE}?order=name",
    f"{PEOPLE}?q=makinen",
    f"{PEOPLE}?q=aino+makinen+77",
    f"{PEOPLE}?q=nobody",
    f"{PEOPLE}?q=label",
    f"{PEOPLE}?language=fi&role=school-leader",
    f"{PEOPLE}?label=label+3&role=teacher&order=name",
    f"{PEOPLE}?topic=newsletter&country=FI",
    f"{PEOPLE}?standing=left",
    f"{PEOPLE}?took_part=no&contributed=no&trouble=1",
)


@dataclass(frozen=True)
class Figures:
    """What one database came to."""

    database: str
    pages: dict[str, float]
    count: float
    export: float

    def __str__(self) -> str:
        worst = max(self.pages, key=lambda path: self.pages[path])
        return (
            f"| {self.database} | {MEMBERS:,} | {self.pages[worst]:.0f} ms (`{worst}`) "
            f"| {statistics.median(self.pages.values()):.0f} ms | {self.count:.0f} ms "
            f"| {self.export:.1f} s |"
        )


HEADER = (
    "| database | members | worst p99 of a page | median | a segment counted | all as a file |\n"
    + "|---" * 6
    + "|"
)


def measure(database: str) -> Figures:
    """Open each page forty times, the slowest of them counts."""
    with ground(database) as here:
        _fill(here.installation)
        with Browser.of(here.installation) as owner:
            owner.sign_in("owner@bench.example", Role.OWNER)
            pages = {path: _slowest(owner, path) for path in PATHS}
        return Figures(database, pages, _count(here.installation), _export(here.installation))


def _slowest(owner: Browser, path: str) -> float:
    owner.get(path)
    found = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        assert owner.get(path).status == 200
        found.append(time.perf_counter() - began)
    if os.environ.get("BENCH_SAY"):
        print(f"{max(found) * 1000:7.1f} ms {path}", flush=True)
    return max(found) * 1000


def _count(installation: Installation) -> float:
    leaders = Segment(languages=frozenset({"fi"}), roles=frozenset({"school-leader"}))
    found = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        with installation.reading() as work:
            leading = Search("", leaders)
            fits = finding.find(work.session, leading, FACTS, work.now.date())
            assert finding.count(work.session, fits)
        found.append(time.perf_counter() - began)
    return max(found) * 1000


def _export(installation: Installation) -> float:
    began = time.perf_counter()
    with installation.reading() as work:
        everybody = finding.fitting(work.session, Search(), FACTS, work.now.date())
        assert sum(1 for _ in exporting.lines(work.session, everybody)) > MEMBERS
    return time.perf_counter() - began


def _fill(installation: Installation) -> None:
    luck = random.Random(7)  # noqa: S311 - the same people each time
    for start in range(0, MEMBERS, 20_000):
        some = range(start + 1, min(MEMBERS, start + 20_000) + 1)
        with installation.unit_of_work() as work:
            connection = work.session.connection()
            connection.execute(insert(Member), list(_members(some, luck, work.now)))
            subscribed = {"topic": "newsletter", "reason": "", "changed_at": work.now}
            rows = [{"member_id": n, "state": "subscribed", **subscribed} for n in some if n % 9]
            connection.execute(insert(Subscription), rows)
            labels = [{"member_id": n, "label": f"label {n % 30}"} for n in some if n % 4 == 0]
            connection.execute(insert(MemberLabel), labels)
    with installation.database.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT setval('member_id_seq', :n)"), {"n": MEMBERS})
        connection.execute(text("ANALYZE"))


def _members(some: range, luck: random.Random, now: object) -> Iterator[dict[str, object]]:
    for n in some:
        name = f"{luck.choice(FIRST)} {luck.choice(LAST)}"
        email = f"p{n}@school{n % 500}.example"
        address = Address(shown=email, ascii=email, key=email)
        record = new_record(address, name, ("fi", "en")[n % 2], "bench", now, is_confirmed=True)  # type: ignore[arg-type]
        said = {"role": luck.choice(ROLES), "level": "primary", "country": ("FI", "SE", "")[n % 3]}
        yield {**record, **said, "id": n}
