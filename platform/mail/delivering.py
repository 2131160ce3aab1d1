"""The sender: takes deliveries from the ledger and hands them to the transport.

Before calls begin one commit says "these are *sending*, attempt A" together with the results of
the calls that have ended; during a call no transaction is open. So a killed worker leaves at most
the recipients of its calls in flight unknown, loses nobody, and sends nothing twice.
"""

import time
import uuid
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.sql.elements import ColumnElement

from core.errors import Unavailable
from core.installation import Installation
from core.meter import Meter
from core.unit_of_work import UnitOfWork
from mail import account, gate, ledger
from mail.brake import Brake
from mail.flights import Call, Flights
from mail.ledger import Reserved, StillWanted
from mail.models import Mailing
from mail.obstacles import SERVICE_ROAD
from mail.outcomes import Outcome, Verdict
from mail.pace import Pace
from mail.parcels import Content, Packer, UnknownValues
from mail.posting import DELIVER_SERVICE, deliver_mailing
from mail.recovery import finish
from mail.ses_answers import advice
from mail.suppressing import suppression_keys
from mail.transport import Transport
from mail.trouble import Trouble

RUN_TIME = timedelta(seconds=60)
MOST_RESERVED = 500
RESERVED_SECONDS = 4
"""At a slow pace a worker takes no more than this, so that four of them stay within a lease."""
CALL_LEASES = 2
"""A call in flight is given twice the lease (60 s): longer than it can take (5 s + 20 s)."""
LOOK_SECONDS = 0.5
"""How often the sender looks whether it is to stop, while it waits for answers."""

