"""From a line in the table of URLs to a Starlette route.

The async edge is this file: it reads the form, then runs the view in the thread pool. Who may
come in, from which site a form may be posted, and how soon an answer may leave is decided here,
from the table, and nowhere else.
"""

import math
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum
from functools import cache, partial
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import quote, urlsplit

import anyio
import anyio.to_thread
import structlog
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from starlette.convertors import Convertor
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.characters import scrub
from core.community import Community
from core.database import CONNECTIONS, has_collided
from core.errors import Unavailable
from core.installation import Installation
from members import sessions
from members.roles import Permission, may
from members.second_factor.demand import Hold
from members.sessions import Viewer
from web.foreign_forms import refuse_foreign
from web.forms import Form, Upload
from web.noting import note_read, note_refused
from web.this_machine import is_local
from web.visit import Visit

View = Callable[[Visit], Response]
QuickView = Callable[[Visit], Awaitable[Response]]
Answer = TypeVar("Answer")

log = structlog.get_logger()

MOST_FIELDS = 60
LARGEST_FORM = 64 * 1024
LARGEST_TEXT = 2 * 1024 * 1024
LARGEST_UPLOAD = 120 * 1024 * 1024
"""On the disk; more than we take, so that refusals are in our words."""
LARGEST_FILE = 1100 * 1024 * 1024
"""On the disk, of somebody who may: more than the setting `largest_file` can say."""
THREADS = CONNECTIONS
"""As many as database connections: every one of them may hold one."""
SLOW_THREADS = 3
QUEUE_SECONDS, SLOW_QUEUE_SECONDS = 10.0, 60.0
"""How long a request waits for a thread before it is told to come back."""


class IdConvertor(Convertor[int]):
    """An id in a path: nine digits at the most, which fits every database."""

    regex = "[0-9]{1,9}"

    def convert(self, value: str) -> int:
        """The number that a part of a path says."""
        return int(value)

    def to_string(self, value: int) -> str:
        """The digits of a number, as a path has them."""
        return str(value)


