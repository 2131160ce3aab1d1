"""The links of a letter, tried: a page of its own, which the page of sending takes in."""

from starlette.responses import Response

from library.fetching import make_fetcher
from newsletters import link_trying
from web.organiser.issues import find
from web.visit import Visit


def show(visit: Visit) -> Response:
    """Every link to elsewhere that led nowhere just now. The database waits for none of them."""
    settings = visit.installation.settings
    with visit.reading() as work:
        issue = find(visit, work)
        links = link_trying.links_of(issue, settings.base_url)
    fetcher = make_fetcher(settings.base_url, settings.feed_hosts)
    tried = link_trying.tried(fetcher, links)
    broken = [one for one in tried if one.problem is not None]
    return visit.page("organiser/links.html", issue=issue, broken=broken, count=len(tried))
