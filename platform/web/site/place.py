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
from workshops.model.registration_states import GONE, HOLDING, PLACE_NAMES, Place
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
        own, it = _found(visit, work)
        return _page(visit, work, it, own)


def renew(visit: Visit) -> Response:
    """Mail its owner a new link, in place of one that has ended."""
    with visit.unit_of_work() as work:
        found = registering.find_even_if_ended(work, visit.param("token"))
        if found is None:
            raise HTTPException(404)
        own, it = found
        mailbox = limit_key(parse_address(work.session.get_one(Member, own.member_id).email))
        too_much = N_("A link was sent a short while ago. Please look into the mailbox.")
        counted = [("3/day", ("own-links", mailbox)), (PER_NETWORK, ("own-links", visit.network))]
        check_limits(visit, counted, too_much, "own_link")
        registering.renew_link(work, it, own)
    return visit.page("workshops/old-link.html", token=visit.param("token"), said="sent")


def take(visit: Visit) -> Response:
    """Take an offer, or ask for a place once more."""

    def act(work: UnitOfWork, it: Workshop, own: Registration) -> None:
        member = work.session.get_one(Member, own.member_id)
        version = visit.form.number("rules") or own.rules_version
        words = Words(own.answers, version, own.shows_name)
        is_asked = own.state in (Place.OFFERED, Place.LAPSED, Place.CANCELLED)
        was_asked = is_asked and invitations.was_invited(work, it, own.member_id)
        was_let_in = own.state in (Place.OFFERED, Place.WAITLISTED)
        is_approved = not it.needs_approval or was_let_in or was_asked
        registering.register(work, it, member, words, is_approved=is_approved)

    return _act(visit, act)


def give_up(visit: Visit) -> Response:
    """Give the place back, or leave the waiting list."""
    return _act(visit, registering.give_up)


def write(visit: Visit) -> Response:
    """Change answers, and whether the others see the name."""

    def act(work: UnitOfWork, it: Workshop, own: Registration) -> None:
        own.answers = registering.answers_of(it, answers_typed(visit.form))
        own.answers_to = it.facilitator_id
        own.shows_name = bool(visit.form["shows_name"])
        work.session.flush()

    return _comes(visit, act)


def let_read(visit: Visit) -> Response:
    """Let who leads it now read what was written to who led it before."""

    def act(work: UnitOfWork, it: Workshop, own: Registration) -> None:
        own.answers_to = it.facilitator_id
        work.session.flush()

    return _comes(visit, act)


def agree_to_rules(visit: Visit) -> Response:
    """Agree to the ground rules as they are now."""
    version = visit.form.number("rules")
    return _act(visit, lambda work, _it, own: ground_rules.agree(work, own, version))


def suggest_rule(visit: Visit) -> Response:
    """Suggest a rule."""
    return _comes(visit, lambda work, _it, own: ground_rules.suggest(work, own, visit.form["rule"]))


def nominate(visit: Visit) -> Response:
    """Name somebody who should be invited."""

    def act(work: UnitOfWork, it: Workshop, own: Registration) -> None:
        address = parse_address(visit.form["email"])
        too_much = N_("That is a lot in a short time. Please try again in an hour.")
        check_limits(visit, [("5/day", ("nominations", limit_key(address)))], too_much, "email")
        name = visit.form["name"]
        nominations.nominate(work, it, own.member_id, address, name, it.language)

    return _comes(visit, act)


def show_room(visit: Visit) -> Response:
    """The way in: a line to check in with, and the button."""
    with visit.reading() as work:
        own, it = _found(visit, work)
        try:
            checking.check_may_join(work, it, own)
        except Refusal as refusal:
            return _page(visit, work, it, own, refusal)
        return _room(visit, work, it, own)


def join(visit: Visit) -> Response:
    """Come in: noted as arrived, with a line or without; then the link of the meeting."""
    try:
        with visit.unit_of_work() as work:
            own, it = _found(visit, work)
            _prove_address(work, own)
            checking.check_in(work, it, own, visit.form["words"])
            work.session.refresh(own)
            return _room(visit, work, it, own)
    except Refusal as refusal:
        with visit.reading() as work:
            own, it = _found(visit, work)
            return _page(visit, work, it, own, refusal)


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

    def act(work: UnitOfWork, it: Workshop, own: Registration) -> None:
        checking.check_out(work, it, own, taken)
        if form["is_point"] and taken.learned.strip():
            _add_own_point(work, it, own, taken.learned, may_share=False)

    return _act(visit, act)


