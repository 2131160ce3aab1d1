"""The way in: a line to check in with, and the button; for those with a place, shortly before."""

from dataclasses import dataclass

from starlette.responses import Response

from core.errors import Refusal
from core.unit_of_work import Reading
from members.models import Member
from web.about_workshop import about
from web.by_link import own_page
from web.by_link.opened import opened, prove_address
from web.forms import Text, Typed
from web.visit import Visit
from workshops.model.tables import Registration, Workshop
from workshops.planning import ground_rules
from workshops.reflection import checking


@dataclass(frozen=True)
class CheckIn(Typed):
    """A line to check in with."""

    words: Text


def show(visit: Visit) -> Response:
    """Room for a line to check in with; too early, one's own page says when it opens."""
    with visit.reading() as work:
        registration, workshop = opened(visit, work)
        try:
            checking.check_may_join(work, workshop, registration)
        except Refusal as refusal:
            return own_page.page(visit, work, workshop, registration, refusal)
        return _page(visit, work, workshop, registration)


def join(visit: Visit) -> Response:
    """Come in: noted as arrived, with a line or without; then the link of the meeting."""
    try:
        with visit.unit_of_work() as work:
            registration, workshop = opened(visit, work)
            prove_address(work, registration)
            checking.check_in(work, workshop, registration, CheckIn.of(visit.form).words)
    except Refusal as refusal:
        with visit.reading() as work:
            registration, workshop = opened(visit, work)
            return own_page.page(visit, work, workshop, registration, refusal)
    return visit.redirect(f"/w/{visit.param('token')}/join")


def _page(visit: Visit, work: Reading, workshop: Workshop, registration: Registration) -> Response:
    member = work.session.get_one(Member, registration.member_id)
    has_agreed = ground_rules.has_agreed(work.session, registration)
    is_in = registration.arrived_at is not None and has_agreed
    return visit.page(
        "workshops/room.html",
        status=200,
        **about(workshop, member.time_zone, visit),
        token=visit.param("token"),
        registration=registration,
        is_in=is_in,
        has_agreed=has_agreed,
        rules=ground_rules.current(work.session, workshop.id),
        meeting_url=workshop.plan.meeting_url if is_in else "",
        check_ins=checking.check_ins(work.session, workshop.id, with_every_name=False)
        if is_in
        else [],
    )
