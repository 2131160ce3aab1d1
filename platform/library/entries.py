"""From the bytes of a feed to our own types. Everything foreign about feeds stays in this file.

RSS, Atom, podcasts and YouTube through feedparser; JSON Feed by its own few fields. An entry that
cannot be read is skipped and counted, never the whole feed.
"""

import calendar
import hashlib
import html
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any
from urllib.parse import urljoin

import feedparser
import nh3

from core.characters import scrub
from core.confined import Limits, Parts, TooMuch, Unfit, take_apart
from core.errors import Unavailable
from core.i18n import N_
from library.fetching import Fetched, FetchProblem

MOST_ENTRIES = 5000
LONGEST_BODY = 200_000
LONGEST_SUMMARY = 600
LONGEST_PLAIN = 20_000
LONGEST_TITLE = 300
NOT_A_FEED = "not a feed"
OLDEST = datetime(1995, 1, 1, tzinfo=UTC)
TAGS = {
    "a", "b", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "i", "li", "ol", "p",
    "pre", "strong", "ul",
}  # fmt: skip


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

    @property
    def digest(self) -> str:
        """Differs when anything that we show differs."""
        shown = (self.title, self.summary, self.body_html, self.url, self.byline, self.media_url,
                 self.seconds, self.season, self.episode, self.picture_url)  # fmt: skip
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


@lru_cache(maxsize=64)
def _cleaner(base: str) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
        url_relative=("rewrite_with_base", base) if base else "deny",
    )


_NO_TAGS = nh3.Cleaner(tags=set(), clean_content_tags={"script", "style"})
_BREAKS = re.compile(r"<(?:br|/p|/div|/li|/h\d)[^<>]*>", re.IGNORECASE)


def clean_html(dirty: str, base: str = "") -> str:
    """HTML from a stranger, reduced to plain text marks and links. Safe to do twice.

    Relative links become whole ones of `base`; without a base they are taken out.
    """
    return scrub(_cleaner(base).clean(dirty)).strip()


def plain_text(dirty: str) -> str:
    """The words of some HTML in one line; of very long ones, the first."""
    dirty = dirty[:LONGEST_PLAIN]
    bare = _NO_TAGS.clean(_BREAKS.sub(" ", dirty)) if "<" in dirty else dirty
    words = _MARKS.sub("", scrub(html.unescape(bare)))
    return " ".join(words.split())


