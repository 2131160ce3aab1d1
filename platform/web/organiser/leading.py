"""What a facilitator sees of the workshop that she leads: its plan and its people, to read."""

from datetime import timedelta

from starlette.responses import Response

from members.roles import Permission
from web.organiser import people, workshops
from web.organiser.workshops import found
from web.visit import Visit
from workshops.invitation import overview
from workshops.model.boundaries import BOUNDARIES
from workshops.model.hosts import HOST_NAMES, hosts_of
from workshops.model.method import CARDS, DIALOGUES, DUTIES, Frame
from workshops.model.plans import Plan
from workshops.model.registration_states import PLACE_NAMES, Place
from workshops.model.stages import PLANNED, Stage
from workshops.model.tables import Workshop
from workshops.model.times import whens
from workshops.planning import planning
from workshops.reflection import attendance


def plan(visit: Visit) -> Response:
    """The planner for who plans; for who leads, the plan as it stands."""
    if visit.may(Permission.PLAN_WORKSHOPS):
        return workshops.edit(visit)
    with visit.reading() as work:
        it = found(visit, work)
        own = Plan.from_json(it.plan)
        return visit.page(
            "organiser/led.html",
            it=it,
            plan=own,
            card=CARDS[Frame(it.frame)],
            boundary=BOUNDARIES[it.boundary],
            whens=_whens(visit, it),
            host=visit.viewer.member.name if visit.viewer else "",
            dialogues=DIALOGUES,
            duties=DUTIES,
            is_asked=it.facilitator_accepted_at is None,
            missing=planning.gaps(it) if it.stage in PLANNED else (),
            people=attendance.people(work.session, it.id),
            places=PLACE_NAMES,
            hosts=hosts_of(it),
            host_names=HOST_NAMES,
            place=Place,
            answers=overview.counts(work.session, it.id),
            is_off=it.stage == Stage.CANCELLED,
        )


def who_comes(visit: Visit) -> Response:
    """Everybody for who plans; for who leads, those on the page of the plan."""
    if visit.may(Permission.PLAN_WORKSHOPS):
        return people.show(visit)
    with visit.reading() as work:
        it = found(visit, work)
    return visit.redirect(f"/organise/workshops/{it.public_id}#people")


def _whens(visit: Visit, it: Workshop) -> list[str]:
    if it.starts_at is None:
        return []
    ends_at = it.ends_at or it.starts_at + timedelta(minutes=Plan.from_json(it.plan).minutes)
    own = visit.viewer.member.time_zone if visit.viewer else ""
    return whens(it.starts_at, ends_at, own, it.zone, visit.language)
