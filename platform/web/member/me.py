"""One's own page: preferences, and the browsers that are signed in."""

from starlette.responses import Response

from core.audit import audit
from mail import unasked
from members import sessions
from web.visit import Visit


def show(visit: Visit) -> Response:
    """Who is signed in, and where."""
    viewer = visit.me
    with visit.reading() as work:
        signed_in = sessions.sessions_of(work.session, viewer.member.id)
        is_silent = unasked.asked_for_silence(work, viewer.member.email_ascii)
    said = visit.query("said")
    return visit.page(
        "member/me.html",
        sessions=signed_in,
        is_silent=is_silent,
        has_renewed=said == "renewed",
        is_written_again=said == "again",
    )


def revoke(visit: Visit) -> Response:
    """Sign out of one of one's browsers."""
    viewer = visit.me
    with visit.unit_of_work() as work:
        sessions.revoke(work, viewer.member.id, visit.number("id"))
        if viewer.is_organiser:
            audit(work, viewer.member.id, "end session", "organiser", viewer.member.id)
    return visit.redirect("/me")
