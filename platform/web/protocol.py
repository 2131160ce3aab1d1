"""HTTP for people in a hurry: who opens a connection and says nothing does not hold it for ever.

uvicorn ends an idle connection between two requests, but waits without end for the rest of a
request's head. (The body has its own time: `web.middleware.BodyInTime`.)
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 15.0


class HurriedHttp(HttpToolsProtocol):
    """Closes a connection whose request head is not complete in time."""

    _until: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._wait_for_head()

    def on_message_begin(self) -> None:
        """Begin to wait for the head of the next request on the same connection."""
        super().on_message_begin()
        self._wait_for_head()

    def on_headers_complete(self) -> None:
        """It came in time."""
        self._stop_waiting()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody waits any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        self._stop_waiting()
        self._until = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._until is not None:
            self._until.cancel()
            self._until = None

    def _give_up(self) -> None:
        self._until = None
        if self.transport is not None and not self.transport.is_closing():
            self.transport.close()
