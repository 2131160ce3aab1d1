"""A participant's own page: the place, the way in, and what is learned and taken on together.

Opened by a link that is theirs alone; GET shows, POST acts.
"""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.errors import Refusal
from core.i18n import N_
from core.tokens import Purpose
from core.unit_of_work import UnitOfWork
from mail.addresses import limit_key, parse_address
from mail.links import Links
from members.models import Member
from web.limits import PER_NETWORK, check_limits
from web.reading import day
from web.site.leaving import masked
from web.site.workshops import about, answers_typed, ics
from web.visit import Visit
from workshops.invitation import invitations, nominations, open_door
from workshops.mails.calendars import Entry
from workshops.model.plans import MOST_QUESTIONS, Plan
from workshops.model.registration_states import GONE, HOLDING, REGISTRATION_NAMES, RegistrationState
from workshops.model.stages import HAPPENING, OFF, Phase
from workshops.model.tables import Registration, Workshop
from workshops.model.times import may_join, moments
from workshops.planning import ground_rules
from workshops.reflection import actions, attendance, certificates, checking, follow_up, learning
from workshops.reflection.actions import COURSE_NAMES, KIND_NAMES
from workshops.reflection.checking import TOOK_PART, Taken
from workshops.registration import registering, seats
from workshops.registration.registering import Words

UNDO = timedelta(hours=1)
"""So long a place that was given up can be had back, if nobody has it."""
Act = Callable[[UnitOfWork, Workshop, Registration], object]


def show(visit: Visit) -> Response:
    """Everything that one participant may see of a workshop."""
    with visit.reading() as work:
        registration, workshop = _found(visit, work)
        return _page(visit, work, workshop, registration)


def renew(visit: Visit) -> Response:
    """Mail its owner a new link, in place of one that has ended."""
    with visit.unit_of_work() as work:
        found = registering.find_even_if_ended(work, visit.param("token"))
        if found is None:
            raise HTTPException(404)
        registration, workshop = found
        mailbox = limit_key(
            parse_address(work.session.get_one(Member, registration.member_id).email)
        )
        too_much = N_("A link was sent a short while ago. Please look into the mailbox.")
        counted = [("3/day", ("own-links", mailbox)), (PER_NETWORK, ("own-links", visit.network))]
        check_limits(visit, counted, too_much, "own_link")
        registering.renew_link(work, workshop, registration)
    return visit.page("workshops/old-link.html", token=visit.param("token"), said="sent")


def take(visit: Visit) -> Response:
    """Take an offer, or ask for a place once more."""

    def act(work: UnitOfWork, workshop: Workshop, registration: Registration) -> None:
        member = work.session.get_one(Member, registration.member_id)
        version = visit.form.number("rules") or registration.rules_version
        words = Words(registration.answers, version, registration.shows_name)
        is_asked = registration.state in (
            RegistrationState.OFFERED,
            RegistrationState.LAPSED,
            RegistrationState.CANCELLED,
        )
        was_asked = is_asked and invitations.was_invited(work, workshop, registration.member_id)
        was_let_in = registration.state in (RegistrationState.OFFERED, RegistrationState.WAITLISTED)
        is_approved = not workshop.needs_approval or was_let_in or was_asked
        registering.register(work, workshop, member, words, is_approved=is_approved)

    return _act(visit, act)


def give_up(visit: Visit) -> Response:
    """Give the place back, or leave the waiting list."""
    return _act(visit, registering.give_up)


def write(visit: Visit) -> Response:
    """Change answers, and whether the others see the name."""

    def act(work: UnitOfWork, workshop: Workshop, own: Registration) -> None:
        own.answers = registering.answers_of(workshop, answers_typed(visit.form))
        own.answers_to = workshop.facilitator_id
        own.shows_name = bool(visit.form["shows_name"])
        work.session.flush()

    return _comes(visit, act)


def let_read(visit: Visit) -> Response:
    """Let who leads it now read what was written to who led it before."""

    def act(work: UnitOfWork, workshop: Workshop, own: Registration) -> None:
        own.answers_to = workshop.facilitator_id
        work.session.flush()

    return _comes(visit, act)


def agree_to_rules(visit: Visit) -> Response:
    """Agree to the ground rules as they are now."""
    version = visit.form.number("rules")
    return _act(
        visit, lambda work, _workshop, registration: ground_rules.agree(work, registration, version)
    )


def suggest_rule(visit: Visit) -> Response:
    """Suggest a rule."""
    return _comes(
        visit,
        lambda work, _workshop, registration: ground_rules.suggest(
            work, registration, visit.form["rule"]
        ),
    )


def nominate(visit: Visit) -> Response:
    """Name somebody who should be invited."""

    def act(work: UnitOfWork, workshop: Workshop, registration: Registration) -> None:
        address = parse_address(visit.form["email"])
        too_much = N_("That is a lot in a short time. Please try again in an hour.")
        check_limits(visit, [("5/day", ("nominations", limit_key(address)))], too_much, "email")
        name = visit.form["name"]
        nominations.nominate(
            work, workshop, registration.member_id, address, name, workshop.language
        )

    return _comes(visit, act)


