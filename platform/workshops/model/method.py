"""The method: four frames, five kinds of dialogue, open questions, ground rules. Pure.

From "Learning conversations in learning networks" (NCSL) and "What is a learning conversation?"
(GTC): a conversation is planned and framed, led by open questions, and ends in learning and action.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from core.i18n import N_, Message, row_of


class Frame(StrEnum):
    """How a conversation is framed, chosen by need."""

    WORKSHOP = "workshop"
    FORUM = "forum"
    CONSULTATION = "consultation"
    HOTSEAT = "hotseat"


class Dialogue(StrEnum):
    """What a part of a conversation is for (after Guilar)."""

    RELATIONSHIPS = "relationships"
    CO_CREATION = "co-creation"
    PARTNERSHIP = "partnership"
    ACTION = "action"
    COMPLETION = "completion"


DIALOGUES: dict[Dialogue, Message] = {
    Dialogue.RELATIONSHIPS: N_("relationships and connections"),
    Dialogue.CO_CREATION: N_("co-creation"),
    Dialogue.PARTNERSHIP: N_("partnership and alignment"),
    Dialogue.ACTION: N_("action and accountability"),
    Dialogue.COMPLETION: N_("learning and completion"),
}

STARTERS: tuple[Message, ...] = (
    N_("Who deserves appreciation?"),
    N_("What have we learned?"),
    N_("What have we learned that will be useful to others?"),
    N_("What could we improve?"),
    N_("Where could we develop further?"),
    N_("What are we not talking about that we should be?"),
)
"""The guide's six questions to begin with."""


@dataclass(frozen=True)
class Part:
    """One row of an agenda."""

    minutes: int
    what: str
    dialogue: str
    lead: str = ""

    def to_json(self) -> dict[str, Any]:
        """As the database keeps it."""
        return asdict(self)


@dataclass(frozen=True)
class Asked:
    """A field that a frame brings along, required before the workshop is ready."""

    name: str
    label: Message
    help: Message
    shown: Message
    """The label for those who read the answer: nobody asks them."""


@dataclass(frozen=True)
class Card:
    """What a frame is, when it fits, and what it brings along."""

    name: Message
    when: Message
    asked: tuple[Asked, ...]
    capacity: int
    invitation: Message
    """The words with which an invitation begins, until organisers write their own."""
    agenda: tuple[tuple[int, Message, Dialogue], ...]


_CHECK_IN = N_("Check-in: what are you bringing in today?")
_CHECK_OUT = N_("Check-out: what did I learn, whom will I involve?")
_AGREE = N_("What do we do next, who takes it on, and by when?")

