"""Adding feeds and looking after them; preview first, so that nobody adds the wrong one."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.actors import Actor
from core.audit import audit
from core.confined import TooMuch, Unfit, take_apart
from core.database import fixed, insert_if_new
from core.errors import Refusal, Unavailable
from core.i18n import N_, Message, known_language
from core.transitions import walk
from core.unit_of_work import UnitOfWork
from library.entries import ReadFeed, read_feed
from library.fetched import Fetched, FetchProblem
from library.fetching import Fetcher
from library.models import Feed, Item, Transcript
from library.pages import is_page
from library.polling import POLL_FEEDS
from library.states import FEEDS, FeedState, ItemState

YOUTUBE = ("www.youtube.com", "youtube.com", "m.youtube.com")
YOUTUBE_FEED = "https://www.youtube.com/feeds/videos.xml"


@dataclass(frozen=True)
class NamedFeed:
    """A feed that a web page names."""

    url: str
    title: str


class SeveralFeeds(Exception):
    """The page at an address names more than one feed: somebody has to choose."""

    def __init__(self, feeds: list[NamedFeed]) -> None:
        super().__init__(f"{len(feeds)} feeds")
        self.feeds = feeds


@dataclass(frozen=True)
class Preview:
    """What adding a feed would bring: where it is, and what it says now."""

    url: str
    feed: ReadFeed


def look_before_adding(fetcher: Fetcher, typed: str, now: datetime) -> Preview:
    """The feed at an address, or the feed that the page there names.

    Raises Refusal, or SeveralFeeds if the page names more than one.
    """
    url = ""
    try:
        url = feed_of_channel(_with_scheme(typed))
        fetched = fetcher.fetch(url)
        named = named_feeds(fetched)
        if len(named) > 1:
            raise SeveralFeeds(named)
        if named:
            fetched = fetcher.fetch(named[0].url)
        found = named[0].url if named else url
        return Preview(fetched.moved_to or found, read_feed(fetched, now))
    except FetchProblem as problem:
        raise Refusal(hint_for(url) or problem.message, "url") from None
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
        "state": FeedState.ACTIVE,
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


@dataclass(frozen=True)
class Missing:
    """Of how many items something did not come that their feed names."""

    pictures: int
    texts: int


def missing(session: Session, feed_id: int) -> Missing:
    """What was tried for things that are shown, and did not come; a text that says nothing did."""
    its = (Item.feed_id == feed_id) & (Item.state == fixed(ItemState.PUBLISHED))
    pictures = select(func.count()).where(
        its, Item.picture_url != "", Item.picture == "", Item.cover == "", Item.picture_tries > 0
    )
    texts = (
        select(func.count())
        .select_from(Transcript)
        .join(Item, Item.id == Transcript.item_id)
        .where(its, Transcript.fetched_at.is_(None), Transcript.tries > 0)
    )
    return Missing(session.scalar(pictures) or 0, session.scalar(texts) or 0)


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


def pause_feed(work: UnitOfWork, feed_id: int, by: Actor) -> None:
    """Look no more, until it is resumed. Harmless to repeat."""
    if _change_state(work, feed_id, FeedState.PAUSED, by):
        audit(work, by.member_id, "pause", "feed", feed_id)


def resume_feed(work: UnitOfWork, feed_id: int, by: Actor) -> None:
    """Look again, now. Harmless to repeat."""
    if _change_state(work, feed_id, FeedState.ACTIVE, by):
        audit(work, by.member_id, "resume", "feed", feed_id)
        work.wake(POLL_FEEDS)


def look_now(work: UnitOfWork, feed_id: int) -> None:
    """Make a feed due. Harmless to repeat."""
    due = (
        update(Feed)
        .where(Feed.id == feed_id, Feed.state == FeedState.ACTIVE)
        .values(next_at=work.now)
    )
    work.session.execute(due)
    work.wake(POLL_FEEDS)


def _change_state(work: UnitOfWork, feed_id: int, target: FeedState, by: Actor) -> bool:
    this_feed = Feed.id == feed_id
    return walk(work.session, Feed.state, FEEDS, target, by.who, this_feed, next_at=work.now)


def _with_scheme(typed: str) -> str:
    url = typed.strip()
    if not url:
        raise Refusal(N_("Please write the address of a podcast, channel or blog."), "url")
    for scheme in ("feed:", "podcast:", "pcast:", "itpc:"):
        if url.lower().startswith(scheme):
            url = url[len(scheme) :].removeprefix("//")
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


def named_feeds(fetched: Fetched) -> list[NamedFeed]:
    """The feeds that a web page names; none if it is no page."""
    if not is_page(fetched.body):
        return []
    try:
        parts = take_apart("library.pages:read_here", fetched.body, url=fetched.url)
    except (Unfit, TooMuch, Unavailable):
        return []
    return [NamedFeed(url, title) for url, title in parts.facts["feeds"]]


def hint_for(url: str) -> Message | None:
    """What helps with an address from which nobody gets a feed."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    if host.endswith("spotify.com"):
        return N_(
            "Spotify gives no feed. Look for “RSS” on the podcast’s own site, or ask who makes it "
            "for the address of its feed."
        )
    if host in ("podcasts.apple.com", "itunes.apple.com"):
        return N_(
            "Apple Podcasts gives no feed. Look for “RSS” on the podcast’s own site: its link "
            "stands on Apple’s page under the name."
        )
    if host in ("youtube.com", "youtu.be"):
        return N_(
            "YouTube gives the feed of a channel by its id only: open the channel, choose More, "
            "Share, Copy channel ID, and write https://www.youtube.com/channel/ and the id."
        )
    return None
