"""What is kept and how long, for organisers: and what was ended when."""

from starlette.responses import Response

from core import retention
from web.site.privacy import span_of
from web.visit import Visit


def show(visit: Visit) -> Response:
    """The table of retention, and the deletions by day."""
    rules = {rule.name: rule for rule in visit.installation.retention}
    with visit.reading() as work:
        ended = [
            (one, rules.get(one.rule)) for one in retention.deletions(work.session, work.now.date())
        ]
    return visit.page(
        "organiser/kept.html",
        rules=visit.installation.retention,
        grounds=retention.GROUND_NAMES,
        span=span_of,
        ended=ended,
    )
