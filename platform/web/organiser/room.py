"""The facilitator's room: run sheet with timer, answers, check-ins, own notes, who is there."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.errors import Refusal
from core.unit_of_work import Reading, UnitOfWork
from members.models import Member
from members.roles import Permission
from web.forms import Day, Ids, Text, Typed
from web.organiser.one_workshop import Act, act_on, found
from web.visit import Visit
from workshops.model.action_states import COURSE_NAMES, KIND_NAMES
from workshops.model.boundaries import BOUNDARIES
from workshops.model.hosts import HOST_NAMES, hosts_of
from workshops.model.method import DIALOGUES, DUTIES
from workshops.model.plans import Plan
from workshops.model.registration_states import RegistrationState
from workshops.model.stages import Phase
from workshops.model.tables import Registration, Workshop
from workshops.model.times import may_join
from workshops.planning import ground_rules
from workshops.reflection import actions, attendance, checking, learning, notes


@dataclass(frozen=True)
class Notes(Typed):
    """The facilitator's own notes."""

    notes: Text


@dataclass(frozen=True)
class There(Typed):
    """Who was there."""

    there: Ids


@dataclass(frozen=True)
class Point(Typed):
    """A learning point that was said."""

    point: Text


@dataclass(frozen=True)
class Proposal(Typed):
    """An action that was spoken of."""

    kind: Text
    action: Text
    due_on: Day


def show(visit: Visit) -> Response:
    """Everything that the facilitator needs on one page."""
    with visit.reading() as work:
        return _page(visit, work, found(visit, work))


def keep_notes(visit: Visit) -> Response:
    """Keep the facilitator's own notes."""

    def act(work: UnitOfWork, workshop: Workshop) -> None:
        if not _is_facilitator(visit, workshop):
            raise HTTPException(403)
        notes.keep(work, workshop.id, visit.my_id, Notes.of(visit.form).notes)

    return _act(visit, act)


def note_attendance(visit: Visit) -> Response:
    """Write down who was there."""
    there = set(There.of(visit.form).there)

    def act(work: UnitOfWork, workshop: Workshop) -> None:
        shown = {
            registration.id for registration, _ in attendance.people(work.session, workshop.id)
        }
        attendance.note(work, workshop, {number: number in there for number in shown}, visit.my_id)

    return _act(visit, act, said="noted")


def add_point(visit: Visit) -> Response:
    """Write a learning point down that was said."""
    point = Point.of(visit.form).point
    return _act(visit, lambda work, workshop: learning.add(work, workshop, visit.my_id, point))


def add_action(visit: Visit) -> Response:
    """Write an action down; who does it says so themselves."""
    typed = Proposal.of(visit.form)
    return _act(
        visit,
        lambda work, workshop: actions.propose(
            work, workshop, visit.my_id, typed.kind, typed.action, typed.due_on
        ),
    )


def _act(visit: Visit, act: Act, said: str = "") -> Response:
    return act_on(visit, act, f"/room?said={said}" if said else "/room", partial(_page, visit))


def _is_facilitator(visit: Visit, workshop: Workshop) -> bool:
    has_accepted = workshop.facilitator_accepted_at is not None
    return has_accepted and workshop.facilitator_id == visit.viewer_id


def _page(
    visit: Visit, work: Reading, workshop: Workshop, refusal: Refusal | None = None
) -> Response:
    plan, session = workshop.plan, work.session
    people = attendance.people(session, workshop.id)
    return visit.page(
        "organiser/room.html",
        status=422 if refusal else 200,
        workshop=workshop,
        plan=plan,
        rows=_timed(workshop, plan),
        dialogues=DIALOGUES,
        duties=DUTIES,
        boundary=BOUNDARIES[workshop.boundary],
        rules=ground_rules.current(session, workshop.id),
        suggestions=ground_rules.suggestions(session, workshop.id),
        people=people,
        there={r.id for r, _ in people if attendance.presumed(r, workshop.facilitator_id)},
        answers=_by_question(people, visit.viewer_id if _is_facilitator(visit, workshop) else None),
        place=RegistrationState,
        hosts=hosts_of(workshop),
        host_names=HOST_NAMES,
        is_joinable=may_join(workshop.starts_at, workshop.ends_at, work.now),
        has_begun=workshop.phase(work.now) not in (Phase.PLANNED, Phase.COMING, Phase.OFF),
        is_noted=visit.query("said") == "noted",
        may_see_addresses=visit.may(Permission.PLAN_WORKSHOPS),
        # What people bring in is for those in the room, and notes for who wrote them.
        is_facilitator=_is_facilitator(visit, workshop),
        check_ins=checking.check_ins(session, workshop.id, with_every_name=True)
        if _is_facilitator(visit, workshop)
        else [],
        notes=notes.own(session, workshop.id, visit.my_id)
        if _is_facilitator(visit, workshop)
        else "",
        points=learning.points(session, workshop.id),
        actions=actions.listed(session, workshop.id, with_every_name=True),
        kinds=KIND_NAMES,
        courses=COURSE_NAMES,
        doubts=checking.doubts(session, workshop.id),
        typed=visit.form if refusal else None,
        error=visit.wrong(refusal),
    )


def _by_question(
    people: list[tuple[Registration, Member]], reader_id: int | None
) -> list[tuple[str, list[tuple[str, dict[str, Any]]]]]:
    """Answers grouped by question; a private one only for the facilitator it was written to."""
    grouped: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for registration, member in people:
        for one in registration.answers:
            if one["is_shared"] or (reader_id is not None and registration.answers_to == reader_id):
                grouped.setdefault(one["question"], []).append((member.name, one))
    return list(grouped.items())


def _timed(workshop: Workshop, plan: Plan) -> list[dict[str, object]]:
    at = workshop.starts_at
    rows: list[dict[str, object]] = []
    for part in plan.agenda:
        ends = at + timedelta(minutes=part.minutes) if at else None
        rows.append({"at": at, "ends": ends, "part": part})
        at = ends
    return rows
