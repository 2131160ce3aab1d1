"""A newsletter end to end: frozen, reserved, personalised, sent, recorded; beside a bare loop."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select

from bench.ground import Ground, ground, process, usage
from mail.models import Delivery, Mailing
from members.importing import import_table
from members.list_rows import Import
from members.tables import table_of
from newsletters import issues, sending
from newsletters.models import Issue
from newsletters.texts import parse_files

BODY = "Some **words** that a letter has, [a link](https://example.org/x), and more.\n\n" * 40
FILE = f"---\nlanguage: en\nsubject: A letter\npreheader: In short\n---\n{BODY}"


@dataclass(frozen=True)
class Run:
    """One sending: recipients a second, and seconds of processor for 1,000 of them."""

    rate: float
    cpu: float


@dataclass(frozen=True)
class Round:
    """Ours and both loops, right after each other."""

    freeze_seconds: float
    ours: Run
    bare: Run
    tuned: Run


@dataclass(frozen=True)
class Figures:
    """What several rounds measured; a noisy minute spoils one of them, never the medians."""

    database: str
    recipients: int
    import_seconds: float
    rounds: list[Round]
    peak_mb: float

    def __str__(self) -> str:
        return (
            f"| {self.database} | {self.recipients:,} | {len(self.rounds)} "
            f"| {self.import_seconds:.1f} s | {self._median(lambda r: r.freeze_seconds):.2f} s "
            f"| {self._rates(lambda r: r.ours)} | {self._rates(lambda r: r.bare)} "
            f"| {self._median(lambda r: r.ours.rate / r.bare.rate):.0%} "
            f"| {self._rates(lambda r: r.tuned)} "
            f"| {self._median(lambda r: r.ours.rate / r.tuned.rate):.0%} "
            f"| {self._median(lambda r: r.ours.cpu):.3f} s "
            f"| {self._median(lambda r: r.bare.cpu):.3f} s "
            f"| {self._median(lambda r: r.tuned.cpu):.3f} s | {self.peak_mb:.0f} MB |"
        )

    def _median(self, figure: Callable[[Round], float]) -> float:
        return statistics.median(map(figure, self.rounds))

    def _rates(self, of: Callable[[Round], Run]) -> str:
        rates = [of(one).rate for one in self.rounds]
        return f"{statistics.median(rates):,.0f} ({min(rates):,.0f}-{max(rates):,.0f})"


HEADER = (
    "| database | recipients | rounds | import | freezing | recipients a second | bare loop "
    "| ratio | tuned loop | ratio | CPU per 1,000 | bare loop's | tuned loop's | peak memory |\n"
    + "|---" * 14
    + "|"
)


def measure(database: str, recipients: int, rounds: int) -> Figures:
    """Send issues with one bulk worker, after each the same calls from the loops (A B C A B C …).

    Ratios are taken within a round, so that a machine that slows down slows all three.
    """
    with ground(database) as here:
        began = time.perf_counter()
        import_people(here, recipients)
        imported = time.perf_counter() - began
        with process(here.environment, "staffroom", "worker", "--queue", "bulk") as worker:
            time.sleep(2.5)  # it has started when the issue is sent
            measured = [_round(here, worker, recipients) for _ in range(rounds)]
            peak = usage(worker).peak_mb
    return Figures(database, recipients, imported, measured, peak)


def _round(here: Ground, worker: int, recipients: int) -> Round:
    before = usage(worker).cpu
    frozen, seconds = _send(here, recipients)
    used = usage(worker).cpu - before
    ours = Run(recipients / seconds, used / recipients * 1000)
    return Round(frozen, ours, _bare(here, "plain", recipients), _bare(here, "tuned", recipients))


def import_people(here: Ground, count: int) -> None:
    """So many readers."""
    table = ((n, {"email": f"m{n}@school.example"}) for n in range(count))
    import_table(here.installation.unit_of_work, table_of(table), Import("bench", ("newsletter",)))


def send_letter(here: Ground) -> int:
    """An issue to all of them; it goes out now."""
    with here.installation.unit_of_work() as work:
        number = issues.new_issue(work, parse_files([FILE])).id
        sending.send(work, number)
        work.jobs.clear()
    sending.freeze_audience(here.installation, number)
    return number


def _send(here: Ground, recipients: int) -> tuple[float, float]:
    began = time.perf_counter()
    number = send_letter(here)
    frozen = time.perf_counter()
    while _sent(here, number) < recipients:
        time.sleep(0.1)
    return frozen - began, time.perf_counter() - frozen


def _sent(here: Ground, number: int) -> int:
    with here.installation.reading() as work:
        states = sending.mailings_of(work.session, work.session.get_one(Issue, number))
        if any(mailing.state != "finished" for mailing in states):
            return 0
        ids = [mailing.id for mailing in states]
        counted = select(func.count()).where(Delivery.mailing_id.in_(ids), Delivery.state == "sent")
        return work.session.scalar(counted) or 0


def _bare(here: Ground, kind: str, recipients: int) -> Run:
    with here.installation.reading() as work:
        mailing = work.session.scalars(select(Mailing).order_by(Mailing.id.desc())).first()
    assert mailing
    run = subprocess.run(
        [sys.executable, "-m", "bench.bare_loop", kind, str(recipients)],
        input=json.dumps([mailing.html, mailing.text]),
        env=here.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return Run(**json.loads(run.stdout))
