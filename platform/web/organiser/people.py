"""Whom a workshop concerns: cohorts, invitations, places, requests and nominations."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.errors import Refusal
from core.unit_of_work import Reading, UnitOfWork
from members import saved_segments
from members.finding import labels
from members.profile import LEVELS, ROLES, countries
from web.forms import Text, Typed
from web.organiser.one_workshop import Act, act_on, found
from web.visit import Visit
from workshops.invitation import (
    by_organisers,
    cohorts,
    nominations,
    overview,
)
from workshops.model.hosts import HOST_NAMES, hosts_of
from workshops.model.invitation_states import NAMES, UNANSWERED, InvitationState
from workshops.model.method import Frame
from workshops.model.registration_states import REGISTRATION_NAMES, RegistrationState
from workshops.model.stages import HAPPENING, PHASE_NAMES, PLANNED, STAGE_NAMES, Stage
from workshops.model.tables import Invitation, Registration, Workshop
from workshops.planning import planning
from workshops.reflection import attendance
from workshops.registration import counting, kept_places, registering

MOST_SHOWN = 500


@dataclass(frozen=True)
class Corrected(Typed):
    """A new address to send to, or a new name to write."""

    email: Text
    name: Text


def show(visit: Visit) -> Response:
    """Everybody whom a workshop concerns."""
    with visit.reading() as work:
        return _page(visit, work, found(visit, work))


def revoke(visit: Visit) -> Response:
    """Take an unanswered invitation back."""
    return _act(
        visit,
        lambda work, workshop: by_organisers.revoke(
            work, _invitation(visit, work, workshop), visit.my_id
        ),
    )


def send_again(visit: Visit) -> Response:
    """Send a new link, perhaps to a corrected address."""

    def act(work: UnitOfWork, workshop: Workshop) -> None:
        invitation = _invitation(visit, work, workshop)
        by_organisers.send_again(work, invitation, Corrected.of(visit.form).email, visit.my_id)

    return _act(visit, act)


def approve(visit: Visit) -> Response:
    """Give somebody who asked a place."""
    return _act(
        visit,
        lambda work, workshop: registering.approve(
            work, workshop, _registration(visit, work, workshop), visit.my_id
        ),
    )


def refuse(visit: Visit) -> Response:
    """Tell somebody who asked that there is no place."""
    return _act(
        visit,
        lambda work, workshop: registering.refuse(
            work, workshop, _registration(visit, work, workshop), visit.my_id
        ),
    )


def give_place(visit: Visit) -> Response:
    """Give a free place to somebody who waits."""
    return _act(
        visit,
        lambda work, workshop: registering.give_place(
            work, workshop, _registration(visit, work, workshop), visit.my_id
        ),
    )


def correct_certificate(visit: Visit) -> Response:
    """Write another name on a certificate."""
    return _act(
        visit,
        lambda work, workshop: attendance.correct_name(
            work,
            workshop,
            _registration(visit, work, workshop),
            Corrected.of(visit.form).name,
            visit.my_id,
        ),
    )


def remove(visit: Visit) -> Response:
    """Take somebody off the list."""
    return _act(
        visit,
        lambda work, workshop: registering.remove(
            work, workshop, _registration(visit, work, workshop), visit.my_id
        ),
    )


def invite_nominated(visit: Visit) -> Response:
    """Invite somebody who was named, or who asked."""
    number = visit.number("id")
    return _act(
        visit, lambda work, workshop: nominations.invite(work, workshop, number, visit.my_id)
    )


def put_away(visit: Visit) -> Response:
    """Do not invite somebody who was named."""
    number = visit.number("id")
    return _act(
        visit, lambda work, workshop: nominations.put_away(work, workshop, number, visit.my_id)
    )


def _act(visit: Visit, act: Act) -> Response:
    return act_on(visit, act, "/people", partial(refused_page, visit))


def refused_page(visit: Visit, work: Reading, workshop: Workshop, refusal: Refusal) -> Response:
    """The page with what was typed and why it cannot be."""
    return _page(visit, work, workshop, refusal)


def _invitation(visit: Visit, work: UnitOfWork, workshop: Workshop) -> Invitation:
    invitation = work.session.get(Invitation, visit.number("id"))
    if invitation is None or invitation.workshop_id != workshop.id:
        raise HTTPException(404)
    return invitation


def _registration(visit: Visit, work: UnitOfWork, workshop: Workshop) -> Registration:
    registration = work.session.get(Registration, visit.number("id"))
    if registration is None or registration.workshop_id != workshop.id:
        raise HTTPException(404)
    return registration


def _page(
    visit: Visit, work: Reading, workshop: Workshop, refusal: Refusal | None = None
) -> Response:
    session = work.session
    return visit.page(
        "organiser/people.html",
        status=422 if refusal else 200,
        workshop=workshop,
        stage_name=PHASE_NAMES.get(workshop.phase(work.now), STAGE_NAMES[Stage(workshop.stage)]),
        is_past=workshop.starts_at is not None and workshop.starts_at <= work.now,
        cohorts=cohorts.of_workshop(session, workshop.id),
        invited=overview.invited(session, workshop.id, visit.asked.count("invited", 1)),
        answers=overview.counts(session, workshop.id),
        unanswered=UNANSWERED,
        state=InvitationState,
        states=NAMES,
        places=overview.registered(session, workshop.id, visit.asked.count("places", 1)),
        place=RegistrationState,
        place_names=REGISTRATION_NAMES,
        held=counting.held(session, workshop.id, work.now),
        hosts=hosts_of(workshop),
        host_names=HOST_NAMES,
        is_seat_empty=workshop.frame == Frame.HOTSEAT and workshop.seat_id is None,
        hosts_unreachable=kept_places.unreachable(work, workshop),
        hosts_away=kept_places.without_place(session, workshop)
        if workshop.stage in HAPPENING
        else [],
        nominations=nominations.waiting(session, workshop.id),
        unwritable=[
            (registration.id, visit.text(why))
            for registration, why in attendance.unwritable(session, workshop)
        ],
        can_give=workshop.stage in HAPPENING
        and workshop.ends_at is not None
        and work.now < workshop.ends_at,
        labels=labels(session),
        segments=saved_segments.all_of(session),
        earlier=_earlier(session, workshop),
        held_before=[one for one in _earlier(session, workshop) if _was_held(one, work.now)],
        roles=ROLES,
        levels=LEVELS,
        countries=countries(visit.language),
        typed=visit.form if refusal else None,
        now=work.now,
        error=visit.wrong(refusal),
    )


def _earlier(session: Session, workshop: Workshop) -> list[Workshop]:
    """The others to which people were invited."""
    return [one for one in planning.planned(session)
            if one.id != workshop.id and one.title and one.stage not in PLANNED]  # fmt: skip


def _was_held(workshop: Workshop, now: datetime) -> bool:
    return workshop.ends_at is not None and workshop.ends_at < now
