"""Who asks, where a proxy stands in front of us: believed only from proxies that were named."""

from collections.abc import Callable, Sequence
from ipaddress import ip_address, ip_network

import anyio.to_thread
import structlog
from redis.exceptions import RedisError
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

log = structlog.get_logger()

MOST_PEERS = 100


class Proxies:
    """Puts the visitor's address in the place of a named proxy's, and tells of unnamed ones."""

    def __init__(self, app: ASGIApp, trusted: Sequence[str], note: Callable[[str], None]) -> None:
        self._app = app
        self._behind: ASGIApp = ProxyHeadersMiddleware(app, list(trusted))  # type: ignore[arg-type, assignment]
        self._trusted = [ip_network(network) for network in trusted]
        self._note = note
        self._told: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        peer = (scope.get("client") or ("",))[0]
        if self._is_named(peer):
            await self._behind(scope, receive, send)
            return
        names = [name for name, _ in scope.get("headers", ())]
        if scope["type"] == "http" and b"x-forwarded-for" in names:
            await self._tell(peer)
        await self._app(scope, receive, send)

    def _is_named(self, peer: str) -> bool:
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in self._trusted)

    async def _tell(self, peer: str) -> None:
        """Once for each, in each process: strangers can send the header too."""
        if peer in self._told or len(self._told) >= MOST_PEERS:
            return
        self._told.add(peer)
        log.warning("not a trusted proxy", address=peer, setting="STAFFROOM_TRUSTED_PROXIES")
        await anyio.to_thread.run_sync(self._keep, peer)

    def _keep(self, peer: str) -> None:
        try:
            self._note(peer)
        except RedisError:
            self._told.discard(peer)
