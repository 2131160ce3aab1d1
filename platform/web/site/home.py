"""The home page and what stands about us."""

from starlette.responses import Response

from library.items import Query, search
from library.kinds import KIND_NAMES
from newsletters.archive import sent_issues
from web.site.subscribing import empty_form
from web.visit import Visit

SHARED = 4


def show(visit: Visit) -> Response:
    """What this community is, the sign-up, the latest letters and what was shared lately."""
    with visit.reading() as work:
        latest = sent_issues(work, limit=3)
        shared = search(work.session, Query(), visit.viewer is not None).items[:SHARED]
    return visit.page(
        "site/home.html", issues=latest, shared=shared, kinds=KIND_NAMES, **empty_form(visit)
    )


def about(visit: Visit) -> Response:
    """What a learning conversation is, and who is behind this."""
    return visit.page("site/about.html")
