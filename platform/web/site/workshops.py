"""Workshops as visitors and members see them: the list, one of them, asking for a place."""

from dataclasses import dataclass
from functools import partial
from typing import NoReturn

from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.addresses import inbox_of
from core.errors import Refusal
from core.i18n import N_, Message
from core.tokens import BrokenToken, Purpose
from core.unit_of_work import Reading, UnitOfWork
from members.models import Member
from members.own_links import owner_of
from web.about_workshop import about, ics, when_it_is, words_of
from web.forms import OwnAddress, Text, Typed
from web.limits import check_unasked
from web.visit import Visit
from workshops.invitation import invitations, open_door
from workshops.mails import emails, links
from workshops.mails.calendars import Entry
from workshops.model.registration_states import GONE, HOLDING, OWN_NAMES, RegistrationState
from workshops.model.stages import OFF, STAGE_NAMES, Stage
from workshops.model.tables import Registration, Workshop
from workshops.model.times import whens
from workshops.planning import ground_rules, planning
from workshops.planning.announcing import announceable
from workshops.reflection import attendance
from workshops.registration import counting, registering, seats

ICS = "text/calendar; charset=utf-8"


@dataclass(frozen=True)
class Asking(Typed):
    """A visitor who asks for a place."""

    email: OwnAddress
    name: Text


def listing(visit: Visit) -> Response:
    """What is open to the viewer, and what they take part in."""
    audience = "members" if visit.viewer is not None else "anyone"
    with visit.reading() as work:
        shown = announceable(work.session, visit.now, audience)
        mine = open_door.of_member(work.session, visit.viewer_id) if visit.viewer_id else []
        zone = visit.viewer.member.time_zone if visit.viewer else ""
        feed = ""
        if visit.viewer_id:
            feed = links.calendar(work.tokens, work.session.get_one(Member, visit.viewer_id))
        places = {
            registration.id: f"/w/{emails.place_token(work, registration)}"
            for registration, _ in mine
        }
    return visit.page(
        "workshops/list.html",
        shown=[(one, whens(one.starts_at, one.ends_at, zone, one.zone, visit.language))
               for one in shown],
        mine=[(registration, workshop, when_it_is(workshop, zone, visit),
               _kicker(registration, workshop)) for registration, workshop in mine],
        places=places,
        feed=feed,
    )  # fmt: skip


def show(visit: Visit) -> Response:
    """One workshop, for those who may know of it; everybody else is asked who they are."""
    with visit.reading() as work:
        workshop, registration = _found(visit, work)
        if workshop is None:
            return visit.sign_in_redirect() if visit.viewer is None else _unknown()
        return _page(visit, work, workshop, registration)


def ask(visit: Visit) -> Response:
    """Ask for a place in an open workshop; a visitor shows first that the address is theirs."""
    with visit.reading() as work:
        if _found(visit, work)[0] is None:
            return visit.sign_in_redirect() if visit.viewer is None else _unknown()
    if visit.viewer is None:
        return _ask_as_visitor(visit)
    return visit.act(
        partial(_known, visit),
        partial(_register, visit),
        then=lambda _, token: f"/w/{token}",
        refused=partial(_refused, visit),
    )


def _known(visit: Visit, work: Reading) -> Workshop:
    workshop, _ = _found(visit, work)
    return workshop or _unknown()


def _register(visit: Visit, work: UnitOfWork, workshop: Workshop) -> str:
    _check_open(workshop)
    assert visit.viewer is not None  # noqa: S101 - a visitor asks another way
    member = work.session.get_one(Member, visit.viewer.member.id)
    words = words_of(visit.form, workshop)
    was_invited = invitations.was_invited(work, workshop, member.id)
    is_approved = not workshop.needs_approval or was_invited
    registration = registering.register(work, workshop, member, words, is_approved=is_approved)
    return emails.place_token(work, registration)


def _check_open(workshop: Workshop) -> None:
    if workshop.stage != Stage.OPEN:
        raise Refusal(N_("Nobody new can come any more."))


def _refused(visit: Visit, work: Reading, _workshop: Workshop, refusal: Refusal) -> Response:
    workshop, registration = _found(visit, work)
    return _page(visit, work, workshop or _unknown(), registration, refusal)


