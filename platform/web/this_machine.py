"""Whether a request comes from this machine itself, and from no proxy on it."""

from urllib.parse import urlsplit

from starlette.requests import Request


def is_local(request: Request, base_url: str) -> bool:
    """Whether a browser of this machine asks a site of this machine, and no proxy stands between.

    Many proxies name themselves in a header, most keep the Host; one that does neither still
    serves a site whose own address is not of this machine.
    """
    peer = request.client.host if request.client else ""
    asked_for = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    names = (peer, asked_for, urlsplit(base_url).hostname or "")
    return all(map(_is_of_this_machine, names)) and not any(map(_is_of_a_proxy, request.headers))


def _is_of_this_machine(host: str) -> bool:
    return host in ("127.0.0.1", "::1", "localhost") or host.endswith(".localhost")


def _is_of_a_proxy(name: str) -> bool:
    """Whether a header is none that a browser sends: proxies name themselves in many ways."""
    return name in _OF_PROXIES or any(part in name for part in _IN_PROXIES)


_OF_PROXIES = frozenset(("via", "x-real-ip", "x-host", "x-scheme", "x-proto", "x-port", "cdn-loop"))
_IN_PROXIES = ("forward", "client-ip", "clientip", "connecting-ip", "original-host", "proxy",
               "envoy", "cf-ray", "cf-visitor", "x-azure", "x-amz-cf", "x-amzn-trace", "real-ip",
               "cluster-client", "x-arr-", "x-varnish", "x-akamai", "x-fastly", "fly-")  # fmt: skip
