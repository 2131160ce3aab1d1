"""The home page and what stands about us."""

from collections.abc import Mapping

from starlette.responses import Response

from community import arranging, who
from community.parts import find_all
from community.texts import ABOUT, HOME, WHO, Spoken, parts_of, spoken_from
from library.items import Query, search
from library.kinds import KIND_NAMES
from newsletters.archive import sent_issues
from web.site.subscribing import empty_form
from web.visit import Visit

SHARED = 4
SAID = (HOME, ABOUT, WHO)
NOTHING_ELSE: Mapping[str, Spoken] = {}


def show(visit: Visit, instead: Mapping[str, Spoken] = NOTHING_ELSE) -> Response:
    """What this community is, the sign-up, and the blocks below it in the community's order.

    `instead` are texts that are being written, by their names.
    """
    with visit.reading() as work:
        latest = sent_issues(work, limit=3)
        shared = search(work.session, Query(), visit.viewer is not None).items[:SHARED]
        kept = find_all(work, (*parts_of(SAID, visit.language), arranging.PART, who.PART))
        said = {**spoken_from(work, SAID, visit.language, kept), **instead}
        texts = {name: (one.heading, one.html(work)) for name, one in said.items()}
    blocks = arranging.arranged(kept[arranging.PART].value)
    return visit.page(
        "site/home.html",
        issues=latest,
        shared=shared,
        kinds=KIND_NAMES,
        texts=texts,
        people=who.shown(kept[who.PART]),
        blocks=[one.name for one in blocks if not one.is_hidden],
        is_look=bool(instead),
        **empty_form(visit),
    )


def about(visit: Visit, instead: Mapping[str, Spoken] = NOTHING_ELSE) -> Response:
    """What a learning conversation is, and who is behind this."""
    with visit.reading() as work:
        kept = find_all(work, (*parts_of((ABOUT, WHO), visit.language), who.PART))
        said = {**spoken_from(work, (ABOUT, WHO), visit.language, kept), **instead}
        people = who.shown(kept[who.PART])
        texts = {name: (one.heading, one.html(work)) for name, one in said.items()}
    return visit.page("site/about.html", texts=texts, people=people, is_look=bool(instead))
