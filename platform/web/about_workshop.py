"""What every page about a workshop shows of it, and reads from those who come."""

from dataclasses import dataclass

from starlette.responses import Response

from core.unit_of_work import Reading
from mail.links import Links
from members.subscribing import check_name
from web.forms import Form, Id, Text, Ticked, Typed
from web.visit import Visit
from workshops.mails import calendars
from workshops.mails.calendars import Entry
from workshops.model.boundaries import BOUNDARIES
from workshops.model.method import CARDS, Frame
from workshops.model.plans import MOST_QUESTIONS
from workshops.model.stages import PHASE_NAMES, STAGE_NAMES, Stage
from workshops.model.tables import Workshop
from workshops.model.times import whens
from workshops.registration import registering
from workshops.registration.registering import Words

ICS = "text/calendar; charset=utf-8"


@dataclass(frozen=True)
class Coming(Typed):
    """What somebody says who comes, beside the open questions."""

    rules: Id
    shows_name: Ticked
    name: Text


def about(workshop: Workshop, zone: str, visit: Visit) -> dict[str, object]:
    """What pages about a workshop show of it."""
    plan = workshop.plan
    return {
        "workshop": workshop,
        "plan": plan,
        "asked": [(question, None) for question in plan.questions],
        "card": CARDS[Frame(workshop.frame)],
        "whens": when_it_is(workshop, zone, visit),
        "boundary": BOUNDARIES[workshop.boundary],
        "host": workshop.host,
        "stage_name": PHASE_NAMES.get(
            workshop.phase(visit.now), STAGE_NAMES[Stage(workshop.stage)]
        ),
    }


def answers_typed(form: Form) -> list[tuple[str, bool]]:
    """What a form says to the open questions, and which of it is for the group."""
    return [
        (form[f"answer_{n}"], form[f"shared_{n}"] == "group") for n in range(1, MOST_QUESTIONS + 1)
    ]


def words_of(form: Form, workshop: Workshop) -> Words:
    """What somebody says when they come."""
    typed = Coming.of(form)
    return Words(
        answers=registering.answers_of(workshop, answers_typed(form)),
        rules_version=typed.rules,
        shows_name=typed.shows_name,
        known_as=check_name(typed.name),
    )


def ics(visit: Visit, work: Reading, entries: list[Entry]) -> Response:
    """A calendar file to download or to look at."""
    links = Links.of(visit.installation.settings, work.tokens)
    text = calendars.published(visit.community, links, entries, visit.now, visit.language)
    headers = {"Content-Disposition": 'attachment; filename="workshop.ics"'}
    return Response(text.encode(), media_type=ICS, headers=headers)


def when_it_is(workshop: Workshop, zone: str, visit: Visit) -> list[str]:
    """Its time in a zone and where it is; empty while there is none."""
    if workshop.starts_at is None or workshop.ends_at is None:
        return []
    return whens(workshop.starts_at, workshop.ends_at, zone, workshop.zone, visit.language)
