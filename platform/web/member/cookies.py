"""The few cookies of somebody who signs in."""

import secrets
from collections.abc import Callable

from starlette.responses import Response

from members.sessions import ABSOLUTE
from web.endpoint import browser_cookie, session_cookie
from web.visit import Visit

BROWSER_SECONDS = 900
SHORTEST_BROWSER = 30


def keep_session(visit: Visit, response: Response, secret: str) -> None:
    """From now on this browser shows the secret of its session."""
    set_cookie(visit, response, session_cookie, secret, int(ABSOLUTE.total_seconds()))


def set_cookie(
    visit: Visit, response: Response, name: Callable[[bool], str], value: str, seconds: int
) -> None:
    """A cookie that no script reads and no other site sends."""
    https = visit.installation.settings.is_https
    response.set_cookie(
        name(https), value, max_age=seconds, path="/", secure=https, httponly=True, samesite="lax"
    )


def fresh_browser(visit: Visit) -> str:
    """The secret of this browser if it has asked before, or a new one."""
    known = browser_of(visit)
    return known if len(known) >= SHORTEST_BROWSER else secrets.token_urlsafe(25)


def browser_of(visit: Visit) -> str:
    """The secret that this browser shows."""
    return visit.request.cookies.get(browser_cookie(visit.installation.settings.is_https), "-")
