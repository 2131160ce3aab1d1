"""A workshop that people know of: changing it, opening, closing, putting off, calling off."""

from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import Annotated

from starlette.responses import Response

from core.errors import Refusal
from core.unit_of_work import Reading, UnitOfWork
from web.forms import Count, Day, Id, Text, Ticked, Typed, line
from web.organiser.cohorts import Released, answer_by_of
from web.organiser.one_workshop import Act, act_on, found
from web.organiser.plan_forms import (
    Line500,
    Start,
    Words5000,
    agenda_of,
    questions_of,
    second_of,
    wall_start,
)
from web.organiser.workshops import comes_twice, seat_of, seat_shown
from web.visit import Visit
from workshops.conduct import conducting, notices
from workshops.conduct.conducting import Change
from workshops.model.method import CARDS, DIALOGUES, Frame, Part
from workshops.model.people import possible_facilitators
from workshops.model.plans import MOST_PARTS, MOST_QUESTIONS, Plan
from workshops.model.stages import HAPPENING, PHASE_NAMES, STAGE_NAMES, Phase, Stage
from workshops.model.tables import Workshop
from workshops.planning import areas, ground_rules, planning
from workshops.reflection import follow_up
from workshops.registration import counting


@dataclass(frozen=True)
class Changed(Typed):
    """What may be changed of a workshop that people know of, but for its day."""

    title: Annotated[str, line(200)]
    minutes: Count
    meeting_url: Text
    rules: Words5000
    follow_up_on: Day
    facilitator: Id
    answer_seat: Words5000
    quietly: Ticked


@dataclass(frozen=True)
class Asked(Typed):
    """The focus of a plan; its questions and its agenda come in rows."""

    focus: Line500


@dataclass(frozen=True)
class Places(Typed):
    """How many places there are."""

    capacity: Count


@dataclass(frozen=True)
class Door(Typed):
    """Who may come, and whether an organiser says yes to each."""

    audience: Text
    needs_approval: Ticked


def show(visit: Visit) -> Response:
    """What can be changed, and decided."""
    with visit.reading() as work:
        workshop = found(visit, work)
        if workshop.is_draft:  # everything about it is in the planner
            return visit.redirect(f"/organise/workshops/{workshop.public_id}")
        return _page(visit, work, workshop)


def change(visit: Visit) -> Response:
    """Change title, time, way in or rules; whoever it concerns is told."""
    return _act(
        visit,
        lambda work, workshop: conducting.change(
            work, workshop, _wanted(visit, work), visit.version, visit.my_id
        ),
    )


def rewrite(visit: Visit) -> Response:
    """Change what is asked and how it runs."""
    focus = Asked.of(visit.form).focus
    questions, agenda = questions_of(visit.form), agenda_of(visit.form)
    return _act(
        visit,
        lambda work, workshop: planning.rewrite(
            work, workshop, focus, questions, agenda, visit.version, visit.my_id
        ),
    )


def set_new_date(visit: Visit) -> Response:
    """The new day of what was put off."""

    def act(work: UnitOfWork, workshop: Workshop) -> None:
        answer_by = answer_by_of(visit.form, workshop)
        conducting.set_new_date(
            work, workshop, _wanted(visit, work), answer_by, visit.version, visit.my_id
        )

    return _act(visit, act)


def change_capacity(visit: Visit) -> Response:
    """Another number of places."""
    capacity = Places.of(visit.form).capacity
    return _act(
        visit,
        lambda work, workshop: conducting.change_capacity(work, workshop, capacity, visit.my_id),
    )


def open_to(visit: Visit) -> Response:
    """Open it to members, or to anyone."""
    typed = Door.of(visit.form)
    return _act(
        visit,
        lambda work, workshop: conducting.open_to(
            work, workshop, typed.audience, typed.needs_approval, visit.my_id
        ),
    )


def close(visit: Visit) -> Response:
    """Nobody new can come."""
    return _act(visit, lambda work, workshop: conducting.close(work, workshop, visit.my_id))


def reopen(visit: Visit) -> Response:
    """Let people come again."""
    return _act(visit, lambda work, workshop: conducting.reopen(work, workshop, visit.my_id))


def postpone(visit: Visit) -> Response:
    """Take the workshop off its day: places are kept, and everybody is told once let go."""
    return _act(visit, lambda work, workshop: conducting.postpone(work, workshop, visit.my_id))


def cancel(visit: Visit) -> Response:
    """Cancel the workshop for good: everybody is told once let go."""
    return _act(visit, lambda work, workshop: conducting.cancel(work, workshop, visit.my_id))


def complete(visit: Visit) -> Response:
    """It is over, with everything that followed."""
    return _act(visit, lambda work, workshop: conducting.complete(work, workshop, visit.my_id))


def release_notices(visit: Visit) -> Response:
    """Tell everybody, once the number has been typed."""
    return _act(
        visit,
        lambda work, workshop: notices.release(
            work, workshop, Released.of(visit.form).typed, visit.my_id
        ),
    )