_MARKS = re.compile("[\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def _xml_feed(source: Source, now: datetime) -> ReadFeed:
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
    read = partial(_xml_entry, base=source.url, now=now, author=_text(about.get("author")))
    entries, skipped = _all(parsed.entries, read)
    return ReadFeed(
        title=plain_text(_text(about.get("title")))[:LONGEST_TITLE],
        site_url=_http(about.get("link"), source.url),
        language=_text(about.get("language"))[:2].lower(),
        entries=entries,
        skipped=skipped,
        picture_url=_http((about.get("image") or {}).get("href"), source.url),
    )


def _xml_entry(raw: dict[str, Any], base: str, now: datetime, author: str) -> Entry:
    title = plain_text(_text(raw.get("title")))[:LONGEST_TITLE]
    link = _http(raw.get("link"), base)
    # dict.get, because feedparser's own gives the one for the other, and warns.
    parsed = dict.get(raw, "published_parsed") or dict.get(raw, "updated_parsed")
    moment = _moment(parsed, now)
    media = _enclosure(raw, base)
    content = _text((raw.get("content") or [{}])[0].get("value")) or _text(raw.get("summary"))
    video = _text(raw.get("yt_videoid"))
    if not (title or content or link or media.url):
        raise ValueError("an entry with nothing in it")
    return Entry(
        identity=_identity(_text(raw.get("id")), link or media.url, title, moment),
        title=(title or plain_text(content)[:80] or link)[:LONGEST_TITLE],
        summary=_shortened(_text(raw.get("summary")) or content),
        body_html=clean_html(_paragraphs(content)[:LONGEST_BODY], link or base),
        url=link,
        byline=plain_text(_text(raw.get("author")) or author)[:300],
        dated_at=moment or now,
        media_url=media.url,
        media_type=media.kind,
        seconds=_seconds(raw.get("itunes_duration")),
        season=_number(raw.get("itunes_season")),
        episode=_number(raw.get("itunes_episode")),
        picture_url=_picture(raw, base),
        topics=tuple(plain_text(_text(tag.get("term")))[:60] for tag in raw.get("tags", ())[:8]),
        is_recording=bool(media.url or video),
    )


@dataclass(frozen=True)
class _Media:
    url: str = ""
    kind: str = ""


def _enclosure(raw: Mapping[str, Any], base: str) -> _Media:
    for part in raw.get("enclosures", ()):
        kind = _text(part.get("type")).lower()
        if kind.startswith(("audio/", "video/")) and (url := _http(part.get("href"), base)):
            return _Media(url, kind[:100])
    return _Media()


def _picture(raw: Mapping[str, Any], base: str) -> str:
    thumbnails = raw.get("media_thumbnail") or [{}]
    image = raw.get("image") or {}
    return _http(image.get("href"), base) or _http(thumbnails[0].get("url"), base)


def _json_feed(source: Source, now: datetime) -> ReadFeed:
    try:
        feed = json.loads(source.body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Unfit(NOT_A_FEED) from None
    if not isinstance(feed, dict) or "jsonfeed.org" not in _text(feed.get("version")):
        raise Unfit(NOT_A_FEED)
    items = feed.get("items")
    entries, skipped = _all(
        items if isinstance(items, list) else [], partial(_json_entry, base=source.url, now=now)
    )
    return ReadFeed(
        title=plain_text(_text(feed.get("title")))[:LONGEST_TITLE],
        site_url=_http(feed.get("home_page_url"), source.url),
        language=_text(feed.get("language"))[:2].lower(),
        entries=entries,
        skipped=skipped,
        picture_url=_http(feed.get("icon"), source.url),
    )


def _json_entry(raw: Any, base: str, now: datetime) -> Entry:
    title = plain_text(_text(raw.get("title")))[:LONGEST_TITLE]
    link = _http(raw.get("url"), base)
    content = _text(raw.get("content_html")) or html.escape(_text(raw.get("content_text")))
    media, seconds = _attachment(raw.get("attachments"), base)
    moment = _iso_moment(_text(raw.get("date_published")), now)
    if not (title or content or link):
        raise ValueError("an entry with nothing in it")
    authors = [plain_text(_text(a.get("name"))) for a in raw.get("authors") or ()]
    return Entry(
        identity=_identity(str(raw.get("id") or ""), link, title, moment),
        title=(title or plain_text(content)[:80] or link)[:LONGEST_TITLE],
        summary=_shortened(html.escape(_text(raw.get("summary"))) or content),
        body_html=clean_html(_paragraphs(content)[:LONGEST_BODY], link or base),
        url=link,
        byline=", ".join(filter(None, authors))[:300],
        dated_at=moment or now,
        media_url=media.url,
        media_type=media.kind,
        seconds=seconds,
        picture_url=_http(raw.get("image"), base),
        topics=tuple(plain_text(_text(tag))[:60] for tag in (raw.get("tags") or ())[:8]),
        is_recording=bool(media.url),
    )


def _attachment(attachments: Any, base: str) -> tuple[_Media, int | None]:
    for part in attachments if isinstance(attachments, list) else ():
        kind = _text(part.get("mime_type")).lower()
        if kind.startswith(("audio/", "video/")) and (url := _http(part.get("url"), base)):
            return _Media(url, kind[:100]), _seconds(part.get("duration_in_seconds"))
    return _Media(), None


def _all(raws: Iterable[Any], read: Any) -> tuple[tuple[Entry, ...], int]:
    """Every entry that can be read, each identity once, and how many could not."""
    found: dict[str, Entry] = {}
    skipped = 0
    for raw in list(raws)[:MOST_ENTRIES]:
        try:
            entry: Entry = read(raw)
        except (AttributeError, KeyError, TypeError, ValueError, IndexError, OverflowError):
            skipped += 1  # one bad entry disturbs no other
        else:
            found.setdefault(entry.identity, entry)
    return tuple(sorted(found.values(), key=lambda e: e.dated_at, reverse=True)), skipped


def _identity(own_id: str, link: str, title: str, moment: datetime | None) -> str:
    """Its id, else its link, else its title and date; hashed, as ids have any length."""
    known = own_id or link or f"{title}|{moment.isoformat() if moment else ''}"
    return hashlib.sha256(known.encode("utf-8", "replace")).hexdigest()


def _moment(parsed: Any, now: datetime) -> datetime | None:
    if parsed is None:
        return None
    return _clamped(datetime.fromtimestamp(calendar.timegm(parsed), UTC), now)


def _iso_moment(said: str, now: datetime) -> datetime | None:
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        return None
    return _clamped(moment if moment.tzinfo else moment.replace(tzinfo=UTC), now)


def _clamped(moment: datetime, now: datetime) -> datetime | None:
    """Nothing is newer than now; a date before there were feeds is a mistake."""
    return None if moment < OLDEST else min(moment, now)


def _seconds(said: Any) -> int | None:
    """`1:02:03`, `62:03` or `3723`."""
    parts = str(said or "").strip().split(":")
    if not 1 <= len(parts) <= 3:
        return None
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        return None
    total = sum(number * 60**place for place, number in enumerate(reversed(numbers)))
    return int(total) if 0 < total < 360_000 else None


def _number(said: Any) -> int | None:
    text = str(said or "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else None


def _text(value: Any) -> str:
    return scrub(value) if isinstance(value, str) else ""


def _http(value: Any, base: str) -> str:
    """An absolute http address, or nothing."""
    if not isinstance(value, str) or not value.strip():
        return ""
    url = value.strip()
    if not url.startswith(("http://", "https://")):
        try:
            url = urljoin(base, url)
        except ValueError:
            return ""
    is_fit = url.startswith(("http://", "https://")) and len(url) <= 2000 and url.isprintable()
    return url if is_fit else ""


def _shortened(dirty: str) -> str:
    words = plain_text(dirty)
    if len(words) <= LONGEST_SUMMARY:
        return words
    return words[:LONGEST_SUMMARY].rpartition(" ")[0] + " …"


def _paragraphs(content: str) -> str:
    """Plain text, as YouTube's descriptions are, keeps its lines."""
    if "<" in content:
        return content
    return "".join(f"<p>{'<br>'.join(p.splitlines())}</p>" for p in content.split("\n\n") if p)
