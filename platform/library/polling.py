"""Looking at the feeds that are due: a few at a time, one per host, each in its own transaction.

A feed is claimed by moving its next look into the future, so two workers never look at one feed at
once, and a worker that dies costs it one look. Nothing is fetched while a transaction is open.
"""

import hashlib
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError

from core.actors import Who
from core.i18n import N_
from core.jobs import UPKEEP, Job
from core.schedule import is_due
from core.transitions import walk
from core.unit_of_work import UnitOfWork
from library.entries import ReadFeed, read_feed
from library.fetched import Fetched, FetchProblem
from library.fetching import Fetcher
from library.models import Feed
from library.states import FEEDS, FeedState
from library.storing import store_entries
from library.timing import LONGEST_WAIT, next_look

AT_ONCE = 4
A_ROUND = 24
A_HOSTS_ROUND = 4
HOST_SPACING = 1.0
CLAIM = timedelta(minutes=10)
LONGEST_URL = 2000
MOVES_BELIEVED = 3
"""How often a permanent redirect must lead to the same place before we go there at once."""
POLL_FEEDS = Job("worker.jobs.poll_feeds", UPKEEP)
FETCH_PICTURES = Job("worker.jobs.fetch_pictures", UPKEEP)

OpenWork = Callable[[], AbstractContextManager[UnitOfWork]]

log = structlog.get_logger()


@dataclass(frozen=True)
class Look:
    """What a worker needs to know to look at a feed, without a session."""

    feed_id: int
    url: str
    etag: str
    last_modified: str
    digest: str

    @property
    def host(self) -> str:
        """The server, of which no two requests run at once."""
        return _host(self.url)

    @property
    def conditions(self) -> dict[str, str]:
        """The headers that let the server say: nothing new."""
        headers = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in headers.items() if value}


def poll_due(open_work: OpenWork, fetcher: Fetcher, most: int = A_ROUND) -> int:
    """Look at the feeds that are due. Returns how many; if there may be more, wakes the next."""
    with open_work() as work:
        looks = claim_due(work, most)
        if len(looks) >= A_HOSTS_ROUND:
            work.wake(POLL_FEEDS)
    poll_all(open_work, fetcher, looks)
    return len(looks)


def poll_all(open_work: OpenWork, fetcher: Fetcher, looks: Sequence[Look]) -> None:
    """Look at these feeds: four hosts at a time, one feed of a host after the other."""
    by_host: dict[str, list[Look]] = defaultdict(list)
    for look in looks:
        by_host[look.host].append(look)

    def one_host(of_host: list[Look]) -> None:
        for number, look in enumerate(of_host):
            if number:
                time.sleep(HOST_SPACING)
            poll_one(open_work, fetcher, look)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(one_host, by_host.values()))


def poll_one(open_work: OpenWork, fetcher: Fetcher, look: Look) -> None:
    """Look at one feed and write down how it went. What goes wrong disturbs no other feed."""
    try:
        _look(open_work, fetcher, look)
    except FetchProblem as problem:
        _note_failure(open_work, look, problem)
    except Exception as error:  # noqa: BLE001 - whatever a stranger's feed does, the others go on
        log.warning("feed not read", feed=look.feed_id, error=type(error).__name__)
        words = N_("Something in it cannot be read; we have noted it in the log.")
        _note_failure(open_work, look, FetchProblem(words))


def _note_failure(open_work: OpenWork, look: Look, problem: FetchProblem) -> None:
    try:
        with open_work() as work:
            note_failure(work, look.feed_id, problem)
    except SQLAlchemyError as error:
        # Its claim ends by itself, and it is looked at again.
        log.warning("failure not noted", feed=look.feed_id, error=type(error).__name__)


def _look(open_work: OpenWork, fetcher: Fetcher, look: Look) -> None:
    fetched = fetcher.fetch(look.url, look.conditions)
    digest = "" if fetched.is_unchanged else hashlib.sha256(fetched.body).hexdigest()
    if fetched.is_unchanged or digest == look.digest:
        with open_work() as work:
            note_success(work, look.feed_id, fetched, look.digest)
        return
    with open_work() as work:
        now = work.now
    read = read_feed(fetched, now)
    with open_work() as work:
        # A feed's two looks, if a claim ever runs out, store one after the other.
        feed = work.session.get(Feed, look.feed_id, with_for_update=True)
        if feed is None:
            return
        store_entries(work, feed, read)
        note_success(work, look.feed_id, fetched, digest, read)


