"""The application, built from an installation. Nothing happens at import."""

import errno
import gc
import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from functools import cache, partial

import anyio.to_thread
import structlog
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as DatabaseTimeout
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope

from core.errors import Refusal, Unavailable
from core.i18n import N_
from core.installation import Installation
from core.settings_log import note_settings
from core.tokens import BrokenToken, ExpiredToken, ReplacedToken
from core.unknown_proxies import note_proxy
from mail.rendering import warm
from members.roles import Role
from web.endpoint import THREADS
from web.forms import Form
from web.middleware import (
    HEADERS,
    BodyInTime,
    BodyTooSlow,
    LanguagePrefix,
    ReadableLimit,
    RequestLog,
    SecurityHeaders,
)
from web.proxies import Proxies
from web.routes import routes
from web.visit import Visit
from workshops.registration.page_links import LinkEnded

log = structlog.get_logger()


def create_app(installation: Installation) -> Starlette:
    """The web application of one installation."""
    settings = installation.settings
    app = Starlette(
        routes=routes(settings),
        middleware=[
            Middleware(
                Proxies,
                trusted=settings.trusted_proxies,
                note=partial(note_proxy, installation.redis),
            ),
            Middleware(SecurityHeaders, is_https=settings.is_https),
            Middleware(RequestLog),
            Middleware(
                TrustedHostMiddleware, allowed_hosts=_hosts(installation), www_redirect=False
            ),
            Middleware(BodyInTime),
            Middleware(LanguagePrefix),
            Middleware(ReadableLimit, page=_too_large),
        ],
        exception_handlers={
            HTTPException: _http_error,
            BrokenToken: _broken_link,
            ExpiredToken: _broken_link,
            ReplacedToken: _replaced_link,
            LinkEnded: _ended_link,
            Refusal: _refusal,
            Unavailable: _unavailable,
            OperationalError: _unavailable,
            DatabaseTimeout: _unavailable,
            OSError: _no_room,
            ClientDisconnect: _gone,
            BodyTooSlow: _gone,
            Exception: _fault,
        },
        lifespan=_lifespan,
    )
    app.state.installation = installation
    return app


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncGenerator[None]:
    # Every thread may hold a database connection, so there are no more threads than those.
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    await anyio.to_thread.run_sync(_note_settings, app.state.installation)
    await anyio.to_thread.run_sync(_know_community, app)
    threading.Thread(target=_warm, name="compile mails", daemon=True).start()
    yield
    app.state.installation.database.engine.dispose()


def _note_settings(installation: Installation) -> None:
    """A database that does not answer yet is said by `/readyz`, not by a start that fails."""
    with suppress(SQLAlchemyError), installation.unit_of_work() as work:
        note_settings(work)


def _know_community(app: Starlette) -> None:
    """Pages that ask no database, such as those about errors, bear the community's name too."""
    installation: Installation = app.state.installation
    with suppress(SQLAlchemyError), installation.reading() as work:
        app.state.community = work.community


@cache
def _warm() -> None:
    """Once in a process: what stays for its life is looked through by the collector no more.

    Looking through all of it, with every thread waiting, was the slowest hundredth of sign-ups.
    """
    warm()
    gc.collect()
    gc.freeze()


def _hosts(installation: Installation) -> list[str]:
    hosts = [installation.settings.host]
    if installation.settings.env == "development":
        hosts += ["127.0.0.1", "localhost", "[::1]"]
    return hosts


# Handlers are asynchronous: Starlette would run others in the threads that a hung database holds.


def _visit(request: Request) -> Visit:
    return Visit(request, request.app.state.installation, Form())


def _too_large(scope: Scope, receive: Receive) -> Response:
    page = _visit(Request(scope, receive)).page("error.html", status=413, code=413, sentence="")
    page.headers["Connection"] = "close"  # the rest of the body will not be read
    return page


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - Starlette chose this handler
    if error.status_code in (304, 204):
        return Response(status_code=error.status_code, headers=error.headers)
    visit = _visit(request)
    role = error.detail if error.detail in set(Role) else ""
    words = N_("Your role (%(role)s) does not include this. Please ask an owner.", role=role)
    response = visit.page(
        "error.html",
        status=error.status_code,
        code=error.status_code,
        sentence=visit.text(words) if role else "",
    )
    response.headers.update(error.headers or {})
    return response


async def _broken_link(request: Request, _error: Exception) -> Response:
    return _visit(request).page("broken-link.html", status=404)


async def _replaced_link(request: Request, _error: Exception) -> Response:
    return _visit(request).page("replaced-link.html", status=410, is_asked=False)


async def _ended_link(request: Request, _error: Exception) -> Response:
    visit, token = _visit(request), request.path_params["token"]
    said = visit.query("said")
    status = 200 if said == "sent" else 410
    return visit.page("workshops/old-link.html", status=status, token=token, said=said)


async def _refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101 - Starlette chose this handler
    visit = _visit(request)
    return visit.page("error.html", status=422, code=422, sentence=visit.say(error))


async def _unavailable(request: Request, error: Exception) -> Response:
    log.error("unavailable", reason=type(error).__name__, path=request.url.path.split("/")[1])
    response = _visit(request).page("error.html", status=503, code=503, sentence="")
    response.headers["Retry-After"] = "30"
    return response


async def _no_room(request: Request, error: Exception) -> Response:
    """A disk that is full is nobody's fault, and passes."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return await _unavailable(request, error)
    raise error


async def _gone(_request: Request, error: Exception) -> Response:
    """Who left in the middle of a form, or sent none, gets no page; the log gets one line."""
    log.info("request not finished by the other side", how=type(error).__name__)
    return Response(status_code=408, headers={"Connection": "close"})


async def _fault(request: Request, _error: Exception) -> Response:
    # Starlette raises the error again after this answer, so that the server logs it.
    # This handler stands outside all middleware, so it sets the headers itself.
    response = _visit(request).page("error.html", status=500, code=500, sentence="")
    response.headers.update(HEADERS)
    return response
