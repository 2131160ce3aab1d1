"""What editors type at the desk."""

from dataclasses import dataclass

from web.forms import Text, Texts, Typed


@dataclass(frozen=True)
class Hearing(Typed):
    """Whether an editor hears of what comes at once."""

    at_once: Text


@dataclass(frozen=True)
class Said(Typed):
    """A question or a note, and the key of the form it was written in."""

    text: Text
    form_key: Text


@dataclass(frozen=True)
class Published(Typed):
    """Under which topics it appears, and what an interview says that was not written here."""

    topics: Text
    interview_title: Text
    interview_text: Text
    interview_recording: Text


@dataclass(frozen=True)
class Taker(Typed):
    """Which editor takes care of it."""

    editor: Text


@dataclass(frozen=True)
class Leaning(Typed):
    """Which way an editor leans, and why."""

    leaning: Text
    text: Text


@dataclass(frozen=True)
class Letter(Typed):
    """The words of a letter that waits; a form without them leaves them as they are."""

    words: Texts
