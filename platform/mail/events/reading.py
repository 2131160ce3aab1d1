"""What SES tells, read from its JSON. Pure.

SES writes `eventType` where a configuration set publishes, and `notificationType` where an identity
does; both are read. Nothing of it is trusted to have a shape.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from core.characters import scrub
from mail.states import DeliveryState

LARGEST = 256 * 1024
"""What SNS carries at the most, in bytes."""
LONGEST_WORDS = 500


class BrokenEvent(ValueError):
    """It is not what SES tells."""


class Told(StrEnum):
    """What SES tells of a mail."""

    SEND = "Send"
    DELIVERY = "Delivery"
    DELAY = "DeliveryDelay"
    BOUNCE = "Bounce"
    COMPLAINT = "Complaint"
    REJECT = "Reject"
    RENDERING_FAILURE = "Rendering Failure"
    OTHER = "other"
    """Openings, clicks and whatever will be thought of: nothing that we want to know."""


class Bounce(StrEnum):
    """How final a bounce is."""

    PERMANENT = "permanent"
    TRANSIENT = "transient"
    UNDETERMINED = "undetermined"


LISTED = "OnAccountSuppressionList"
NOT_SPAM = "not-spam"

STATES: Mapping[Told, DeliveryState] = {
    Told.SEND: DeliveryState.SENT,
    Told.DELAY: DeliveryState.SENT,
    Told.DELIVERY: DeliveryState.DELIVERED,
    Told.RENDERING_FAILURE: DeliveryState.FAILED,
    Told.REJECT: DeliveryState.REJECTED,
    Told.BOUNCE: DeliveryState.BOUNCED,
    Told.COMPLAINT: DeliveryState.COMPLAINED,
}
"""Where a delivery goes when it is told of. Whatever comes later in this order has the last word,
in whichever order it comes in: the edges of `mail.states` see to that."""


@dataclass(frozen=True)
class Event:
    """One thing that SES tells of one mail."""

    told: Told
    message_id: str
    delivery: int | None
    mailing: int | None
    attempt: str
    recipients: tuple[str, ...]
    bounce: Bounce | None = None
    is_listed: bool = False
    """SES did not even try: the address is on the account's own list."""
    words: str = ""

    @property
    def is_for_good(self) -> bool:
        """Whether there is no mailbox at that address."""
        return self.bounce is Bounce.PERMANENT or self.is_listed


class _Shape(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="ignore")


class _Recipient(_Shape):
    email_address: str = ""
    status: str = ""
    diagnostic_code: str = ""


class _Mail(_Shape):
    message_id: str = Field(min_length=1, max_length=120)
    destination: list[str] = []
    tags: dict[str, list[str]] = {}
    timestamp: datetime | None = None


class _Bounce(_Shape):
    bounce_type: str = ""
    bounce_sub_type: str = ""
    bounced_recipients: list[_Recipient] = []


class _Complaint(_Shape):
    complaint_sub_type: str | None = None
    complaint_feedback_type: str | None = None
    complained_recipients: list[_Recipient] = []


class _Delay(_Shape):
    delay_type: str = ""
    delayed_recipients: list[_Recipient] = []


class _Delivery(_Shape):
    recipients: list[str] = []
    smtp_response: str = ""


class _Reason(_Shape):
    reason: str = ""
    error_message: str = ""


class _Record(_Shape):
    event_type: str = ""
    notification_type: str = ""
    mail: _Mail
    bounce: _Bounce | None = None
    complaint: _Complaint | None = None
    delivery_delay: _Delay | None = None
    delivery: _Delivery | None = None
    reject: _Reason | None = None
    failure: _Reason | None = None


def read(body: str) -> Event:
    """What a record of SES says. Raises BrokenEvent."""
    if len(body.encode()) > LARGEST:
        raise BrokenEvent("too large")
    try:
        record = _Record.model_validate(_scrubbed(json.loads(body)))
    except (ValueError, RecursionError, ValidationError) as error:
        raise BrokenEvent(type(error).__name__) from None
    kind = record.event_type or record.notification_type
    told = Told(kind) if kind in set(Told) else Told.OTHER
    known: dict[str, Any] = {
        "told": told,
        "message_id": record.mail.message_id,
        "delivery": _number(record.mail.tags, "delivery"),
        "mailing": _number(record.mail.tags, "mailing"),
        "attempt": next(iter(record.mail.tags.get("attempt", ())), ""),
    }
    return Event(**known | _about(told, record))


def _scrubbed(said: Any) -> Any:
    """Without what no database takes: what a foreign mail server said is in it."""
    if isinstance(said, str):
        return scrub(said)
    if isinstance(said, list):
        return [_scrubbed(one) for one in said]
    if isinstance(said, dict):
        return {scrub(name): _scrubbed(one) for name, one in said.items()}
    return said


def _number(tags: Mapping[str, Sequence[str]], name: str) -> int | None:
    value = next(iter(tags.get(name, ())), "")
    is_number = value.isascii() and value.isdecimal() and len(value) < 10
    return int(value) if is_number else None


def _about(told: Told, record: _Record) -> dict[str, Any]:
    """What is particular about a kind of event."""
    everybody = tuple(record.mail.destination)
    if told is Told.BOUNCE and record.bounce is not None:
        return _of_bounce(record.bounce, everybody)
    if told is Told.COMPLAINT and record.complaint is not None:
        return _of_complaint(record.complaint, everybody)
    if told is Told.DELAY and record.delivery_delay is not None:
        delay = record.delivery_delay
        return {
            "recipients": everybody,
            "words": _words(delay.delay_type, delay.delayed_recipients),
        }
    reason = record.reject or record.failure
    said = (reason.reason or reason.error_message) if reason else ""
    return {"recipients": everybody, "words": said[:LONGEST_WORDS]}


def _of_bounce(bounce: _Bounce, everybody: tuple[str, ...]) -> dict[str, Any]:
    kinds = {"Permanent": Bounce.PERMANENT, "Transient": Bounce.TRANSIENT}
    kind = f"{bounce.bounce_type}/{bounce.bounce_sub_type}"
    return {
        "recipients": _addresses(bounce.bounced_recipients) or everybody,
        "bounce": kinds.get(bounce.bounce_type, Bounce.UNDETERMINED),
        "is_listed": bounce.bounce_sub_type == LISTED,
        "words": _words(kind, bounce.bounced_recipients),
    }


def _of_complaint(complaint: _Complaint, everybody: tuple[str, ...]) -> dict[str, Any]:
    if complaint.complaint_feedback_type == NOT_SPAM:
        return {"told": Told.OTHER, "recipients": everybody, "words": NOT_SPAM}
    return {
        "recipients": _addresses(complaint.complained_recipients) or everybody,
        "is_listed": complaint.complaint_sub_type == LISTED,
        "words": complaint.complaint_feedback_type or "",
    }


def _addresses(recipients: Sequence[_Recipient]) -> tuple[str, ...]:
    return tuple(one.email_address for one in recipients if one.email_address)


def _words(kind: str, recipients: Sequence[_Recipient]) -> str:
    first = recipients[0] if recipients else _Recipient()
    said = f"{kind} {first.status} {first.diagnostic_code}".split()
    return " ".join(said)[:LONGEST_WORDS]
