"""What is learned and taken on together: check-out, learning points, actions."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.errors import Refusal
from core.unit_of_work import Reading, UnitOfWork
from members.models import Member
from web.about_workshop import about
from web.by_link import opened
from web.by_link.opened import Act, who_took_part
from web.forms import Day, Id, Text, Ticked, Typed
from web.visit import Visit
from workshops.invitation import open_door
from workshops.model.action_states import COURSE_NAMES, KIND_NAMES
from workshops.model.boundaries import HERE
from workshops.model.stages import Phase
from workshops.model.tables import Registration, Workshop
from workshops.reflection import actions, checking, follow_up, learning
from workshops.reflection.checking import TOOK_PART, Taken

LEARNING = "/learning"


@dataclass(frozen=True)
class CheckOut(Typed):
    """What somebody takes away; whether it stands among the learning points too."""

    learned: Text
    involves: Text
    doubt: Text
    thanks_to: Id
    thanks: Text
    is_point: Ticked


@dataclass(frozen=True)
class Point(Typed):
    """A learning point, and whether it may leave the group."""

    point: Text
    may_share: Ticked


@dataclass(frozen=True)
class Proposal(Typed):
    """An action, and whether who proposes it takes it on."""

    kind: Text
    action: Text
    due_on: Day
    take_on: Ticked


@dataclass(frozen=True)
class Report(Typed):
    """What became of an action."""

    course: Text
    note: Text


def show(visit: Visit) -> Response:
    """What we learned, what we do, and the check-out."""
    return opened.show(visit, page)


def check_out(visit: Visit) -> Response:
    """What did I learn, whom will I involve?"""
    typed = CheckOut.of(visit.form)
    taken = Taken(typed.learned, typed.involves, typed.doubt, typed.thanks_to, typed.thanks)

    def act(work: UnitOfWork, workshop: Workshop, registration: Registration) -> None:
        checking.check_out(work, workshop, registration, taken)
        if typed.is_point and taken.learned.strip():
            _add_own_point(work, workshop, registration, taken.learned, may_share=False)

    return opened.act(visit, act, page, LEARNING)


def add_point(visit: Visit) -> Response:
    """Add a learning point."""
    typed = Point.of(visit.form)
    return _act(
        visit,
        lambda work, workshop, registration: _add_own_point(
            work, workshop, registration, typed.point, may_share=typed.may_share
        ),
    )


def _add_own_point(
    work: UnitOfWork, workshop: Workshop, registration: Registration, text: str, *, may_share: bool
) -> None:
    """Whoever writes a point stands behind it, and says whether it may leave the group."""
    number = learning.add(work, workshop, registration.member_id, text)
    learning.agree(work, workshop, number, registration.id, may_share)


def agree(visit: Visit) -> Response:
    """Agree to a learning point, and say whether it may leave the group."""
    may_share = Point.of(visit.form).may_share
    number = visit.number("id")
    return _act(
        visit,
        lambda work, workshop, registration: learning.agree(
            work, workshop, number, registration.id, may_share
        ),
    )


def disagree(visit: Visit) -> Response:
    """Take an agreement back."""
    number = visit.number("id")
    return _act(
        visit,
        lambda work, workshop, registration: learning.disagree(
            work, workshop, number, registration.id
        ),
    )


def withdraw(visit: Visit) -> Response:
    """Take one's own learning point back."""
    number = visit.number("id")
    return _act(
        visit,
        lambda work, workshop, registration: learning.withdraw(
            work, workshop, number, registration.member_id
        ),
    )


def propose(visit: Visit) -> Response:
    """Put an action on the list, and take it on at once if that is wanted."""
    typed = Proposal.of(visit.form)

    def act(work: UnitOfWork, workshop: Workshop, registration: Registration) -> None:
        number = actions.propose(
            work, workshop, registration.member_id, typed.kind, typed.action, typed.due_on
        )
        if typed.take_on:
            actions.take_on(work, workshop, number, registration)

    return _act(visit, act)


def take_on(visit: Visit) -> Response:
    """Take an action on oneself."""
    number = visit.number("id")
    return _act(
        visit,
        lambda work, workshop, registration: actions.take_on(work, workshop, number, registration),
    )


def report(visit: Visit) -> Response:
    """Say what became of it."""
    number, typed = visit.number("id"), Report.of(visit.form)
    return _act(
        visit,
        lambda work, workshop, registration: actions.report(
            work, workshop, number, registration, typed.course, typed.note
        ),
    )


def page(
    visit: Visit,
    work: Reading,
    workshop: Workshop,
    registration: Registration,
    refusal: Refusal | None = None,
) -> Response:
    """Once it has begun, for those who take part. Raises HTTPException for all others."""
    session, phase = work.session, workshop.phase(visit.now)
    if refusal is None and not is_shown(workshop, registration, phase):
        raise HTTPException(404)
    member = session.get_one(Member, registration.member_id)
    return visit.page(
        "workshops/learning-together.html",
        status=422 if refusal else 200,
        **about(workshop, member.time_zone, visit),
        registration=registration,
        token=visit.param("token"),
        names=open_door.names_shown(session, workshop.id),
        points=learning.points(session, workshop.id, registration.id, registration.member_id),
        stays_here=workshop.boundary == HERE,
        is_learning=learning.is_open(workshop, work),
        actions=actions.listed(session, workshop.id),
        kinds=KIND_NAMES,
        courses=COURSE_NAMES,
        is_checking_out=checking.is_check_out_open(workshop, work),
        taken=checking.own_check_out(session, registration),
        chain=follow_up.chain(session, workshop, registration.member_id),
        typed=visit.form if refusal else None,
        error=visit.wrong(refusal),
    )


def is_shown(workshop: Workshop, registration: Registration, phase: Phase) -> bool:
    """Whether there is such a page for somebody yet."""
    return registration.state in TOOK_PART and phase not in (Phase.COMING, Phase.OFF)


def _act(visit: Visit, do: Act) -> Response:
    return opened.act(visit, who_took_part(do), page, LEARNING)