def add_point(visit: Visit) -> Response:
    """Add a learning point."""
    form = visit.form
    return _took_part(
        visit,
        lambda work, it, own: _add_own_point(
            work, it, own, form["point"], may_share=bool(form["may_share"])
        ),
    )


def _add_own_point(
    work: UnitOfWork, it: Workshop, own: Registration, text: str, *, may_share: bool
) -> None:
    """Whoever writes a point stands behind it, and says whether it may leave the group."""
    number = learning.add(work, it, own.member_id, text)
    learning.agree(work, it, number, own.id, may_share)


def agree(visit: Visit) -> Response:
    """Agree to a learning point, and say whether it may leave the group."""
    may_share = bool(visit.form["may_share"])
    number = visit.number("id")
    return _took_part(
        visit, lambda work, it, own: learning.agree(work, it, number, own.id, may_share)
    )


def disagree(visit: Visit) -> Response:
    """Take an agreement back."""
    number = visit.number("id")
    return _took_part(visit, lambda work, it, own: learning.disagree(work, it, number, own.id))


def withdraw(visit: Visit) -> Response:
    """Take one's own learning point back."""
    number = visit.number("id")
    return _took_part(
        visit, lambda work, it, own: learning.withdraw(work, it, number, own.member_id)
    )


def propose(visit: Visit) -> Response:
    """Put an action on the list, and take it on at once if that is wanted."""
    form = visit.form

    def act(work: UnitOfWork, it: Workshop, own: Registration) -> None:
        kind, text, due_on = form["kind"], form["action"], day(form["due_on"])
        number = actions.propose(work, it, own.member_id, kind, text, due_on)
        if form["take_on"]:
            actions.take_on(work, it, number, own)

    return _took_part(visit, act)


def take_on(visit: Visit) -> Response:
    """Take an action on oneself."""
    number = visit.number("id")
    return _took_part(visit, lambda work, it, own: actions.take_on(work, it, number, own))


def report(visit: Visit) -> Response:
    """Say what became of it."""
    number, form = visit.number("id"), visit.form
    return _took_part(
        visit,
        lambda work, it, own: actions.report(work, it, number, own, form["course"], form["note"]),
    )


def calendar_file(visit: Visit) -> Response:
    """The workshop for any calendar."""
    with visit.reading() as work:
        own, it = _found(visit, work)
        if own.state not in HOLDING:
            raise HTTPException(404)
        return ics(visit, work, [Entry(it, it.calendar_rev + own.rev, it.stage in OFF)])


