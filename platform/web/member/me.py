"""One's own page: preferences, and the browsers that are signed in."""

from starlette.responses import Response

from members import signing_in
from members.signing_in import Viewer
from web.visit import Visit


def show(visit: Visit) -> Response:
    """Who is signed in, and where."""
    viewer = _viewer(visit)
    with visit.reading() as work:
        sessions = signing_in.sessions_of(work.session, viewer.member.id)
    has_renewed = visit.query("said") == "renewed"
    return visit.page("member/me.html", sessions=sessions, has_renewed=has_renewed)


def revoke(visit: Visit) -> Response:
    """Sign out of one of one's browsers."""
    with visit.unit_of_work() as work:
        signing_in.revoke(work, _viewer(visit).member.id, visit.number("id"))
    return visit.redirect("/me")


def _viewer(visit: Visit) -> Viewer:
    assert visit.viewer is not None  # noqa: S101 - the table of URLs lets only members in
    return visit.viewer
