"""What a call to a transport can mean for one delivery, and what follows from it. Pure rules."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from mail.states import DeliveryState

MOST_ATTEMPTS = 10
LONGEST_WAIT = timedelta(minutes=5)


class Verdict(Enum):
    """How a call ended for one delivery."""

    ACCEPTED = "accepted"
    THROTTLED = "throttled"  # certainly not sent: too fast
    UNREACHABLE = "unreachable"  # certainly not sent: there was no connection
    TRANSIENT = "transient"  # certainly not sent: a passing fault of this one delivery
    QUOTA_USED = "quota used"  # certainly not sent: the day's quota is used up
    FAILED_ONCE = "failed once"  # not sent, and SES does not say why: once more, then never
    REFUSED = "refused"  # certainly not sent, and never will be
    FAULT = "fault"  # certainly not sent: the account or its configuration is at fault
    NOT_TRIED = "not tried"  # what came before it in the same call stood in its way
    UNKNOWN = "unknown"  # it may have been sent


@dataclass(frozen=True)
class Outcome:
    """The verdict on one delivery, SES's id for it, the reason in words, and its code."""

    verdict: Verdict
    words: str = ""
    message_id: str | None = None
    code: str = ""


_STATES = {
    Verdict.ACCEPTED: DeliveryState.SENT,
    Verdict.REFUSED: DeliveryState.FAILED,
    Verdict.UNKNOWN: DeliveryState.UNKNOWN,
}
_TRIES = {Verdict.TRANSIENT: MOST_ATTEMPTS, Verdict.FAILED_ONCE: 2}
"""How often a delivery is tried where only it is at fault."""


def next_state(outcome: Outcome, attempts: int) -> DeliveryState:
    """The state that a delivery in *sending* goes to after its `attempts`-th call."""
    if attempts >= _TRIES.get(outcome.verdict, attempts + 1):
        return DeliveryState.FAILED
    return _STATES.get(outcome.verdict, DeliveryState.QUEUED)


def counts(outcome: Outcome) -> bool:
    """Whether it was a try of this one delivery: what concerns everybody uses up nobody's tries."""
    return outcome.verdict in _TRIES or outcome.verdict in _STATES


def rests(outcome: Outcome) -> bool:
    """Whether the delivery itself waits. What concerns everybody stands in the way of all."""
    return outcome.verdict in _TRIES


def wait_before_next(attempts: int) -> timedelta:
    """How long a delivery that goes back to *queued* rests: 2 s, 4 s, 8 s … five minutes."""
    return min(timedelta(seconds=2.0 ** min(attempts, 9)), LONGEST_WAIT)
