"""The library's public pages: what the community shares, one page each, and its feeds."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlencode

from markupsafe import Markup, escape
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import Response

from contributions.attachments import files_of
from core.stored_files import StoredFile
from library import collections, items, podcast, transcribing
from library.items import Query
from library.kinds import BOUNDARY_NAMES, KIND_NAMES, LICENCE_LINKS, LICENCES_READ
from library.materials import file_of
from library.models import Item
from library.playing import Player, own_player, player_of
from library.states import ItemState
from library.transcripts import chapters_kept, lines_kept
from library.words import clean_html
from members.roles import Permission
from web import pages
from web.middleware import CONTENT_POLICY
from web.site.feed_answer import feed_answer
from web.visit import Visit

FEED_LENGTH = 24
GROUPS = 3
LONGEST_FEED = 4_000_000
"""Characters of HTML in one feed."""
NOTHING_YET = datetime.fromisoformat("2026-01-01T00:00:00Z")
"""An empty feed is the same whenever it is asked for."""
FILTERS = ("words", "kind", "language", "topic")


def listing(visit: Visit) -> Response:
    """What is there, by kind, language, topic and words."""
    query = query_of(visit)
    with visit.reading() as work:
        found = items.search(work.session, query, is_member(visit))
        topics = items.topics_in_use(work.session, is_member(visit))
        groups = collections.shown(work.session, is_member(visit), GROUPS + 1)
        has_podcast = podcast.has_podcast(work.session, visit.language)
    return visit.page(
        "site/library.html",
        found=found,
        query=query,
        topics=topics,
        groups=groups[:GROUPS],
        has_podcast=has_podcast,
        has_more_groups=len(groups) > GROUPS,
        kinds=KIND_NAMES,
        boundaries=BOUNDARY_NAMES,
        more=_address(visit, query, query.page + 1) if found.has_more else "",
        fewer=_address(visit, query, query.page - 1) if query.page > 1 else "",
        feeds=_feeds(query),
    )


def show(visit: Visit) -> Response:
    """One item; a retracted one leaves a page that says so; organisers see what waits too."""
    slug = visit.param("slug")
    with visit.reading() as work:
        item = items.find_item(work.session, slug, is_member(visit))
        if item is None and visit.may(Permission.EDIT_LIBRARY):
            item = _not_shown(work.session, slug)
        if item is None and items.is_for_members(work.session, slug):
            return visit.page("site/for-members.html", next=visit.path)
        if item is None:
            raise HTTPException(404)
        topics = items.topics_of(work.session, item.id)
        files = _files(work.session, item)
        file = file_of(work.session, item)
        groups = collections.of_item(work.session, item.id, is_member(visit))
        related = items.related(work.session, item, is_member(visit))
        said = transcribing.find(work.session, item.id) if item.is_recording else None
    if item.state == ItemState.RETRACTED:
        return visit.page("site/retracted.html", status=410, item=item)
    player = _player(visit, item, file)
    is_playing = player is not None and (player.is_ours or bool(visit.query("play")))
    page = visit.page(
        "site/item.html",
        item=item,
        player=player,
        is_playing=is_playing,
        may_edit=visit.may(Permission.EDIT_LIBRARY),
        topics=topics,
        files=files,
        file=file,
        groups=groups,
        related=related,
        lines=lines_kept(said.lines) if said else [],
        chapters=chapters_kept(said.chapters) if said else [],
        kinds=KIND_NAMES,
        boundaries=BOUNDARY_NAMES,
        licences=LICENCES_READ,
        licence_links=LICENCE_LINKS,
        body=Markup(clean_html(item.body_html)),  # noqa: S704 - cleaned by nh3
        base_url=visit.installation.settings.base_url,
    )
    if player is not None and is_playing:
        page.headers["Content-Security-Policy"] = _with(player)
    return page


def _not_shown(session: Session, slug: str) -> Item | None:
    item = items.find_unshown(session, slug)
    return None if item is None or item.is_removed else item


def _player(visit: Visit, item: Item, file: StoredFile | None) -> Player | None:
    if file is not None and item.is_recording:
        return own_player(f"/library/{item.slug}/file.{file.extension}")
    settings = visit.installation.settings
    # A page that came by https plays nothing that did not.
    near = settings.feed_hosts if settings.base_url.startswith("http://") else ()
    return player_of(item.media_url, item.media_type, item.url, near)


def _with(player: Player) -> str:
    """The policy of all pages, and the one host that somebody asked for."""
    policy = player.policy
    if player.is_frame:
        return CONTENT_POLICY.replace("frame-src 'self'", f"{policy} 'self'")
    return f"{CONTENT_POLICY}; {policy}"


def atom(visit: Visit) -> Response:
    """The Atom feed (RFC 4287) of what anyone may see; with filters, of a part of it."""
    settings, query = visit.installation.settings, query_of(visit)
    found = _newest(visit, query)
    newest = max((item.changed_at for item in found), default=NOTHING_YET)
    xml = pages.render(
        "site/feed.atom",
        visit.language,
        {
            "community": visit.community.name,
            "language": visit.language,
            "entries": _entries(visit, found),
            "updated": newest,
            "self_url": f"{settings.base_url}{_feed(visit, 'atom', query)}",
            "page_url": f"{settings.base_url}{visit.url('/library')}",
            "id": f"{settings.base_url}/library{_filters(query)}",
        },
    )
    return feed_answer(visit, xml, "application/atom+xml")


def json_feed(visit: Visit) -> Response:
    """The same as JSON Feed 1.1."""
    settings, query = visit.installation.settings, query_of(visit)
    entries = _entries(visit, _newest(visit, query))
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": visit.community.name,
        "home_page_url": f"{settings.base_url}{visit.url('/library')}",
        "feed_url": f"{settings.base_url}{_feed(visit, 'json', query)}",
        "language": visit.language,
        "items": [
            {
                "id": entry["id"],
                "url": entry["url"],
                "title": entry["title"],
                "summary": entry["summary"],
                "content_html": entry["html"],
                "date_published": entry["date"],
                "language": entry["language"],
                "authors": [{"name": entry["byline"]}] if entry["byline"] else [],
            }
            for entry in entries
        ],
    }
    text = json.dumps(feed, ensure_ascii=False, default=str)
    return feed_answer(visit, text, "application/feed+json")


def is_member(visit: Visit) -> bool:
    """Whether what is for members may be shown."""
    return visit.viewer is not None


def query_of(visit: Visit) -> Query:
    """What the address asks for; what it cannot mean is left out."""
    asked = visit.asked
    return Query(
        words=asked["words"][:200],
        kind=asked.choice("kind", KIND_NAMES),
        language=asked.language("language", ""),
        topic=asked["topic"][:60],
        page=asked.count("page", 1),
    )


def _files(session: Session, item: Item) -> list[StoredFile]:
    """The files that belong to a contribution, shown with it."""
    thing, _, number = (item.source or "").partition(":")
    return files_of(session, int(number)) if thing == "contribution" else []


def _filters(query: Query, page: int = 1) -> str:
    chosen = {name: value for name in FILTERS if (value := getattr(query, name))}
    numbered: Mapping[str, object] = {**chosen, "page": page} if page > 1 else chosen
    return f"?{urlencode(numbered)}" if numbered else ""


def _address(visit: Visit, query: Query, page: int) -> str:
    return visit.url("/library") + _filters(query, page)


def _feed(visit: Visit, kind: str, query: Query) -> str:
    return visit.url(f"/library/feed.{kind}") + _filters(query)


def _feeds(query: Query) -> str:
    return _filters(Query(kind=query.kind, language=query.language, topic=query.topic))


def _newest(visit: Visit, query: Query) -> list[Item]:
    with visit.reading() as work:
        return list(items.search(work.session, query, is_member=False).items)[:FEED_LENGTH]


def _entries(visit: Visit, found: Sequence[Item]) -> list[dict[str, object]]:
    """What a feed says of each; after so many letters only the summaries."""
    entries, length = [], 0
    for item in found:
        entry = _entry(visit, item)
        length += len(str(entry["html"]))
        if length > LONGEST_FEED:
            entry["html"] = f"<p>{escape(item.summary)}</p>"
        entries.append(entry)
    return entries


def _entry(visit: Visit, item: Item) -> dict[str, object]:
    base = visit.installation.settings.base_url
    return {
        "title": item.title,
        "url": f"{base}{visit.url(f'/library/{item.slug}')}",
        "id": f"{base}/library/{item.slug}",
        "at": item.published_at,
        "date": item.published_at.isoformat(),
        "updated": item.changed_at,
        "summary": item.summary,
        "html": clean_html(item.body_html),
        "language": item.language,
        "byline": item.byline,
    }