def certificate(visit: Visit) -> Response:
    """The certificate as a PDF."""
    with visit.reading() as work:
        own, it = _found(visit, work)
        member = work.session.get_one(Member, own.member_id)
        certified = attendance.certified(own, member, it)
        links = Links.of(visit.installation.settings, work.tokens)
    if certified is None:
        raise HTTPException(404)
    community = visit.installation.settings.community_name
    content = certificates.pdf_of(certified, community, links, visit.language)
    name = quote(f"{certified.title}.pdf", safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(content, media_type="application/pdf", headers=headers)


def _comes(visit: Visit, act: Act) -> Response:
    def checked(work: UnitOfWork, it: Workshop, own: Registration) -> None:
        if own.state in GONE:
            raise Refusal(N_("Only those who come can do this."))
        act(work, it, own)

    return _act(visit, checked)


def _took_part(visit: Visit, act: Act) -> Response:
    def checked(work: UnitOfWork, it: Workshop, own: Registration) -> None:
        if own.state not in TOOK_PART:
            raise Refusal(N_("Only those who took part can do this."))
        act(work, it, own)

    return _act(visit, checked)


def _act(visit: Visit, act: Act) -> Response:
    try:
        with visit.unit_of_work() as work:
            own, it = _found(visit, work)
            _prove_address(work, own)
            act(work, it, own)
    except Refusal as refusal:
        with visit.reading() as work:
            own, it = _found(visit, work)
            return _page(visit, work, it, own, refusal)
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


def _prove_address(work: UnitOfWork, own: Registration) -> None:
    """Who was given a place unasked, as who sits in the hotseat, shows here that it arrived."""
    invitations.prove_address(work, work.session.get_one(Member, own.member_id))


def _room(visit: Visit, work: UnitOfWork, it: Workshop, own: Registration) -> Response:
    is_in = own.arrived_at is not None and ground_rules.has_agreed(work.session, own)
    return visit.page(
        "workshops/room.html",
        status=200,
        **about(it, work.session.get_one(Member, own.member_id).time_zone, visit),
        token=visit.param("token"),
        is_in=is_in,
        has_agreed=ground_rules.has_agreed(work.session, own),
        rules=ground_rules.current(work.session, it.id),
        meeting_url=Plan.from_json(it.plan).meeting_url if is_in else "",
        check_ins=checking.check_ins(work.session, it.id, with_every_name=False) if is_in else [],
    )


def _page(
    visit: Visit,
    work: UnitOfWork,
    it: Workshop,
    own: Registration,
    refusal: Refusal | None = None,
) -> Response:
    session, now = work.session, visit.now
    member = session.get_one(Member, own.member_id)
    is_in = own.state in TOOK_PART
    people = attendance.people(session, it.id) if is_in else []
    answers = {one["question"]: one for one in own.answers}
    until = moments(own.offer_until, member.time_zone, it.zone, visit.language) if (
        own.state == Place.OFFERED and own.offer_until
    ) else []  # fmt: skip
    has_room = seats.held(session, it.id, now) < it.capacity
    is_first = not seats.is_waited_for(session, it.id)
    just_left = own.state == Place.CANCELLED and now - own.changed_at < UNDO
    return visit.page(
        "workshops/place.html",
        status=422 if refusal else 200,
        **about(it, member.time_zone, visit),
        own=own,
        owner=member.name,
        masked=masked(member.email),
        free=max(0, it.capacity - seats.held(session, it.id, now)),
        is_free_for_all=seats.are_offers_over(it, now),
        host_may_not_read=any(not one["is_shared"] for one in own.answers)
        and it.facilitator_id is not None
        and own.answers_to != it.facilitator_id,
        can_undo=just_left and has_room and is_first,
        has_name=bool(member.name),
        preferences=f"/preferences/{work.tokens.sign(Purpose.PREFERENCES, member.id)}",
        place=Place(own.state),
        place_name=PLACE_NAMES[Place(own.state)],
        token=visit.param("token"),
        position=seats.position(session, own) if own.state == Place.WAITLISTED else 0,
        until=until,
        has_offer=own.offer_until is not None and own.offer_until > now,
        is_in=is_in,
        has_begun=it.phase(now) not in (Phase.COMING, Phase.OFF),
        is_on=it.stage in HAPPENING,
        is_joinable=is_in and may_join(it.starts_at, it.ends_at, now),
        rules=ground_rules.current(session, it.id),
        has_agreed=ground_rules.has_agreed(session, own),
        questions=[(q, answers.get(q)) for q in Plan.from_json(it.plan).questions][:MOST_QUESTIONS],
        names=[pair for pair in open_door.names_shown(session, it.id) if is_in],
        shared=open_door.shared_answers(people) if is_in else [],
        points=learning.points(session, it.id, own.id, own.member_id) if is_in else [],
        is_learning=is_in and learning.is_open(it, work),
        actions=actions.listed(session, it.id) if is_in else [],
        kinds=KIND_NAMES,
        courses=COURSE_NAMES,
        is_checking_out=is_in and checking.is_check_out_open(it, work),
        taken=checking.own_check_out(session, own) if is_in else None,
        chain=follow_up.chain(session, it, own.member_id) if is_in else [],
        typed=visit.form if refusal else None,
        error={"field": refusal.field, "sentence": visit.say(refusal)} if refusal else None,
    )
