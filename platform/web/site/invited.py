"""The page behind an invitation's link: what it is about, and three buttons. Only POST answers."""

from collections.abc import Callable

from starlette.responses import Response

from core.errors import Refusal
from core.i18n import N_
from core.unit_of_work import UnitOfWork
from mail.addresses import limit_key, parse_address
from members import leaving
from members.consent import NEWSLETTER, Act
from members.evidence import Origin
from web.limits import check_limits
from web.site.leaving import masked
from web.site.workshops import about, words_of
from web.visit import Visit
from workshops import emails, invitations, nominating, rules
from workshops.invitation_states import InvitationState
from workshops.invitations import Invited, Standing

SOURCE = "workshop-invitation"


def show(visit: Visit) -> Response:
    """What the invitation is about. Looking at it answers nothing."""
    with visit.reading() as work:
        invited = invitations.find_by_token(work, visit.param("token"))
        return _page(visit, work, invited)


def answer(visit: Visit) -> Response:
    """Yes, maybe or no. Saying it twice is the same as once."""
    acts = {"yes": _yes, "maybe": _maybe, "no": _no}
    act = acts.get(visit.form["answer"], _nothing)
    return _act(visit, act)


def ask(visit: Visit) -> Response:
    """Somebody to whom it was forwarded asks for a place of their own."""

    def act(visit: Visit, work: UnitOfWork, invited: Invited) -> None:
        if invitations.standing(invited, work) is not Standing.OPEN:
            raise Refusal(N_("This invitation cannot be answered any more."))
        address = parse_address(visit.form["email"])
        too_much = N_("That is a lot in a short time. Please try again in an hour.")
        counted = (("3/day", ("places", limit_key(address))),
                   ("20/hour", ("places", visit.network)))  # fmt: skip
        check_limits(visit, counted, too_much, "email")
        if address.key == invited.member.email_key:
            raise Refusal(N_("This is the address that was invited. Please answer above."), "email")
        name, by = visit.form["name"], invited.member.id
        nominating.ask_for_a_place(work, invited.workshop, by, address, name, visit.language)

    return _act(visit, act, said="asked")


def nominate(visit: Visit) -> Response:
    """Name somebody who should be invited too, whatever one answers oneself."""

    def act(visit: Visit, work: UnitOfWork, invited: Invited) -> None:
        if invitations.standing(invited, work) is not Standing.OPEN:
            raise Refusal(N_("This invitation cannot be answered any more."))
        address = parse_address(visit.form["email"])
        too_much = N_("That is a lot in a short time. Please try again in an hour.")
        check_limits(visit, [("5/day", ("nominations", limit_key(address)))], too_much, "email")
        name, by = visit.form["name"], invited.member.id
        nominating.nominate(work, invited.workshop, by, address, name, visit.language)

    return _act(visit, act, said="named")


def _yes(visit: Visit, work: UnitOfWork, invited: Invited) -> None:
    member = invited.member
    invitations.say_yes(work, invited, words_of(visit.form, invited.workshop))
    if visit.form["newsletter"]:
        origin = Origin(SOURCE, visit.network)
        leaving.change_topic(work, member, NEWSLETTER, True, Act.CONFIRMED, origin)


def _maybe(_visit: Visit, work: UnitOfWork, invited: Invited) -> None:
    invitations.say_maybe(work, invited)


def _no(_visit: Visit, work: UnitOfWork, invited: Invited) -> None:
    invitations.say_no(work, invited)


def _nothing(_visit: Visit, _work: UnitOfWork, _invited: Invited) -> None:
    raise Refusal(N_("Please choose yes, maybe or no."))


Act_ = Callable[[Visit, UnitOfWork, Invited], None]


def _act(visit: Visit, act: Act_, said: str = "answered") -> Response:
    token = visit.param("token")
    try:
        with visit.unit_of_work() as work:
            invited = invitations.find_by_token(work, token)
            if invited is None:
                return _page(visit, work, None)
            visit.speak(invited.member.language)
            act(visit, work, invited)
            again = invitations.find_by_token(work, token)
            return _page(visit, work, again, said=said)
    except Refusal as refusal:
        with visit.reading() as work:
            invited = invitations.find_by_token(work, token)
            return _page(visit, work, invited, refusal=refusal)


def _page(
    visit: Visit,
    work: UnitOfWork,
    invited: Invited | None,
    *,
    refusal: Refusal | None = None,
    said: str = "",
) -> Response:
    if invited is None:
        return visit.page("workshops/no-invitation.html", status=410)
    visit.speak(invited.member.language)
    standing = invitations.standing(invited, work)
    own = invited.registration
    place = f"/w/{emails.place_token(work, own)}" if own is not None else ""
    if standing is Standing.PLACED and said != "asked":
        return visit.redirect(place)
    it = invited.workshop
    return visit.page(
        "workshops/invitation.html",
        status=422 if refusal else 200,
        **about(it, invited.member.time_zone, visit),
        token=visit.param("token"),
        note=invited.cohort.note,
        answer_by=invited.cohort.answer_by,
        state=InvitationState(invited.invitation.state),
        standing=standing.value,
        rules=rules.current(work.session, it.id),
        name=invited.member.name,
        masked=masked(invited.member.email),
        is_reader=NEWSLETTER in leaving.topics_of(work.session, invited.member.id),
        typed=visit.form if refusal and "email" not in visit.form else None,
        asking=visit.form if refusal and visit.path.endswith("/ask") else None,
        naming=visit.form if refusal and visit.path.endswith("/nominate") else None,
        error={"field": refusal.field, "sentence": visit.say(refusal)} if refusal else None,
        said=said,
        place=place,
    )
