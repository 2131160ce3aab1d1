"""Feeds as they really are: broken letters, ids that name nothing, types that say nothing."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from core.errors import Refusal
from core.installation import Installation
from library import feeds, polling
from library.entries import ReadFeed, read_feed
from library.feeds import SeveralFeeds
from library.fetched import Fetched
from library.fetching import Fetcher, GuardedBackend
from library.models import Item
from library.words import plain_text
from tests.conftest import both_databases
from tests.support.feed_server import FeedServer
from tests.support.people import ShiftedClock

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
HEAD = (
    '<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:media="http://search.yahoo.com/mrss/"><channel><title>Talks</title>'
)


PICTURE = '<enclosure url="https://c.example/i.jpg" type="image/jpeg"/>'
SOUND = '<enclosure url="https://c.example/a.mp3" type="audio/mpeg"/>'


def _read(items: str | bytes, declaration: str = "") -> ReadFeed:
    body = items if isinstance(items, bytes) else items.encode()
    content = f"{declaration}{HEAD}".encode() + body + b"</channel></rss>"
    return read_feed(Fetched(200, "https://talks.example.org/feed", {}, content), NOW)


def _item(inside: str, number: int = 1) -> str:
    return (
        f"<item><title>T{number}</title><link>https://talks.example.org/{number}</link>"
        f"<guid isPermaLink='false'>id-{number}</guid>{inside}</item>"
    )


def test_one_broken_byte_does_not_break_every_other_letter() -> None:
    words = "Öljyä ja väärin".encode() + b"\xe4" + " – äänessä".encode()
    read = _read(b"<item><title>" + words + b"</title></item>",
                 '<?xml version="1.0" encoding="UTF-8"?>')  # fmt: skip
    assert read.entries[0].title.startswith("Öljyä ja väärin")
    assert read.entries[0].title.endswith("– äänessä")


def test_a_feed_that_is_not_utf_8_keeps_its_own_letters() -> None:
    words = "<item><title>Öljyä</title></item>".encode("cp1252")
    assert _read(words, '<?xml version="1.0" encoding="windows-1252"?>').entries[0].title == "Öljyä"


def test_an_id_that_many_share_names_none() -> None:
    """It overwrote one item for ever."""
    same = "".join(
        f"<item><title>E{n}</title><link>https://t.example/{n}</link>"
        "<guid isPermaLink='false'>https://t.example/feed</guid></item>"
        for n in range(5)
    )
    assert len({entry.identity for entry in _read(same).entries}) == 5
    no_link = "".join(
        f"<item><title>E</title><guid>same</guid><enclosure url='https://t.example/{n}.mp3' "
        "type='audio/mpeg'/></item>"
        for n in range(3)
    )
    assert len(_read(no_link).entries) == 3


@pytest.mark.parametrize(
    ("inside", "kind"),
    [
        ('<enclosure url="https://c.example/a.mp3"/>', "audio/mpeg"),
        ('<enclosure url="https://c.example/a.mp3" type=""/>', "audio/mpeg"),
        ('<enclosure url="https://c.example/a.mp3" type="binary/octet-stream"/>', "audio/mpeg"),
        ('<enclosure url="https://c.example/a.m4a?token=1" type="x-audio/mp4"/>', "audio/mp4"),
        ('<enclosure url="https://c.example/a.mp3" type="mp3"/>', "audio/mpeg"),
        ('<enclosure url="https://c.example/a" type="AUDIO/MPEG"/>', "audio/mpeg"),
        ('<enclosure url="/a.mp3" type="audio/mpeg"/>', "audio/mpeg"),
        ('<enclosure url="https://c.example/a b.mp3" type="audio/mpeg"/>', "audio/mpeg"),
        ('<media:content url="https://c.example/a.mp3" type="audio/mpeg"/>', "audio/mpeg"),
        ('<media:group><media:content url="https://c.example/a.mp4"/></media:group>', "video/mp4"),
        ('<media:content url="https://c.example/a" medium="video"/>', "video/mp4"),
        (f"{PICTURE}{SOUND}", "audio/mpeg"),
    ],
)  # fmt: skip
def test_a_recording_is_known_by_its_ending_and_wherever_it_stands(inside: str, kind: str) -> None:
    [entry] = _read(_item(inside)).entries
    assert entry.is_recording
    assert entry.media_url.startswith("https://")
    assert entry.media_type == kind


@pytest.mark.parametrize(
    "inside",
    ['<enclosure url="https://c.example/a.jpg" type="image/jpeg"/>',
     '<enclosure url="https://c.example/a.pdf"/>', '<enclosure type="audio/mpeg"/>',
     '<media:content url="https://c.example/a.jpg"/>'],
)  # fmt: skip
def test_a_picture_or_a_document_is_no_recording(inside: str) -> None:
    assert not _read(_item(inside)).entries[0].is_recording


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("If x&lt;y then why?", "If x<y then why?"),
        ("The &lt;main&gt; idea of a lesson", "The <main> idea of a lesson"),
        ("<![CDATA[Lists: List<Pupil> and more]]>", "Lists: List<Pupil> and more"),
        ("Is 3 &lt; 5?", "Is 3 < 5?"),
        ("Tea&amp;Talk", "Tea&Talk"),
        ("Pupils&amp;#39; words", "Pupils' words"),
        ("&lt;b&gt;Bold&lt;/b&gt; words", "Bold words"),
    ],
)
def test_a_title_keeps_its_signs(written: str, shown: str) -> None:
    assert _read(f"<item><title>{written}</title><guid>g</guid></item>").entries[0].title == shown


def test_no_mark_up_survives_in_plain_text() -> None:
    assert plain_text("<script>x</script><p>One</p><p>Two<br>Three") == "One Two Three"


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("45 min", 2700), ("1h 2m", 3720), ("PT1H2M3S", 3723), ("1:02:03", 3723), ("62:03", 3723),
     ("3723", 3723), ("1 h 5 min", 3900), ("45min", 2700), ("90 sec", 90), ("soon", None),
     ("2 tuntia", 7200)],
)  # fmt: skip
def test_durations_are_read_as_people_write_them(said: str, seconds: int | None) -> None:
    inside = f"<itunes:duration>{said}</itunes:duration>"
    assert _read(_item(inside)).entries[0].seconds == seconds


@pytest.mark.parametrize(
    ("said", "hour"),
    [("Mon, 03 Nov 2025 10:00:00 EET", 8), ("Mon, 04 Aug 2025 10:00:00 EEST", 7),
     ("Mon, 03 Nov 2025 10:00:00 CET", 9), ("Mon, 03 Nov 2025 10:00:00 +0200", 8)],
)  # fmt: skip
def test_dates_with_zones_in_letters_are_right(said: str, hour: int) -> None:
    [entry] = _read(_item(f"<pubDate>{said}</pubDate>")).entries
    assert (entry.has_date, entry.dated_at.hour) == (True, hour)


def test_an_unreadable_date_is_no_date(installation: Installation, clock: ShiftedClock) -> None:
    assert not _read(_item("<pubDate>31 Foo 2026</pubDate>")).entries[0].has_date


def test_the_newest_of_a_feed_with_too_many_are_kept() -> None:
    items = "".join(
        f"<item><title>T{n}</title><guid>g{n}</guid><pubDate>Mon, 01 Jan {2000 + n // 300} "
        f"00:{n % 60:02}:00 GMT</pubDate></item>"
        for n in range(5200)
    )
    read = _read(items)
    assert len(read.entries) == 5000
    assert read.entries[0].title == "T5159"


def test_json_feed_1_0_is_read() -> None:
    feed = (
        '{"version": "https://jsonfeed.org/version/1", "title": "J", "items": [{"id": "1", '
        '"summary": "Only a summary", "author": {"name": "Anna"}, '
        '"date_modified": "2026-01-02T03:04:05Z"}]}'
    )
    [entry] = read_feed(Fetched(200, "https://j.example/", {}, feed.encode()), NOW).entries
    assert (entry.byline, entry.summary) == ("Anna", "Only a summary")
    assert entry.dated_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert "Only a summary" in entry.body_html


@both_databases
def test_a_site_that_moves_to_https_keeps_its_items(
    installation: Installation, fetcher: Fetcher, server: FeedServer, clock: ShiftedClock
) -> None:
    def blog(scheme: str) -> str:
        items = "".join(
            f"<item><title>P{n}</title><link>{scheme}://b.example/{n}</link>"
            f"<guid>{scheme}://b.example/{n}</guid></item>"
            for n in range(3)
        )
        return f"{HEAD}{items}</channel></rss>"

    url = server.serve("/blog.xml", blog("http"))
    with installation.reading() as work:
        preview = feeds.look_before_adding(fetcher, url, work.now)
    with installation.unit_of_work() as work:
        feeds.add_feed(work, preview, "en", True, None)
    for scheme in ("http", "https", "http", "https"):
        server.serve("/blog.xml", blog(scheme))
        clock.forward(hours=2)
        polling.poll_due(installation.unit_of_work, fetcher)
    with installation.reading() as work:
        assert len(work.session.scalars(select(Item)).all()) == 3


def test_a_page_with_several_feeds_offers_the_choice(fetcher: Fetcher, server: FeedServer) -> None:
    server.serve("/a.xml", f"{HEAD}{_item('')}</channel></rss>")
    links = "".join(
        f'<link rel="alternate" type="application/rss+xml; charset=utf-8" title="{name}" '
        f'href="/{name}.xml">'
        for name in ("a", "b")
    )
    url = server.serve("/page", f"<html><head>{links}</head></html>", "text/html")
    with pytest.raises(SeveralFeeds) as several:
        feeds.look_before_adding(fetcher, url, NOW)
    assert [one.title for one in several.value.feeds] == ["a", "b"]
    one = server.serve("/one", f"<html><head>{links[: len(links) // 2]}</head></html>", "text/html")
    assert feeds.look_before_adding(fetcher, one, NOW).url == server.url("/a.xml")


@pytest.mark.parametrize("scheme", ["feed:", "feed://", "podcast://", "pcast://", "FEED:"])
def test_addresses_that_programs_for_podcasts_copy_are_read(
    fetcher: Fetcher, server: FeedServer, scheme: str
) -> None:
    url = server.serve("/a.xml", f"{HEAD}{_item('')}</channel></rss>")
    typed = f"{scheme}{url}" if scheme.endswith(":") else url.replace("http://", scheme)
    if scheme.endswith("//"):
        with pytest.raises(Refusal):  # https is tried; there is none here
            feeds.look_before_adding(fetcher, typed, NOW)
    else:
        assert feeds.look_before_adding(fetcher, typed, NOW).feed.title == "Talks"


@pytest.mark.parametrize(
    ("typed", "words"),
    [("https://open.spotify.com/show/1", "Spotify gives no feed"),
     ("podcasts.apple.com/fi/podcast/x/id1", "Apple Podcasts gives no feed"),
     ("https://www.youtube.com/@teachers", "Copy channel ID")],
)  # fmt: skip
def test_addresses_without_a_feed_get_a_sentence_that_helps(typed: str, words: str) -> None:
    nobody = Fetcher("test", GuardedBackend(resolve=lambda *_: ["127.0.0.1"]), deadline=2)
    with pytest.raises(Refusal, match=words):
        feeds.look_before_adding(nobody, typed, NOW)
