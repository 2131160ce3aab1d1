"""Sign-ups a second through one web process: 32 connections, each sending form after form."""

import asyncio
import re
import statistics
import time
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx2

from bench.ground import await_url, free_port, ground, process

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

    def __str__(self) -> str:
        return (
            f"| {self.database} | {self.rate:,.0f} | {self.p50_ms:.0f} ms | {self.p99_ms:.0f} ms |"
        )


HEADER = "| database | sign-ups a second | p50 | p99 |\n|---|---|---|---|"


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
    cuts = statistics.quantiles(times, n=100)
    return Figures(database, len(times) / SECONDS, cuts[49] * 1000, cuts[98] * 1000)


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
