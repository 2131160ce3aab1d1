"""Showing once more who one is: before a role counts, and before what cannot be undone.

Whoever has a second factor shows it; everybody else types a code that is mailed to them.
"""

from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote

from starlette.responses import Response

from core.addresses import parse_address
from core.errors import Refusal, Unavailable
from core.i18n import N_
from core.unit_of_work import Reading, UnitOfWork
from members import sessions, signing_in
from members.second_factor import factors, passkeys, recovery_codes
from members.sessions import Viewer
from web.endpoint import browser_cookie
from web.forms import Text, Typed
from web.member.cookies import (
    BROWSER_SECONDS,
    browser_of,
    fresh_browser,
    keep_session,
    set_cookie,
)
from web.visit import Visit

FROM_ONE_NETWORK = ("10/10 minute", "40/day")
FROM_ALL = "300/day"
"""Codes of one person: six digits must not be guessed. Who is right begins anew."""
NOT_NOW = N_("Codes cannot be checked just now. Please try again in a minute, or use a passkey.")
TOO_MANY = N_(
    "That was wrong too often. Please wait ten minutes; a recovery code or a passkey does at once."
)
WRONG_MAILED = N_(
    "This code is not right, or its ten minutes are over. Please look into the newest mail, whose "
    "link does too, or ask for another code."
)


@dataclass(frozen=True)
class Proof(Typed):
    """What somebody shows: a code, or what a passkey signed."""

    code: Text
    passkey: Text
    challenge: Text


def show(visit: Visit) -> Response:
    """Ask for the second factor, or offer to mail a code."""
    return _page(visit)


def send_code(visit: Visit) -> Response:
    """Mail a code to whoever has no second factor."""
    member, browser = visit.me.member, fresh_browser(visit)
    address = parse_address(member.email)
    if signing_in.is_allowed(visit.installation.limits, address, visit.network, is_known=True):
        with visit.unit_of_work() as work:
            signing_in.ask(work, address, browser)
    response = visit.redirect(f"/sign-in/proof?said=sent&next={quote(visit.next_path())}")
    set_cookie(visit, response, browser_cookie, browser, BROWSER_SECONDS)
    return response


def prove(visit: Visit) -> Response:
    """Go on to where they were stopped."""
    viewer, typed = visit.me, Proof.of(visit.form)
    try:
        if not typed.passkey:
            _check_tries(visit, viewer, typed.code)
        secret = _secret(visit, viewer, typed)
    except Refusal as refusal:
        return _page(visit, refusal)
    response = visit.redirect(visit.next_path() or _home(viewer))
    keep_session(visit, response, secret)
    return response


def _secret(visit: Visit, viewer: Viewer, typed: Proof) -> str:
    """The new secret of this browser. Raises Refusal if what was shown is not right."""
    with visit.unit_of_work() as work:
        is_right = _is_right(visit, work, viewer, typed)
        secret = sessions.prove(work, viewer, with_factor=viewer.has_factor) if is_right else ""
    if not secret:
        raise _wrong(viewer, typed)
    _forget_tries(visit, viewer)
    return secret


def _is_right(visit: Visit, work: UnitOfWork, viewer: Viewer, typed: Proof) -> bool:
    if not viewer.has_factor:
        code, browser = typed.code, browser_of(visit)
        request = signing_in.use_code(
            work, code, browser, lambda member: member.id == viewer.member.id
        )
        return request is not None and request.member_id == viewer.member.id
    if not typed.passkey:
        return factors.use_code(work, viewer.member, typed.code)
    is_good = passkeys.is_good(work, typed.challenge, viewer.session_id, viewer.proofs)
    return is_good and factors.use_passkey(work, viewer.member, typed.challenge, typed.passkey)


def _wrong(viewer: Viewer, typed: Proof) -> Refusal:
    if typed.passkey:
        return Refusal(factors.WRONG_KEY)
    return Refusal(factors.WRONG_CODE if viewer.has_factor else WRONG_MAILED, "code")


def _check_tries(visit: Visit, viewer: Viewer, code: str) -> None:
    """Count a try, before anybody looks whether it is right. Raises Refusal after too many."""
    if recovery_codes.is_like_one(code):
        return  # nobody guesses these
    limits = visit.installation.limits
    who = str(viewer.member.id)
    try:
        may = all(limits.allow(limit, *_here(visit, viewer)) for limit in FROM_ONE_NETWORK)
        may = may and limits.allow(FROM_ALL, "proofs", who)
    except Unavailable:
        raise Refusal(NOT_NOW, "code") from None
    if not may:
        raise Refusal(TOO_MANY, "code")


def _forget_tries(visit: Visit, viewer: Viewer) -> None:
    """Whoever was right has not guessed."""
    with suppress(Unavailable):
        for limit in FROM_ONE_NETWORK:
            visit.installation.limits.forget(limit, *_here(visit, viewer))


def _here(visit: Visit, viewer: Viewer) -> tuple[str, ...]:
    """One person from one network: who guesses from elsewhere locks out nobody."""
    return "proofs", str(viewer.member.id), visit.network


def _page(visit: Visit, refusal: Refusal | None = None) -> Response:
    viewer = visit.me
    with visit.reading() as work:
        options, challenge = _options(work, viewer)
    return visit.page(
        "member/prove.html",
        status=422 if refusal else 200,
        has_factor=viewer.has_factor,
        is_organiser=viewer.is_organiser,
        is_sent=visit.query("said") == "sent" or refusal is not None,
        next=visit.next_path(),
        options=options,
        challenge=challenge,
        error=visit.wrong(refusal),
    )


def _options(work: Reading, viewer: Viewer) -> tuple[str, str]:
    """What the browser is told to have a passkey shown, and its challenge; nothing without one."""
    if not passkeys.of(work, viewer.member.id):
        return "", ""
    challenge = passkeys.challenge(work, viewer.session_id, viewer.proofs)
    return passkeys.options_to_show(work, viewer.member.id, challenge), challenge


def _home(viewer: Viewer) -> str:
    return "/organise" if viewer.is_organiser else "/me"
