"""The page behind an invitation's link: what it is about, and three buttons. Only POST answers."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

from starlette.responses import Response

from core.addresses import limit_key, parse_address
from core.errors import Refusal
from core.i18n import N_
from core.tokens import BrokenToken, Purpose
from core.unit_of_work import Reading, UnitOfWork
from members.consent import NEWSLETTER, Act
from members.evidence import Origin
from members.models import Member
from members.states import MemberState
from members.subscribing import ask_member
from members.subscriptions import change_topic, topics_of
from web.about_workshop import about, words_of
from web.by_link.leaving import masked
from web.by_link.naming import Nominee, check_nominated
from web.forms import OwnAddress, Text, Ticked, Typed
from web.limits import check_limits, check_unasked, may_mail
from web.visit import Visit
from workshops.invitation import invitations, nominations
from workshops.invitation.invitations import Invited, Standing
from workshops.mails import emails
from workshops.model.stages import TAKING, Phase
from workshops.planning import ground_rules

SOURCE = "workshop-invitation"
REMEMBERED = 180 * 24 * 3600
"""Seconds for which a browser remembers what it has answered."""


@dataclass(frozen=True)
class Answer(Typed):
    """Yes, maybe or no; whether also the newsletter; and which form it was."""

    answer: Text
    newsletter: Ticked
    form: Text


@dataclass(frozen=True)
class Asking(Typed):
    """Who asks for a place of their own."""

    email: OwnAddress
    name: Text


def show(visit: Visit) -> Response:
    """What the invitation is about. Looking at it answers nothing."""
    with visit.reading() as work:
        invited = invitations.find_by_token(work, visit.param("token"))
        return _page(visit, work, invited, said=visit.query("said"))


def answer(visit: Visit) -> Response:
    """Yes, maybe or no. Saying it twice is the same as once."""
    acts = {"yes": _yes, "maybe": _maybe, "no": _no}
    typed = Answer.of(visit.form)
    chosen = acts.get(typed.answer, _nothing)
    has_room = False

    def look(_work: Reading, invited: Invited) -> None:
        nonlocal has_room
        is_asked = chosen is _yes and typed.newsletter and visit.viewer_id != invited.member.id
        has_room = is_asked and may_mail(visit, parse_address(invited.member.email))

    def act(work: UnitOfWork, invited: Invited) -> None:
        _check_theirs(visit, work, invited)
        chosen(visit, work, invited)
        if chosen is _yes and typed.newsletter:
            _subscribe(visit, work, invited.member, is_mailed=has_room)
        invitations.note_form(work, invited, typed.form)

    return _act(visit, act, before=look if typed.newsletter else None)


def send_own_link(visit: Visit) -> Response:
    """Mail their owner a link of their own, whoever presses the button."""

    def check(_work: Reading, invited: Invited) -> None:
        address = parse_address(invited.member.email)
        check_unasked(visit, "own-links", address, field="own_link")

    return _act(visit, invitations.mail_own_link, said="sent", before=check)


def ask(visit: Visit) -> Response:
    """Somebody to whom it was forwarded asks for a place of their own."""

    def check(work: Reading, invited: Invited) -> None:
        if invitations.standing(invited, work) not in (Standing.OPEN, Standing.PLACED):
            raise Refusal(N_("This invitation cannot be answered any more."))
        address = Asking.of(visit.form).email
        if address.key == invited.member.email_key:
            raise Refusal(N_("This is the address that was invited. Please answer above."), "email")
        check_limits(visit, "places", ("3/day", limit_key(address)), field="email")

    def act(work: UnitOfWork, invited: Invited) -> None:
        typed, by = Asking.of(visit.form), invited.member.id
        if invitations.standing(invited, work) not in (Standing.OPEN, Standing.PLACED):
            raise Refusal(N_("This invitation cannot be answered any more."))
        workshop = invited.workshop
        nominations.ask_for_a_place(work, workshop, by, typed.email, typed.name, visit.language)

    return _act(visit, act, said="asked", before=check)


def nominate(visit: Visit) -> Response:
    """Name somebody who should be invited too, whatever one answers oneself."""

    def check(work: Reading, invited: Invited) -> None:
        _check_theirs(visit, work, invited)
        if invitations.standing(invited, work) is not Standing.OPEN:
            raise Refusal(N_("This invitation cannot be answered any more."))
        check_nominated(visit, Nominee.of(visit.form).email)

    def act(work: UnitOfWork, invited: Invited) -> None:
        _check_theirs(visit, work, invited)
        if invitations.standing(invited, work) is not Standing.OPEN:
            raise Refusal(N_("This invitation cannot be answered any more."))
        typed = Nominee.of(visit.form)
        workshop, by = invited.workshop, invited.member.id
        nominations.nominate(work, workshop, by, typed.email, typed.name, workshop.language)

    return _act(visit, act, said="named", before=check)


def _yes(visit: Visit, work: UnitOfWork, invited: Invited) -> None:
    member, words = invited.member, words_of(visit.form, invited.workshop)
    if not _may_name(visit, member):
        words = replace(words, known_as="")
    invitations.say_yes(work, invited, words)


def _may_name(visit: Visit, member: Member) -> bool:
    """Whether the name of who is invited is asked for: a link alone changes none that is known."""
    is_known = member.state == MemberState.CONFIRMED and bool(member.name)
    return visit.viewer_id == member.id or not is_known


def _subscribe(visit: Visit, work: UnitOfWork, member: Member, *, is_mailed: bool) -> None:
    """Whoever is signed in subscribes; of whoever has the link, the mailbox is asked first."""
    origin = Origin(SOURCE, visit.network)
    if visit.viewer_id == member.id:
        change_topic(work, member, NEWSLETTER, True, Act.CONFIRMED, origin)
        return
    # The answer stands whatever becomes of the box: a mailbox without room keeps nobody out.
    ask_member(work, member, NEWSLETTER, origin, is_mailed=is_mailed)


def _maybe(_visit: Visit, work: UnitOfWork, invited: Invited) -> None:
    invitations.say_maybe(work, invited)


def _no(_visit: Visit, work: UnitOfWork, invited: Invited) -> None:
    invitations.say_no(work, invited)


def _nothing(_visit: Visit, _work: UnitOfWork, _invited: Invited) -> None:
    raise Refusal(N_("Please choose yes, maybe or no."))


class _NotTheirs(Exception):
    """The invitation was answered, and not from this browser."""


def _check_theirs(visit: Visit, work: Reading, invited: Invited) -> None:
    if _is_anothers(visit, work, invited):
        raise _NotTheirs


def _is_anothers(visit: Visit, work: Reading, invited: Invited) -> bool:
    """Whether it was answered, and not from this browser."""
    return invitations.was_answered_with_it(invited) and not (
        _knows(visit, work, invited)
        or invitations.is_second_click(work, invited, Answer.of(visit.form).form)
    )


def _knows(visit: Visit, work: Reading, invited: Invited) -> bool:
    """Whether this browser has answered, or its owner is signed in."""
    if visit.viewer_id == invited.member.id:
        return True
    try:
        parts = work.tokens.read(
            Purpose.ANSWERED, visit.request.cookies.get(_cookie(visit, invited), "")
        )
    except BrokenToken:
        return False
    return parts == [str(invited.invitation.id), str(invited.invitation.answered_round)]


def _cookie(visit: Visit, invited: Invited) -> str:
    prefix = "__Host-" if visit.installation.settings.is_https else ""
    return f"{prefix}answered-{invited.invitation.id}"


def _remember(visit: Visit, work: Reading, invited: Invited, response: Response) -> None:
    """Let this browser open what it has answered."""
    invitation = invited.invitation
    if invitation.answered_round is None:
        return
    value = work.tokens.sign(Purpose.ANSWERED, invitation.id, invitation.answered_round)
    response.set_cookie(
        _cookie(visit, invited), value, max_age=REMEMBERED, path="/", httponly=True,
        secure=visit.installation.settings.is_https, samesite="lax",
    )  # fmt: skip


class _Gone(Exception):
    """There is no such invitation any more."""


def _act(
    visit: Visit,
    act: Callable[[UnitOfWork, Invited], None],
    said: str = "answered",
    before: Callable[[Reading, Invited], None] | None = None,
) -> Response:
    token = visit.param("token")

    def find(work: Reading) -> Invited:
        invited = invitations.find_by_token(work, token)
        if invited is None:
            raise _Gone
        visit.speak(invited.member.language)
        return invited

    try:
        response = visit.act(
            find,
            act,
            then=lambda *_: f"/i/{token}?said={said}",
            refused=lambda work, invited, refusal: _page(visit, work, invited, refusal=refusal),
            before=before,
        )
    except _Gone:
        return visit.page("workshops/no-invitation.html", status=410)
    except _NotTheirs:
        with visit.reading() as work:
            return _answered(visit, find(work), status=409)
    if said == "answered" and response.status_code == 303:
        with visit.reading() as work:
            _remember(visit, work, find(work), response)
    return response


def _page(
    visit: Visit,
    work: Reading,
    invited: Invited | None,
    *,
    refusal: Refusal | None = None,
    said: str = "",
) -> Response:
    if invited is None:
        return visit.page("workshops/no-invitation.html", status=410)
    if said == "sent" or _is_anothers(visit, work, invited):
        return _answered(visit, invited, refusal=refusal, said=said)
    visit.speak(invited.member.language)
    standing = invitations.standing(invited, work)
    registration = invited.registration
    place = f"/w/{emails.place_token(work, registration)}" if registration is not None else ""
    if standing is Standing.PLACED and said != "asked":
        return visit.redirect(place)
    workshop = invited.workshop
    return visit.page(
        "workshops/invitation.html",
        status=422 if refusal else 200,
        **about(workshop, invited.member.time_zone, visit),
        token=visit.param("token"),
        note=invited.cohort.note,
        answer_by=invited.cohort.answer_by,
        invitation=invited.invitation,
        is_closed=standing is Standing.CLOSED,
        is_expired=standing is Standing.EXPIRED,
        rules=ground_rules.current(work.session, workshop.id),
        is_full=invitations.would_wait(work, invited),
        asks_name=_may_name(visit, invited.member),
        name=invited.member.name or invited.member.typed_name,
        masked=masked(invited.member.email),
        is_reader=NEWSLETTER in topics_of(work.session, invited.member.id),
        typed=visit.form if refusal and "email" not in visit.form else None,
        asking=visit.form if refusal and visit.path.endswith("/ask") else None,
        naming=visit.form if refusal and visit.path.endswith("/nominate") else None,
        error=visit.wrong(refusal),
        said=said,
        place=place,
        form=secrets.token_urlsafe(25),
    )


def _answered(
    visit: Visit,
    invited: Invited,
    *,
    refusal: Refusal | None = None,
    said: str = "",
    status: int = 200,
) -> Response:
    """For a browser that did not answer: nothing personal, and two ways on."""
    workshop = invited.workshop
    is_asking = refusal is not None and visit.path.endswith("/ask")
    return visit.page(
        "workshops/answered.html",
        status=422 if refusal else status,
        token=visit.param("token"),
        is_coming=workshop.stage in TAKING
        and workshop.phase(visit.now) in (Phase.PLANNED, Phase.COMING),
        said=said,
        asking=visit.form if is_asking else None,
        error=visit.wrong(refusal),
    )
