"""One's second factors: an app, passkeys, and codes on paper for the day when both are lost."""

from collections.abc import Callable
from dataclasses import dataclass

import segno
from starlette.responses import Response

from core.errors import Refusal
from core.unit_of_work import Reading, UnitOfWork
from members import sessions
from members.models import Member
from members.second_factor import authenticator, factors, passkeys, recovery_codes
from members.sessions import Viewer
from web.forms import Text, Typed
from web.member.cookies import keep_session
from web.member.device import name_device
from web.visit import Visit

PATH = "/me/second-factor"


@dataclass(frozen=True)
class Code(Typed):
    """The first six digits of a new app."""

    code: Text


@dataclass(frozen=True)
class NewKey(Typed):
    """What the browser says of a new passkey."""

    passkey: Text
    challenge: Text


def show(visit: Visit) -> Response:
    """What there is, and what can be added."""
    return _page(visit)


def begin_app(visit: Visit) -> Response:
    """Make a secret for an app."""
    with visit.unit_of_work() as work:
        authenticator.begin(work, visit.me.member.id)
    return visit.redirect(f"{PATH}/app")


def show_app(visit: Visit) -> Response:
    """The secret, as a picture and in letters."""
    return _app_page(visit)


def confirm_app(visit: Visit) -> Response:
    """The app shows the right code: it counts from now on."""
    code = Code.of(visit.form).code
    return _add(visit, lambda work, me: factors.confirm_app(work, me, code), _app_page)


def add_passkey(visit: Visit) -> Response:
    """Keep a passkey of this device."""
    viewer, typed = visit.me, NewKey.of(visit.form)
    device = name_device(visit.request.headers.get("user-agent", ""))

    def add(work: UnitOfWork, me: Member) -> None:
        if not passkeys.is_good(work, typed.challenge, viewer.session_id, viewer.proofs):
            raise Refusal(factors.WRONG_KEY)
        factors.add_passkey(work, me, typed.challenge, typed.passkey, device)

    return _add(visit, add, _page)


def remove_app(visit: Visit) -> Response:
    """Sign in without the app."""
    return _change(visit, factors.remove_app, PATH)


def remove_passkey(visit: Visit) -> Response:
    """Sign in without this passkey."""
    number = visit.number("id")
    return _change(visit, lambda work, me: factors.remove_passkey(work, me, number), PATH)


def show_codes(visit: Visit) -> Response:
    """A new set of recovery codes, for a few minutes."""
    with visit.reading() as work:
        codes = recovery_codes.to_be_shown(work, visit.me.member.id)
    return visit.page("member/recovery-codes.html", codes=codes)


def renew_codes(visit: Visit) -> Response:
    """Ten new codes for ten old ones."""
    return _change(visit, factors.renew_codes, f"{PATH}/codes")


Change = Callable[[UnitOfWork, Member], None]
Page = Callable[[Visit, Refusal | None], Response]


def _add(visit: Visit, add: Change, page: Page) -> Response:
    """Add one; who could do that has shown it, so their role counts in this browser."""
    viewer = visit.me
    try:
        with visit.unit_of_work() as work:
            add(work, viewer.member)
            secret = sessions.prove(work, viewer, with_factor=True)
            if not secret:
                raise Refusal(factors.WRONG_KEY)
    except Refusal as refusal:
        return page(visit, refusal)
    response = visit.redirect(PATH if viewer.has_factor else f"{PATH}/codes")
    keep_session(visit, response, secret)
    return response


def _change(visit: Visit, change: Change, then: str) -> Response:
    return visit.act(
        lambda work: work.session.get_one(Member, visit.me.member.id),
        change,
        then=lambda *_: then,
        refused=lambda _work, _me, refusal: _page(visit, refusal),
    )


def _app_page(visit: Visit, refusal: Refusal | None = None) -> Response:
    member = visit.me.member
    with visit.reading() as work:
        begun = authenticator.begun(work, member.id)
        if begun is None:
            return visit.redirect(PATH)
        secret = authenticator.secret_of(work, begun)
        address = authenticator.address_of(work, begun, member)
    return visit.page(
        "member/authenticator.html",
        status=422 if refusal else 200,
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        address=address,
        picture=segno.make(address, micro=False).svg_data_uri(scale=6, light="white"),
        error=visit.wrong(refusal),
    )


def _page(visit: Visit, refusal: Refusal | None = None) -> Response:
    viewer = visit.me
    with visit.reading() as work:
        has = factors.of(work, viewer.member.id)
        challenge = passkeys.challenge(work, viewer.session_id, viewer.proofs)
        options = _options(work, viewer, challenge)
    return visit.page(
        "member/second-factor.html",
        status=422 if refusal else 200,
        has=has,
        options=options,
        challenge=challenge,
        is_due=visit.query("said") == "due",
        error=visit.wrong(refusal),
    )


def _options(work: Reading, viewer: Viewer, challenge: str) -> str:
    """What the browser is told to make a passkey; nothing where browsers make none."""
    if not passkeys.are_possible(work.settings):
        return ""
    return passkeys.options_to_add(work, viewer.member, challenge)
