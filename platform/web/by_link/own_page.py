"""A participant's own page: where they stand with a workshop, and what they can do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.addresses import parse_address
from core.errors import Refusal
from core.tokens import Purpose
from core.unit_of_work import Reading, UnitOfWork
from mail.links import Links
from members.models import Member
from web.about_workshop import Coming, about, answers_typed, ics
from web.by_link import learning, opened
from web.by_link.leaving import masked
from web.by_link.naming import Nominee, check_nominated
from web.by_link.opened import who_comes
from web.by_link.standing import Standing, standing_of
from web.forms import Id, Text, Typed
from web.limits import check_unasked
from web.visit import Visit
from workshops.invitation import invitations, nominations, open_door
from workshops.mails.calendars import Entry
from workshops.model.plans import MOST_QUESTIONS
from workshops.model.registration_states import (
    HOLDING,
    REGISTRATION_NAMES,
    RegistrationState,
)
from workshops.model.stages import HAPPENING, OFF, TAKING, Phase
from workshops.model.tables import Registration, Workshop
from workshops.model.times import may_join, moments
from workshops.planning import ground_rules
from workshops.reflection import attendance, certificates
from workshops.reflection.checking import TOOK_PART
from workshops.registration import counting, page_links, registering, seats
from workshops.registration.registering import Words

WAITS = (
    RegistrationState.CONFIRMED,
    RegistrationState.WAITLISTED,
    RegistrationState.OFFERED,
    RegistrationState.REQUESTED,
)
"""Who can give something back: a place, an offer, a turn or a request."""


@dataclass(frozen=True)
class Rules(Typed):
    """The ground rules that somebody saw, and one that they suggest."""

    rules: Id
    rule: Text


def show(visit: Visit) -> Response:
    """Everything that one participant may see of a workshop."""
    return opened.show(visit, page)


def renew(visit: Visit) -> Response:
    """Mail its owner a new link, in place of one that has ended."""
    with visit.reading() as work:
        registration, _ = _found_even_if_ended(visit, work)
        address = parse_address(work.session.get_one(Member, registration.member_id).email)
    check_unasked(visit, "own-links", address, field="own_link")
    with visit.unit_of_work() as unit:
        registration, workshop = _found_even_if_ended(visit, unit)
        page_links.renew(unit, workshop, registration)
    return visit.redirect(f"/w/{visit.param('token')}?said=sent")


def _found_even_if_ended(visit: Visit, work: Reading) -> tuple[Registration, Workshop]:
    found = page_links.find_even_if_ended(work, visit.param("token"))
    if found is None:
        raise HTTPException(404)
    return found


def take(visit: Visit) -> Response:
    """Take an offer, or ask for a place once more."""

    def act(work: UnitOfWork, workshop: Workshop, registration: Registration) -> None:
        member = work.session.get_one(Member, registration.member_id)
        version = Rules.of(visit.form).rules or registration.rules_version
        words = Words(registration.answers, version, registration.shows_name)
        is_asked = registration.state in (
            RegistrationState.OFFERED,
            RegistrationState.LAPSED,
            RegistrationState.CANCELLED,
        )
        was_asked = is_asked and invitations.was_invited(work, workshop, registration.member_id)
        was_let_in = registration.state in (RegistrationState.OFFERED, RegistrationState.WAITLISTED)
        was_let_in |= registering.can_undo(work, workshop, registration)
        is_approved = not workshop.needs_approval or was_let_in or was_asked
        registering.register(work, workshop, member, words, is_approved=is_approved)

    return opened.act(visit, act, page)


def give_up(visit: Visit) -> Response:
    """Give the place back, or leave the waiting list."""
    return opened.act(visit, registering.give_up, page)


def write(visit: Visit) -> Response:
    """Change answers, and whether the others see the name."""

    def act(work: UnitOfWork, workshop: Workshop, registration: Registration) -> None:
        registration.answers = registering.answers_of(workshop, answers_typed(visit.form))
        registration.answers_to = workshop.facilitator_id
        registration.shows_name = Coming.of(visit.form).shows_name
        work.session.flush()

    return opened.act(visit, who_comes(act), page)


def let_read(visit: Visit) -> Response:
    """Let who leads it now read what was written to who led it before."""

    def act(work: UnitOfWork, workshop: Workshop, registration: Registration) -> None:
        registration.answers_to = workshop.facilitator_id
        work.session.flush()

    return opened.act(visit, who_comes(act), page)


def agree_to_rules(visit: Visit) -> Response:
    """Agree to the ground rules as they are now."""
    version = Rules.of(visit.form).rules

    def act(work: UnitOfWork, _workshop: Workshop, registration: Registration) -> None:
        ground_rules.agree(work, registration, version)

    return opened.act(visit, act, page)


def suggest_rule(visit: Visit) -> Response:
    """Suggest a rule."""

    def act(work: UnitOfWork, _workshop: Workshop, registration: Registration) -> None:
        ground_rules.suggest(work, registration, Rules.of(visit.form).rule)

    return opened.act(visit, who_comes(act), page)


def nominate(visit: Visit) -> Response:
    """Name somebody who should be invited."""

    def act(work: UnitOfWork, workshop: Workshop, registration: Registration) -> None:
        typed = Nominee.of(visit.form)
        by = registration.member_id
        nominations.nominate(work, workshop, by, typed.email, typed.name, workshop.language)

    return opened.act(
        visit,
        who_comes(act),
        page,
        before=lambda: check_nominated(visit, Nominee.of(visit.form).email),
    )


def calendar_file(visit: Visit) -> Response:
    """The workshop for any calendar."""
    with visit.reading() as work:
        registration, workshop = opened.opened(visit, work)
        if registration.state not in HOLDING:
            raise HTTPException(404)
        return ics(
            visit,
            work,
            [Entry(workshop, workshop.calendar_rev + registration.rev, workshop.stage in OFF)],
        )


def certificate(visit: Visit) -> Response:
    """The certificate as a PDF."""
    with visit.reading() as work:
        registration, workshop = opened.opened(visit, work)
        certified = attendance.certified(registration, workshop)
        links = Links.of(visit.installation.settings, work.tokens)
    if certified is None:
        raise HTTPException(404)
    community = visit.community.name
    content = certificates.pdf_of(certified, community, links, visit.language)
    name = quote(f"{certified.title}.pdf", safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(content, media_type="application/pdf", headers=headers)


def page(
    visit: Visit,
    work: Reading,
    workshop: Workshop,
    registration: Registration,
    refusal: Refusal | None = None,
) -> Response:
    """The page of one participant."""
    member = work.session.get_one(Member, registration.member_id)
    return visit.page(
        "workshops/place.html",
        status=422 if refusal else 200,
        **about(workshop, member.time_zone, visit),
        **_owner(visit, work, member),
        **_place(visit, work, workshop, registration),
        **_participation(visit, work, workshop, registration),
        until=_offered_until(registration, member, workshop, visit),
        registration=registration,
        token=visit.param("token"),
        typed=visit.form if refusal else None,
        error=visit.wrong(refusal),
    )


def _owner(visit: Visit, work: Reading, member: Member) -> Mapping[str, object]:
    """Whose page it is: enough for its owner, and no name for whoever else has the link."""
    return {
        "owner": member.name if visit.viewer_id == member.id else "",
        "masked": masked(member.email),
        "has_name": bool(member.name),
        "preferences": "/preferences/"
        + work.tokens.sign(Purpose.PREFERENCES, member.id, member.links_version),
    }


def _place(
    visit: Visit, work: Reading, workshop: Workshop, registration: Registration
) -> Mapping[str, object]:
    """Where they stand, and what they can do about it."""
    state, phase = RegistrationState(registration.state), workshop.phase(visit.now)
    free = max(0, workshop.capacity - counting.held(work.session, workshop.id, visit.now))
    standing = standing_of(
        workshop,
        registration,
        visit.now,
        is_free_for_all=seats.are_offers_over(workshop, visit.now),
        can_undo=registering.can_undo(work, workshop, registration),
    )
    has_begun = phase not in (Phase.COMING, Phase.OFF)
    return {
        "standing": standing,
        "Standing": Standing,
        "state_name": REGISTRATION_NAMES[state],
        "free": free,
        "position": counting.position(work.session, registration)
        if standing is Standing.WAITING
        else 0,
        "has_place": state is RegistrationState.CONFIRMED,
        "is_request": state is RegistrationState.REQUESTED,
        "leads": registration.member_id == workshop.facilitator_id,
        "knows_what": state is not RegistrationState.REMOVED,
        "can_give_back": state in WAITS and workshop.stage in HAPPENING and not has_begun,
        "can_ask_again": workshop.stage in TAKING,
        "has_begun": has_begun,
    }


def _participation(
    visit: Visit, work: Reading, workshop: Workshop, registration: Registration
) -> Mapping[str, object]:
    """The rules, the questions, and the others."""
    session, is_in = work.session, registration.state in TOOK_PART
    answers = {one["question"]: one for one in registration.answers}
    asked = workshop.plan.questions[:MOST_QUESTIONS]
    coming = attendance.people(session, workshop.id) if is_in else []
    return {
        "is_in": is_in,
        "is_joinable": is_in and may_join(workshop.starts_at, workshop.ends_at, visit.now),
        "is_learning": learning.is_shown(workshop, registration, workshop.phase(visit.now)),
        "rules": ground_rules.current(session, workshop.id),
        "has_agreed": ground_rules.has_agreed(session, registration),
        "questions": [(question, answers.get(question)) for question in asked],
        "host_may_not_read": _is_hidden_from_host(workshop, registration),
        "names": open_door.names_shown(session, workshop.id) if is_in else [],
        "shared": open_door.shared_answers(coming),
    }


def _is_hidden_from_host(workshop: Workshop, registration: Registration) -> bool:
    """Whether something was written for a facilitator who does not lead it any more."""
    is_another = registration.answers_to != workshop.facilitator_id
    has_private = any(not one["is_shared"] for one in registration.answers)
    return workshop.facilitator_id is not None and is_another and has_private


def _offered_until(
    registration: Registration, member: Member, workshop: Workshop, visit: Visit
) -> list[str]:
    if registration.state != RegistrationState.OFFERED or registration.offer_until is None:
        return []
    return moments(registration.offer_until, member.time_zone, workshop.zone, visit.language)
