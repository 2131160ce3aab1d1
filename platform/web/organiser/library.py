"""The organisers' side of the library: what waits, materials, feeds."""

from dataclasses import dataclass
from typing import Annotated

from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.audit import audit
from core.errors import Refusal
from core.i18n import LANGUAGES, N_, Message
from core.markdown import check_markdown, to_html
from core.text import one_line
from library import feeds, items
from library.fetching import make_fetcher
from library.items import NewItem
from library.kinds import BOUNDARY_NAMES, KIND_NAMES, Boundary, ItemKind, Licence
from library.models import Feed, Item
from library.states import ItemState
from web.forms import Text, Typed, choice
from web.visit import Visit

MATERIAL = ("title", "summary", "body", "url", "byline", "language", "boundary", "topics")
MATERIAL_KINDS = (ItemKind.MATERIAL, ItemKind.RECORDING)


@dataclass(frozen=True)
class Material(Typed):
    """A material that an organiser puts into the library."""

    title: Text
    summary: Text
    body: Text
    url: Text
    byline: Text
    language: Annotated[str, choice(LANGUAGES)]
    boundary: Annotated[str, choice(list(Boundary), Boundary.ANYONE)]
    topics: Text


@dataclass(frozen=True)
class FeedChoice(Typed):
    """A feed, its language, its name, and whether what it brings waits for a click."""

    url: Text
    language: Text
    title: Text
    publishes: Annotated[str, choice(("itself",))]


def overview(visit: Visit) -> Response:
    """What waits for a click, the feeds and how they are, what is hidden."""
    return _overview(visit)


def add_material(visit: Visit) -> Response:
    """Put a material into the library."""
    form = visit.form
    try:
        new = _material(visit)
    except Refusal as refusal:
        return _overview(
            visit, refusal, {"kind": "material", **{name: form[name] for name in MATERIAL}}
        )
    with visit.unit_of_work() as work:
        item = items.publish(work, new)
        audit(work, visit.viewer_id, "publish", "library_item", item.id)
        slug = item.slug
    return visit.redirect(f"/library/{slug}")


def show_item(visit: Visit) -> Response:
    """Show what waits or was hidden."""
    return _change(visit, "show")


def hide_item(visit: Visit) -> Response:
    """Take an item out of sight."""
    return _change(visit, "hide")


def preview_feed(visit: Visit) -> Response:
    """What adding a feed would bring; nothing is kept yet."""
    typed = FeedChoice.of(visit.form).url
    settings = visit.installation.settings
    fetcher = make_fetcher(settings.base_url, settings.feed_hosts)
    try:
        preview = feeds.look_before_adding(fetcher, typed, visit.now)
    except feeds.SeveralFeeds as several:
        return visit.page("organiser/feed-choice.html", feeds=several.feeds)
    except Refusal as refusal:
        return _overview(visit, refusal, {"url": typed})
    return visit.page("organiser/feed-preview.html", preview=preview, kinds=KIND_NAMES)


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
        return visit.page("organiser/feed-choice.html", feeds=several.feeds)
    except Refusal as refusal:
        return _overview(visit, refusal, {"url": typed.url})
    return visit.redirect(f"/organise/library/feeds/{feed_id}")


def show_feed(visit: Visit) -> Response:
    """One feed: how it is, in plain words, and what can be done."""
    with visit.reading() as work:
        feed = work.session.get(Feed, visit.number("id"))
    if feed is None:
        raise HTTPException(404)
    return visit.page("organiser/feed.html", feed=feed, problem=problem_of(visit, feed))


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


def _overview(
    visit: Visit, refusal: Refusal | None = None, typed: dict[str, str] | None = None
) -> Response:
    error = visit.wrong(refusal)
    with visit.reading() as work:
        standing = feeds.standing(work.session)
        return visit.page(
            "organiser/library.html",
            status=422 if refusal else 200,
            waiting=items.in_state(work.session, ItemState.WAITING),
            hidden=items.in_state(work.session, ItemState.HIDDEN, 50),
            feeds=[(one, problem_of(visit, one.feed)) for one in standing],
            kinds=KIND_NAMES,
            boundaries=BOUNDARY_NAMES,
            values=dict.fromkeys((*MATERIAL, "kind"), "") | (typed or {}),
            error=error,
        )


def _material(visit: Visit) -> NewItem:
    typed = Material.of(visit.form)
    title = one_line(typed.title)
    if not title:
        raise Refusal(N_("Please give the material a title."), "title")
    if len(title) > 200:
        raise Refusal(N_("This title is too long: 200 characters at the most."), "title")
    url = typed.url.strip()
    if url and not url.startswith(("https://", "http://")):
        raise Refusal(N_("A link begins with https:// or http://."), "url")
    if not (url or typed.body.strip()):
        raise Refusal(N_("Please give a link, or write a text."), "url")
    check_markdown(typed.body)
    language = typed.language or visit.language
    return NewItem(
        kind=ItemKind.MATERIAL,
        title=title,
        summary=one_line(typed.summary)[:600],
        body_html=to_html(typed.body, language, visit.installation.settings.base_url),
        language=language,
        byline=one_line(typed.byline),
        licence=Licence.THEIRS if url else Licence.CC_BY,
        boundary=Boundary(typed.boundary),
        url=url[:2000],
        topics=typed.topics.split(","),
    )


def _change(visit: Visit, act: str) -> Response:
    with visit.unit_of_work() as work:
        item = work.session.get(Item, visit.number("id"))
        if item is None:
            raise HTTPException(404)
        changed = items.show(work, item.id) if act == "show" else items.hide(work, item.id)
        if changed:
            audit(work, visit.viewer_id, act, "library_item", item.id)
    return visit.redirect("/organise/library")


def _back_to_feed(visit: Visit) -> Response:
    return visit.redirect(f"/organise/library/feeds/{visit.number('id')}")
