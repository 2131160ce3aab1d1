"""Fetching what strangers serve, without being led into our own network (SSRF).

Addresses are checked when we connect, and we connect to the very address that was checked: a name
that resolves differently the second time changes nothing. No proxies, no cookies, no credentials;
only http and https on their own ports; redirects are few and each is checked; the answer is small
and in time, or it is not taken.
"""

import socket
import time
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from math import inf
from ssl import SSLContext
from typing import Any
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

import httpcore2
from httpcore2 import SOCKET_OPTION, NetworkBackend, NetworkStream, SyncBackend

from core.i18n import N_
from library.fetched import Fetched, FetchProblem
from library.open_internet import is_public

LARGEST = 30 * 1024 * 1024
"""Of a feed, after decompression: a podcast of twenty years has so many shownotes."""
MOST_REDIRECTS = 5
SECONDS = 8.0
DEADLINE = 25.0
PORTS = {"http": 80, "https": 443}
PERMANENT = (301, 308)
REDIRECTS = (301, 302, 303, 307, 308)

Resolve = Callable[[str, int], Sequence[str]]


def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, as the machine knows them."""
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


_UNTIL: ContextVar[float] = ContextVar("until", default=inf)
"""The moment by which the fetch of this thread has to be over."""


def _left(timeout: float | None) -> float:
    """A timeout cut to what is left of the deadline. Raises TimeoutException."""
    left = _UNTIL.get() - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout("the deadline is over")
    return min(left, timeout if timeout is not None else SECONDS)


class _HurriedStream(NetworkStream):
    """A connection that nobody can hold open by sending a byte now and then."""

    def __init__(self, inner: NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> NetworkStream:
        secured = self._inner.start_tls(ssl_context, server_hostname, _left(timeout))
        return _HurriedStream(secured)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class GuardedBackend(NetworkBackend):
    """Connects only to public addresses, and to exceptions that the operator named."""

    def __init__(self, exceptions: Iterable[str] = (), resolve: Resolve = resolve) -> None:
        """`exceptions` are `host:port` of one's own network that may be fetched from."""
        self._exceptions = frozenset(exceptions)
        self._resolve = resolve
        self._inner = SyncBackend()

    def may_reach(self, host: str, port: int, scheme: str) -> bool:
        """Whether the port is the scheme's own, or the place is an exception."""
        return port == PORTS[scheme] or f"{host}:{port}" in self._exceptions

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> NetworkStream:
        """Resolve, check every address, and connect to the first of those."""
        addresses = self._resolve(host, port)
        is_excepted = f"{host}:{port}" in self._exceptions
        if not addresses or not (is_excepted or all(map(is_public, addresses))):
            raise _not_public(host)
        stream = self._inner.connect_tcp(
            addresses[0], port, _left(timeout), local_address, list(socket_options or ())
        )
        return _HurriedStream(stream)


@dataclass(frozen=True)
class Fetcher:
    """Fetches with a polite name and hard limits."""

    agent: str
    backend: GuardedBackend
    largest: int = LARGEST
    deadline: float = DEADLINE
    pool: httpcore2.ConnectionPool = field(init=False)

    def __post_init__(self) -> None:
        pool = httpcore2.ConnectionPool(
            network_backend=self.backend, max_connections=8, max_keepalive_connections=0
        )
        object.__setattr__(self, "pool", pool)

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Fetched:
        """The answer for `url`: 200 or 304. Raises FetchProblem in words for everything else."""
        return self._follow(url, headers or {}, has_body=True)

    def reach(self, url: str) -> None:
        """Look whether something is there, without taking it. Raises FetchProblem if not."""
        self._follow(url, {}, has_body=False)

    def _follow(self, url: str, headers: Mapping[str, str], *, has_body: bool) -> Fetched:
        until = time.monotonic() + self.deadline
        _UNTIL.set(until)
        moved_to, only_permanent = "", True
        for _ in range(MOST_REDIRECTS + 1):
            url = checked_url(url, self.backend)
            answer = self._once(url, headers, until, has_body=has_body)
            if answer.status not in REDIRECTS:
                return _usable(answer, moved_to)
            target = answer.headers.get("location", "")
            if not target:
                raise FetchProblem(N_("The server sent us on, but not where to."))
            only_permanent = only_permanent and answer.status in PERMANENT
            url = joined(url, target)
            moved_to = url if only_permanent else moved_to
        raise FetchProblem(N_("The server sent us on and on: more than five times."))

    def _once(
        self, url: str, headers: Mapping[str, str], until: float, *, has_body: bool
    ) -> Fetched:
        asked = {"User-Agent": self.agent, "Accept-Encoding": "gzip", "Accept": "*/*", **headers}
        timeouts = dict.fromkeys(("connect", "read", "write", "pool"), SECONDS)
        try:
            with self.pool.stream(
                "GET", url, headers=list(asked.items()), extensions={"timeout": timeouts}
            ) as response:
                said = {k.decode("latin-1").lower(): v.decode("latin-1")
                        for k, v in response.headers}  # fmt: skip
                wants_body = has_body and response.status == 200
                body = self._read(response.iter_stream(), said, until) if wants_body else b""
                return Fetched(response.status, url, said, body)
        except FetchProblem:
            raise
        except httpcore2.TimeoutException:
            raise _too_slow() from None
        except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError, UnicodeError) as error:
            raise FetchProblem(
                N_("The server cannot be reached (%(why)s).", why=_short(error))
            ) from None

    def _read(self, chunks: Iterable[bytes], said: Mapping[str, str], until: float) -> bytes:
        unpack = _unpacker(said.get("content-encoding", ""), self.largest)
        body = bytearray()
        for chunk in chunks:
            if time.monotonic() > until:
                raise _too_slow()
            body += unpack(chunk)
            if len(body) > self.largest:
                raise FetchProblem(
                    N_("It is larger than %(megabytes)s MB.", megabytes=self.largest >> 20)
                )
        return bytes(body)


