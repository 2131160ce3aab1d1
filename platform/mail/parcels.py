"""A stored mailing, and each person's share of it as a transport takes it."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.installation import Installation
from mail.ledger import Reserved
from mail.links import Links
from mail.models import Mailing
from mail.personal import HAS_SECTION, as_said, asked_for, sections_of, tags_in
from mail.suppressing import suppression_key
from mail.transport import Message, Parcel


@dataclass(frozen=True)
class Content:
    """A mailing with what is derived from it once, not once a call."""

    mailing: Mailing
    message: Message
    tags: set[str]

    @classmethod
    def of(cls, mailing: Mailing) -> "Content":
        """A mailing as it is sent."""
        message = Message(
            mailing.id,
            mailing.subject,
            mailing.html,
            mailing.text,
            mailing.headers,
            mailing.sender,
            mailing.reply_to,
            mailing.calendar,
        )
        return cls(mailing, message, tags_in(mailing.subject, mailing.html, mailing.text))


class UnknownValues(Exception):
    """The message asks for values that nobody has: SES would accept it and deliver nothing."""


class Packer:
    """Makes parcels. Links are made here, at the last moment: none that opens something is stored.

    Safe to use from several threads at once.
    """

    def __init__(self, installation: Installation) -> None:
        self._links = Links.of(installation.settings, installation.tokens)
        self._key = installation.settings.keys[0]

    def pack(self, content: Content, deliveries: Sequence[Reserved]) -> list[Parcel]:
        """One parcel each. Raises UnknownValues."""
        parcels = [self._parcel(content, delivery) for delivery in deliveries]
        if lacking := content.tags - parcels[0].values.keys():
            raise UnknownValues(", ".join(sorted(lacking)))
        return parcels

    def _parcel(self, content: Content, delivery: Reserved) -> Parcel:
        """Exactly the values that the message asks for: SES drops a mail that lacks one."""
        mailing = content.mailing
        values = {"address": delivery.address, **self._personal(mailing, delivery)}
        headers = {}
        if mailing.topic is not None and delivery.recipient_id is not None:
            version = delivery.links_version
            leave = self._links.leave(delivery.recipient_id, mailing.topic, version)
            values["unsubscribe_url"] = leave
            values["preferences_url"] = self._links.preferences(delivery.recipient_id, version)
            headers["List-Unsubscribe"] = f"<{leave}>"
        if "never_url" in content.tags:
            values["never_url"] = self._links.never(suppression_key(delivery.address, self._key))
        has = [name for name in mailing.sections if values.pop(name, "") == HAS_SECTION]
        sections = sections_of(mailing.sections, has)
        asked = asked_for(content.tags, values) | {
            tag: words for tag, words in sections.items() if tag in content.tags
        }
        return Parcel(delivery.id, delivery.address, asked, headers)

    def _personal(self, mailing: Mailing, delivery: Reserved) -> dict[str, str]:
        return {
            name: as_said(name, self._links.made(value, mailing.language), mailing.language)
            for name, value in delivery.values.items()
        }