def claim_due(work: UnitOfWork, most: int) -> list[Look]:
    """Take the feeds that are due, the longest waiting first, and few of each host."""
    due = (
        select(Feed.id, Feed.url)
        .where(Feed.state == FeedState.ACTIVE, is_due(Feed.next_at, work.now, LONGEST_WAIT))
        .order_by(Feed.next_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    # A host's feeds are fetched one after the other: too many would outlast the job.
    of_host: Counter[str] = Counter()
    chosen = []
    for feed_id, url in work.session.execute(due):
        of_host[_host(url)] += 1
        if of_host[_host(url)] <= A_HOSTS_ROUND:
            chosen.append(feed_id)
    return _claim(work, chosen)


def claim_feeds(work: UnitOfWork, ids: Sequence[int]) -> list[Look]:
    """Take these feeds, due or not: somebody wants to look now."""
    return _claim(work, ids)


def all_feeds(work: UnitOfWork) -> list[int]:
    """The ids of all feeds that are looked at."""
    return list(work.session.scalars(select(Feed.id).where(Feed.state == FeedState.ACTIVE)))


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower()


def _claim(work: UnitOfWork, ids: Sequence[int]) -> list[Look]:
    rows = work.session.execute(
        update(Feed)
        .where(Feed.id.in_(ids), Feed.state == FeedState.ACTIVE)
        .values(next_at=work.now + CLAIM, tried_at=work.now)
        .returning(Feed.id, Feed.url, Feed.etag, Feed.last_modified, Feed.digest)
        .execution_options(synchronize_session=False)
    )
    return [Look(*row) for row in rows]


def note_success(
    work: UnitOfWork, feed_id: int, fetched: Fetched, digest: str, read: ReadFeed | None = None
) -> None:
    """Write down that a look went well, and where the feed lives now."""
    feed = work.session.get(Feed, feed_id, populate_existing=True)
    if feed is None:
        return
    feed.failures, feed.problem, feed.problem_values = 0, "", {}
    feed.good_at, feed.digest = work.now, digest
    feed.etag = fetched.headers.get("etag", feed.etag)[:1000]
    feed.last_modified = fetched.headers.get("last-modified", feed.last_modified)[:200]
    feed.next_at = work.now + next_look(0, None, random.random())  # noqa: S311 - only spreads
    if read is not None:
        feed.skipped = read.skipped
        feed.title = feed.title or read.title
        feed.site_url = feed.site_url or read.site_url
    _follow(work, feed, fetched)


def _follow(work: UnitOfWork, feed: Feed, fetched: Fetched) -> None:
    """Believe a permanent redirect after it has led to the same place three times."""
    if not fetched.moved_to or len(fetched.moved_to) > LONGEST_URL:
        feed.moved_to, feed.moved_times = "", 0
        return
    is_same = feed.moved_to == fetched.moved_to
    feed.moved_to, feed.moved_times = fetched.moved_to, feed.moved_times + 1 if is_same else 1
    taken = work.session.scalar(select(Feed.id).where(Feed.url == fetched.moved_to))
    if feed.moved_times >= MOVES_BELIEVED and taken is None:
        feed.url, feed.moved_to, feed.moved_times = fetched.moved_to, "", 0


def note_failure(work: UnitOfWork, feed_id: int, problem: FetchProblem) -> None:
    """Write down why a look failed, and wait longer the more often it does."""
    feed = work.session.get(Feed, feed_id, populate_existing=True)
    if feed is None:
        return
    feed.failures += 1
    feed.problem = problem.message.source
    feed.problem_values = {key: str(value) for key, value in problem.message.values.items()}
    wait = next_look(feed.failures, problem.wait, random.random())  # noqa: S311 - only spreads
    feed.next_at = work.now + wait
    if problem.is_gone:
        this_feed, target = Feed.id == feed_id, FeedState.GONE
        walk(work.session, Feed.state, FEEDS, target, Who.WORKER, this_feed)
