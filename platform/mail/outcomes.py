"""What a call to a transport can mean for one delivery, and what follows from it. Pure rules."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from mail.states import DeliveryState, MailClass

MOST_ATTEMPTS = 10
LONGEST_WAIT = timedelta(minutes=5)
QUOTA_WAIT = timedelta(minutes=15)


class Verdict(Enum):
    """How a call ended for one delivery."""

    ACCEPTED = "accepted"
    THROTTLED = "throttled"  # certainly not sent: too fast
    UNREACHABLE = "unreachable"  # certainly not sent: there was no connection
    TRANSIENT = "transient"  # certainly not sent: a passing fault of this one delivery
    QUOTA_USED = "quota used"  # certainly not sent: the day's quota is used up
    REFUSED = "refused"  # certainly not sent, and never will be
    FAULT = "fault"  # certainly not sent: the account or its configuration is at fault
    UNKNOWN = "unknown"  # it may have been sent


@dataclass(frozen=True)
class Outcome:
    """The verdict on one delivery, SES's id for it, and the reason in words."""

    verdict: Verdict
    words: str = ""
    message_id: str | None = None


_STATES = {
    Verdict.ACCEPTED: DeliveryState.SENT,
    Verdict.REFUSED: DeliveryState.FAILED,
    Verdict.UNKNOWN: DeliveryState.UNKNOWN,
}


def next_state(outcome: Outcome, attempts: int) -> DeliveryState:
    """The state that a delivery in *sending* goes to after its `attempts`-th call."""
    if outcome.verdict is Verdict.TRANSIENT and attempts >= MOST_ATTEMPTS:
        return DeliveryState.FAILED
    return _STATES.get(outcome.verdict, DeliveryState.QUEUED)


def wait_before_next(outcome: Outcome, attempts: int) -> timedelta:
    """How long a delivery that goes back to *queued* rests: 2 s, 4 s, 8 s … five minutes."""
    if outcome.verdict is Verdict.THROTTLED:
        return timedelta(seconds=1)
    return min(timedelta(seconds=2.0 ** min(attempts, 9)), LONGEST_WAIT)


def pauses_mailing(outcome: Outcome, mail_class: MailClass) -> bool:
    """Whether the whole mailing must stop for a person. Service mail only waits: it is wanted."""
    return outcome.verdict is Verdict.FAULT and mail_class is not MailClass.SERVICE
