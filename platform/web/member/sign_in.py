"""Signing in and out. GET shows, POST acts; the same answer for every address."""

from dataclasses import dataclass
from functools import partial

from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.addresses import inbox_of, parse_address
from core.errors import Refusal
from core.i18n import N_
from core.tokens import BrokenToken, Purpose
from core.unit_of_work import UnitOfWork
from members import sessions, signing_in, team
from members.models import Member, SignInRequest
from members.organisers import add_organiser
from members.roles import Role
from members.subscribing import check_name
from web.endpoint import browser_cookie, session_cookie
from web.forms import Text, Typed
from web.member.cookies import (
    BROWSER_SECONDS,
    browser_of,
    fresh_browser,
    keep_session,
    set_cookie,
)
from web.member.device import name_device
from web.visit import Visit

KNOWN_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True)
class WhoAsks(Typed):
    """Who signs in; the very first organiser says a name too."""

    email: Text
    name: Text


@dataclass(frozen=True)
class Code(Typed):
    """The six digits of a mail."""

    code: Text


def show(visit: Visit) -> Response:
    """The form that asks for an address."""
    return visit.page("member/sign-in.html", next=visit.next_path(), email="", error=None)


def ask(visit: Visit) -> Response:
    """Mail a link and a code to a member; the page looks the same for everybody."""
    typed = WhoAsks.of(visit.form)
    try:
        address = parse_address(typed.email)
    except Refusal as refusal:
        return visit.page(
            "member/sign-in.html",
            status=422,
            next=visit.next_path(),
            email=typed.email,
            error=visit.wrong(refusal),
        )
    # The same browser for every mail it asks for: the code of an earlier one is good too.
    browser = fresh_browser(visit)
    limits, is_known = visit.installation.limits, _is_known(visit, address.key)
    is_allowed = signing_in.is_allowed(limits, address, visit.network, is_known)
    is_noted = not is_allowed and signing_in.may_note(limits, address)
    with visit.unit_of_work() as work:
        if is_allowed:
            signing_in.ask(work, address, browser)
        elif is_noted:
            signing_in.note_held_back(work, address)
    response = _code_page(visit, address=address.shown, inbox=inbox_of(address))
    set_cookie(visit, response, browser_cookie, browser, BROWSER_SECONDS)
    return response


def show_code(visit: Visit) -> Response:
    """The form for the code, for whoever comes back to it."""
    return _code_page(visit)


def use_code(visit: Visit) -> Response:
    """Sign in with the code, in the browser that asked."""
    opened = None
    with visit.unit_of_work() as work:
        code, browser = Code.of(visit.form).code, browser_of(visit)
        request = signing_in.use_code(work, code, browser, partial(_is_theirs, visit))
        if request is not None:
            opened = _signed_in(visit, work, request)
    if opened is not None:
        return _welcome(visit, opened)
    sentence = N_(
        "This code is not right, or its ten minutes are over. The link in the mail works too, "
        "or ask for a new one."
    )
    return _code_page(visit, refusal=Refusal(sentence, "code"))


def show_link(visit: Visit) -> Response:
    """A button that signs in; for the very first organiser a form that asks who they are."""
    with visit.reading() as work:
        request = signing_in.find_by_link(work, visit.param("link"), browser_of(visit))
        if request is None:
            return visit.page("member/stale-link.html", status=410)
        if request.makes_owner:
            return _first_page(visit)
    return visit.page("member/sign-in-link.html", link=visit.param("link"), next=visit.next_path())


def use_link(visit: Visit) -> Response:
    """Use the link up and sign in."""
    opened = None
    try:
        with visit.unit_of_work() as work:
            request = signing_in.find_by_link(work, visit.param("link"), browser_of(visit))
            if request is not None and request.makes_owner:
                opened = _make_first(visit, work)
            elif request := signing_in.use_link(work, visit.param("link"), browser_of(visit)):
                opened = _signed_in(visit, work, request)
    except Refusal as refusal:
        return _first_page(visit, refusal)
    if opened is None:
        return visit.page("member/stale-link.html", status=410)
    return _welcome(visit, opened)


