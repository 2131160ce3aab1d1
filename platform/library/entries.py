"""From the bytes of a feed to our own types. Everything foreign about feeds stays in this file.

RSS, Atom, podcasts and YouTube through feedparser; JSON Feed by its own few fields. An entry that
cannot be read is skipped and counted, never the whole feed.
"""

import hashlib
import html
import io
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

import feedparser

from core.confined import Limits, Parts, TooMuch, Unfit, take_apart
from core.errors import Unavailable
from core.i18n import N_
from library.feed_dates import iso_moment, moment_of, with_zone_in_letters
from library.fetched import Fetched, FetchProblem
from library.identities import Name, identities, names_of, naming
from library.recordings import attachment_of, enclosure_of, http_address, seconds_of, text_of
from library.words import clean_html, paragraphs, plain_text, shortened

MOST_ENTRIES = 5000
LONGEST_BODY = 200_000
LONGEST_TITLE = 300
NOT_A_FEED = "not a feed"


@dataclass(frozen=True)
class Entry:
    """One entry of a feed, in words and addresses that are safe to keep."""

    identity: str
    title: str
    summary: str
    body_html: str
    url: str
    byline: str
    dated_at: datetime
    media_url: str = ""
    media_type: str = ""
    seconds: int | None = None
    season: int | None = None
    episode: int | None = None
    picture_url: str = ""
    topics: tuple[str, ...] = ()
    is_recording: bool = False
    transcript_url: str = ""
    chapters_url: str = ""
    has_date: bool = True
    """Whether the feed says when; if not, `dated_at` is when we first saw it."""
    also_known_as: tuple[str, ...] = ()
    """Other identities by which we may have it: by its link, or while the feed still said http."""

    @property
    def digest(self) -> str:
        """Differs when anything that we show differs."""
        shown = (self.title, self.summary, self.body_html, self.url, self.byline, self.media_url,
                 self.seconds, self.season, self.episode, self.picture_url,
                 *filter(None, (self.transcript_url, self.chapters_url)))  # fmt: skip
        return hashlib.sha256(repr(shown).encode()).hexdigest()


@dataclass(frozen=True)
class ReadFeed:
    """What a feed says about itself, its entries (newest first), and how many were unreadable."""

    title: str
    site_url: str
    language: str
    entries: tuple[Entry, ...]
    skipped: int = 0
    picture_url: str = field(default="")


FEED_LIMITS = Limits(memory=768 * 1024 * 1024, processor=15, seconds=30.0)


def read_feed(fetched: Fetched, now: datetime) -> ReadFeed:
    """The feed in an answer, read in a child process. Raises FetchProblem if it is none."""
    source = {"url": fetched.url, "content_type": fetched.headers.get("content-type", "")}
    try:
        parts = take_apart(
            "library.entries:read_here", fetched.body, FEED_LIMITS, now=now.isoformat(), **source
        )
    except Unfit:
        raise FetchProblem(N_("This is not a feed: no RSS, no Atom, no JSON Feed.")) from None
    except TooMuch:
        raise FetchProblem(
            N_("It takes more time or memory to read than we give to one feed.")
        ) from None
    except Unavailable:
        raise FetchProblem(N_("We were too busy to read it; we try again soon."), wait=60) from None
    return _received(parts.facts)


def read_here(content: bytes, url: str, content_type: str, now: str) -> Parts:
    """The same in this process: for the child alone. Raises Unfit."""
    source, moment = Source(content, url, content_type), datetime.fromisoformat(now)
    start = content[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    source = replace(source, body=_mended(source))
    read = _json_feed(source, moment) if start.startswith(b"{") else _xml_feed(source, moment)
    told = asdict(read)
    for entry in told["entries"]:
        entry["dated_at"] = entry["dated_at"].isoformat()
    return Parts(told)


def _received(told: Mapping[str, Any]) -> ReadFeed:
    """What the child said, as our own types again."""
    entries = (
        Entry(
            **{
                **entry,
                "dated_at": datetime.fromisoformat(entry["dated_at"]),
                "topics": tuple(entry["topics"]),
                "also_known_as": tuple(entry["also_known_as"]),
            }
        )
        for entry in told["entries"]
    )
    return ReadFeed(**{**told, "entries": tuple(entries)})


@dataclass(frozen=True)
class Source:
    """The bytes of a feed, and what the server said about them."""

    body: bytes
    url: str
    content_type: str


_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}encoding=["']([A-Za-z0-9._-]{1,40})""")


