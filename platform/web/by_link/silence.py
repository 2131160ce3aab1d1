"""Never write here again: the link in every mail that its owner did not ask for."""

from starlette.responses import Response

from mail import unasked
from web.visit import Visit


def show(visit: Visit) -> Response:
    """The button; opening the link changes nothing."""
    with visit.reading() as work:
        is_done = unasked.is_never_written(work, visit.param("token"))
    return visit.page("site/never.html", token=visit.param("token"), is_done=is_done)


def never_write(visit: Visit) -> Response:
    """Write no more; a second time changes nothing."""
    with visit.unit_of_work() as work:
        unasked.never_write(work, visit.param("token"))
    return visit.redirect(f"/never/{visit.param('token')}")
