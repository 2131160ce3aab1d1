"""The sender: takes deliveries from the ledger and hands them to the transport.

Before each call one commit says "these are *sending*, attempt A" together with the results of
the call before; during the call no transaction is open. So a killed worker leaves at most one
call's recipients unknown, loses nobody, and sends nothing twice.
"""

import time
import uuid
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.sql.elements import ColumnElement

from core.actors import Who
from core.errors import Unavailable
from core.i18n import N_
from core.installation import Installation
from core.unit_of_work import UnitOfWork
from mail import ledger
from mail.ledger import Reserved, StillWanted
from mail.links import Links
from mail.models import Mailing
from mail.outcomes import QUOTA_WAIT, Outcome, Verdict, pauses_mailing
from mail.pace import Pace
from mail.personal import complete, tags_in
from mail.posting import DELIVER_SERVICE, deliver_mailing
from mail.recovery import finish
from mail.states import MailClass, MailingState
from mail.suppressing import suppression_key, suppression_keys
from mail.transport import Message, Parcel, Transport

RUN_TIME = timedelta(seconds=60)
MOST_RESERVED = 500
RESERVED_SECONDS = 4
"""At a slow pace a worker takes no more than this, so that four of them stay within a lease."""
CALL_LEASES = 2
"""A call in flight is given twice the lease (60 s): longer than it can take (5 s + 20 s)."""

