"""Forms that another site made a browser post (CSRF): they are refused."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException

from core.tokens import BrokenToken, Purpose
from members.sessions import Viewer
from web.forms import Text, Typed
from web.visit import Visit


@dataclass(frozen=True)
class Shown(Typed):
    """What a page gives to its forms, for a browser that says nothing of where they stood."""

    csrf: Text


def refuse_foreign(visit: Visit) -> None:
    """Refuse a form that another site made the browser post (CSRF).

    Fetch-Metadata decides; without it the Origin; without both, a signed-in session must show
    its token. Somebody who is not signed in has no power that could be misused.
    """
    headers = visit.request.headers
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        is_ours = site == "same-origin"
    elif origin is not None:
        is_ours = _is_own_origin(visit, origin)
    else:
        is_ours = visit.viewer is None or _has_token(visit, visit.viewer)
    if not is_ours:
        raise HTTPException(403)


def _is_own_origin(visit: Visit, origin: str) -> bool:
    settings, url = visit.installation.settings, visit.request.url
    if settings.is_https:
        return origin == settings.base_url  # a page that came by http may be anybody's
    return origin in (settings.base_url, f"{url.scheme}://{visit.request.headers.get('host')}")


def _has_token(visit: Visit, viewer: Viewer) -> bool:
    try:
        parts = visit.installation.tokens.read(Purpose.CSRF, Shown.of(visit.form).csrf)
    except BrokenToken:
        return False
    return parts == [str(viewer.session_id)]
