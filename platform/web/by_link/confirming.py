"""Confirming an address: GET shows, POST acts; and "this was not me"."""

from starlette.responses import Response

from core.tokens import ExpiredToken, Purpose
from members import subscribing
from members.models import Member
from members.subscribing import Confirmation
from web.own_preferences import about_choices
from web.visit import Visit
from workshops.invitation import invitations


def show(visit: Visit) -> Response:
    """One big button; or that it is done already, expired, or forgotten."""
    token = visit.param("token")
    if visit.query("said") == "sent":
        return visit.page("site/sent-again.html")
    try:
        with visit.reading() as work:
            status, member = subscribing.who_confirms(work, token)
    except ExpiredToken:
        return _expired(visit, token)
    if member is not None:
        visit.speak(member.language)
    if status is Confirmation.CONFIRMED:
        return visit.page("site/confirm.html", token=token)
    return _done(visit, status)


def confirm(visit: Visit) -> Response:
    """Confirm; a second time says so and changes nothing."""
    token = visit.param("token")
    try:
        with visit.unit_of_work() as work:
            status, member = subscribing.confirm(work, token, visit.origin)
    except ExpiredToken:
        return _expired(visit, token)
    if member is not None:
        visit.speak(member.language)
    return _done(visit, status, member)


def send_again(visit: Visit) -> Response:
    """A new link, in one tap, for a link of ours that expired."""
    with visit.reading() as work:
        member = subscribing.expired_member(work, visit.param("token"))
    # The limiter is asked outside of the transaction, which may lock the database.
    if member is not None and subscribing.may_send_again(visit.installation.limits, member):
        with visit.unit_of_work() as work:
            subscribing.send_again(work, member, visit.origin)
    if member is not None:
        visit.speak(member.language)
    return visit.redirect(f"/confirm/{visit.param('token')}?said=sent")


def show_not_me(visit: Visit) -> Response:
    """The button that removes an address somebody else typed."""
    token, is_done = visit.param("token"), visit.query("said") == "removed"
    visit.installation.tokens.read(Purpose.NOT_ME, token)
    return visit.page("site/not-me.html", token=token, is_done=is_done)


def not_me(visit: Visit) -> Response:
    """Remove the address; a second time changes nothing."""
    with visit.unit_of_work() as work:
        awaited = invitations.awaited_members(work.now)
        subscribing.forget(work, visit.param("token"), awaited)
    return visit.redirect(f"/not-me/{visit.param('token')}?said=removed")


def _expired(visit: Visit, token: str) -> Response:
    with visit.reading() as work:
        member = subscribing.expired_member(work, token)
    if member is None:
        return _done(visit, Confirmation.FORGOTTEN)
    visit.speak(member.language)
    return visit.page("site/expired.html", status=410, token=token)


def _done(visit: Visit, status: Confirmation, member: Member | None = None) -> Response:
    code = 410 if status is Confirmation.FORGOTTEN else 200
    asked: dict[str, object] = {}
    if status is Confirmation.CONFIRMED and member is not None:
        parts = (member.id, member.links_version)
        token = visit.installation.tokens.sign(Purpose.CHANGE, *parts)
        values = {"role": member.role, "level": member.level, "country": member.country}
        asked = {"about": f"/change/{token}/about", "values": values, "error": None}
        asked |= about_choices(visit.language)
    return visit.page(
        "site/confirmed.html",
        status=code,
        outcome=status.value,
        is_confirmed=status is Confirmation.CONFIRMED,
        is_forgotten=status is Confirmation.FORGOTTEN,
        **asked,
    )
