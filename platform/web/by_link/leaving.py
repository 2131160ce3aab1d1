"""Leaving: one click (RFC 8058: a bare POST from the mail provider), and taking it back."""

from dataclasses import dataclass

from starlette.responses import Response

from core.tokens import Purpose
from members import leaving
from members.consent import TOPIC_TEXTS
from members.leaving import Leaving
from web.forms import Text, Typed
from web.visit import Visit


@dataclass(frozen=True)
class Reason(Typed):
    """Why somebody left."""

    reason: Text


def show(visit: Visit) -> Response:
    """A page with a button: mail scanners open links, so opening one changes nothing."""
    token = visit.param("token")
    with visit.reading() as work:
        found = leaving.read_leaving(work.session, work.tokens, token)
    if visit.query("said") == "why":
        return visit.page("site/thanks-for-reason.html")
    return _page(visit, found, token)


def leave(visit: Visit) -> Response:
    """Leave, whatever the body says, without cookie, confirmation or redirect. 200 on repeat."""
    token = visit.param("token")
    with visit.unit_of_work() as work:
        leaving.leave(work, token, visit.origin)
    with visit.reading() as work:
        found = leaving.read_leaving(work.session, work.tokens, token)
    return _page(visit, found, token)


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


def _page(visit: Visit, found: Leaving, token: str) -> Response:
    if found.member is not None:
        visit.speak(found.member.language)
    return visit.page(
        "site/leave.html",
        token=token,
        topic=TOPIC_TEXTS[found.topic],
        is_subscribed=found.is_subscribed,
        address=masked(found.member.email) if found.member else "",
        undo_token=leaving.undo_token(visit.installation.tokens, found),
        can_undo=found.member is not None and found.may_undo(visit.now),
    )


def masked(address: str) -> str:
    """`an…@example.org`: enough for its owner, too little for whoever a mail was forwarded to."""
    local, _, domain = address.rpartition("@")
    return f"{local[:2]}…@{domain}"
