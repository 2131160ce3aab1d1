"""Whatever happens to a letter in whatever order: only edges are walked, and nobody gets it twice.

The machine plays SES (which may take a call and say so, or not), dying workers, the clock, events
that come late, doubled and in any order, and organisers.
"""

import json
import uuid
from collections import Counter
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from core.actors import Who
from core.installation import Installation
from mail import ledger, mailings, recovery
from mail.absence import requeue_absent
from mail.events.applying import read_all
from mail.events.inbox import Notice, keep
from mail.ledger import Reserved
from mail.models import Delivery, Mailing
from mail.outcomes import Outcome, Verdict
from mail.states import DELIVERY_EDGES, DeliveryState, MailingState
from tests.conftest import both_databases
from tests.mail.test_delivering import BOTH, send
from tests.support.loopback_ses import Mail
from tests.support.people import ShiftedClock, add_members
from tests.support.ses_events import bounce, complaint, told
from tests.support.walking import walked

PEOPLE = 6
KINDS = ("Send", "Delivery", "Bounce", "Complaint")
LEASE = timedelta(seconds=30)
TAKES = {
    # What SES does with a call, and what we hear of it.
    "took it and said so": (True, Verdict.ACCEPTED),
    "took it and hung up": (True, Verdict.UNKNOWN),
    "took nothing and hung up": (False, Verdict.UNKNOWN),
    "too fast": (False, Verdict.THROTTLED),
    "refused": (False, Verdict.REFUSED),
    "not now": (False, Verdict.TRANSIENT),
}


class _Walk(RuleBasedStateMachine):
    """One letter to six people."""

    installation: Installation
    clock: ShiftedClock

    @initialize()
    def begin(self) -> None:
        add_members(self.installation, PEOPLE, "en")
        send(self.installation, BOTH[0])
        with self.installation.reading() as work:
            newest = select(Mailing.id).order_by(Mailing.id.desc()).limit(1)
            self.mailing = work.session.scalar(newest) or 0
        self.taken: list[Mail] = []
        self.repeated: set[int] = set()
        self.states = self._states()

    @rule(how=st.sampled_from(sorted(TAKES)), most=st.integers(1, 4), dies=st.booleans())
    def call(self, how: str, most: int, dies: bool) -> None:
        """A worker reserves, starts and calls; it may die before it writes anything down."""
        worker, attempt = uuid.uuid4().hex, uuid.uuid4().hex
        with self.installation.unit_of_work() as work:
            due = ledger.mailing_work(self.mailing, work.now)
            held = ledger.reserve(work.session, due, worker, work.now, most, LEASE)
            ours = ledger.start(work.session, held, worker, attempt, work.now, LEASE, self.mailing)
        started = [one for one in held if one.id in ours]
        takes, verdict = TAKES[how]
        if takes:
            self.taken += [_mail(one, self.mailing, attempt) for one in started]
        if not dies:
            said = Outcome(verdict, message_id=f"id-{attempt}")
            with self.installation.unit_of_work() as work:
                ledger.record(work.session, attempt, [(one, said) for one in started], work.now)

    @rule(hours=st.sampled_from([0, 0, 1, 30]))
    def tick(self, hours: int) -> None:
        self.clock.forward(hours=hours, minutes=2)
        with self.installation.unit_of_work() as work:
            recovery.recover(work.session, work.now)
            recovery.settle_closed(work.session, work.now)
            recovery.finish(work.session, work.now)

    @rule()
    def look_for_proof(self) -> None:
        with self.installation.unit_of_work() as work:
            queue = {"ses_events_queue": "https://sqs.eu-north-1.amazonaws.com/1/mail"}
            work.settings = work.settings.model_copy(update=queue)
            requeue_absent(work)

    @rule(
        kind=st.sampled_from(["Send", "Delivery", "Bounce", "Complaint"]), which=st.integers(0, 9)
    )
    def tell(self, kind: str, which: int) -> None:
        """SES tells of something that it took, perhaps again."""
        if self.taken:
            mail = self.taken[which % len(self.taken)]
            made = {"Bounce": bounce(mail), "Complaint": complaint(mail)}
            self._tell(made.get(kind) or told(mail, kind))

    @rule(which=st.integers(0, PEOPLE))
    def lie(self, which: int) -> None:
        """Somebody else's event, with a number of ours."""
        tags = {"delivery": str(which), "mailing": "999", "attempt": "x"}
        self._tell(bounce(Mail("x@other.example", "", "", "", {}, tags, "x")))

    def _tell(self, event: dict[str, object]) -> None:
        with self.installation.unit_of_work() as work:
            keep(work, "queue", [Notice(uuid.uuid4().hex, json.dumps(event))])
        read_all(self.installation)

    @rule()
    def pause(self) -> None:
        with self.installation.unit_of_work() as work:
            mailings.move(work, [self.mailing], MailingState.PAUSED, Who.ORGANISER)

    @rule()
    def resume(self) -> None:
        with self.installation.unit_of_work() as work:
            mailings.resume(work, [self.mailing])

    @rule()
    def retry_what_failed(self) -> None:
        with self.installation.unit_of_work() as work:
            mailings.retry_failed(work, [self.mailing])

    @rule()
    def count_what_is_unknown(self) -> None:
        with self.installation.unit_of_work() as work:
            mailings.count_unknown(work, [self.mailing])

    @rule()
    def repeat_what_is_unknown(self) -> None:
        """The one way to a second copy: a person decided so."""
        states = self._states()
        self.repeated |= {n for n, state in states.items() if state == DeliveryState.UNKNOWN}
        with self.installation.unit_of_work() as work:
            mailings.repeat_unknown(work, [self.mailing])

    @invariant()
    def nobody_gets_it_twice_unless_a_person_said_so(self) -> None:
        if hasattr(self, "taken"):
            got = Counter(int(mail.tags["delivery"]) for mail in self.taken)
            assert {n for n, count in got.items() if count > 1} <= self.repeated

    @invariant()
    def nobody_is_lost(self) -> None:
        """Whoever waits for nothing any more got it, refused it, or is one that somebody sees."""
        if hasattr(self, "taken"):
            now = self._states()
            assert len(now) == PEOPLE
            for number, state in now.items():
                before = self.states[number]
                assert state == before or _leads(before, state), (before, state)
            self.states = now
            got = {int(mail.tags["delivery"]) for mail in self.taken}
            calm = (DeliveryState.DELIVERED, DeliveryState.BOUNCED, DeliveryState.COMPLAINED)
            assert {n for n, state in now.items() if state in calm} <= got

    def _states(self) -> dict[int, DeliveryState]:
        with self.installation.reading() as work:
            mine = select(Delivery.id, Delivery.state).where(Delivery.mailing_id == self.mailing)
            return {row.id: DeliveryState(row.state) for row in work.session.execute(mine)}


def _mail(one: Reserved, mailing: int, attempt: str) -> Mail:
    tags = {"delivery": str(one.id), "mailing": str(mailing), "attempt": attempt}
    return Mail(one.address, "", "", "", {}, tags, f"id-{attempt}")


def _leads(before: DeliveryState, after: DeliveryState) -> bool:
    """Whether some edges lead from one to the other: a step may walk several."""
    reached, todo = set[DeliveryState](), [before]
    while todo:
        state = todo.pop()
        for following in DELIVERY_EDGES[state] - reached:
            reached.add(following)
            todo.append(following)
    return after in reached


@both_databases
def test_whatever_happens_nobody_gets_a_letter_twice_and_only_edges_are_walked(
    installation: Installation, clock: ShiftedClock
) -> None:

    walked(_Walk, installation=installation, clock=clock)
