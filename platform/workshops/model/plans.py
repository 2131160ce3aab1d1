"""A workshop's plan: what the guide's steps ask, and what is still missing. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from core.i18n import N_, Message
from workshops.model.method import CARDS, Frame, Part

MOST_QUESTIONS = 3
MOST_PARTS = 12
SHORTEST, LONGEST = 15, 600
"""Minutes that a workshop may last."""


@dataclass(frozen=True)
class Plan:
    """What organisers write in the planner, finished or not."""

    focus: str = ""
    why_now: str = ""
    pupils: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    questions: Sequence[str] = ()
    agenda: Sequence[Part] = ()
    rules: str = ""
    meeting_url: str = ""
    minutes: int = 90
    credit: str = ""
    """Whose topic it was, if it began with one."""

    def to_json(self) -> dict[str, Any]:
        """As the database keeps it."""
        return {
            **{name: getattr(self, name) for name in _TEXTS},
            "minutes": self.minutes,
            "answers": dict(self.answers),
            "questions": list(self.questions),
            "agenda": [part.to_json() for part in self.agenda],
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Plan":
        """As it was kept."""
        parts = [Part(**part) for part in kept.get("agenda", ())]
        return cls(**{**kept, "agenda": parts})


_TEXTS = ("focus", "why_now", "pupils", "rules", "meeting_url", "credit")


@dataclass(frozen=True)
class Standing:
    """What else the ground needs: when it is, who leads it, when one meets again."""

    frame: Frame
    starts_on: date | None
    """The day on which it begins, where it is."""
    facilitator_accepted: bool
    follow_up_on: date | None
    has_seat: bool
    """Whether a member is known who sits in the hotseat."""


@dataclass(frozen=True)
class Gap:
    """Something that is missing before the ground is prepared; `field` is where to write it."""

    field: str
    message: Message


def gaps_of(plan: Plan, standing: Standing) -> list[Gap]:
    """Everything that is missing, in the order of the planner."""
    found = [*_ground(plan), *_frame(plan, standing.frame), *_seat(standing)]
    found += _participation(plan)
    return [*found, *_time(plan, standing)]


def is_link(text: str) -> bool:
    """Whether a text is a web address."""
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and text.strip().isprintable()


def _ground(plan: Plan) -> list[Gap]:
    asked = (
        ("focus", plan.focus, N_("The focus: what is it about, in one sentence?")),
        ("why_now", plan.why_now, N_("Why now?")),
        ("pupils", plan.pupils, N_("What changes for pupils?")),
    )
    return [Gap(name, message) for name, value, message in asked if not value.strip()]


def _frame(plan: Plan, frame: Frame) -> list[Gap]:
    return [
        Gap(f"answer_{asked.name}", asked.label)
        for asked in CARDS[frame].asked
        if not plan.answers.get(asked.name, "").strip()
    ]


def _seat(standing: Standing) -> list[Gap]:
    if standing.frame is not Frame.HOTSEAT or standing.has_seat:
        return []
    return [Gap("seat_email", N_("The address of who sits in the hotseat."))]


def _participation(plan: Plan) -> list[Gap]:
    found = []
    if not any(question.strip() for question in plan.questions):
        found.append(Gap("question_1", N_("One open question at least.")))
    if not plan.rules.strip():
        found.append(Gap("rules", N_("The ground rules.")))
    total = sum(part.minutes for part in plan.agenda)
    if not plan.agenda or total != plan.minutes:
        found.append(
            Gap(
                "minutes_1",
                N_(
                    "An agenda that sums up: it has %(total)s minutes of %(minutes)s.",
                    total=total,
                    minutes=plan.minutes,
                ),
            )
        )
    return found


def _time(plan: Plan, standing: Standing) -> list[Gap]:
    found = []
    if standing.starts_on is None:
        found.append(Gap("local_start", N_("Day and time.")))
    if not SHORTEST <= plan.minutes <= LONGEST:
        found.append(Gap("minutes", N_("Between 15 and 600 minutes, please.")))
    if not is_link(plan.meeting_url):
        found.append(Gap("meeting_url", N_("The link of the meeting; it begins with https://.")))
    if not standing.facilitator_accepted:
        found.append(Gap("facilitator", N_("A facilitator who has accepted the duties.")))
    if standing.follow_up_on is None:
        found.append(Gap("follow_up_on", N_("The day on which you come back to it.")))
    elif standing.starts_on and standing.follow_up_on <= standing.starts_on:
        found.append(Gap("follow_up_on", N_("The follow-up comes after the workshop.")))
    return found
