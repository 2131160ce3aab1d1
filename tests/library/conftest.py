"""A server of feeds of our own, and a fetcher that may reach it."""

from collections.abc import Iterator

import pytest

from library.fetching import Fetcher, GuardedBackend
from tests.support.feed_server import FeedServer, feed_server


@pytest.fixture
def server() -> Iterator[FeedServer]:
    """A server of feeds."""
    with feed_server() as feeds:
        yield feeds


@pytest.fixture
def fetcher(server: FeedServer) -> Fetcher:
    """A fetcher that may reach it, and waits two seconds."""
    return Fetcher("test", GuardedBackend([server.host]), deadline=2.0)
