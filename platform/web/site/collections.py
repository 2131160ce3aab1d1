"""The collections of the library, as visitors see them."""

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import Response

from library import collections
from library.kinds import BOUNDARY_NAMES, KIND_NAMES
from library.words import clean_html
from web.visit import Visit


def listing(visit: Visit) -> Response:
    """All that somebody may see."""
    with visit.reading() as work:
        groups = collections.shown(work.session, visit.viewer is not None)
    return visit.page("site/collections.html", groups=groups)


def show(visit: Visit) -> Response:
    """One collection, in the order that organisers gave it."""
    slug, is_member = visit.param("slug"), visit.viewer is not None
    with visit.reading() as work:
        collection = collections.find_shown(work.session, slug, is_member)
        if collection is None and collections.is_for_members(work.session, slug):
            return visit.page("site/for-members.html", next=visit.path)
        if collection is None:
            raise HTTPException(404)
        inside = collections.items_shown(work.session, collection.id, is_member)
        return visit.page(
            "site/collection.html",
            collection=collection,
            inside=inside,
            body=Markup(clean_html(collection.body_html)),  # noqa: S704 - cleaned by nh3
            kinds=KIND_NAMES,
            boundaries=BOUNDARY_NAMES,
        )
