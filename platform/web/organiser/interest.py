"""Special areas: how many members would come to what, and which areas are offered."""

from collections import Counter, defaultdict

from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.errors import Refusal
from core.i18n import LANGUAGES
from members.profile import ROLES
from web.visit import Visit
from workshops.planning import areas


def show(visit: Visit) -> Response:
    """The areas with their numbers."""
    return _page(visit)


def add(visit: Visit) -> Response:
    """Offer another area."""
    names = {code: visit.form[f"name_{code}"] for code in LANGUAGES}
    return visit.act(
        lambda _: names,
        areas.add,
        then=lambda *_: "/organise/interest",
        refused=lambda _work, _names, refusal: _page(visit, refusal),
    )


def put_away(visit: Visit) -> Response:
    """Do not offer an area any more."""
    with visit.unit_of_work() as work:
        area = areas.find(work.session, visit.param("id"))
        if area is None:
            raise HTTPException(404)
        areas.put_away(work, area)
    return visit.redirect("/organise/interest")


def _page(visit: Visit, refusal: Refusal | None = None) -> Response:
    with visit.reading() as work:
        shown = [
            (area, areas.name_of(area, visit.language)) for area in areas.offered(work.session)
        ]
        numbers = defaultdict(Counter, areas.numbers(work.session))
    return visit.page(
        "organiser/interest.html",
        status=422 if refusal else 200,
        shown=shown,
        languages=LANGUAGES,
        numbers=numbers,
        roles=ROLES,
        typed=visit.form if refusal else None,
        error=visit.wrong(refusal),
    )