def show_room(visit: Visit) -> Response:
    """The way in: a line to check in with, and the button."""
    with visit.reading() as work:
        registration, workshop = _found(visit, work)
        try:
            checking.check_may_join(work, workshop, registration)
        except Refusal as refusal:
            return _page(visit, work, workshop, registration, refusal)
        return _room(visit, work, workshop, registration)


def join(visit: Visit) -> Response:
    """Come in: noted as arrived, with a line or without; then the link of the meeting."""
    try:
        with visit.unit_of_work() as work:
            registration, workshop = _found(visit, work)
            _prove_address(work, registration)
            checking.check_in(work, workshop, registration, visit.form["words"])
            work.session.refresh(registration)
            return _room(visit, work, workshop, registration)
    except Refusal as refusal:
        with visit.reading() as work:
            registration, workshop = _found(visit, work)
            return _page(visit, work, workshop, registration, refusal)


def check_out(visit: Visit) -> Response:
    """What did I learn, whom will I involve?"""
    form = visit.form
    taken = Taken(
        learned=form["learned"],
        involves=form["involves"],
        doubt=form["doubt"],
        thanks_to=form.number("thanks_to"),
        thanks=form["thanks"],
    )

    def act(work: UnitOfWork, workshop: Workshop, registration: Registration) -> None:
        checking.check_out(work, workshop, registration, taken)
        if form["is_point"] and taken.learned.strip():
            _add_own_point(work, workshop, registration, taken.learned, may_share=False)

    return _act(visit, act)


