"""What a form says of a plan: its fields, its day, and the rows of its questions and agenda."""

from dataclasses import dataclass
from typing import Annotated

from core.i18n import LANGUAGES
from web.forms import Count, Day, Form, Text, Typed, choice, line, lines
from workshops.model.boundaries import BOUNDARIES
from workshops.model.method import DIALOGUES, Frame, Part
from workshops.model.plans import MOST_PARTS, MOST_QUESTIONS
from workshops.model.schedules import WallStart
from workshops.model.tables import Workshop

LONGEST_WORDS = 5000

Line500 = Annotated[str, line(500)]
Words5000 = Annotated[str, lines(LONGEST_WORDS)]


@dataclass(frozen=True)
class Start(Typed):
    """Day, time and zone; and which of two, where the clocks go back."""

    local_start: Text
    zone: Text
    is_second: Text


@dataclass(frozen=True)
class Seat(Typed):
    """The address of who sits in the hotseat."""

    seat_email: Text


@dataclass(frozen=True)
class Planned(Typed):
    """The planner, but for its day, its rows and the questions of its frame."""

    title: Annotated[str, line(200)]
    frame: Annotated[str, choice(list(Frame), Frame.WORKSHOP)]
    language: Annotated[str, choice(LANGUAGES, LANGUAGES[0])]
    boundary: Annotated[str, choice(BOUNDARIES, "ideas")]
    area: Text
    capacity: Count
    follow_up_on: Day
    facilitator: Text
    focus: Line500
    why_now: Words5000
    pupils: Words5000
    rules: Words5000
    meeting_url: Text
    minutes: Count


def wall_start(form: Form) -> WallStart:
    """Day, time and zone as they were typed."""
    typed = Start.of(form)
    local, zone, said = typed.local_start.strip()[:16], typed.zone.strip()[:40], typed.is_second
    return WallStart(local, zone, said == "1" if said else None)


def second_of(workshop: Workshop) -> str:
    """Which of two moments a kept start means, where the clocks go back: `1` for the second."""
    return str(int(bool(workshop.schedule.start.is_second)))


def questions_of(form: Form) -> list[str]:
    """The open questions that were typed."""
    typed = (form.line(f"question_{n}", 600) for n in range(1, MOST_QUESTIONS + 1))
    return [question for question in typed if question]


def agenda_of(form: Form) -> list[Part]:
    """The rows of the agenda that were typed."""
    return [part for n in range(1, MOST_PARTS + 1) if (part := _part(form, n))]


def _part(form: Form, n: int) -> Part | None:
    what, minutes = form.line(f"what_{n}", 300), form.count(f"minutes_{n}")
    if not what and not minutes:
        return None
    dialogue = form[f"dialogue_{n}"]
    return Part(
        minutes=min(minutes, 600),
        what=what,
        dialogue=dialogue if dialogue in {str(kind) for kind in DIALOGUES} else "",
        lead=form.line(f"lead_{n}", 80),
    )
