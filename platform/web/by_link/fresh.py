"""A fresh link, mailed because somebody asked for it: good for an hour, for everything."""

from collections.abc import Callable, Sequence
from functools import partial

from starlette.responses import Response

from core.tokens import BrokenToken, ExpiredToken, Purpose
from core.unit_of_work import Reading
from members import own_links
from members.models import Member
from web import own_preferences
from web.visit import Visit

Page = Callable[[Visit, own_preferences.Find, str], Response]


def show(visit: Visit) -> Response:
    """What its owner gets and has said, and how to change it."""
    return _by_link(visit, own_preferences.show)


def save(visit: Visit) -> Response:
    """Keep the changes."""
    return _by_link(visit, own_preferences.save)


def save_about(visit: Visit) -> Response:
    """Keep only what the short form after confirming asks."""
    return _by_link(visit, own_preferences.save_about)


def _by_link(visit: Visit, page: Page) -> Response:
    try:
        return page(visit, partial(_member, visit), f"/change/{visit.param('token')}")
    except ExpiredToken as expired:
        return _ended(visit, expired.parts)


def _ended(visit: Visit, parts: Sequence[str]) -> Response:
    """Another one can be had at once; it goes to the same mailbox."""
    token = visit.installation.tokens.sign(Purpose.PREFERENCES, *parts)
    return visit.page("site/fresh-ended.html", status=410, fresh=f"/preferences/{token}/fresh")


def _member(visit: Visit, work: Reading) -> Member:
    """Whose link it is. Raises BrokenToken, ExpiredToken or ReplacedToken."""
    member, said = own_links.owner_of(work, Purpose.CHANGE, visit.param("token"))
    if member is None or said:
        raise BrokenToken
    return member
