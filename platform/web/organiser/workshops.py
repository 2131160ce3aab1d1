"""Planning workshops by the method: the list, the planner, the facilitator's yes, the run sheet."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated

from starlette.exceptions import HTTPException
from starlette.responses import Response

from contributions import desk
from contributions.loop import focus_of
from core.errors import Refusal
from core.i18n import LANGUAGES, N_
from core.unit_of_work import Reading, UnitOfWork
from members.models import Member
from members.organisers import speak_as_accepted
from web.forms import CheckedDay, Form, Text, Typed, choice
from web.organiser.one_workshop import Act, act_on, found, may_see
from web.organiser.plan_forms import (
    LONGEST_WORDS,
    Planned,
    Seat,
    Start,
    agenda_of,
    questions_of,
    second_of,
    wall_start,
)
from web.visit import Visit
from workshops.conduct import notices
from workshops.invitation.choosing import one_typed
from workshops.model.boundaries import BOUNDARIES
from workshops.model.method import (
    CARDS,
    DIALOGUES,
    DUTIES,
    HINTS,
    STARTERS,
    Frame,
    Part,
    hints_for,
    is_talking_shop,
)
from workshops.model.people import possible_facilitators
from workshops.model.plans import MOST_PARTS, MOST_QUESTIONS, Plan
from workshops.model.stages import PHASE_NAMES, PLANNED, STAGE_NAMES, Stage
from workshops.model.tables import Workshop
from workshops.model.wall_time import WallTime, meaning_of
from workshops.planning import areas, planning
from workshops.planning.planning import Written

MORE_ROWS = 2
RECENT = timedelta(days=60)
"""How long a workshop stands among the others after it was held."""


@dataclass(frozen=True)
class Beginning(Typed):
    """What a new workshop begins with."""

    frame: Text
    language: Annotated[str, choice(LANGUAGES)]


@dataclass(frozen=True)
class FollowUp(Typed):
    """The day of the follow-up, which is said at once if it is none."""

    follow_up_on: CheckedDay


@dataclass(frozen=True)
class From(Typed):
    """The page that a button was pressed on."""

    back: Text


def listing(visit: Visit) -> Response:
    """Workshops that are planned; facilitators see their own."""
    with visit.reading() as work:
        seen = [workshop for workshop in planning.planned(work.session) if may_see(visit, workshop)]
        earlier = [workshop for workshop in seen if _is_earlier(workshop, visit.now)]
        shown = [workshop for workshop in seen if workshop not in earlier]
        missing = {workshop.id: len(planning.gaps(workshop)) for workshop in shown}
        told = notices.all_held(work)
    return visit.page(
        "organiser/workshops.html",
        workshops=shown,
        earlier=earlier[::-1],
        missing=missing,
        told=told,
        cards=CARDS,
        standing=lambda workshop: PHASE_NAMES.get(
            workshop.phase(visit.now), STAGE_NAMES[Stage(workshop.stage)]
        ),
        duties=DUTIES,
        me=visit.viewer_id,
    )


def begin(visit: Visit) -> Response:
    """A new workshop in a frame."""
    typed = Beginning.of(visit.form)
    if typed.frame not in set(Frame):
        raise Refusal(N_("Please choose a frame."), "frame")
    language = typed.language or visit.language
    with visit.unit_of_work() as work:
        workshop = planning.begin(work, Frame(typed.frame), language, visit.my_id)
    return visit.redirect(f"/organise/workshops/{workshop.public_id}")


def begin_from_topic(visit: Visit) -> Response:
    """A new workshop around a topic on the desk, with credit to its author."""
    with visit.unit_of_work() as work:
        topic = desk.find(work.session, visit.param("public_id"))
        if topic is None:
            raise HTTPException(404)
        workshop = planning.begin_from_topic(work, focus_of(work, topic), visit.my_id)
    return visit.redirect(f"/organise/workshops/{workshop.public_id}")


def edit(visit: Visit) -> Response:
    """The planner of one workshop."""
    with visit.reading() as work:
        workshop = found(visit, work)
        if workshop.stage == Stage.CANCELLED and workshop.starts_at is None:
            return visit.redirect("/organise/workshops")
        if workshop.stage not in PLANNED:
            return visit.redirect(f"/organise/workshops/{workshop.public_id}/people")
        return _planner(visit, work, workshop, said=visit.query("said"))


def save(visit: Visit) -> Response:
    """Keep the plan, finished or not."""

    def act(work: UnitOfWork, workshop: Workshop) -> None:
        FollowUp.of(visit.form)
        written = _written(visit, work)
        if written.frame is Frame.HOTSEAT:
            written = replace(written, seat_id=seat_of(visit.form, work, written.language))
        planning.write_down(work, workshop, written, visit.version, visit.my_id)

    return _act(visit, act, said="saved")


def ready(visit: Visit) -> Response:
    """Say that the ground is prepared."""
    return _act(visit, lambda work, workshop: planning.make_ready(work, workshop, visit.my_id))


def call_off(visit: Visit) -> Response:
    """Give it up before anybody was invited."""
    with visit.unit_of_work() as work:
        planning.call_off(work, found(visit, work), visit.my_id)
    return visit.redirect("/organise/workshops")


def accept(visit: Visit) -> Response:
    """Accept the duties of a facilitator."""
    with visit.unit_of_work() as work:
        workshop = found(visit, work)
        if workshop.facilitator_accepted_at is None:
            speak_as_accepted(work, visit.my_id, visit.language)
        planning.accept_duties(work, workshop, visit.my_id)
        came_from = f"/{workshop.public_id}" if From.of(visit.form).back == "plan" else ""
    return visit.redirect(f"/organise/workshops{came_from}")


def run_sheet(visit: Visit) -> Response:
    """The agenda with the minute at which each part begins, to print."""
    with visit.reading() as work:
        workshop = found(visit, work)
    plan, at, rows = workshop.plan, workshop.starts_at, []
    for part in plan.agenda:
        rows.append((at, part))
        at = at + timedelta(minutes=part.minutes) if at else None
    return visit.page(
        "organiser/run-sheet.html",
        workshop=workshop,
        plan=plan,
        rows=rows,
        card=CARDS[Frame(workshop.frame)],
        dialogues=DIALOGUES,
        duties=DUTIES,
    )


def _act(visit: Visit, act: Act, said: str = "") -> Response:
    return act_on(visit, act, f"?said={said}" if said else "", partial(_refused, visit))


def _refused(visit: Visit, work: Reading, workshop: Workshop, refusal: Refusal) -> Response:
    """What was typed stays on the page; sending once more wins over the other window."""
    if "title" not in visit.form:
        return _planner(visit, work, workshop, refusal=refusal)
    written = _written(visit, work)
    work.session.expunge(workshop)  # a page of what was typed, not of what is kept
    for name, value in _columns(written).items():
        setattr(workshop, name, value)
    workshop.schedule = planning.typed_schedule(written.start, written.plan.minutes)
    return _planner(visit, work, workshop, refusal=refusal)


def _columns(written: Written) -> dict[str, object]:
    return {
        "title": written.title,
        "frame": written.frame,
        "language": written.language,
        "boundary": written.boundary,
        "area_id": written.area_id,
        "capacity": written.capacity,
        "follow_up_on": written.follow_up_on,
        "facilitator_id": written.facilitator_id,
        "plan": written.plan,
    }


def _planner(
    visit: Visit,
    work: Reading,
    workshop: Workshop,
    *,
    refusal: Refusal | None = None,
    said: str = "",
) -> Response:
    plan = workshop.plan
    rows = [*plan.agenda, *[Part(0, "", "")] * MORE_ROWS][:MOST_PARTS]
    questions = [*plan.questions, *[""] * MOST_QUESTIONS][:MOST_QUESTIONS]
    return visit.page(
        "organiser/workshop.html",
        status=422 if refusal else 200,
        workshop=workshop,
        plan=plan,
        rows=rows,
        questions=[
            (one, [HINTS[h] for h in hints_for(one, workshop.language)]) for one in questions
        ],
        total=sum(part.minutes for part in plan.agenda),
        is_talk=bool(plan.agenda) and is_talking_shop(plan.agenda),
        gaps=planning.gaps(workshop),
        card=CARDS[Frame(workshop.frame)],
        cards=CARDS,
        dialogues=DIALOGUES,
        starters=STARTERS,
        local_start=workshop.schedule.start.local,
        is_second=Start.of(visit.form).is_second if refusal else second_of(workshop),
        comes_twice=comes_twice(workshop.schedule.start.local, workshop.zone),
        facilitators=possible_facilitators(work.session),
        seat_email=Seat.of(visit.form).seat_email if refusal else seat_shown(work, workshop),
        me=visit.my_id,
        boundaries=BOUNDARIES,
        areas=[
            (area.id, areas.name_of(area, visit.language)) for area in areas.offered(work.session)
        ],
        stage_name=STAGE_NAMES[Stage(workshop.stage)],
        error=visit.wrong(refusal),
        said=said,
    )


def comes_twice(typed: str, zone: str) -> bool:
    """Whether a wall time comes twice in its zone, so that somebody has to say which is meant."""
    try:
        return meaning_of(datetime.fromisoformat(typed), zone) is WallTime.TWO
    except (ValueError, KeyError, OSError):
        return False


def _written(visit: Visit, work: Reading) -> Written:
    typed = Planned.of(visit.form)
    known = {str(member.id): member.id for member in possible_facilitators(work.session)}
    area = areas.find(work.session, typed.area)
    return Written(
        title=typed.title,
        frame=Frame(typed.frame),
        language=typed.language,
        start=wall_start(visit.form),
        boundary=typed.boundary,
        area_id=area.id if area else None,
        capacity=typed.capacity,
        follow_up_on=typed.follow_up_on,
        facilitator_id=known.get(typed.facilitator),
        seat_id=None,
        plan=_plan(typed, visit.form, found(visit, work).plan.credit),
    )


def seat_of(form: Form, work: UnitOfWork, language: str) -> int | None:
    """The member who sits in the hotseat, as typed. Raises Refusal naming the field."""
    try:
        return one_typed(work, Seat.of(form).seat_email[:400], language)
    except Refusal as refusal:
        raise Refusal(refusal.message, "seat_email") from None


def seat_shown(work: Reading, workshop: Workshop) -> str:
    """The address of who sits in the hotseat, for those who plan."""
    return (
        work.session.get_one(Member, workshop.seat_id).email if workshop.seat_id is not None else ""
    )


def _plan(typed: Planned, form: Form, credit: str) -> Plan:
    asked = CARDS[Frame(typed.frame)].asked
    return Plan(
        focus=typed.focus,
        why_now=typed.why_now,
        pupils=typed.pupils,
        answers={one.name: form.lines(f"answer_{one.name}", LONGEST_WORDS) for one in asked},
        questions=questions_of(form),
        agenda=agenda_of(form),
        rules=typed.rules,
        meeting_url=typed.meeting_url.strip()[:2000],
        minutes=typed.minutes,
        credit=credit,
    )


def _is_earlier(workshop: Workshop, now: datetime) -> bool:
    """Whether it was held a while ago, with everything that followed."""
    return workshop.stage in (Stage.COMPLETE, Stage.CANCELLED) or (
        workshop.ends_at is not None and workshop.ends_at < now - RECENT
    )
