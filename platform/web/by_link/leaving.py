"""Leaving: one click (RFC 8058: a bare POST from the mail provider), and taking it back."""

from dataclasses import dataclass

from starlette.responses import Response

from core.addresses import parse_address
from core.tokens import Purpose, ReplacedToken
from members import leaving, own_links
from members.consent import TOPIC_TEXTS
from members.leaving import Leaving
from web.forms import Text, Typed
from web.limits import may_mail
from web.visit import Visit


@dataclass(frozen=True)
class Reason(Typed):
    """Why somebody left."""

    reason: Text


def show(visit: Visit) -> Response:
    """A page with a button: mail scanners open links, so opening one changes nothing."""
    with visit.reading() as work:
        found = leaving.read_leaving(work, visit.param("token"))
    if visit.query("said") == "why":
        return visit.page("site/thanks-for-reason.html")
    return _page(visit, found)


def leave(visit: Visit) -> Response:
    """Leave, whatever the body says, without cookie, confirmation or redirect. 200 on repeat."""
    token = visit.param("token")
    try:
        with visit.unit_of_work() as work:
            undo_token = leaving.leave(work, token, visit.origin)
    except ReplacedToken:
        return _ask_owner(visit, token)
    with visit.reading() as work:
        found = leaving.read_leaving(work, token)
    return _page(visit, found, undo_token)


def _ask_owner(visit: Visit, token: str) -> Response:
    """An old link of somebody who had them made new: it leaves nothing, and its owner is asked.

    A mail provider presses it without showing our page, so nothing said here would be read.
    """
    with visit.reading() as work:
        owner = own_links.owner_of_replaced(work, Purpose.LEAVE, token)
    if owner is not None and may_mail(visit, parse_address(owner.email)):
        with visit.unit_of_work() as work:
            own_links.mail_fresh_link(work, owner)
    return visit.page("replaced-link.html", is_asked=True)


def reason(visit: Visit) -> Response:
    """Keep why somebody left, if they care to say."""
    with visit.unit_of_work() as work:
        leaving.note_reason(work, visit.param("token"), Reason.of(visit.form).reason)
    return visit.redirect(f"/unsubscribe/{visit.param('token')}?said=why")


def show_undo(visit: Visit) -> Response:
    """The button that takes leaving back."""
    token, is_done = visit.param("token"), visit.query("said") == "back"
    visit.installation.tokens.read(Purpose.UNDO, token)
    return visit.page("site/back.html", token=token, is_done=is_done)


def undo(visit: Visit) -> Response:
    """Take leaving back; harmless to repeat."""
    with visit.unit_of_work() as work:
        member = leaving.undo_leaving(work, visit.param("token"), visit.origin)
    if member is not None:
        visit.speak(member.language)
    said = "?said=back" if member is not None else ""
    return visit.redirect(f"/resubscribe/{visit.param('token')}{said}")


def _page(visit: Visit, found: Leaving, undo_token: str = "") -> Response:
    member, fresh = found.member, ""
    if member is not None:
        visit.speak(member.language)
        parts = (member.id, member.links_version)
        fresh = f"/preferences/{visit.installation.tokens.sign(Purpose.PREFERENCES, *parts)}/fresh"
    return visit.page(
        "site/leave.html",
        token=visit.param("token"),
        topic=TOPIC_TEXTS[found.topic],
        is_subscribed=found.is_subscribed,
        address=masked(member.email) if member else "",
        undo_token=undo_token,
        fresh=fresh,
        has_just_left=found.has_just_left(visit.now),
    )


def masked(address: str) -> str:
    """`an…@example.org`: enough for its owner, too little for whoever a mail was forwarded to."""
    local, _, domain = address.rpartition("@")
    return f"{local[:2]}…@{domain}"