RETRIES = (0.1, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between the tries to write down results when the database is gone."""
QUOTA_USED_UP = N_("the day's quota of the mail account is used up").source

log = structlog.get_logger()


@dataclass
class Sender:
    """Sends: the installation, a transport, the pace, who still wants it, and when to stop."""

    installation: Installation
    transport: Transport
    pace: Pace
    still_wanted: StillWanted
    stopping: Callable[[], bool] = lambda: False

    def deliver_service(self) -> None:
        """Send all service mail that is due, each message by itself."""
        now = self.installation.clock.now()
        if _Round(self, ledger.service_work(now), is_bulk=False).run():
            self.installation.queue.wake(DELIVER_SERVICE)

    def deliver_mailing(self, mailing_id: int, lane: int) -> None:
        """Send one mailing for about a minute, then hand on."""
        now = self.installation.clock.now()
        if _Round(self, ledger.mailing_work(mailing_id, now), is_bulk=True).run():
            self.installation.queue.wake(deliver_mailing(mailing_id, lane))


@dataclass
class _Call:
    """One call that has been made: its attempt, its deliveries, and how it ended for each."""

    attempt: str
    deliveries: list[Reserved]
    outcomes: list[Outcome]


@dataclass
class _Round:
    """One run of a worker over the deliveries that `work` selects."""

    sender: Sender
    work: ColumnElement[bool]
    is_bulk: bool
    worker: str = field(default_factory=lambda: uuid.uuid4().hex)
    unrecorded: _Call | None = None
    is_blocked: bool = False
    contents: "dict[int, _Content]" = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.installation = self.sender.installation
        self.links = Links.of(self.installation.settings, self.installation.tokens)
        self.lease = timedelta(seconds=self.installation.settings.lease_seconds)
        self.ends = self.installation.clock.now() + RUN_TIME

    def run(self) -> bool:
        """Send until nothing is due; True if time ran out first, so that there may be more."""
        try:
            while not self._must_stop() and (wanted := self._reserve()) is not None:
                self._send_all(wanted)
        except (Unavailable, OperationalError) as error:
            self.is_blocked = True
            log.warning("sending waits", reason=type(error).__name__)
        finally:
            self._settle()
        return not self.is_blocked and self._is_over() and not self.sender.stopping()

    def _must_stop(self) -> bool:
        return self.is_blocked or self.sender.stopping() or self._is_over()

    def _is_over(self) -> bool:
        return self.installation.clock.now() >= self.ends

    def _reserve(self) -> list[Reserved] | None:
        """The next deliveries, without those nobody wants any more; None when none is due."""
        allowance = self.sender.transport.allowance()
        most = self.sender.pace.a_second(allowance.rate) * RESERVED_SECONDS
        with self._unit_of_work() as work:
            self._finish(work)
            reserved = ledger.reserve(
                work.session,
                self.work,
                self.worker,
                work.now,
                min(MOST_RESERVED, most),
                self.lease,
                by_priority=not self.is_bulk,
            )
            wanted = self._drop_unwanted(work, reserved)
        if wanted and allowance.left_today == 0:
            for mailing_id in {delivery.mailing_id for delivery in wanted}:
                self._postpone(mailing_id, QUOTA_USED_UP)
        return wanted if reserved else None

    def _drop_unwanted(self, work: UnitOfWork, reserved: list[Reserved]) -> list[Reserved]:
        keys = work.settings.keys
        wanted: list[Reserved] = []
        for mailing in self._load(work, {d.mailing_id for d in reserved}):
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

    def _load(self, work: UnitOfWork, ids: set[int]) -> list[Mailing]:
        """The mailings of a reservation; kept only while it is being sent, so memory stays flat."""
        self.contents = {n: content for n, content in self.contents.items() if n in ids}
        new = ids - self.contents.keys()
        if new:
            for mailing in work.session.scalars(select(Mailing).where(Mailing.id.in_(new))):
                self.contents[mailing.id] = _Content.of(mailing)
        mailings = [self.contents[n].mailing for n in ids]
        return sorted(mailings, key=lambda mailing: (mailing.priority, mailing.id))

    def _send_all(self, reserved: list[Reserved]) -> None:
        rate = self.sender.transport.allowance().rate
        while reserved and not self._must_stop():
            size = self._batch(rate)
            chunk, reserved = reserved[:size], reserved[size:]
            if not self.sender.pace.wait(len(chunk), rate, self._must_stop):
                return
            self._call(chunk)

    def _batch(self, rate: float) -> int:
        if not self.is_bulk:
            return 1
        return min(self.sender.transport.most_at_once, self.sender.pace.batch(rate))

    def _call(self, chunk: list[Reserved]) -> None:
        attempt = uuid.uuid4().hex
        with self._unit_of_work() as work:
            started = ledger.start(
                work.session, chunk, self.worker, attempt, work.now, CALL_LEASES * self.lease
            )
        if not started:
            self.is_blocked = self.is_bulk  # paused or cancelled, or our lease was too short
            return
        self.unrecorded = _Call(attempt, started, self._transmit(started, attempt))
        self._react(self.unrecorded)

    def _transmit(self, started: list[Reserved], attempt: str) -> list[Outcome]:
        content = self.contents[started[0].mailing_id]
        parcels = [self._parcel(content, delivery) for delivery in started]
        if lacking := content.tags - parcels[0].values.keys():
            words = f"the message asks for unknown values: {', '.join(sorted(lacking))}"
            return [Outcome(Verdict.FAULT, words)] * len(started)
        if self.is_bulk:
            return self.sender.transport.send_many(content.message, parcels, attempt)
        return [self.sender.transport.send_one(content.message, parcels[0], attempt)]

    def _parcel(self, content: "_Content", delivery: Reserved) -> Parcel:
        """Exactly the values that the message asks for: SES drops a mail that lacks one."""
        mailing = content.mailing
        values = {"address": delivery.address, **self._personal(mailing, delivery)}
        headers = {}
        if mailing.topic is not None and delivery.recipient_id is not None:
            version = delivery.links_version
            leave = self.links.leave(delivery.recipient_id, mailing.topic, version)
            values["unsubscribe_url"] = leave
            values["preferences_url"] = self.links.preferences(delivery.recipient_id, version)
            headers["List-Unsubscribe"] = f"<{leave}>"
        if "never_url" in content.tags:
            newest = suppression_key(delivery.address, self.installation.settings.keys[0])
            values["never_url"] = self.links.never(newest)
        full = complete(values)
        asked = {tag: full[tag] for tag in content.tags if tag in full}
        return Parcel(delivery.id, delivery.address, asked, headers)

    def _personal(self, mailing: Mailing, delivery: Reserved) -> dict[str, str]:
        """Links are made at the last moment, so that none that opens something is ever stored."""
        return {
            name: self.links.made(value, mailing.language)
            for name, value in delivery.values.items()
        }

    def _react(self, call: _Call) -> None:
        """What an outcome means for the whole mailing, and for the pace of all workers."""
        mailing = self.contents[call.deliveries[0].mailing_id].mailing
        found = {outcome.verdict: outcome for outcome in call.outcomes}
        if Verdict.THROTTLED in found:
            self.sender.pace.slow_down()
        if Verdict.UNREACHABLE in found:
            self.is_blocked = True  # the others would fare no better; the tick tries again
        fault, quota = found.get(Verdict.FAULT), found.get(Verdict.QUOTA_USED)
        if fault and pauses_mailing(fault, MailClass(mailing.mail_class)):
            self._pause(mailing.id, fault.words)
        if quota:
            self._postpone(mailing.id, quota.words)
        elif mailing.resume_at is not None and Verdict.ACCEPTED in found:
            self._go_on(mailing)

    def _pause(self, mailing_id: int, words: str) -> None:
        self.is_blocked = True
        log.error("mailing paused", mailing=mailing_id, reason=words)
        with self.installation.unit_of_work() as work:
            target, running = MailingState.PAUSED, (MailingState.RELEASED,)
            ledger.change_mailings(work, [mailing_id], target, Who.WORKER, running, words)

    def _postpone(self, mailing_id: int, words: str) -> None:
        self.is_blocked = True
        log.warning("mailing waits", mailing=mailing_id, reason=words)
        with self.installation.unit_of_work() as work:
            ledger.postpone(work.session, mailing_id, work.now + QUOTA_WAIT, words)

    def _go_on(self, mailing: Mailing) -> None:
        """It waited, and goes again: what was said about waiting is not true any more."""
        mailing.resume_at = None
        with self.installation.unit_of_work() as work:
            ledger.postpone(work.session, mailing.id, None, "")

    @contextmanager
    def _unit_of_work(self) -> Generator[UnitOfWork]:
        """A unit of work that also writes down the last call's results; they go with its commit."""
        call = self.unrecorded
        with self.installation.unit_of_work() as work:
            if call is not None:
                results = zip(call.deliveries, call.outcomes, strict=True)
                ledger.record(work.session, call.attempt, results, work.now)
            yield work
        self.unrecorded = None

    def _finish(self, work: UnitOfWork) -> None:
        if self.contents:
            finish(work.session, work.now, list(self.contents))

    def _settle(self) -> None:
        """Write the last results, give back what was not started, close what is done.

        A database that went away is waited for: what SES has answered is known only to us.
        """
        for seconds in (*RETRIES, None):
            try:
                with self._unit_of_work() as work:
                    ledger.give_back(work.session, self.worker, work.now)
                    self._finish(work)
            except OperationalError:
                if seconds is None:
                    raise
                time.sleep(seconds)
            else:
                return


@dataclass(frozen=True)
class _Content:
    """A mailing with what is derived from it once, not once a call."""

    mailing: Mailing
    message: Message
    tags: set[str]

    @classmethod
    def of(cls, mailing: Mailing) -> "_Content":
        return cls(
            mailing,
            Message(
                mailing.id,
                mailing.subject,
                mailing.html,
                mailing.text,
                mailing.headers,
                mailing.sender,
                mailing.reply_to,
                mailing.calendar,
            ),
            tags_in(mailing.subject, mailing.html, mailing.text),
        )