CALLS, SECONDS, THROTTLED = "calls", "seconds", "throttled"
"""What is counted of calls."""
RETRIES = (0.1, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between the tries to write down results when the database is gone."""

log = structlog.get_logger()


@dataclass
class Sender:
    """Sends: the installation, a transport, the pace, who still wants it, and when to stop."""

    installation: Installation
    transport: Transport
    pace: Pace
    still_wanted: StillWanted
    stopping: Callable[[], bool] = lambda: False
    flights: Flights = field(default_factory=Flights)

    def __post_init__(self) -> None:
        self.meter = Meter(self.installation.redis)

    def deliver_service(self) -> None:
        """Send all service mail that is due, each message by itself."""
        if _Round(self, SERVICE_ROAD).run():
            self.installation.queue.wake(DELIVER_SERVICE)

    def deliver_mailing(self, mailing_id: int, lane: int) -> None:
        """Send one mailing for about a minute, then hand on."""
        if _Round(self, mailing_id).run():
            self.installation.queue.wake(deliver_mailing(mailing_id, lane))


@dataclass
class _Round:
    """One run of a worker over what is due on one road."""

    sender: Sender
    road: int
    worker: str = field(default_factory=lambda: uuid.uuid4().hex)
    waiting: deque[Reserved] = field(default_factory=deque)
    landed: list[Call] = field(default_factory=list)
    is_dry: bool = False
    contents: dict[int, Content] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.installation = self.sender.installation
        self.brake = Brake(self.installation, self.road)
        self.is_bulk = self.brake.is_bulk
        self.flights = self.sender.flights
        self.packer = Packer(self.installation)
        self.lease = timedelta(seconds=self.installation.settings.lease_seconds)
        self.ends = self.installation.clock.now() + RUN_TIME

    def run(self) -> bool:
        """Send until nothing is due; True if time ran out first, so that there may be more."""
        gate.check(self.installation)
        if not self.brake.may_begin(self.sender.transport):
            return False
        try:
            self._send()
        except Unavailable as error:
            self.brake.stop_for(Trouble.LIMITER, str(error))
        except OperationalError as error:
            self.brake.is_on = True
            log.warning("sending waits", reason=type(error).__name__)
        finally:
            self._settle()
        return not self.brake.is_on and self._is_over() and not self.sender.stopping()

    def _send(self) -> None:
        while not self._must_stop():
            if self._wants_more():
                self._reserve()
            if not self.waiting and not self.flights:
                return
            self._land(self._take_off())

    def _wants_more(self) -> bool:
        if self.is_dry or (self.brake.is_try and self.flights):
            return False
        return len(self.waiting) < self._room() * self._batch()

    def _must_stop(self) -> bool:
        return self.brake.is_on or self.sender.stopping() or self._is_over()

    def _is_over(self) -> bool:
        return self.installation.clock.now() >= self.ends

    def _room(self) -> int:
        return self.flights.room(self.sender.pace.a_second(self._rate()) / self._batch())

    def _rate(self) -> float:
        return self.sender.transport.allowance().rate

    def _batch(self) -> int:
        if not self.is_bulk or self.brake.is_try:
            return 1
        return min(self.sender.transport.most_at_once, self.sender.pace.batch(self._rate()))

    def _reserve(self) -> None:
        """Take more deliveries, without those nobody wants any more."""
        allowance = self.sender.transport.allowance()
        with self._unit_of_work() as work:
            most = self._most_reserved()
            account.note(work, allowance)
            self._finish(work)
            reserved = [] if self.brake.is_on else self._take_out(work, most)
            self.waiting.extend(self._drop_unwanted(work, reserved))
        self.is_dry = len(reserved) < most
        if self.waiting and allowance.fault is not None:
            self.brake.stop_for(Trouble.ACCOUNT, allowance.fault.words, allowance.fault.code)
        elif self.waiting and allowance.left_today == 0:
            self.brake.stop_for(Trouble.QUOTA, "")

    def _most_reserved(self) -> int:
        if self.brake.is_try:
            return 1
        by_rate = int(self.sender.pace.a_second(self._rate()) * RESERVED_SECONDS)
        return max(1, min(MOST_RESERVED, by_rate))

    def _take_out(self, work: UnitOfWork, most: int) -> list[Reserved]:
        return ledger.reserve(
            work.session,
            self._due(work.now),
            self.worker,
            work.now,
            most,
            self.lease,
            by_priority=not self.is_bulk,
        )

    def _due(self, now: datetime) -> ColumnElement[bool]:
        if self.is_bulk:
            return ledger.mailing_work(self.road, now, self.brake.is_try)
        return ledger.service_work(now, self.brake.is_try)

    def _drop_unwanted(self, work: UnitOfWork, reserved: list[Reserved]) -> list[Reserved]:
        keys = work.settings.keys
        wanted: list[Reserved] = []
        for mailing in self._load(work, reserved):
            mine = [d for d in reserved if d.mailing_id == mailing.id]
            wanted += ledger.drop_unwanted(
                work.session,
                mine,
                mailing,
                lambda address: suppression_keys(address, keys),
                self.sender.still_wanted,
                work.now,
            )
        return wanted

    def _load(self, work: UnitOfWork, reserved: Sequence[Reserved]) -> list[Mailing]:
        """Their mailings; kept only while they are being sent, so memory stays flat."""
        ids = {delivery.mailing_id for delivery in reserved}
        needed = ids | {delivery.mailing_id for delivery in self.waiting}
        self.contents = {n: content for n, content in self.contents.items() if n in needed}
        new = ids - self.contents.keys()
        if new:
            for mailing in work.session.scalars(select(Mailing).where(Mailing.id.in_(new))):
                self.contents[mailing.id] = Content.of(mailing)
        mailings = [self.contents[n].mailing for n in ids]
        return sorted(mailings, key=lambda mailing: (mailing.priority, mailing.id))

    def _take_off(self) -> float:
        """Begin as many calls as the room and the pace allow; the seconds until there may be more.

        One commit for all of them, which also holds the results of those that have ended.
        """
        chunks: list[list[Reserved]] = []
        delay = LOOK_SECONDS
        room = self._room() - len(self.flights)
        while self.waiting and len(chunks) < room and not self.brake.is_on:
            chunk = self._next_chunk()
            if (wait := self.sender.pace.take(len(chunk), self._rate())) > 0:
                self.waiting.extendleft(reversed(chunk))
                delay = min(delay, wait)
                break
            chunks.append(chunk)
        if chunks:
            self._begin(chunks)
        elif self.landed:
            with self._unit_of_work():
                pass
        return delay

    def _next_chunk(self) -> list[Reserved]:
        size, chunk = self._batch(), [self.waiting.popleft()]
        while self.waiting and len(chunk) < size:
            chunk.append(self.waiting.popleft())
        return chunk

    def _begin(self, chunks: list[list[Reserved]]) -> None:
        attempt = uuid.uuid4().hex
        everybody = [delivery for chunk in chunks for delivery in chunk]
        with self._unit_of_work() as work:
            ours = ledger.start(
                work.session,
                everybody,
                self.worker,
                attempt,
                work.now,
                CALL_LEASES * self.lease,
                self.road,
                self.brake.is_try,
            )
            self._note_begun(work, everybody[0].mailing_id)
            mark = gate.advance(work)
        if not ours and self.is_bulk:
            self.brake.is_on = True  # paused, cancelled, something in the way; or too short a lease
        mine = ([delivery for delivery in chunk if delivery.id in ours] for chunk in chunks)
        calls = [Call(attempt, self.contents[some[0].mailing_id], some) for some in mine if some]
        self._launch(calls, mark)

    def _launch(self, calls: Sequence[Call], mark: int) -> None:
        """Make the calls, once the witness knows of them (see `mail.gate`); else none is made."""
        try:
            gate.witness_of(self.installation).learn(mark)
        except OSError as error:
            words = f"the witness of the ledger cannot be written: {error.strerror}"
            for call in calls:
                call.outcomes = [Outcome(Verdict.UNREACHABLE, words)] * len(call.deliveries)
                self._take_in(call)
            return
        for call in calls:
            self.flights.launch(call, partial(self._transmit, call))

    def _note_begun(self, work: UnitOfWork, mailing_id: int) -> None:
        mailing = self.contents[mailing_id].mailing
        if self.is_bulk and mailing.begun_at is None:
            mailing.begun_at = work.now
            unbegun = Mailing.id == mailing.id, Mailing.begun_at.is_(None)
            work.session.execute(update(Mailing).where(*unbegun).values(begun_at=work.now))

    def _transmit(self, call: Call) -> list[Outcome]:
        """In a thread of its own: touches neither the database nor this round."""
        try:
            parcels = self.packer.pack(call.content, call.deliveries)
        except UnknownValues as error:
            words = f"the message asks for unknown values: {error}"
            verdict = Verdict.FAULT if self.is_bulk else Verdict.REFUSED
            return [Outcome(verdict, words)] * len(call.deliveries)
        if self.is_bulk:
            return self.sender.transport.send_many(call.content.message, parcels, call.attempt)
        outcome = self.sender.transport.send_one(call.content.message, parcels[0], call.attempt)
        # A fault that nobody knows is that of this one mail: it must not stand in all others' way.
        is_its_own = outcome.verdict is Verdict.FAULT and advice(outcome.code) is None
        return [replace(outcome, verdict=Verdict.TRANSIENT) if is_its_own else outcome]

    def _land(self, seconds: float) -> None:
        """Take in the calls that have ended; waits for the first, but no longer than that."""
        if not self.flights:
            if self.waiting and not self._must_stop():
                time.sleep(seconds)
            return
        for call in self.flights.landed(seconds):
            self._take_in(call)

    def _take_in(self, call: Call) -> None:
        self.landed.append(call)
        self.sender.meter.count(CALLS)
        self.sender.meter.count(SECONDS, call.seconds)
        if any(outcome.verdict is Verdict.THROTTLED for outcome in call.outcomes):
            self.sender.meter.count(THROTTLED)
            with suppress(Unavailable):  # who cannot be told cannot be asked either
                self.sender.pace.slow_down()

    @contextmanager
    def _unit_of_work(self) -> Generator[UnitOfWork]:
        """A unit of work that also writes down the results that are known by now."""
        calls = list(self.landed)
        with self.installation.unit_of_work() as work:
            for call in calls:
                results = zip(call.deliveries, call.outcomes, strict=True)
                ledger.record(work.session, call.attempt, results, work.now)
                self.brake.react(work, call)
            yield work
        del self.landed[: len(calls)]

    def _finish(self, work: UnitOfWork) -> None:
        if self.contents:
            finish(work.session, work.now, list(self.contents))

    def _is_idle(self, work: UnitOfWork) -> bool:
        """There was nothing to try the road with, and nothing waits on it."""
        return not ledger.has_open(work.session, self.road)

    def _settle(self) -> None:
        """Wait for the calls in flight, write their results, give back what was not started.

        A database that went away is waited for: what SES has answered is known only to us.
        """
        while self.flights:
            for call in self.flights.landed(None):
                self._take_in(call)
        for seconds in (*RETRIES, None):
            try:
                with self._unit_of_work() as work:
                    ledger.give_back(work.session, self.worker, work.now)
                    if self.brake.is_try and not self.brake.is_on and self._is_idle(work):
                        self.brake.release(work)
                    self._finish(work)
                self.sender.meter.flush()
            except OperationalError:
                if seconds is None:
                    raise
                time.sleep(seconds)
            else:
                return