class Access(Enum):
    """Who may open a page, where no permission of an organiser is needed."""

    PUBLIC = "public"
    SESSION = "session"
    """Whoever is signed in, whatever they have still to show."""
    MEMBER = "member"
    """The same; but with the mailbox alone an organiser only looks."""
    ORGANISER = "organiser"
    """Whoever has a role, also while it does not count yet."""
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
    fresh: bool = False
    """Can do what cannot be undone: only for who has shown a short while ago who they are."""
    reads: str = ""
    """Shows what is confidential of a `member`, `contribution` or `workshop`, or on a `page`: who
    opened it is written down."""
    even_time: float = 0.0
    """Answers leave no sooner than this many seconds, so that their time tells nothing."""
    delay: Callable[[Visit], float] | None = None
    preflight: View | None = None
    """Answers a browser that asks whether a script of another site may post here."""
    raw: bool = False
    """The body is not a form of ours; the view reads it, or nobody does."""
    quick: QuickView | None = None
    """Answers a GET at once, whoever comes: it needs no thread, so that it answers while all of
    them wait for a database."""
    largest: int = LARGEST_FORM
    fields: int = MOST_FIELDS
    files: int = 0
    """How many files a form may bring."""
    is_slow: bool = False
    """A POST takes strangers' content apart or fetches it: it waits in a queue of its own, so that
    all other pages go on."""

    def route(self) -> Route:
        """The Starlette route. The limit stands here, within our own middleware, for its page."""
        methods = [
            *(["GET"] if self.get or self.quick else []),
            *(["POST"] if self.post else []),
            *(["OPTIONS"] if self.preflight else []),
        ]
        return Route(self.path, self._endpoint, methods=methods, max_body_size=self.largest)

    async def _endpoint(self, request: Request) -> Response:
        began = time.monotonic()
        installation: Installation = request.app.state.installation
        if self.quick is not None:
            return await self.quick(Visit(request, installation, Form()))
        if self._is_heavy(request):
            early = Visit(request, installation, Form())
            refusal = await _in_thread(partial(self._turn_away_early, early), is_slow=False)
            if refusal is not None:
                return refusal
        async with self._form(request) as form:
            visit = Visit(request, installation, form)
            if self.delay and request.method == "POST":
                await anyio.sleep(self.delay(visit))
            is_slow = self.is_slow and request.method == "POST"
            response = await _in_thread(partial(self._respond, visit), is_slow)
        if self.even_time and request.method == "POST":
            await anyio.sleep(max(0.0, self.even_time - (time.monotonic() - began)))
        return response

    def _is_heavy(self, request: Request) -> bool:
        """Whether what comes fills the disk of whoever must let it in."""
        return request.method == "POST" and self.files > 0 and self.access is not Access.PUBLIC

    def _turn_away_early(self, visit: Visit) -> Response | None:
        """Nobody's files are read who may not bring them."""
        visit.arrive(*_arrive(visit))
        refusal = self._turn_away(visit)
        if refusal is not None:
            refusal.headers["Connection"] = "close"  # the rest of the body will not be read
        return refusal

    @asynccontextmanager
    async def _form(self, request: Request) -> AsyncGenerator[Form]:
        """What was sent. Files stay on the disk until somebody looks at them, one by one."""
        if request.method != "POST":
            yield Form()
        elif self.raw:
            yield Form({"body": [(await request.body()).decode("utf-8", "replace")]})
        else:
            try:
                opened = await request.form(
                    max_files=self.files, max_fields=self.fields, max_part_size=self.largest
                )
            except (UnicodeError, LookupError):
                raise HTTPException(400) from None  # an alphabet that is none, or not this one
            try:
                yield _form_of(opened)
            finally:
                await opened.close()

    def _respond(self, visit: Visit) -> Response:
        visit.arrive(*_arrive(visit))
        if visit.request.method == "POST" and not self.from_anywhere:
            refuse_foreign(visit)
        if (refusal := self._turn_away(visit)) is not None:
            return refusal
        by_method = {"POST": self.post, "OPTIONS": self.preflight}
        view = by_method.get(visit.request.method, self.get)
        assert view is not None  # noqa: S101 - the route knows its methods
        response = self._see(view, visit)
        # What is refused is answered with the page as it is.
        if self.reads and response.status_code in (HTTPStatus.OK, HTTPStatus.UNPROCESSABLE_ENTITY):
            note_read(visit, self.reads, self.path)
        return response

    def _see(self, view: View, visit: Visit) -> Response:
        """The view's answer; two who did the same at the same moment are one after the other.

        Nothing is left of what collided, and every act is harmless to repeat: the second time it
        finds what the other did, as if it had come a moment later.
        """
        try:
            return view(visit)
        except DBAPIError as error:
            if not has_collided(error):
                raise
            log.info("done again", path=self.path)
            return view(visit)

    def _turn_away(self, visit: Visit) -> Response | None:
        if self.access is Access.PUBLIC:
            return None
        if self.access is Access.THIS_MACHINE:
            if not is_local(visit.request, visit.installation.settings.base_url):
                raise HTTPException(404)
            return None
        if visit.viewer is None:
            if visit.request.method == "GET":
                return visit.sign_in_redirect()
            return _session_ended(visit)
        return self._hold(visit, visit.viewer)

    def _hold(self, visit: Visit, viewer: Viewer) -> Response | None:
        """What somebody who is signed in has to show first."""
        is_act, needs_role = visit.request.method == "POST", isinstance(self.access, Permission)
        if needs_role and viewer.hold is Hold.SET_UP:
            return _ask_to_set_up(visit)
        if viewer.hold is Hold.SHOW and (needs_role or self._is_closed_to_half(is_act)):
            return _ask_for_proof(visit)
        if not self._is_theirs(viewer):
            note_refused(visit, self.path)
            raise HTTPException(403, detail=str(viewer.role or ""))
        if self.fresh and not sessions.is_fresh(viewer, visit.now, is_act=is_act):
            return _ask_for_proof(visit)
        return None

    def _is_closed_to_half(self, is_act: bool) -> bool:
        return is_act and self.access is not Access.SESSION

    def _is_theirs(self, viewer: Viewer) -> bool:
        if isinstance(self.access, Permission):
            return may(viewer.role, self.access)
        return self.access is not Access.ORGANISER or viewer.is_organiser


