"""Planning workshops by the method: the list, the planner, the facilitator's yes, the run sheet."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from starlette.exceptions import HTTPException
from starlette.responses import Response

from contributions import desk
from contributions.loop import focus_of
from core.errors import Refusal
from core.i18n import LANGUAGES, N_
from core.unit_of_work import Reading, UnitOfWork
from members.models import Member
from members.organisers import speak_as_accepted
from web.forms import Form
from web.organiser.agenda import agenda_of, questions_of
from web.organiser.one_workshop import Act, act_on, found, may_see, me
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
from workshops.model.schedules import WallStart
from workshops.model.stages import PHASE_NAMES, PLANNED, STAGE_NAMES, Stage
from workshops.model.tables import Workshop
from workshops.model.wall_time import WallTime, meaning_of
from workshops.planning import areas, planning
from workshops.planning.planning import Written

MORE_ROWS = 2
LONGEST_WORDS = 5000
RECENT = timedelta(days=60)
"""How long a workshop stands among the others after it was held."""


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
    frame = visit.form["frame"]
    if frame not in set(Frame):
        raise Refusal(N_("Please choose a frame."), "frame")
    language = visit.form.language("language", visit.language)
    with visit.unit_of_work() as work:
        workshop = planning.begin(work, Frame(frame), language, me(visit))
    return visit.redirect(f"/organise/workshops/{workshop.public_id}")


def begin_from_topic(visit: Visit) -> Response:
    """A new workshop around a topic on the desk, with credit to its author."""
    with visit.unit_of_work() as work:
        topic = desk.find(work.session, visit.param("public_id"))
        if topic is None:
            raise HTTPException(404)
        workshop = planning.begin_from_topic(work, focus_of(work, topic), me(visit))
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
        visit.form.checked_day("follow_up_on")
        written = _written(visit, work)
        if written.frame is Frame.HOTSEAT:
            written = replace(written, seat_id=seat_of(visit.form, work, written.language))
        planning.write_down(work, workshop, written, visit.version, me(visit))

    return _act(visit, act, said="saved")


def ready(visit: Visit) -> Response:
    """Say that the ground is prepared."""
    return _act(visit, lambda work, workshop: planning.make_ready(work, workshop, me(visit)))


def call_off(visit: Visit) -> Response:
    """Give it up before anybody was invited."""
    with visit.unit_of_work() as work:
        planning.call_off(work, found(visit, work), me(visit))
    return visit.redirect("/organise/workshops")


def accept(visit: Visit) -> Response:
    """Accept the duties of a facilitator."""
    with visit.unit_of_work() as work:
        workshop = found(visit, work)
        if workshop.facilitator_accepted_at is None:
            speak_as_accepted(work, me(visit), visit.language)
        planning.accept_duties(work, workshop, me(visit))
        came_from = f"/{workshop.public_id}" if visit.form["back"] == "plan" else ""
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
        is_second=visit.form["is_second"]
        if refusal
        else str(int(bool(workshop.schedule.start.is_second))),
        comes_twice=comes_twice(workshop.schedule.start.local, workshop.zone),
        facilitators=possible_facilitators(work.session),
        seat_email=visit.form["seat_email"] if refusal else seat_shown(work, workshop),
        me=me(visit),
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
    form = visit.form
    known = {str(member.id): member.id for member in possible_facilitators(work.session)}
    frame = form.one_of("frame", Frame, Frame.WORKSHOP)
    return Written(
        title=form.line("title", 200),
        frame=frame,
        language=form.language("language", LANGUAGES[0]),
        start=wall_start(form),
        boundary=form.choice("boundary", BOUNDARIES, "ideas"),
        area_id=area.id if (area := areas.find(work.session, form["area"])) else None,
        capacity=form.count("capacity"),
        follow_up_on=form.day("follow_up_on"),
        facilitator_id=known.get(form["facilitator"]),
        seat_id=None,
        plan=_plan(form, frame, work, visit),
    )


def seat_of(form: Form, work: UnitOfWork, language: str) -> int | None:
    """The member who sits in the hotseat, as typed. Raises Refusal naming the field."""
    try:
        return one_typed(work, form["seat_email"][:400], language)
    except Refusal as refusal:
        raise Refusal(refusal.message, "seat_email") from None


def seat_shown(work: Reading, workshop: Workshop) -> str:
    """The address of who sits in the hotseat, for those who plan."""
    return (
        work.session.get_one(Member, workshop.seat_id).email if workshop.seat_id is not None else ""
    )


def wall_start(form: Form) -> WallStart:
    """Day, time and zone as they were typed."""
    local, zone = form["local_start"].strip()[:16], form["zone"].strip()[:40]
    said = form["is_second"]
    return WallStart(local, zone, said == "1" if said else None)


def _plan(form: Form, frame: Frame, work: Reading, visit: Visit) -> Plan:
    kept = found(visit, work).plan
    return Plan(
        focus=form.line("focus", 500),
        why_now=form.lines("why_now", LONGEST_WORDS),
        pupils=form.lines("pupils", LONGEST_WORDS),
        answers={a.name: form.lines(f"answer_{a.name}", LONGEST_WORDS) for a in CARDS[frame].asked},
        questions=questions_of(form),
        agenda=agenda_of(form),
        rules=form.lines("rules", LONGEST_WORDS),
        meeting_url=form["meeting_url"].strip()[:2000],
        minutes=form.count("minutes"),
        credit=kept.credit,
    )


def _is_earlier(workshop: Workshop, now: datetime) -> bool:
    """Whether it was held a while ago, with everything that followed."""
    return workshop.stage in (Stage.COMPLETE, Stage.CANCELLED) or (
        workshop.ends_at is not None and workshop.ends_at < now - RECENT
    )
