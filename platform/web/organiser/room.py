"""The facilitator's room: run sheet with timer, answers, check-ins, own notes, who is there."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.errors import Refusal
from core.unit_of_work import UnitOfWork
from members.models import Member
from members.roles import Permission
from web.organiser.workshops import found, me
from web.reading import day
from web.visit import Visit
from workshops.model.boundaries import BOUNDARIES
from workshops.model.hosts import HOST_NAMES, hosts_of
from workshops.model.method import DIALOGUES, DUTIES
from workshops.model.plans import Plan
from workshops.model.registration_states import Place
from workshops.model.stages import Phase
from workshops.model.tables import Registration, Workshop
from workshops.model.times import may_join
from workshops.planning import ground_rules
from workshops.reflection import actions, attendance, checking, learning, notes
from workshops.reflection.actions import COURSE_NAMES, KIND_NAMES

Act = Callable[[UnitOfWork, Workshop], object]


def show(visit: Visit) -> Response:
    """Everything that the facilitator needs on one page."""
    with visit.reading() as work:
        return _page(visit, work, found(visit, work))


def keep_notes(visit: Visit) -> Response:
    """Keep the facilitator's own notes."""

    def act(work: UnitOfWork, it: Workshop) -> None:
        if not _is_facilitator(visit, it):
            raise HTTPException(403)
        notes.keep(work, it.id, me(visit), visit.form["notes"])

    return _act(visit, act)


def note_attendance(visit: Visit) -> Response:
    """Write down who was there."""
    there = set(visit.form.numbers("there"))

    def act(work: UnitOfWork, it: Workshop) -> None:
        shown = {own.id for own, _ in attendance.people(work.session, it.id)}
        attendance.note(work, it, {number: number in there for number in shown}, me(visit))

    return _act(visit, act)


def add_point(visit: Visit) -> Response:
    """Write a learning point down that was said."""
    point = visit.form["point"]
    return _act(visit, lambda work, it: learning.add(work, it, me(visit), point))


def add_action(visit: Visit) -> Response:
    """Write an action down; who does it says so themselves."""
    form = visit.form
    due = day(form["due_on"])
    return _act(
        visit,
        lambda work, it: actions.propose(work, it, me(visit), form["kind"], form["action"], due),
    )


def _act(visit: Visit, act: Act) -> Response:
    try:
        with visit.unit_of_work() as work:
            it = found(visit, work)
            act(work, it)
            return visit.redirect(f"/organise/workshops/{it.public_id}/room")
    except Refusal as refusal:
        with visit.reading() as work:
            return _page(visit, work, found(visit, work), refusal)


def _is_facilitator(visit: Visit, it: Workshop) -> bool:
    has_accepted = it.facilitator_accepted_at is not None
    return has_accepted and it.facilitator_id == visit.viewer_id


def _page(visit: Visit, work: UnitOfWork, it: Workshop, refusal: Refusal | None = None) -> Response:
    plan, session = Plan.from_json(it.plan), work.session
    people = attendance.people(session, it.id)
    return visit.page(
        "organiser/room.html",
        status=422 if refusal else 200,
        it=it,
        plan=plan,
        rows=_timed(it, plan),
        dialogues=DIALOGUES,
        duties=DUTIES,
        boundary=BOUNDARIES[it.boundary],
        rules=ground_rules.current(session, it.id),
        suggestions=ground_rules.suggestions(session, it.id),
        people=people,
        answers=_by_question(people, visit.viewer_id if _is_facilitator(visit, it) else None),
        place=Place,
        hosts=hosts_of(it),
        host_names=HOST_NAMES,
        is_joinable=may_join(it.starts_at, it.ends_at, work.now),
        has_begun=it.phase(work.now) not in (Phase.PLANNED, Phase.COMING, Phase.OFF),
        may_see_addresses=visit.may(Permission.PLAN_WORKSHOPS),
        # What people bring in is for those in the room, and notes for who wrote them.
        is_facilitator=_is_facilitator(visit, it),
        check_ins=checking.check_ins(session, it.id, with_every_name=True)
        if _is_facilitator(visit, it)
        else [],
        notes=notes.own(session, it.id, me(visit)) if _is_facilitator(visit, it) else "",
        points=learning.points(session, it.id),
        actions=actions.listed(session, it.id, with_every_name=True),
        kinds=KIND_NAMES,
        courses=COURSE_NAMES,
        doubts=checking.doubts(session, it.id),
        typed=visit.form if refusal else None,
        error={"field": refusal.field, "sentence": visit.say(refusal)} if refusal else None,
    )


def _by_question(
    people: list[tuple[Registration, Member]], reader_id: int | None
) -> list[tuple[str, list[tuple[str, dict[str, Any]]]]]:
    """Answers grouped by question; a private one only for the facilitator it was written to."""
    grouped: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for own, member in people:
        for one in own.answers:
            if one["is_shared"] or (reader_id is not None and own.answers_to == reader_id):
                grouped.setdefault(one["question"], []).append((member.name, one))
    return list(grouped.items())


def _timed(it: Workshop, plan: Plan) -> list[dict[str, object]]:
    at = it.starts_at
    rows: list[dict[str, object]] = []
    for part in plan.agenda:
        ends = at + timedelta(minutes=part.minutes) if at else None
        rows.append({"at": at, "ends": ends, "part": part})
        at = ends
    return rows