def drop_notices(visit: Visit) -> Response:
    """Let nobody be told of the news that wait. Refused while people would come for nothing."""
    return _act(visit, notices.tell_nobody)


def undo(visit: Visit) -> Response:
    """Take back that it was put off or cancelled, while nobody knows."""
    return _act(visit, lambda work, workshop: notices.undo(work, workshop, visit.my_id))


def hold_follow_up(visit: Visit) -> Response:
    """Plan the follow-up conversation with the same people."""
    return visit.act(
        partial(found, visit),
        lambda work, workshop: follow_up.hold_follow_up(work, workshop, visit.my_id),
        then=lambda _, again: f"/organise/workshops/{again.public_id}",
        refused=partial(_page, visit),
    )


def draft_article(visit: Visit) -> Response:
    """An article draft from the learning points that may be told elsewhere."""
    return visit.act(
        partial(found, visit),
        lambda work, workshop: follow_up.draft_article(work, workshop, visit.my_id),
        then=lambda _, draft: f"/me/contributions/{draft.public_id}/edit",
        refused=partial(_page, visit),
    )


def _wanted(visit: Visit, work: UnitOfWork) -> Change:
    typed = Changed.of(visit.form)
    known = {member.id for member in possible_facilitators(work.session)}
    workshop = found(visit, work)
    sits = workshop.frame == Frame.HOTSEAT
    return Change(
        title=typed.title,
        start=wall_start(visit.form),
        minutes=typed.minutes,
        meeting_url=typed.meeting_url.strip()[:2000],
        rules=typed.rules,
        follow_up_on=typed.follow_up_on,
        facilitator_id=typed.facilitator if typed.facilitator in known else None,
        seat_id=seat_of(visit.form, work, workshop.language) if sits else None,
        seat=typed.answer_seat,
        quietly=typed.quietly,
    )


def _act(visit: Visit, act: Act) -> Response:
    return act_on(visit, act, "/change", partial(_page, visit))


def _shown_plan(visit: Visit, plan: Plan, refusal: Refusal | None) -> dict[str, object]:
    """What the form about the plan shows: as it was typed, if that was refused."""
    if refusal is not None and "focus" in visit.form:
        focus = Asked.of(visit.form).focus
        asked, rows = questions_of(visit.form), agenda_of(visit.form)
    else:
        focus, asked, rows = plan.focus, list(plan.questions), list(plan.agenda)
    return {
        "focus": focus,
        "questions": [*asked, "", "", ""][:MOST_QUESTIONS],
        "rows": [*rows, Part(0, "", ""), Part(0, "", "")][:MOST_PARTS],
        "minutes": plan.minutes,
        "total": sum(part.minutes for part in rows),
    }


def _page(
    visit: Visit, work: Reading, workshop: Workshop, refusal: Refusal | None = None
) -> Response:
    plan, typed = workshop.plan, visit.form if refusal else None
    current = ground_rules.current(work.session, workshop.id)
    kept = {
        "title": workshop.title,
        "local_start": workshop.schedule.start.local,
        "zone": workshop.zone,
        "minutes": str(plan.minutes),
        "meeting_url": plan.meeting_url,
        "rules": current.text if current else plan.rules,
        "follow_up_on": workshop.follow_up_on.isoformat() if workshop.follow_up_on else "",
        "answer_by": "",
        "capacity": str(workshop.capacity),
        "facilitator": str(workshop.facilitator_id or ""),
        "answer_seat": plan.answers.get("seat", ""),
        "seat_email": seat_shown(work, workshop),
    }
    shown = {
        name: typed[name] if typed and name in typed else value for name, value in kept.items()
    }
    area = areas.find(work.session, str(workshop.area_id or ""))
    return visit.page(
        "organiser/change.html",
        status=422 if refusal else 200,
        workshop=workshop,
        shown=shown,
        stage=Stage,
        happening=HAPPENING,
        stage_name=PHASE_NAMES.get(workshop.phase(work.now), STAGE_NAMES[Stage(workshop.stage)]),
        comes_twice=comes_twice(shown["local_start"], shown["zone"]),
        is_second=Start.of(typed).is_second if typed else second_of(workshop),
        held=counting.held(work.session, workshop.id, work.now),
        told=notices.held(work, workshop),
        suggestions=ground_rules.suggestions(work.session, workshop.id),
        area=areas.name_of(area, visit.language) if area else "",
        interested=areas.numbers(work.session).get(area.id, Counter())["all"] if area else 0,
        is_over=workshop.phase(work.now) in (Phase.REFLECTING, Phase.FOLLOWING_UP, Phase.OVER),
        plan=_shown_plan(visit, plan, refusal),
        dialogues=DIALOGUES,
        asked_seat=CARDS[Frame.HOTSEAT].asked[0] if workshop.frame == Frame.HOTSEAT else None,
        chain=follow_up.chain(work.session, workshop),
        facilitators=possible_facilitators(work.session),
        error=visit.wrong(refusal),
    )