@cache
def make_fetcher(contact: str, exceptions: tuple[str, ...]) -> Fetcher:
    """The fetcher of this process. `contact` is an address at which somebody can complain."""
    agent = f"Staffroom/1 (feed reader of a community of teachers; +{contact})"
    return Fetcher(agent, GuardedBackend(exceptions))


def joined(base: str, target: str) -> str:
    """`target` as seen from `base`. Raises FetchProblem if it is no address."""
    try:
        return urljoin(base, target)
    except ValueError:
        raise FetchProblem(N_("This is not an address that we can read.")) from None


def checked_url(url: str, backend: GuardedBackend) -> str:
    """`url` without its fragment, if we may fetch it. Raises FetchProblem."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port or PORTS.get(parts.scheme, 0)
        host = (parts.hostname or "").encode("idna").decode() if parts.hostname else ""
    except (ValueError, UnicodeError):
        raise FetchProblem(N_("This is not an address that we can read.")) from None
    if parts.scheme not in PORTS or not host or parts.username is not None:
        raise FetchProblem(N_("Only addresses that begin with http:// or https:// can be fetched."))
    if not backend.may_reach(host, port, parts.scheme):
        raise FetchProblem(N_("Port %(port)s is not one of the web's own (80 and 443).", port=port))
    shown = f"[{host}]" if ":" in host else host
    place = shown if port == PORTS[parts.scheme] else f"{shown}:{port}"
    return urlunsplit((parts.scheme, place, _ascii(parts.path) or "/", _ascii(parts.query), ""))


def _ascii(part: str) -> str:
    return quote(part, safe="%/:=&?~#+!$,;'@()*[]")


SHY = (405, 406, 451, 999)
"""What servers say to whoever is no browser, or comes from the wrong country."""


def _usable(answer: Fetched, moved_to: str) -> Fetched:
    status = answer.status
    if status in (200, 304):
        return Fetched(status, answer.url, answer.headers, answer.body, moved_to)
    if status == 410:
        raise FetchProblem(N_("The server says that it is gone for good."), is_gone=True)
    if status in (401, 403):
        words = N_("The server does not let us in (%(code)s).", code=status)
        raise FetchProblem(words, is_shy=True)
    if status == 404:
        raise FetchProblem(N_("There is nothing at this address (404)."))
    wait = _retry_after(answer.headers.get("retry-after", ""))
    if status == 429:
        raise FetchProblem(N_("The server asks us to come less often."), wait, is_shy=True)
    words = N_("The server answered with an error (%(code)s).", code=status)
    raise FetchProblem(words, wait, is_shy=status in SHY)


def _retry_after(said: str) -> float | None:
    """Seconds; the date form of the header is rare, and our own back-off serves as well."""
    return float(said) if said.isdecimal() and len(said) < 8 else None


def _unpacker(encoding: str, largest: int) -> Callable[[bytes], bytes]:
    if encoding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
        return bytes
    stream = zlib.decompressobj(wbits=47)

    def unpack(chunk: bytes) -> bytes:
        try:
            # One byte more than allowed is enough to know; a bomb is never unpacked whole.
            return stream.decompress(chunk, largest + 1)
        except zlib.error:
            raise FetchProblem(N_("It is packed in a way that we cannot read.")) from None

    return unpack


def _not_public(host: str) -> FetchProblem:
    return FetchProblem(
        N_("“%(host)s” is not a place on the open internet, so we do not go there.", host=host)
    )


def _too_slow() -> FetchProblem:
    return FetchProblem(N_("The server is too slow."))


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
