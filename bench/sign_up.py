"""Sign-ups a second through one web process: 32 connections, each sending form after form."""

import asyncio
import re
import statistics
import time
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import httpx2

from bench.ground import await_url, free_port, ground, process
from core.installation import Installation
from members import sign_up_requests

CONNECTIONS = 32
SECONDS = 15.0
WARM_SECONDS = 3.0


@dataclass(frozen=True)
class Figures:
    """What one run measured."""

    database: str
    rate: float
    p50_ms: float
    p99_ms: float
    looked_at: float
    turned_away: float

    def __str__(self) -> str:
        return (
            f"| {self.database} | {self.rate:,.0f} | {self.p50_ms:.0f} ms | {self.p99_ms:.0f} ms | "
            f"{self.looked_at:,.0f} | {self.turned_away:,.0f} |"
        )


HEADER = (
    "| database | sign-ups a second | p50 | p99 | looked at a second, by the worker | "
    "of a flood that is turned away |\n|---|---|---|---|---|---|"
)
SHARE = 1000
"""Of what came, so many are looked at, once as people and once as a flood."""


def measure(database: str) -> Figures:
    """Post sign-ups for a while and look at how long each took."""
    port = free_port()
    with ground(database) as here:
        base = f"http://127.0.0.1:{port}"
        environment = {**here.environment, "STAFFROOM_BASE_URL": base}
        with process(environment, "staffroom", "web", "--port", str(port)):
            await_url(f"{base}/healthz")
            stamp = _stamp(base)
            asyncio.run(_load(port, stamp, WARM_SECONDS, "warm"))
            times = asyncio.run(_load(port, stamp, SECONDS, "run"))
        looked_at = _settled(here.installation)
        turned_away = _settled(_pressed(here.installation))
    cuts = statistics.quantiles(times, n=100)
    rate, p50, p99 = len(times) / SECONDS, cuts[49] * 1000, cuts[98] * 1000
    return Figures(database, rate, p50, p99, looked_at, turned_away)


def _settled(installation: Installation) -> float:
    """How many sign-ups a second one worker looks at; of those that have come."""
    began, rounds = time.perf_counter(), SHARE // sign_up_requests.AT_ONCE
    for _ in range(rounds):
        sign_up_requests.settle_some(installation)
    return SHARE / (time.perf_counter() - began)


def _pressed(installation: Installation) -> Installation:
    """The same, whose limits are used up."""
    settings = installation.settings.model_copy(update={"sign_ups_in_all": "1/hour"})
    return replace(installation, settings=settings)


async def _load(port: int, stamp: str, seconds: float, name: str) -> list[float]:
    ends = time.perf_counter() + seconds
    rounds = await asyncio.gather(
        *(_one(port, stamp, ends, f"{name}{n}") for n in range(CONNECTIONS))
    )
    return [taken for times in rounds for taken in times]


async def _one(port: int, stamp: str, ends: float, name: str) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    times: list[float] = []
    while (began := time.perf_counter()) < ends:
        fields = {"email": f"{name}-{len(times)}@school.example", "language": "en", "stamp": stamp}
        body = urlencode(fields).encode()
        writer.write(
            b"POST /subscribe HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            + f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        assert length
        await reader.readexactly(int(length[1]))
        times.append(time.perf_counter() - began)
    writer.close()
    return times


def _stamp(base: str) -> str:
    found = re.search(r'name="stamp" value="([^"]+)"', httpx2.get(f"{base}/subscribe").text)
    assert found
    return found[1]