def _form_of(sent: FormData) -> Form:
    fields: dict[str, list[str]] = {}
    uploads: list[Upload] = []
    for name, value in sent.multi_items():
        if isinstance(value, str):
            fields.setdefault(name, []).append(scrub(value))
        elif value.filename:
            uploads.append(Upload(scrub(value.filename), value.file))
    return Form(fields, uploads)


async def _in_thread(respond: Callable[[], Answer], is_slow: bool) -> Answer:
    """Run a view in a thread. Raises Unavailable if none becomes free in time.

    Threads are as many as database connections: when the database hangs, all of them do.
    """
    threads = _slow_threads() if is_slow else anyio.to_thread.current_default_thread_limiter()
    me = object()
    try:
        with anyio.fail_after(SLOW_QUEUE_SECONDS if is_slow else QUEUE_SECONDS):
            await threads.acquire_on_behalf_of(me)
    except TimeoutError:
        raise Unavailable("too much is going on, or the database does not answer") from None
    try:
        return await anyio.to_thread.run_sync(respond, limiter=_EXTRA)
    finally:
        threads.release_on_behalf_of(me)


_EXTRA = anyio.CapacityLimiter(math.inf)
"""Threads are counted by `_in_thread` itself, which knows how long it is willing to wait."""


@cache
def _slow_threads() -> anyio.CapacityLimiter:
    return anyio.CapacityLimiter(SLOW_THREADS)


def _session_ended(visit: Visit) -> Response:
    """A form came after its session had ended: the way back leads to the page it stood on."""
    return visit.page("member/session-ended.html", status=403, back=_came_from(visit) or "/me")


def _ask_for_proof(visit: Visit) -> Response:
    """Who is it? A form that came too late stays in its window, and the way back leads to it."""
    if visit.request.method == "GET":
        return visit.redirect(f"/sign-in/proof?next={quote(visit.path)}")
    is_organiser = visit.viewer is not None and visit.viewer.is_organiser
    back = _came_from(visit) or ("/organise" if is_organiser else "/me")
    return visit.page("member/prove-first.html", status=403, back=back)


def _ask_to_set_up(visit: Visit) -> Response:
    """The week for a second factor is over. A form that came stays in its window."""
    if visit.request.method == "GET":
        return visit.redirect("/me/second-factor?said=due")
    return visit.page("member/set-up-first.html", status=403)


def _came_from(visit: Visit) -> str:
    """The page of ours that a form stood on; empty if the browser does not say."""
    came_from = urlsplit(visit.request.headers.get("referer", ""))
    is_ours = came_from.netloc == visit.request.headers.get("host", "")
    return visit.own_path(came_from.path) if is_ours else ""


def session_cookie(is_https: bool) -> str:
    """The name of the session cookie; browsers guard the `__Host-` one, which needs https."""
    return "__Host-session" if is_https else "session"


def browser_cookie(is_https: bool) -> str:
    """The name of the cookie that remembers the browser which asked to sign in."""
    return "__Host-browser" if is_https else "browser"


def _arrive(visit: Visit) -> tuple[Viewer | None, Community]:
    """Who is signed in, and what the community says of itself, in one look.

    A page that asks nothing else of the database comes also while that does not answer.
    """
    token = visit.request.cookies.get(session_cookie(visit.installation.settings.is_https))
    try:
        with visit.installation.reading() as work:
            community = work.community
            viewer = sessions.find_viewer(work, token) if token else None
    except SQLAlchemyError:
        if token:
            raise
        return None, visit.community
    visit.request.app.state.community = community
    if viewer is not None and viewer.is_due:
        with visit.unit_of_work() as work:
            sessions.touch(work, viewer.session_id)
    return viewer, community
