"""The delivery engine beside a slow SES, beside a strict one, and hearing what SES tells."""

import json
import os
import threading
import time
import uuid
from contextlib import ExitStack
from dataclasses import dataclass, replace

import httpx2
from sqlalchemy import func, select

from bench.ground import Ground, ground, process, usage
from bench.newsletter import import_people, send_letter
from mail.events.applying import read_all
from mail.events.aws import Poller
from mail.models import Delivery, MailEvent
from newsletters import sending
from newsletters.models import Issue
from tests.support.loopback_ses import Mail
from tests.support.ses_events import Queue, loopback_sqs, told

LATENCY = 0.05
SLOW_PEOPLE = 40_000
LISTMONK = 957
"""Recipients a second that listmonk 6.2 sent with 50 connections and 50 ms a mail."""
STRICT_RATE = 200
WARM_SECONDS, STRICT_SECONDS = 12.0, 60.0
EVENTS = 20_000


@dataclass(frozen=True)
class Figures:
    """What one database came to."""

    database: str
    slow_rate: float
    in_flight: int
    used: float
    throttled: int
    polled: float
    read: float
    peak_mb: float

    def __str__(self) -> str:
        return (
            f"| {self.database} "
            f"| {self.slow_rate:,.0f} ({self.slow_rate / LISTMONK:.1f} × listmonk) "
            f"| {self.in_flight} | {self.used:.1%} | {self.throttled} "
            f"| {self.polled:,.0f} | {self.read:,.0f} | {self.peak_mb:.0f} MB |"
        )


HEADER = (
    "| database | one worker, 50 ms a call: recipients a second | calls in flight "
    "| of 200 a second used over a minute, four workers | throttled "
    "| events fetched a second | events applied a second | peak memory |\n" + "|---" * 8 + "|"
)


def measure(database: str) -> Figures:
    """Each in turn, on a fresh installation."""
    with ground(database) as here:
        import_people(here, SLOW_PEOPLE)
        with process(here.environment, "staffroom", "worker", "--queue", "bulk") as worker:
            time.sleep(2.5)
            slow, in_flight = _slow(here)
            peak = usage(worker).peak_mb
        used, throttled = _strict(here)
        polled, read = _hear(here)
    return Figures(database, slow, in_flight, used, throttled, polled, read, peak)


def _control(here: Ground, **changes: object) -> dict[str, int]:
    answer = httpx2.post(f"{here.ses_url}/_control", json=changes)
    summary: dict[str, int] = answer.json()
    return summary


def _slow(here: Ground) -> tuple[float, int]:
    _control(here, latency=LATENCY, most_flying=0)
    before = _control(here)["accepted"]
    began = time.perf_counter()
    send_letter(here)
    while _control(here)["accepted"] - before < SLOW_PEOPLE:
        time.sleep(0.02)
    seconds = time.perf_counter() - began
    summary = _control(here, latency=0.0)
    return SLOW_PEOPLE / seconds, summary["most_flying"]


def _strict(here: Ground) -> tuple[float, int]:
    """What four workers use of a rate that is enforced, once they know it."""
    _control(here, rate=float(STRICT_RATE), enforce_rate=True, throttled=0)
    with ExitStack() as stack:
        for _ in range(4):
            words = ("staffroom", "worker", "--queue", "bulk")
            stack.enter_context(process(here.environment, *words))
        time.sleep(3)
        number = send_letter(here)
        time.sleep(WARM_SECONDS)
        before = _control(here)["accepted"]
        time.sleep(STRICT_SECONDS)
        summary = _control(here)
        with here.installation.unit_of_work() as work:
            sending.cancel(work, work.session.get_one(Issue, number), None)
    _control(here, rate=20_000.0, enforce_rate=False)
    used = (summary["accepted"] - before) / (STRICT_RATE * STRICT_SECONDS)
    return used, summary["throttled"]


def _hear(here: Ground) -> tuple[float, float]:
    """Fetch from the queue, keep, and apply to the ledger."""
    queue = Queue()
    with here.installation.reading() as work:
        some = select(Delivery.id, Delivery.address, Delivery.attempt, Delivery.mailing_id)
        rows = work.session.execute(some.where(Delivery.state == "sent").limit(EVENTS)).all()
    for row in rows:
        tags = {"delivery": str(row.id), "mailing": str(row.mailing_id), "attempt": row.attempt}
        mail = Mail(row.address, "", "", "", {}, tags, uuid.uuid4().hex)
        queue.put(json.dumps(told(mail, "Delivery")))
    with loopback_sqs(queue) as url:
        here.environment["AWS_ENDPOINT_URL_SQS"] = url.rsplit("/", 2)[0]
        settings = here.installation.settings.model_copy(update={"ses_events_queue": url})
        polled = _poll(here, settings, queue)
    with here.installation.unit_of_work() as work:
        kept = work.session.scalar(select(func.count()).select_from(MailEvent)) or 0
    assert kept == len(rows)
    began = time.perf_counter()
    read_all(here.installation)
    return polled, len(rows) / (time.perf_counter() - began)


def _poll(here: Ground, settings: object, queue: Queue) -> float:
    os.environ["AWS_ENDPOINT_URL_SQS"] = here.environment["AWS_ENDPOINT_URL_SQS"]
    installation = replace(here.installation, settings=settings)  # type: ignore[arg-type]
    poller = Poller(installation, threading.Event())
    began = time.perf_counter()
    while poller.once(0):
        pass
    return queue.deleted / (time.perf_counter() - began)
