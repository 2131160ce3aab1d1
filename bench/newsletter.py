"""A newsletter end to end: frozen, reserved, personalised, sent, recorded; beside a bare loop."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass

from sqlalchemy import select

from bench.ground import Ground, ground, process, usage
from core.jobs import Job
from mail.models import Mailing
from members.importing import Import, import_table
from members.tables import table_of
from newsletters import issues
from newsletters.models import Issue
from newsletters.texts import parse_files

BODY = "Some **words** that a letter has, [a link](https://example.org/x), and more.\n\n" * 40
FILE = f"---\nlanguage: en\nsubject: A letter\npreheader: In short\n---\n{BODY}"


@dataclass(frozen=True)
class Figures:
    """What one run measured."""

    database: str
    recipients: int
    import_seconds: float
    freeze_seconds: float
    rate: float
    bare_rate: float
    tuned_rate: float
    cpu_per_1000: float
    bare_cpu_per_1000: float
    peak_mb: float

    def __str__(self) -> str:
        return (
            f"| {self.database} | {self.recipients:,} | {self.import_seconds:.1f} s "
            f"| {self.freeze_seconds:.2f} s | {self.rate:,.0f} | {self.bare_rate:,.0f} "
            f"| {self.rate / self.bare_rate:.0%} | {self.tuned_rate:,.0f} "
            f"| {self.rate / self.tuned_rate:.0%} | {self.cpu_per_1000:.3f} s "
            f"| {self.bare_cpu_per_1000:.3f} s | {self.peak_mb:.0f} MB |"
        )


HEADER = (
    "| database | recipients | import | freezing | recipients a second | bare loop | ratio "
    "| tuned loop | ratio | CPU per 1,000 | bare loop's | peak memory |\n" + "|---" * 12 + "|"
)


def measure(database: str, recipients: int) -> Figures:
    """Send one issue with one bulk worker, then make the same calls from a bare loop."""
    with ground(database) as here:
        began = time.perf_counter()
        table = ((n, {"email": f"m{n}@school.example"}) for n in range(recipients))
        import_table(here.installation.unit_of_work, table_of(table), Import("bench", "newsletter"))
        imported = time.perf_counter() - began
        with process(here.environment, "staffroom", "worker", "--queue", "bulk") as worker:
            time.sleep(2.5)  # it has started when the issue is sent
            before = usage(worker)
            frozen, seconds = _send(here, recipients)
            after = usage(worker)
        bare, tuned = _bare(here, "plain", recipients), _bare(here, "tuned", recipients)
    return Figures(
        database,
        recipients,
        imported,
        frozen,
        recipients / seconds,
        bare["rate"],
        tuned["rate"],
        (after.cpu - before.cpu) / recipients * 1000,
        bare["cpu"],
        after.peak_mb,
    )


def _send(here: Ground, recipients: int) -> tuple[float, float]:
    began = time.perf_counter()
    with here.installation.unit_of_work() as work:
        number = issues.new_issue(work, parse_files([FILE])).id
        issues.send(work, number)
        work.jobs[:] = [job for job in work.jobs if _is_first_lane(job)]
    frozen = time.perf_counter()
    while _sent(here, number) < recipients:
        time.sleep(0.1)
    return frozen - began, time.perf_counter() - frozen


def _is_first_lane(job: Job) -> bool:
    return job.args[-1:] == (0,)


def _sent(here: Ground, number: int) -> int:
    with here.installation.reading() as work:
        states = issues.mailings_of(work.session, work.session.get_one(Issue, number))
        if any(mailing.state != "finished" for mailing in states):
            return 0
        return issues.status(work.session, work.session.get_one(Issue, number))["sent"]


def _bare(here: Ground, kind: str, recipients: int) -> dict[str, float]:
    with here.installation.reading() as work:
        mailing = work.session.scalars(select(Mailing)).one()
    run = subprocess.run(
        [sys.executable, "-m", "bench.bare_loop", kind, str(recipients)],
        input=json.dumps([mailing.html, mailing.text]),
        env=here.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    figures: dict[str, float] = json.loads(run.stdout)
    return figures