def calendar_file(visit: Visit) -> Response:
    """One workshop for any calendar; no address and no way in is in it."""
    with visit.reading() as work:
        workshop, _ = _found(visit, work)
        if workshop is None or workshop.starts_at is None:
            raise HTTPException(404)
        entry = Entry(workshop, workshop.calendar_rev, workshop.stage in OFF)
        return ics(visit, work, [entry])


def personal_feed(visit: Visit) -> Response:
    """All workshops in which one person has a place, for a calendar to look at now and then."""
    with visit.reading() as work:
        owner, said = owner_of(work, Purpose.CALENDAR, visit.param("token"))
        if said:
            raise BrokenToken
        mine = open_door.of_member(work.session, owner.id) if owner is not None else []
        entries = [
            Entry(workshop, workshop.calendar_rev + registration.rev, workshop.stage in OFF)
            for registration, workshop in mine
            if registration.state in HOLDING
        ]
        return ics(visit, work, entries)


def certificate(visit: Visit) -> Response:
    """What a certificate's code says, for whoever checks it."""
    with visit.reading() as work:
        found = attendance.find_certificate(work.session, visit.param("code"))
    if found is None:
        return visit.page("workshops/certificate.html", status=404, found=None, when=[])
    when = whens(found.starts_at, found.ends_at, found.zone, found.zone, visit.language)
    return visit.page("workshops/certificate.html", found=found, when=when)


def _ask_as_visitor(visit: Visit) -> Response:
    """What they see says their address, which belongs into no address bar."""
    try:
        typed = Asking.of(visit.form)
        address = typed.email
        with visit.reading() as reading:
            _check_open(_known(visit, reading))
        check_unasked(visit, "places", address, field="email")
        with visit.unit_of_work() as work:
            workshop = _known(visit, work)
            _check_open(workshop)
            open_door.ask_as_visitor(work, workshop, address, typed.name, visit.language)
    except Refusal as refusal:
        with visit.reading() as reading:
            return _refused(visit, reading, _known(visit, reading), refusal)
    return visit.page(
        "workshops/check-inbox.html",
        title=workshop.title,
        address=address.shown,
        inbox=inbox_of(address),
    )


def _page(
    visit: Visit,
    work: Reading,
    workshop: Workshop,
    registration: Registration | None,
    refusal: Refusal | None = None,
) -> Response:
    zone = visit.viewer.member.time_zone if visit.viewer else ""
    place = f"/w/{emails.place_token(work, registration)}" if registration is not None else ""
    has_begun = workshop.starts_at is not None and visit.now >= workshop.starts_at
    return visit.page(
        "workshops/workshop.html",
        status=422 if refusal else 200,
        **about(workshop, zone, visit),
        place=place if registration is not None and registration.state not in GONE else "",
        is_full=_is_full(work, workshop),
        is_open=workshop.stage == Stage.OPEN and not has_begun,
        rules=ground_rules.current(work.session, workshop.id),
        typed=visit.form if refusal else None,
        error=visit.wrong(refusal),
    )


def _found(visit: Visit, work: Reading) -> tuple[Workshop | None, Registration | None]:
    """A workshop, if the viewer may know that there is one; and their place in it."""
    workshop = planning.find(work.session, visit.param("public_id"))
    if workshop is None:
        return None, None
    viewer = visit.viewer_id
    registration = registering.of_member(work.session, workshop.id, viewer) if viewer else None
    may_know = open_door.may_know(work.session, workshop, viewer)
    return (workshop, registration) if may_know else (None, None)


def _is_full(work: Reading, workshop: Workshop) -> bool:
    """Whether somebody new would have to wait."""
    if counting.held(work.session, workshop.id, work.now) >= workshop.capacity:
        return True
    is_over = seats.are_offers_over(workshop, work.now)
    return not is_over and counting.is_waited_for(work.session, workshop.id)


def _unknown() -> NoReturn:
    raise HTTPException(404)


def _kicker(registration: Registration, workshop: Workshop) -> Message:
    """What matters most about somebody's place: that it is off, or where they stand."""
    return (
        STAGE_NAMES[Stage(workshop.stage)]
        if workshop.stage in OFF
        else OWN_NAMES[RegistrationState(registration.state)]
    )
