"""The way of a contribution as its author sees it: four stations, and what waits for them. Pure."""

from dataclasses import dataclass

from contributions.states import State
from core.i18n import N_, Message

STATIONS: tuple[Message, ...] = (
    N_("Draft"),
    N_("With the editors"),
    N_("Ready to go out"),
    N_("Published"),
)
_AT = {
    State.DRAFT: 0,
    State.SUBMITTED: 1,
    State.IN_REVIEW: 1,
    State.QUESTION_ASKED: 1,
    State.ACCEPTED: 2,
    State.AGREED: 2,
    State.APPROACHED: 2,
    State.AGREED_TO_TALK: 2,
    State.RECORDED: 2,
    State.PUBLISHED: 3,
}
_WAITS: dict[State, Message] = {
    State.QUESTION_ASKED: N_("The editors have a question about “%(title)s”."),
    State.ACCEPTED: N_("We would like to publish “%(title)s”. Please look it over."),
    State.DRAFT: N_("Go on with “%(title)s”."),
}
"""What waits for its author, the most pressing first."""


@dataclass(frozen=True)
class Station:
    """One station of the way."""

    name: Message
    is_done: bool
    is_here: bool


def track(state: str) -> list[Station]:
    """The stations, and where a contribution stands; none for one that has left the way."""
    here = _AT.get(State(state))
    if here is None:
        return []
    return [Station(name, number < here, number == here) for number, name in enumerate(STATIONS)]


def waits_for_author(state: str, title: str, *, is_person: bool) -> Message | None:
    """The sentence for a contribution that waits for its author; None if it does not."""
    # A suggested person is asked by the editors: nothing is agreed to by who suggested them.
    words = None if is_person and state == State.ACCEPTED else _WAITS.get(State(state))
    return Message(words.source, {"title": title}) if words else None


def how_pressing(state: str) -> int:
    """The lower, the sooner it should be seen to."""
    return list(_WAITS).index(State(state))
