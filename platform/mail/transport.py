"""What a transport is: it takes one message and up to fifty people, and says how it ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from mail.outcomes import Outcome

LARGEST_CALL = 50
"""The most recipients that SES takes in one call."""


@dataclass(frozen=True)
class Message:
    """A stored message as the transport needs it; see `mail.personal` for its tags."""

    mailing_id: int
    subject: str
    html: str
    text: str
    headers: Mapping[str, str]
    sender: str
    reply_to: str
    calendar: str = ""
    """An iCalendar object that goes along; only in mail to one person."""


@dataclass(frozen=True)
class Parcel:
    """One person's share of a message: address, values for the tags, headers of one's own."""

    delivery_id: int
    address: str
    values: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Allowance:
    """What the account allows: recipients a second, and how many are left of the day (or None)."""

    rate: float
    left_today: float | None = None
    fault: Outcome | None = None
    """Why nothing is let out just now, if the account says so, or does not answer."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What else the account says, for the people who look after it."""


class Transport(Protocol):
    """Sends, and never raises for what the other side does: it says what is known."""

    @property
    def most_at_once(self) -> int:
        """How many people one call may have."""
        ...

    def allowance(self) -> Allowance:
        """What may be sent now, as it was known a moment ago."""
        ...

    def look(self) -> Allowance:
        """What may be sent now, asked for just now; its fault also says if nobody answers."""
        ...

    def send_one(self, message: Message, parcel: Parcel, attempt: str) -> Outcome:
        """Send to one person, at once."""
        ...

    def send_many(self, message: Message, parcels: Sequence[Parcel], attempt: str) -> list[Outcome]:
        """Send to up to fifty people in one call; one outcome each, in order."""
        ...


class Rerouted:
    """A transport in test mode: every mail goes to one address instead."""

    def __init__(self, transport: Transport, address: str) -> None:
        self._transport = transport
        self._address = address

    @property
    def most_at_once(self) -> int:
        """As many as the transport."""
        return self._transport.most_at_once

    def allowance(self) -> Allowance:
        """What the transport allows."""
        return self._transport.allowance()

    def look(self) -> Allowance:
        """What the transport allows just now."""
        return self._transport.look()

    def send_one(self, message: Message, parcel: Parcel, attempt: str) -> Outcome:
        """Send to the one address, as if to the person."""
        return self._transport.send_one(message, replace(parcel, address=self._address), attempt)

    def send_many(self, message: Message, parcels: Sequence[Parcel], attempt: str) -> list[Outcome]:
        """Send all to the one address, as if to the people."""
        rerouted = [replace(parcel, address=self._address) for parcel in parcels]
        return self._transport.send_many(message, rerouted, attempt)
