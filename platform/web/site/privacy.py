"""The privacy notice, made from the settings and from the table of retention: so it is true."""

from starlette.responses import Response

from core.retention import GROUND_NAMES, Rule
from web.visit import Visit

A_YEAR, A_MONTH = 365, 30


def show(visit: Visit) -> Response:
    """Who is responsible, what is kept, why and how long, and what one can demand."""
    return visit.page(
        "site/privacy.html",
        rules=visit.installation.retention,
        grounds=GROUND_NAMES,
        span=span_of,
        contact=visit.community.privacy_contact,
        sends_with_ses=visit.installation.settings.mail == "ses",
    )


def span_of(rule: Rule) -> tuple[int, str]:
    """How long something is kept: a number, and `day`, `month` or `year`; 0 for no time of days."""
    days = rule.kept.days if rule.kept else 0
    if days >= A_YEAR:
        return round(days / 365.25) if days > 2 * A_MONTH + A_YEAR else round(days / 30.4), (
            "year" if days > 2 * A_MONTH + A_YEAR else "month"
        )
    return days, "day"