CARDS: dict[Frame, Card] = {
    Frame.WORKSHOP: Card(
        N_("Workshop"),
        N_("You have made something that works, and offer it to others to take apart and adapt."),
        (
            Asked(
                "resource",
                N_("What do you share?"),
                N_("A resource or solution, or a link."),
                N_("What is shared"),
            ),
            Asked(
                "adapt",
                N_("What may be adapted?"),
                N_("And what should stay as it is."),
                N_("What may be adapted"),
            ),
        ),
        24,
        N_(
            "Somebody has made something that works in their classroom, and offers it to "
            "us. We take it apart together, and each of us finds out what it would look "
            "like at home."
        ),
        (
            (10, _CHECK_IN, Dialogue.RELATIONSHIPS),
            (15, N_("What we made, and what it is for"), Dialogue.PARTNERSHIP),
            (30, N_("In small groups: how would it look at ours?"), Dialogue.CO_CREATION),
            (20, _AGREE, Dialogue.ACTION),
            (15, _CHECK_OUT, Dialogue.COMPLETION),
        ),
    ),
    Frame.FORUM: Card(
        N_("Forum"),
        N_("A problem that many share, looked at together, with debate and challenge."),
        (
            Asked(
                "problem",
                N_("The shared problem"),
                N_("As those who have it would say it."),
                N_("The shared problem"),
            ),
            Asked(
                "tried",
                N_("What has been tried?"),
                N_("With or without success."),
                N_("What has been tried"),
            ),
        ),
        16,
        N_(
            "Many of us have this problem, and nobody has solved it alone. We put what we "
            "have tried on the table, and challenge each other kindly."
        ),
        (
            (10, _CHECK_IN, Dialogue.RELATIONSHIPS),
            (15, N_("What we have tried, and what happened"), Dialogue.PARTNERSHIP),
            (35, N_("What else could it be? Challenge each other"), Dialogue.CO_CREATION),
            (15, _AGREE, Dialogue.ACTION),
            (15, _CHECK_OUT, Dialogue.COMPLETION),
        ),
    ),
    Frame.CONSULTATION: Card(
        N_("Consultation"),
        N_("You show your work to colleagues who ask what you have not asked."),
        (
            Asked(
                "progress",
                N_("Where do you stand?"),
                N_("What is done, what comes next."),
                N_("Where the work stands"),
            ),
            Asked(
                "evidence",
                N_("On what do you build?"),
                N_("What you have seen, read, counted."),
                N_("On what it builds"),
            ),
            Asked(
                "feedback",
                N_("What do you want to hear about?"),
                N_("And what not, yet."),
                N_("What feedback is wanted"),
            ),
        ),
        10,
        N_(
            "A colleague shows us work that is not finished, and would like the questions "
            "that only others can ask."
        ),
        (
            (10, _CHECK_IN, Dialogue.RELATIONSHIPS),
            (15, N_("Where we stand"), Dialogue.PARTNERSHIP),
            (30, N_("Questions first, then advice that was asked for"), Dialogue.CO_CREATION),
            (20, _AGREE, Dialogue.ACTION),
            (15, _CHECK_OUT, Dialogue.COMPLETION),
        ),
    ),
    Frame.HOTSEAT: Card(
        N_("Hotseat"),
        N_("One person tells of a learning journey and answers whatever the others want to know."),
        (
            Asked(
                "seat",
                N_("Who sits in the hotseat?"),
                N_("They have agreed to it."),
                N_("In the hotseat"),
            ),
            Asked("journey", N_("Their journey"), N_("In five lines."), N_("Their journey")),
        ),
        40,
        N_(
            "One of us tells of a learning journey and answers whatever we want to know. "
            "Send your question ahead if you like: we gather and group them before."
        ),
        (
            (10, _CHECK_IN, Dialogue.RELATIONSHIPS),
            (15, N_("The journey"), Dialogue.PARTNERSHIP),
            (30, N_("Questions, gathered and grouped before"), Dialogue.CO_CREATION),
            (15, _AGREE, Dialogue.ACTION),
            (10, _CHECK_OUT, Dialogue.COMPLETION),
        ),
    ),
}

DUTIES: tuple[Message, ...] = (
    N_("read the dynamics and signs of the group with care"),
    N_("let issues and tensions come up without fear"),
    N_("respect that people are willing to share"),
    N_("use what people give so that the whole group learns"),
    N_("say clearly what we do now, and each step in it"),
    N_("keep the parts of the conversation apart"),
    N_("tell talking from listening, describing from judging, proposing from feedback"),
    N_("show where the group’s learning has gaps"),
)
"""What a facilitator agrees to: not to control, but to keep the protocol."""


def default_agenda(frame: Frame, language: str) -> list[Part]:
    """The agenda that a frame begins with."""
    return [
        Part(minutes, what.text(language), str(dialogue))
        for minutes, what, dialogue in CARDS[frame].agenda
    ]


def is_talking_shop(agenda: Sequence[Part]) -> bool:
    """Whether nothing in it is for action, or nothing for completion: all talk and no action."""
    kinds = {part.dialogue for part in agenda}
    return not {Dialogue.ACTION, Dialogue.COMPLETION} <= kinds


class Hint(StrEnum):
    """Why a question may close a conversation rather than open it."""

    CLOSED = "closed"
    NEGATIVE = "negative"
    DOUBLE = "double"


HINTS: dict[Hint, Message] = {
    Hint.CLOSED: N_("This can be answered with yes or no. Try how, what or why."),
    Hint.NEGATIVE: N_("This asks for what is wrong. Try asking for what could be."),
    Hint.DOUBLE: N_("These are two questions in one. Ask them one after the other."),
}


def _is_like(pattern: str, asked: str) -> bool:
    return bool(pattern) and re.search(pattern, asked, re.IGNORECASE) is not None


def hints_for(question: str, language: str) -> list[Hint]:
    """What might be wrong with a question; a hint, never a block."""
    asked = question.strip()
    found = []
    row = row_of(language)
    if _is_like(row.closed, asked):
        found.append(Hint.CLOSED)
    if _is_like(row.negative, asked):
        found.append(Hint.NEGATIVE)
    if asked.count("?") > 1:
        found.append(Hint.DOUBLE)
    return found