def sign_out(visit: Visit) -> Response:
    """End this session, and forget it in the browser too."""
    if visit.viewer is not None:
        with visit.unit_of_work() as work:
            sessions.close_session(work, visit.viewer.session_id)
    response = visit.redirect("/")
    # Staff rooms share computers: what was typed here goes with the session.
    response.headers["Clear-Site-Data"] = '"storage"'
    https = visit.installation.settings.is_https
    response.delete_cookie(session_cookie(https), secure=https, httponly=True, samesite="lax")
    return response


@dataclass(frozen=True)
class _Opened:
    """A new session: whose it is, and where it begins."""

    member: Member
    token: str
    is_organiser: bool


def _make_first(visit: Visit, work: UnitOfWork) -> _Opened | None:
    """The very first owner; None if there is one, or the link was used. Raises Refusal."""
    typed = WhoAsks.of(visit.form)
    address, name = parse_address(typed.email), check_name(typed.name)
    if signing_in.has_organisers(work.session):
        return None
    request = signing_in.use_link(work, visit.param("link"), browser_of(visit))
    if request is None:
        return None
    member = add_organiser(work, address, Role.OWNER, visit.language, name)
    team.note_first(work, member)
    return _open(visit, work, member)


def _signed_in(visit: Visit, work: UnitOfWork, request: SignInRequest) -> _Opened:
    member = work.session.get(Member, request.member_id)
    if member is None:
        raise HTTPException(403)
    opened = _open(visit, work, member)
    # Whoever prints a link on the console has the machine, and knows.
    is_known = not request.browser_hash or _is_known(visit, member.email_key)
    signing_in.note_sign_in(work, member, is_known_browser=is_known)
    return opened


def _open(visit: Visit, work: UnitOfWork, member: Member) -> _Opened:
    """A new session, whatever session there was before."""
    if visit.viewer is not None:
        sessions.close_session(work, visit.viewer.session_id)
    device = name_device(visit.request.headers.get("user-agent", ""))
    token = sessions.open_session(work, member.id, device)
    return _Opened(member, token, signing_in.role_of(work, member.id) is not None)


def _welcome(visit: Visit, opened: _Opened) -> Response:
    member = opened.member
    visit.language = member.language
    response = visit.redirect(visit.next_path() or ("/organise" if opened.is_organiser else "/me"))
    keep_session(visit, response, opened.token)
    known = visit.installation.tokens.sign(Purpose.KNOWN, signing_in.known_as(member.email_key))
    set_cookie(visit, response, _known_cookie, known, KNOWN_SECONDS)
    return response


def _known_cookie(is_https: bool) -> str:
    """The name of the cookie by which a browser shows who has signed in from it."""
    return "__Host-known" if is_https else "known"


def _is_known(visit: Visit, address_key: str) -> bool:
    token = visit.request.cookies.get(_known_cookie(visit.installation.settings.is_https), "")
    try:
        parts = visit.installation.tokens.read(Purpose.KNOWN, token)
    except BrokenToken:
        return False
    return parts == [signing_in.known_as(address_key)]


def _is_theirs(visit: Visit, member: Member) -> bool:
    return _is_known(visit, member.email_key)


def _first_page(visit: Visit, refusal: Refusal | None = None) -> Response:
    typed = WhoAsks.of(visit.form)
    return visit.page(
        "member/first.html",
        status=422 if refusal else 200,
        link=visit.param("link"),
        email=typed.email,
        name=typed.name,
        error=visit.wrong(refusal),
    )


def _code_page(
    visit: Visit,
    address: str = "",
    inbox: tuple[str, str] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    return visit.page(
        "member/code.html",
        status=422 if refusal else 200,
        address=address,
        inbox=inbox,
        next=visit.next_path(),
        error=visit.wrong(refusal),
    )
