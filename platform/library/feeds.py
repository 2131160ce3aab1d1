"""Adding feeds and looking after them; preview first, so that nobody adds the wrong one."""

from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.audit import audit
from core.database import insert_if_new
from core.errors import Refusal
from core.i18n import N_, known_language
from core.unit_of_work import UnitOfWork
from library.entries import ReadFeed, read_feed
from library.fetching import Fetched, Fetcher, FetchProblem, joined
from library.models import ACTIVE, GONE, PAUSED, Feed, Item
from library.polling import POLL_FEEDS

FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json",
              "application/json")  # fmt: skip
YOUTUBE = ("www.youtube.com", "youtube.com", "m.youtube.com")
YOUTUBE_FEED = "https://www.youtube.com/feeds/videos.xml"


@dataclass(frozen=True)
class Preview:
    """What adding a feed would bring: where it is, and what it says now."""

    url: str
    feed: ReadFeed


def look_before_adding(fetcher: Fetcher, typed: str, now: datetime) -> Preview:
    """The feed at an address, or the feed that the page there names. Raises Refusal."""
    try:
        url = feed_of_channel(_with_scheme(typed))
        fetched = fetcher.fetch(url)
        feed_url = named_feed(fetched)
        if feed_url is not None:
            fetched = fetcher.fetch(feed_url)
        return Preview(fetched.moved_to or feed_url or url, read_feed(fetched, now))
    except FetchProblem as problem:
        raise Refusal(problem.message, "url") from None
    except ValueError:
        raise Refusal(N_("This is not an address that we can read."), "url") from None


def add_feed(
    work: UnitOfWork, preview: Preview, language: str, publishes_itself: bool, actor_id: int | None
) -> int:
    """Add a feed and look at it soon. Raises Refusal if we have it already."""
    row = {
        "url": preview.url,
        "site_url": preview.feed.site_url,
        "title": preview.feed.title or urlsplit(preview.url).netloc,
        "language": known_language(language),
        "publishes_itself": publishes_itself,
        "state": ACTIVE,
        "added_at": work.now,
        "next_at": work.now,
    }
    added = insert_if_new(work.session, Feed).values(**row, **_UNSEEN).returning(Feed.id)
    feed_id = work.session.scalar(added)
    if feed_id is None:
        raise Refusal(N_("This feed is in the library already."), "url")
    audit(work, actor_id, "add", "feed", feed_id)
    work.wake(POLL_FEEDS)
    return feed_id


_UNSEEN: dict[str, object] = {
    "etag": "", "last_modified": "", "digest": "", "moved_to": "", "moved_times": 0,
    "failures": 0, "problem": "", "problem_values": {}, "skipped": 0,
}  # fmt: skip


@dataclass(frozen=True)
class FeedStanding:
    """A feed and how many items came from it."""

    feed: Feed
    items: int


def standing(session: Session) -> list[FeedStanding]:
    """All feeds, those in trouble first."""
    counted = (
        select(Item.feed_id, func.count().label("stored"))
        .where(Item.feed_id.is_not(None))
        .group_by(Item.feed_id)
        .subquery()
    )
    rows = session.execute(
        select(Feed, func.coalesce(counted.c.stored, 0))
        .outerjoin(counted, counted.c.feed_id == Feed.id)
        .order_by(Feed.failures.desc(), Feed.title, Feed.id)
    )
    return [FeedStanding(feed, items) for feed, items in rows]


def change_feed(
    work: UnitOfWork, feed_id: int, publishes_itself: bool, language: str, title: str
) -> None:
    """Keep an organiser's choices about a feed."""
    named = {"title": " ".join(title.split())[:300]} if title.strip() else {}
    work.session.execute(
        update(Feed)
        .where(Feed.id == feed_id)
        .values(publishes_itself=publishes_itself, language=known_language(language), **named)
    )


def pause_feed(work: UnitOfWork, feed_id: int, actor_id: int | None) -> None:
    """Look no more, until it is resumed. Harmless to repeat."""
    if _change_state(work, feed_id, (ACTIVE, GONE), PAUSED):
        audit(work, actor_id, "pause", "feed", feed_id)


def resume_feed(work: UnitOfWork, feed_id: int, actor_id: int | None) -> None:
    """Look again, now. Harmless to repeat."""
    if _change_state(work, feed_id, (PAUSED, GONE), ACTIVE):
        audit(work, actor_id, "resume", "feed", feed_id)
        work.wake(POLL_FEEDS)


def look_now(work: UnitOfWork, feed_id: int) -> None:
    """Make a feed due. Harmless to repeat."""
    due = update(Feed).where(Feed.id == feed_id, Feed.state == ACTIVE).values(next_at=work.now)
    work.session.execute(due)
    work.wake(POLL_FEEDS)


def _change_state(work: UnitOfWork, feed_id: int, sources: tuple[str, ...], target: str) -> bool:
    moved = work.session.execute(
        update(Feed)
        .where(Feed.id == feed_id, Feed.state.in_(sources))
        .values(state=target, next_at=work.now)
        .returning(Feed.id)
    ).one_or_none()
    return moved is not None


def _with_scheme(typed: str) -> str:
    url = typed.strip()
    if not url:
        raise Refusal(N_("Please write the address of a podcast, channel or blog."), "url")
    url = url.replace("feed://", "https://", 1) if url.startswith("feed://") else url
    return url if "://" in url else f"https://{url}"


def feed_of_channel(url: str) -> str:
    """The feed of a YouTube channel or playlist whose id is in its address; else `url` itself."""
    parts = urlsplit(url)
    if parts.hostname not in YOUTUBE:
        return url
    if parts.path.startswith("/channel/"):
        return f"{YOUTUBE_FEED}?channel_id={parts.path.split('/')[2]}"
    if playlist := parse_qs(parts.query).get("list"):
        return f"{YOUTUBE_FEED}?playlist_id={playlist[0]}"
    return url


def named_feed(fetched: Fetched) -> str | None:
    """The feed that a web page names (`<link rel=alternate>`), or None if it is no such page."""
    if b"<html" not in fetched.body[:4000].lower():
        return None
    finder = _LinkFinder()
    finder.feed(fetched.body[:1_000_000].decode("utf-8", "replace"))
    return joined(fetched.url, finder.found[0]) if finder.found else None


class _LinkFinder(HTMLParser):
    """Collects the feeds that a page names."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        is_alternate = "alternate" in said.get("rel", "").lower().split()
        if tag == "link" and is_alternate and said.get("type", "").lower() in FEED_TYPES:
            self.found.append(said.get("href", ""))
