"""What a facilitator sees of the workshop that she leads: its plan and its people, to read."""

from datetime import timedelta

from starlette.responses import Response

from members.roles import Permission
from web.organiser import people, workshops
from web.organiser.one_workshop import found
from web.visit import Visit
from workshops.invitation import overview
from workshops.model.boundaries import BOUNDARIES
from workshops.model.hosts import HOST_NAMES, hosts_of
from workshops.model.method import CARDS, DIALOGUES, DUTIES, Frame
from workshops.model.registration_states import REGISTRATION_NAMES, RegistrationState
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
        workshop = found(visit, work)
        written = workshop.plan
        return visit.page(
            "organiser/led.html",
            workshop=workshop,
            plan=written,
            card=CARDS[Frame(workshop.frame)],
            boundary=BOUNDARIES[workshop.boundary],
            whens=_whens(visit, workshop),
            host=visit.viewer.member.name if visit.viewer else "",
            dialogues=DIALOGUES,
            duties=DUTIES,
            is_asked=workshop.facilitator_accepted_at is None,
            missing=planning.gaps(workshop) if workshop.stage in PLANNED else (),
            people=attendance.people(work.session, workshop.id),
            places=REGISTRATION_NAMES,
            hosts=hosts_of(workshop),
            host_names=HOST_NAMES,
            place=RegistrationState,
            answers=overview.counts(work.session, workshop.id),
            is_off=workshop.stage == Stage.CANCELLED,
        )


def who_comes(visit: Visit) -> Response:
    """Everybody for who plans; for who leads, those on the page of the plan."""
    if visit.may(Permission.PLAN_WORKSHOPS):
        return people.show(visit)
    with visit.reading() as work:
        workshop = found(visit, work)
    return visit.redirect(f"/organise/workshops/{workshop.public_id}#people")


def _whens(visit: Visit, workshop: Workshop) -> list[str]:
    if workshop.starts_at is None:
        return []
    ends_at = workshop.ends_at or workshop.starts_at + timedelta(minutes=workshop.plan.minutes)
    zone = visit.viewer.member.time_zone if visit.viewer else ""
    return whens(workshop.starts_at, ends_at, zone, workshop.zone, visit.language)
