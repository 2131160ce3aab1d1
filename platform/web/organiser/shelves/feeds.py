"""The feeds of the library: how each is, looking before one is added, and what is done with it."""

from dataclasses import dataclass
from typing import Annotated

from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.errors import Refusal
from core.i18n import Message
from library import feeds
from library.fetching import make_fetcher
from library.kinds import KIND_NAMES
from library.models import Feed
from web.forms import Text, Typed, choice
from web.visit import Visit

FEEDS = "/organise/library/feeds"


@dataclass(frozen=True)
class FeedChoice(Typed):
    """A feed, its language, its name, and whether what it brings waits for a click."""

    url: Text
    language: Text
    title: Text
    publishes: Annotated[str, choice(("itself",))]


def listing(visit: Visit) -> Response:
    """The feeds and how they are, and a field for another."""
    return _page(visit)


def preview_feed(visit: Visit) -> Response:
    """What adding a feed would bring; nothing is kept yet."""
    typed = FeedChoice.of(visit.form).url
    settings = visit.installation.settings
    fetcher = make_fetcher(settings.base_url, settings.feed_hosts)
    try:
        preview = feeds.look_before_adding(fetcher, typed, visit.now)
    except feeds.SeveralFeeds as several:
        return visit.page("organiser/shelves/feed-choice.html", feeds=several.feeds)
    except Refusal as refusal:
        return _page(visit, refusal, typed)
    return visit.page("organiser/shelves/feed-preview.html", preview=preview, kinds=KIND_NAMES)


def add_feed(visit: Visit) -> Response:
    """Add a feed that was previewed; it is looked at again, as minutes may have passed."""
    typed, settings = FeedChoice.of(visit.form), visit.installation.settings
    fetcher = make_fetcher(settings.base_url, settings.feed_hosts)
    try:
        preview = feeds.look_before_adding(fetcher, typed.url, visit.now)
        with visit.unit_of_work() as work:
            feed_id = feeds.add_feed(
                work, preview, typed.language, bool(typed.publishes), visit.viewer_id
            )
    except feeds.SeveralFeeds as several:
        return visit.page("organiser/shelves/feed-choice.html", feeds=several.feeds)
    except Refusal as refusal:
        return _page(visit, refusal, typed.url)
    return visit.redirect(f"{FEEDS}/{feed_id}")


def show_feed(visit: Visit) -> Response:
    """One feed: how it is, in plain words, and what can be done."""
    with visit.reading() as work:
        feed = work.session.get(Feed, visit.number("id"))
        if feed is None:
            raise HTTPException(404)
        missing = feeds.missing(work.session, feed.id)
    problem = problem_of(visit, feed)
    return visit.page("organiser/shelves/feed.html", feed=feed, problem=problem, missing=missing)


def change_feed(visit: Visit) -> Response:
    """Keep what was chosen about a feed."""
    typed = FeedChoice.of(visit.form)
    with visit.unit_of_work() as work:
        feeds.change_feed(
            work, visit.number("id"), bool(typed.publishes), typed.language, typed.title
        )
    return _back_to_feed(visit)


def pause_feed(visit: Visit) -> Response:
    """Look at a feed no more."""
    with visit.unit_of_work() as work:
        feeds.pause_feed(work, visit.number("id"), visit.organiser)
    return _back_to_feed(visit)


def resume_feed(visit: Visit) -> Response:
    """Look at a feed again."""
    with visit.unit_of_work() as work:
        feeds.resume_feed(work, visit.number("id"), visit.organiser)
    return _back_to_feed(visit)


def look_now(visit: Visit) -> Response:
    """Look at a feed without waiting for its hour."""
    with visit.unit_of_work() as work:
        feeds.look_now(work, visit.number("id"))
    return _back_to_feed(visit)


def problem_of(visit: Visit, feed: Feed) -> str:
    """Why the last look at a feed failed, in the language of the visit."""
    if not feed.problem:
        return ""
    return Message(feed.problem, feed.problem_values).text(visit.language)


def _page(visit: Visit, refusal: Refusal | None = None, typed: str = "") -> Response:
    with visit.reading() as work:
        standing = feeds.standing(work.session)
        return visit.page(
            "organiser/shelves/feeds.html",
            status=422 if refusal else 200,
            feeds=[(one, problem_of(visit, one.feed)) for one in standing],
            typed=typed,
            error=visit.wrong(refusal),
        )


def _back_to_feed(visit: Visit) -> Response:
    return visit.redirect(f"{FEEDS}/{visit.number('id')}")