def _mended(source: Source) -> bytes:
    """UTF-8 with a few broken letters stays UTF-8: one byte must not make `Ã¤` of every ä."""
    declared = _DECLARED.match(source.body[:300].lstrip(b"\xef\xbb\xbf \t\r\n"))
    said = declared[1].decode().lower() if declared else "utf-8"
    if said not in ("utf-8", "utf8"):
        return source.body
    try:
        source.body.decode()
    except UnicodeDecodeError:
        text = source.body.decode(errors="replace")
        broken = text.count("\ufffd")
        whole = sum(not char.isascii() for char in text) - broken
        return text.encode() if whole > broken else source.body
    return source.body


def _xml_feed(source: Source, now: datetime) -> ReadFeed:
    feedparser.registerDateHandler(with_zone_in_letters)
    # A stream, never bytes: feedparser opens a file of that name if there is one.
    parsed = feedparser.parse(
        io.BytesIO(source.body),
        response_headers={"content-type": source.content_type, "content-location": source.url},
        # nh3 does both, with our own list, and in a quarter of the time.
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    # No version means no feed, even where `bozo` says that all is well.
    if not parsed.get("version") or not (parsed.entries or parsed.feed.get("title")):
        raise Unfit(NOT_A_FEED)
    about = parsed.feed
    raws = _newest(parsed.entries)
    site_url = http_address(about.get("link"), source.url)
    named = (names_of(text_of(raw.get("id")), raw.get("link"), enclosure_of(raw, source.url).url,
                    source.url) for raw in raws)  # fmt: skip
    usable = naming(named, site_url)
    read = partial(_xml_entry, base=source.url, now=now, author=text_of(about.get("author")),
                   usable=usable)  # fmt: skip
    entries, skipped = _all(raws, read)
    return ReadFeed(
        title=plain_text(text_of(about.get("title")))[:LONGEST_TITLE],
        site_url=site_url,
        language=text_of(about.get("language"))[:2].lower(),
        entries=entries,
        skipped=skipped,
        picture_url=http_address((about.get("image") or {}).get("href"), source.url),
    )


def _newest(raws: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """As many as we take; of a feed with more, the newest."""
    if len(raws) <= MOST_ENTRIES:
        return list(raws)
    dated = [raw for raw in raws if dict.get(raw, "published_parsed")]
    if len(dated) < len(raws) // 2:
        return list(raws[:MOST_ENTRIES])
    return sorted(dated, key=lambda raw: raw["published_parsed"], reverse=True)[:MOST_ENTRIES]


def _xml_entry(
    raw: dict[str, Any], base: str, now: datetime, author: str, usable: Collection[Name]
) -> Entry:
    title = plain_text(text_of(raw.get("title")))[:LONGEST_TITLE]
    link = http_address(raw.get("link"), base)
    moment = moment_of(raw, "published", now) or moment_of(raw, "updated", now)
    media = enclosure_of(raw, base)
    content = text_of((raw.get("content") or [{}])[0].get("value")) or text_of(raw.get("summary"))
    video = text_of(raw.get("yt_videoid"))
    if not (title or content or link or media.url):
        raise ValueError("an entry with nothing in it")
    names = names_of(text_of(raw.get("id")), raw.get("link"), media.url, base)
    return Entry(
        **identities(names, usable, title, moment),
        title=(title or plain_text(content)[:80] or link)[:LONGEST_TITLE],
        summary=shortened(text_of(raw.get("summary")) or content),
        body_html=clean_html(paragraphs(content)[:LONGEST_BODY], link or base),
        url=link,
        has_date=moment is not None,
        byline=plain_text(text_of(raw.get("author")) or author)[:300],
        dated_at=moment or now,
        media_url=media.url,
        media_type=media.kind,
        seconds=seconds_of(raw.get("itunes_duration")),
        season=_number(raw.get("itunes_season")),
        episode=_number(raw.get("itunes_episode")),
        picture_url=_picture(raw, base),
        topics=tuple(plain_text(text_of(tag.get("term")))[:60] for tag in raw.get("tags", ())[:8]),
        is_recording=bool(media.url or video),
        transcript_url=_beside(raw, "podcast_transcript", base),
        chapters_url=_beside(raw, "podcast_chapters", base),
    )


def _beside(raw: Mapping[str, Any], name: str, base: str) -> str:
    """What a podcast has beside an episode (podcasting2.org): the address of it."""
    said = raw.get(name)
    return http_address(said.get("url"), base) if isinstance(said, Mapping) else ""


def _picture(raw: Mapping[str, Any], base: str) -> str:
    thumbnails = raw.get("media_thumbnail") or [{}]
    image = raw.get("image") or {}
    return http_address(image.get("href"), base) or http_address(thumbnails[0].get("url"), base)


def _json_feed(source: Source, now: datetime) -> ReadFeed:
    try:
        feed = json.loads(source.body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Unfit(NOT_A_FEED) from None
    if not isinstance(feed, dict) or "jsonfeed.org" not in text_of(feed.get("version")):
        raise Unfit(NOT_A_FEED)
    items = feed.get("items")
    raws = items[:MOST_ENTRIES] if isinstance(items, list) else []
    named = (_json_names(raw, source.url) for raw in raws if isinstance(raw, dict))
    usable = naming(named, http_address(feed.get("home_page_url"), source.url))
    read = partial(_json_entry, base=source.url, now=now, usable=usable, of_feed=_people(feed))
    entries, skipped = _all(raws, read)
    return ReadFeed(
        title=plain_text(text_of(feed.get("title")))[:LONGEST_TITLE],
        site_url=http_address(feed.get("home_page_url"), source.url),
        language=text_of(feed.get("language"))[:2].lower(),
        entries=entries,
        skipped=skipped,
        picture_url=http_address(feed.get("icon"), source.url),
    )


def _json_names(raw: Mapping[str, Any], base: str) -> list[Name]:
    media, _ = attachment_of(raw.get("attachments"), base)
    return names_of(str(raw.get("id") or ""), raw.get("url"), media.url, base)


def _people(raw: Mapping[str, Any]) -> list[str]:
    """Version 1.0 has one author, 1.1 many; some feeds only write names."""
    said = raw.get("authors")
    people = said if isinstance(said, list) else [raw.get("author")]
    names = (one.get("name") if isinstance(one, dict) else one for one in people)
    return [name for name in map(plain_text, map(text_of, names)) if name]


def _json_entry(
    raw: Any, base: str, now: datetime, usable: Collection[Name], of_feed: Sequence[str]
) -> Entry:
    title = plain_text(text_of(raw.get("title")))[:LONGEST_TITLE]
    link = http_address(raw.get("url"), base)
    content = (
        text_of(raw.get("content_html"))
        or html.escape(text_of(raw.get("content_text")))
        or html.escape(text_of(raw.get("summary")))
    )
    media, seconds = attachment_of(raw.get("attachments"), base)
    moment = iso_moment(text_of(raw.get("date_published")), now) or iso_moment(
        text_of(raw.get("date_modified")), now
    )
    if not (title or content or link):
        raise ValueError("an entry with nothing in it")
    return Entry(
        **identities(_json_names(raw, base), usable, title, moment),
        has_date=moment is not None,
        title=(title or plain_text(content)[:80] or link)[:LONGEST_TITLE],
        summary=shortened(html.escape(text_of(raw.get("summary"))) or content),
        body_html=clean_html(paragraphs(content)[:LONGEST_BODY], link or base),
        url=link,
        byline=", ".join(_people(raw) or of_feed)[:300],
        dated_at=moment or now,
        media_url=media.url,
        media_type=media.kind,
        seconds=seconds,
        picture_url=http_address(raw.get("image"), base),
        topics=tuple(plain_text(text_of(tag))[:60] for tag in (raw.get("tags") or ())[:8]),
        is_recording=bool(media.url),
    )


def _all(raws: Iterable[Any], read: Any) -> tuple[tuple[Entry, ...], int]:
    """Every entry that can be read, each identity once, and how many could not."""
    found: dict[str, Entry] = {}
    skipped = 0
    for raw in raws:
        try:
            entry: Entry = read(raw)
        except (AttributeError, KeyError, TypeError, ValueError, IndexError, OverflowError):
            skipped += 1  # one bad entry disturbs no other
        else:
            found.setdefault(entry.identity, entry)
    return tuple(sorted(found.values(), key=lambda e: e.dated_at, reverse=True)), skipped


def _number(said: Any) -> int | None:
    text = str(said or "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else None
