"""The home page and what stands about us."""

from starlette.responses import Response

from newsletters.archive import sent_issues
from web.site.subscribing import empty_form
from web.visit import Visit


def show(visit: Visit) -> Response:
    """What this community is, the sign-up, and the latest letters."""
    with visit.reading() as work:
        latest = sent_issues(work.session, limit=3)
    return visit.page("site/home.html", issues=latest, **empty_form(visit))


def about(visit: Visit) -> Response:
    """What a learning conversation is, and who is behind this."""
    return visit.page("site/about.html")
