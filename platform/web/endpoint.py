"""From a line in the table of URLs to a Starlette route.

The async edge is this file: it reads the form, then runs the view in the thread pool. Who may
come in, from which site a form may be posted, and how soon an answer may leave is decided here,
from the table, and nowhere else.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.convertors import Convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.characters import scrub
from core.installation import Installation
from core.tokens import BrokenToken, Purpose
from core.uploads import LARGEST as LARGEST_FILE
from members import signing_in
from members.roles import Permission, may
from members.signing_in import Viewer
from web.visit import Form, Upload, Visit

View = Callable[[Visit], Response]

MOST_FIELDS = 60
LARGEST_FORM = 64 * 1024


class IdConvertor(Convertor[int]):
    """An id in a path: nine digits at the most, which fits every database."""

    regex = "[0-9]{1,9}"

    def convert(self, value: str) -> int:
        """The number."""
        return int(value)

    def to_string(self, value: int) -> str:
        """The digits."""
        return str(value)


class Access(Enum):
    """Who may open a page, where no permission of an organiser is needed."""

    PUBLIC = "public"
    MEMBER = "member"
    THIS_MACHINE = "this machine"


@dataclass(frozen=True)
class Entry:
    """One URL: its views, who may come, and what is special about it."""

    path: str
    get: View | None = None
    post: View | None = None
    access: Access | Permission = Access.PUBLIC
    from_anywhere: bool = False
    """A form on another site, or a mail provider, may post here; no cookie gives it any power."""
    even_time: float = 0.0
    """Answers leave no sooner than this many seconds, so that their time tells nothing."""
    delay: Callable[[Visit], float] | None = None
    preflight: View | None = None
    """Answers a browser that asks whether a script of another site may post here."""
    raw: bool = False
    """The body is not a form of ours; the view reads it, or nobody does."""
    largest: int = LARGEST_FORM
    fields: int = MOST_FIELDS
    files: int = 0
    """How many files a form may bring."""

    def route(self) -> Route:
        """The Starlette route. The limit stands here, within our own middleware, for its page."""
        methods = [
            *(["GET"] if self.get else []),
            *(["POST"] if self.post else []),
            *(["OPTIONS"] if self.preflight else []),
        ]
        return Route(self.path, self._endpoint, methods=methods, max_body_size=self.largest)

    async def _endpoint(self, request: Request) -> Response:
        began = time.monotonic()
        installation: Installation = request.app.state.installation
        visit = Visit(request, installation, await self._read(request))
        if self.delay and request.method == "POST":
            await anyio.sleep(self.delay(visit))
        response = await run_in_threadpool(self._respond, visit)
        if self.even_time and request.method == "POST":
            await anyio.sleep(max(0.0, self.even_time - (time.monotonic() - began)))
        return response

    async def _read(self, request: Request) -> Form:
        if request.method != "POST":
            return Form()
        if self.raw:
            return Form({"body": [(await request.body()).decode("utf-8", "replace")]})
        fields: dict[str, list[str]] = {}
        uploads: list[Upload] = []
        try:
            async with request.form(max_files=self.files, max_fields=self.fields) as form:
                for name, value in form.multi_items():
                    if isinstance(value, str):
                        fields.setdefault(name, []).append(scrub(value))
                    elif value.filename:
                        # One byte too many is enough to say that it is too large.
                        content = await value.read(LARGEST_FILE + 1)
                        uploads.append(Upload(scrub(value.filename), content))
        except (UnicodeError, LookupError):
            raise HTTPException(400) from None  # an alphabet that is none, or not this one
        return Form(fields, uploads)

    def _respond(self, visit: Visit) -> Response:
        visit.viewer = _viewer(visit)
        visit.__post_init__()
        if visit.request.method == "POST" and not self.from_anywhere:
            refuse_foreign(visit)
        if (refusal := self._turn_away(visit)) is not None:
            return refusal
        by_method = {"POST": self.post, "OPTIONS": self.preflight}
        view = by_method.get(visit.request.method, self.get)
        assert view is not None  # noqa: S101 - the route knows its methods
        return view(visit)

    def _turn_away(self, visit: Visit) -> Response | None:
        if self.access is Access.PUBLIC:
            return None
        if self.access is Access.THIS_MACHINE:
            if not is_local(visit.request):
                raise HTTPException(404)
            return None
        if visit.viewer is None:
            if visit.request.method == "GET":
                return visit.sign_in_redirect()
            raise HTTPException(403)
        if isinstance(self.access, Permission) and not may(visit.viewer.role, self.access):
            raise HTTPException(403)
        return None


def session_cookie(is_https: bool) -> str:
    """The name of the session cookie; browsers guard the `__Host-` one, which needs https."""
    return "__Host-session" if is_https else "session"


def browser_cookie(is_https: bool) -> str:
    """The name of the cookie that remembers the browser which asked to sign in."""
    return "__Host-browser" if is_https else "browser"


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


def is_local(request: Request) -> bool:
    """Whether the request was made on this machine, and not through a proxy."""
    forwarded = {"forwarded", "x-forwarded-for", "x-real-ip"} & set(request.headers)
    host = request.client.host if request.client else ""
    return not forwarded and host in ("127.0.0.1", "::1", "testclient")


def _viewer(visit: Visit) -> Viewer | None:
    token = visit.request.cookies.get(session_cookie(visit.installation.settings.is_https))
    if not token:
        return None
    with visit.reading() as work:
        viewer = signing_in.find_viewer(work, token)
    if viewer is not None and viewer.is_due:
        with visit.unit_of_work() as work:
            signing_in.touch(work, viewer.session_id)
    return viewer


def _is_own_origin(visit: Visit, origin: str) -> bool:
    own = {visit.installation.settings.base_url}
    own_host = visit.request.headers.get("host", "")
    return origin in own or origin.partition("://")[2] == own_host != ""


def _has_token(visit: Visit, viewer: Viewer) -> bool:
    try:
        parts = visit.installation.tokens.read(Purpose.CSRF, visit.form["csrf"])
    except BrokenToken:
        return False
    return parts == [str(viewer.session_id)]
