"""What a person agreed to, word for word. Texts have versions; a changed text is a new version."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from core.i18n import N_, Message

NEWSLETTER = "newsletter"
WORKSHOPS = "workshops"
TOPICS = (NEWSLETTER, WORKSHOPS)


class Act(StrEnum):
    """What happened to a consent."""

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    IMPORTED = "imported"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    RESTORED = "restored"


@dataclass(frozen=True)
class Topic:
    """Something that one can subscribe to: its name, what it is, and the consent sentence."""

    name: Message
    about: Message
    consent: Message
    version: str


TOPIC_TEXTS = {
    NEWSLETTER: Topic(
        name=N_("Newsletter"),
        about=N_("New conversations, articles and questions, about once a month."),
        consent=N_("I would like to get the newsletter by e-mail. I can leave at any time."),
        version="newsletter-1",
    ),
    WORKSHOPS: Topic(
        name=N_("Workshop invitations"),
        about=N_("Invitations to online workshops, one to three times a year."),
        consent=N_("You may invite me to workshops by e-mail. I can leave at any time."),
        version="workshops-1",
    ),
}


def text_hash(topic: str, language: str) -> str:
    """A fingerprint of the sentence that was agreed to, in the language it was read in."""
    sentence = TOPIC_TEXTS[topic].consent.text(language)
    return hashlib.sha256(sentence.encode()).hexdigest()
