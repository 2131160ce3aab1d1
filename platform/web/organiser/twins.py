"""Two records that may be of one person, for an organiser to decide."""

from dataclasses import dataclass

from starlette.responses import Response

from members import twins
from web.forms import Id, Typed
from web.visit import Visit

TWINS = "/organise/people/twins"


@dataclass(frozen=True)
class Pair(Typed):
    """Two who are two."""

    first: Id
    second: Id


def show(visit: Visit) -> Response:
    """The pairs."""
    with visit.reading() as work:
        found = twins.find(work.session)
    return visit.page("organiser/twins.html", pairs=found, why_names=twins.WHY_NAMES)


def are_two(visit: Visit) -> Response:
    """They are two people."""
    pair = Pair.of(visit.form)
    with visit.unit_of_work() as work:
        twins.are_two(work, pair.first, pair.second, visit.my_id)
    return visit.redirect(TWINS)
