"""The library: storing a large feed, looking at many feeds, opening its pages when it is full."""

import statistics
import time
from contextlib import ExitStack
from dataclasses import dataclass

import httpx2
from sqlalchemy import text

from bench.ground import Ground, await_url, free_port, ground, process
from core.installation import Installation
from library import collections, feeds, polling
from library.collections import CollectionText
from library.fetching import Fetcher, GuardedBackend
from library.kinds import Boundary
from members.roles import Role
from tests.support.feed_server import episode, feed_server, rss
from tests.support.people import Browser

ENTRIES = 5000
FEEDS = 200
ITEMS = 20_000
PAGES = 300
PATHS = (
    "/library",
    "/library?page=200",
    "/library?kind=recording&language=en",
    "/library?words=listening",
    "/library?words=item+19",
    "/library?topic=Trust",
    "/library/item-777",
    "/library/collections/for-everybody",
    "/",
    "/search?q=listening",
    "/search?q=item+19",
    "/search?q=lissening",
)
SHELVES = ("", "?words=listening", "?standing=waiting", "?order=title", "?topic=Trust&page=40")
TOGETHER = 200


@dataclass(frozen=True)
class Figures:
    """What one run measured."""

    database: str
    store: float
    again: float
    many: float
    pages: dict[str, float]

    def __str__(self) -> str:
        worst = max(self.pages.values())
        where = max(self.pages, key=lambda path: self.pages[path])
        return (
            f"| {self.database} | {self.store:.2f} s | {self.again:.3f} s | {self.many:.1f} s "
            f"| {worst:.0f} ms (`{where}`) | {statistics.median(self.pages.values()):.0f} ms |"
        )


HEADER = (
    f"| database | {ENTRIES:,} entries stored | looked at again, unchanged | {FEEDS} feeds, one "
    f"worker | worst p99 of a page, {ITEMS:,} items | median p99 |\n|---|---|---|---|---|---|"
)


def measure(database: str) -> Figures:
    """Store, look again, look at many, and open pages one after the other."""
    with ground(database) as here, ExitStack() as stack:
        server = stack.enter_context(feed_server())
        body = rss(*(episode(n, f"Part {n} on listening") for n in range(ENTRIES)))
        url = server.serve("/large", body)
        fetcher = Fetcher("bench", GuardedBackend([server.host]))
        feed_id = _add(here.installation, fetcher, url)
        store = _look(here.installation, fetcher, [feed_id])
        again = _look(here.installation, fetcher, [feed_id])
        many = _many(here.installation, stack)
        _fill(here.installation)
        pages = {**_pages(here), **_shelves(here.installation)}
    return Figures(database, store, again, many, pages)


def _add(installation: Installation, fetcher: Fetcher, url: str) -> int:
    with installation.reading() as work:
        preview = feeds.look_before_adding(fetcher, url, work.now)
    with installation.unit_of_work() as work:
        return feeds.add_feed(work, preview, "en", True, None)


def _look(installation: Installation, fetcher: Fetcher, ids: list[int]) -> float:
    began = time.perf_counter()
    with installation.unit_of_work() as work:
        looks = polling.claim_feeds(work, ids)
    polling.poll_all(installation.unit_of_work, fetcher, looks)
    return time.perf_counter() - began


def _many(installation: Installation, stack: ExitStack) -> float:
    """Feeds on as many hosts, each of 25 entries; one after the other per host, four at a time."""
    servers = [stack.enter_context(feed_server()) for _ in range(FEEDS)]
    fetcher = Fetcher("bench", GuardedBackend([server.host for server in servers]))
    ids = []
    for number, server in enumerate(servers):
        items = (episode(n, f"Feed {number} part {n}") for n in range(25))
        ids.append(_add(installation, fetcher, server.serve("/f", rss(*items))))
    return _look(installation, fetcher, ids)


def _fill(installation: Installation) -> None:
    """Bring the library to its full size with copies of what is there."""
    with installation.unit_of_work() as work:
        run = work.session.execute
        have = run(text("SELECT count(*) FROM library_item")).scalar_one()
        columns = (
            "kind, state, boundary, language, title, summary, body_html, byline, licence, url, "
            "media_url, media_type, picture_url, picture, picture_tries, digest, dated_at, "
            "published_at, changed_at"
        )
        source = f"SELECT 'item-' || id, {columns} FROM library_item ORDER BY id LIMIT :n"  # noqa: S608
        run(
            text(f"INSERT INTO library_item (slug, {columns}) {source}"),
            {"n": min(have, ITEMS - have)},
        )
        copied = (
            "SELECT id, 'item ' || id || ' on listening' FROM library_item WHERE feed_id IS NULL"
        )
        run(text(f"INSERT INTO library_words (rowid, words) {copied}"))
        run(
            text(
                "INSERT INTO library_item_topic (item_id, topic) "
                "SELECT id, 'Trust' FROM library_item WHERE id % 7 = 0"
            )
        )
    with installation.unit_of_work() as work:
        text_ = CollectionText("For everybody", "", "", "en", Boundary.ANYONE)
        collection = collections.begin(work, text_)
        collections.put_in(work, collection.id, range(100, 100 + TOGETHER))
    with installation.database.engine.begin() as connection:
        connection.execute(text("ANALYZE"))


def _pages(here: Ground) -> dict[str, float]:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    environment = {**here.environment, "STAFFROOM_BASE_URL": base}
    with process(environment, "staffroom", "web", "--port", str(port)):
        await_url(f"{base}/healthz")
        with httpx2.Client(base_url=base) as client:
            return {path: _p99(client, path) for path in PATHS}


def _shelves(installation: Installation) -> dict[str, float]:
    """The organisers' side, without a network between."""
    with Browser.of(installation) as editor:
        editor.sign_in("ed@bench.example", Role.EDITOR)
        paths = [f"/organise/library{asked}" for asked in SHELVES]
        return {path: _p99(editor.client, path) for path in paths}


def _p99(client: httpx2.Client, path: str) -> float:
    """Milliseconds that all but one in a hundred openings of a page stay below."""
    times = []
    for number in range(PAGES + 20):
        began = time.perf_counter()
        assert client.get(path).status_code == 200, path
        if number >= 20:
            times.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(times, n=100)[98]
