"""What every request and answer goes through, as plain ASGI."""

import time
import uuid
from collections.abc import Callable

import anyio
import structlog
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.i18n import LANGUAGES

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; object-src 'none'"
)

LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
"""For pages that show the bytes of a mail, whose styles are inline: nothing in them can run."""

HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`: under it browsers send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}


class SecurityHeaders:
    """Puts the security headers on every answer that has not set its own."""

    def __init__(self, app: ASGIApp, is_https: bool) -> None:
        self._app = app
        self._headers = dict(HEADERS)
        if is_https:
            self._headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class RequestLog:
    """Gives every request an id, on all that is logged meanwhile, and says how it ended."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = uuid.uuid4().hex[:12]
        with structlog.contextvars.bound_contextvars(request=request_id):

            async def send_with_id(message: Message) -> None:
                if message["type"] == "http.response.start":
                    MutableHeaders(scope=message)["X-Request-Id"] = request_id
                await send(message)

            await self._app(scope, receive, send_with_id)


BODY_SECONDS = 20.0
"""How long the next part of a body may take."""
BODY_BYTES_A_SECOND = 2000
"""The slowest that a whole body may come, after its first 30 seconds."""
BODY_GRACE = 30.0


class BodyTooSlow(Exception):
    """The rest of a request's body does not come, or comes too slowly."""


class BodyInTime:
    """Lets nobody hold a request open by sending its body byte by byte, or not at all."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, received, is_complete = time.monotonic(), 0, False

        async def receive_in_time() -> Message:
            nonlocal received, is_complete
            if is_complete:  # the next message is that the other side has left
                return await receive()
            allowed = BODY_GRACE + received / BODY_BYTES_A_SECOND - (time.monotonic() - began)
            try:
                with anyio.fail_after(max(0.0, min(BODY_SECONDS, allowed))):
                    message = await receive()
            except TimeoutError:
                raise BodyTooSlow from None
            received += len(message.get("body", b""))
            is_complete = not message.get("more_body", False)
            return message

        await self._app(scope, receive_in_time, send)


class ReadableLimit:
    """Starlette refuses a body that is too large in two plain words; people get a page instead."""

    def __init__(self, app: ASGIApp, page: Callable[[Scope, Receive], Response]) -> None:
        self._app = app
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = False

        async def send_readable(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and message["status"] == 413:
                refused = b"text/plain" in dict(message["headers"]).get(b"content-type", b"")
                if refused:
                    await self._page(scope, receive)(scope, receive, send)
            if not refused:
                await send(message)

        await self._app(scope, receive, send_readable)


class LanguagePrefix:
    """`/fi/subscribe` is `/subscribe` in Finnish."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            _, first, rest = [*f"{scope['path']}/".split("/", 2), ""][:3]
            if first in LANGUAGES:
                path = f"/{rest}".rstrip("/") or "/"
                scope = {**scope, "path": path, "staffroom": {"language": first}}
        await self._app(scope, receive, send)
