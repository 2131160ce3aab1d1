"""Was this letter useful? Asked by a link, answered by a button: machines open links."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.errors import Refusal
from newsletters import afterwards
from newsletters.archive import find_sent
from web.forms import Text, Typed
from web.limits import check_limits
from web.visit import Visit

OWN_LIMIT = "20/hour"


@dataclass(frozen=True)
class Opinion(Typed):
    """What somebody thinks of it."""

    useful: Text


def show(visit: Visit) -> Response:
    """The question, with what the link said already chosen."""
    return _page(visit)


def say(visit: Visit) -> Response:
    """Count an opinion."""
    said = Opinion.of(visit.form).useful
    if said not in ("yes", "no"):
        raise HTTPException(400)
    try:
        check_limits(visit, "opinion", (OWN_LIMIT, visit.network), field="useful")
    except Refusal as refusal:
        return _page(visit, refusal)
    with visit.unit_of_work() as work:
        issue = find_sent(work, visit.number("number"))
        if issue is None:
            raise HTTPException(404)
        afterwards.say(work, issue, is_useful=said == "yes")
    return visit.redirect(f"/newsletter/{issue.number}/useful?said=thanks")


def _page(visit: Visit, refusal: Refusal | None = None) -> Response:
    with visit.reading() as work:
        issue = find_sent(work, visit.number("number"))
        if issue is None:
            raise HTTPException(404)
        heading = (issue.text_in(visit.language) or issue.texts[0]).heading
    return visit.page(
        "site/useful.html",
        status=422 if refusal else 200,
        issue=issue,
        heading=heading,
        said=visit.query("said"),
        error=visit.wrong(refusal),
    )