def add_point(visit: Visit) -> Response:
    """Add a learning point."""
    form = visit.form
    return _took_part(
        visit,
        lambda work, workshop, registration: _add_own_point(
            work, workshop, registration, form["point"], may_share=bool(form["may_share"])
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
    may_share = bool(visit.form["may_share"])
    number = visit.number("id")
    return _took_part(
        visit,
        lambda work, workshop, registration: learning.agree(
            work, workshop, number, registration.id, may_share
        ),
    )


def disagree(visit: Visit) -> Response:
    """Take an agreement back."""
    number = visit.number("id")
    return _took_part(
        visit,
        lambda work, workshop, registration: learning.disagree(
            work, workshop, number, registration.id
        ),
    )


def withdraw(visit: Visit) -> Response:
    """Take one's own learning point back."""
    number = visit.number("id")
    return _took_part(
        visit,
        lambda work, workshop, registration: learning.withdraw(
            work, workshop, number, registration.member_id
        ),
    )


def propose(visit: Visit) -> Response:
    """Put an action on the list, and take it on at once if that is wanted."""
    form = visit.form

    def act(work: UnitOfWork, workshop: Workshop, registration: Registration) -> None:
        kind, text, due_on = form["kind"], form["action"], day(form["due_on"])
        number = actions.propose(work, workshop, registration.member_id, kind, text, due_on)
        if form["take_on"]:
            actions.take_on(work, workshop, number, registration)

    return _took_part(visit, act)


def take_on(visit: Visit) -> Response:
    """Take an action on oneself."""
    number = visit.number("id")
    return _took_part(
        visit,
        lambda work, workshop, registration: actions.take_on(work, workshop, number, registration),
    )


def report(visit: Visit) -> Response:
    """Say what became of it."""
    number, form = visit.number("id"), visit.form
    return _took_part(
        visit,
        lambda work, workshop, registration: actions.report(
            work, workshop, number, registration, form["course"], form["note"]
        ),
    )


def calendar_file(visit: Visit) -> Response:
    """The workshop for any calendar."""
    with visit.reading() as work:
        registration, workshop = _found(visit, work)
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
        registration, workshop = _found(visit, work)
        member = work.session.get_one(Member, registration.member_id)
        certified = attendance.certified(registration, member, workshop)
        links = Links.of(visit.installation.settings, work.tokens)
    if certified is None:
        raise HTTPException(404)
    community = visit.installation.settings.community_name
    content = certificates.pdf_of(certified, community, links, visit.language)
    name = quote(f"{certified.title}.pdf", safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(content, media_type="application/pdf", headers=headers)


def _comes(visit: Visit, act: Act) -> Response:
    def checked(work: UnitOfWork, workshop: Workshop, registration: Registration) -> None:
        if registration.state in GONE:
            raise Refusal(N_("Only those who come can do this."))
        act(work, workshop, registration)

    return _act(visit, checked)


def _took_part(visit: Visit, act: Act) -> Response:
    def checked(work: UnitOfWork, workshop: Workshop, registration: Registration) -> None:
        if registration.state not in TOOK_PART:
            raise Refusal(N_("Only those who took part can do this."))
        act(work, workshop, registration)

    return _act(visit, checked)


def _act(visit: Visit, act: Act) -> Response:
    try:
        with visit.unit_of_work() as work:
            registration, workshop = _found(visit, work)
            _prove_address(work, registration)
            act(work, workshop, registration)
    except Refusal as refusal:
        with visit.reading() as work:
            registration, workshop = _found(visit, work)
            return _page(visit, work, workshop, registration, refusal)
    anchor = visit.form["back_to"]
    target = f"/w/{visit.param('token')}"
    return visit.redirect(f"{target}#{anchor}" if anchor in ANCHORS else target)


ANCHORS = ("learning", "actions", "check-out", "rules", "people")


def _found(visit: Visit, work: UnitOfWork) -> tuple[Registration, Workshop]:
    found = registering.find_by_token(work, visit.param("token"))
    if found is None:
        raise HTTPException(404)
    visit.speak(work.session.get_one(Member, found[0].member_id).language)
    return found


def _prove_address(work: UnitOfWork, registration: Registration) -> None:
    """Who was given a place unasked, as who sits in the hotseat, shows here that it arrived."""
    invitations.prove_address(work, work.session.get_one(Member, registration.member_id))


def _room(
    visit: Visit, work: UnitOfWork, workshop: Workshop, registration: Registration
) -> Response:
    is_in = registration.arrived_at is not None and ground_rules.has_agreed(
        work.session, registration
    )
    return visit.page(
        "workshops/room.html",
        status=200,
        **about(workshop, work.session.get_one(Member, registration.member_id).time_zone, visit),
        token=visit.param("token"),
        is_in=is_in,
        has_agreed=ground_rules.has_agreed(work.session, registration),
        rules=ground_rules.current(work.session, workshop.id),
        meeting_url=Plan.from_json(workshop.plan).meeting_url if is_in else "",
        check_ins=checking.check_ins(work.session, workshop.id, with_every_name=False)
        if is_in
        else [],
    )


def _page(
    visit: Visit,
    work: UnitOfWork,
    workshop: Workshop,
    registration: Registration,
    refusal: Refusal | None = None,
) -> Response:
    session, now = work.session, visit.now
    member = session.get_one(Member, registration.member_id)
    is_in = registration.state in TOOK_PART
    people = attendance.people(session, workshop.id) if is_in else []
    answers = {one["question"]: one for one in registration.answers}
    until = moments(registration.offer_until, member.time_zone, workshop.zone, visit.language) if (
        registration.state == RegistrationState.OFFERED and registration.offer_until
    ) else []  # fmt: skip
    has_room = seats.held(session, workshop.id, now) < workshop.capacity
    is_first = not seats.is_waited_for(session, workshop.id)
    just_left = (
        registration.state == RegistrationState.CANCELLED and now - registration.changed_at < UNDO
    )
    return visit.page(
        "workshops/place.html",
        status=422 if refusal else 200,
        **about(workshop, member.time_zone, visit),
        registration=registration,
        owner=member.name,
        masked=masked(member.email),
        free=max(0, workshop.capacity - seats.held(session, workshop.id, now)),
        is_free_for_all=seats.are_offers_over(workshop, now),
        host_may_not_read=any(not one["is_shared"] for one in registration.answers)
        and workshop.facilitator_id is not None
        and registration.answers_to != workshop.facilitator_id,
        can_undo=just_left and has_room and is_first,
        has_name=bool(member.name),
        preferences=f"/preferences/{work.tokens.sign(Purpose.PREFERENCES, member.id)}",
        place=RegistrationState(registration.state),
        place_name=REGISTRATION_NAMES[RegistrationState(registration.state)],
        token=visit.param("token"),
        position=seats.position(session, registration)
        if registration.state == RegistrationState.WAITLISTED
        else 0,
        until=until,
        has_offer=registration.offer_until is not None and registration.offer_until > now,
        is_in=is_in,
        has_begun=workshop.phase(now) not in (Phase.COMING, Phase.OFF),
        is_on=workshop.stage in HAPPENING,
        is_joinable=is_in and may_join(workshop.starts_at, workshop.ends_at, now),
        rules=ground_rules.current(session, workshop.id),
        has_agreed=ground_rules.has_agreed(session, registration),
        questions=[(q, answers.get(q)) for q in Plan.from_json(workshop.plan).questions][
            :MOST_QUESTIONS
        ],
        names=[pair for pair in open_door.names_shown(session, workshop.id) if is_in],
        shared=open_door.shared_answers(people) if is_in else [],
        points=learning.points(session, workshop.id, registration.id, registration.member_id)
        if is_in
        else [],
        is_learning=is_in and learning.is_open(workshop, work),
        actions=actions.listed(session, workshop.id) if is_in else [],
        kinds=KIND_NAMES,
        courses=COURSE_NAMES,
        is_checking_out=is_in and checking.is_check_out_open(workshop, work),
        taken=checking.own_check_out(session, registration) if is_in else None,
        chain=follow_up.chain(session, workshop, registration.member_id) if is_in else [],
        typed=visit.form if refusal else None,
        error={"field": refusal.field, "sentence": visit.say(refusal)} if refusal else None,
    )
