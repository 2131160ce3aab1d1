"""Feeds of real-world shapes, read into our own types."""

import json
from datetime import UTC, datetime

import pytest

from library.entries import ReadFeed, read_feed
from library.fetched import Fetched, FetchProblem
from library.words import clean_html, plain_text, shortened
from tests.support.feed_server import episode, rss

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def _read(
    body: str | bytes, kind: str = "application/xml", url: str = "https://a.example/f"
) -> ReadFeed:
    content = body.encode() if isinstance(body, str) else body
    return read_feed(Fetched(200, url, {"content-type": kind}, content), NOW)


def test_a_podcast_has_episodes_with_length_number_and_picture() -> None:
    picture = '<itunes:image href="https://pod.example/3.jpg"/></item>'
    feed = _read(rss(episode(3).replace("</item>", picture)))
    [entry] = feed.entries
    assert (feed.title, feed.language, feed.site_url) == (
        "A podcast", "en", "https://pod.example/")  # fmt: skip
    assert (entry.seconds, entry.episode, entry.media_type) == (3723, 3, "audio/mpeg")
    assert entry.media_url == "https://pod.example/3.mp3"
    assert entry.picture_url == "https://pod.example/3.jpg"
    assert entry.summary == "About episode 3"
    assert entry.is_recording


YOUTUBE = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/"
 xmlns="http://www.w3.org/2005/Atom"><title>A channel</title>
<link rel="alternate" href="https://www.youtube.com/channel/UC1"/>
<entry><id>yt:video:abc</id><yt:videoId>abc</yt:videoId><title>A talk</title>
<link rel="alternate" href="https://www.youtube.com/watch?v=abc"/>
<author><name>A channel</name></author><published>2026-05-01T10:00:00+00:00</published>
<updated>2026-11-01T10:00:00+00:00</updated><media:group><media:title>A talk</media:title>
<media:content url="https://www.youtube.com/v/abc?version=3" type="application/x-shockwave-flash"/>
<media:thumbnail url="https://i.ytimg.com/vi/abc/hqdefault.jpg" width="480" height="360"/>
<media:description>First line
second line</media:description></media:group></entry></feed>"""


def test_a_video_channel_gives_a_recording_with_a_thumbnail_and_no_flash() -> None:
    [entry] = _read(YOUTUBE).entries
    assert entry.is_recording
    assert entry.url == "https://www.youtube.com/watch?v=abc"
    assert entry.picture_url == "https://i.ytimg.com/vi/abc/hqdefault.jpg"
    assert entry.media_url == ""
    assert entry.dated_at == datetime(2026, 5, 1, 10, tzinfo=UTC)
    assert "<br>" in entry.body_html


SHAPES = {
    "rss 0.91": '<rss version="0.91"><channel><title>T</title><item><title>One</title>'
    "<link>https://a.example/1</link></item></channel></rss>",
    "rss 0.92": '<rss version="0.92"><channel><title>T</title><item><title>One</title>'
    '<description>d</description><enclosure url="https://a.example/1.mp3" type="audio/mpeg" '
    'length="1"/></item></channel></rss>',
    "rss 1.0": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns="http://purl.org/rss/1.0/"><channel rdf:about="x"><title>T</title></channel>'
    '<item rdf:about="https://a.example/1"><title>One</title><link>https://a.example/1</link>'
    "</item></rdf:RDF>",
    "rss 2.0 without ids": rss("<item><title>One</title></item>"),
    "atom 0.3": '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>T</title><entry>'
    '<title>One</title><link rel="alternate" href="https://a.example/1"/></entry></feed>',
    "atom 1.0": '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><id>1</id>'
    '<title type="html">One</title><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">'
    "<p>Hi</p></div></content></entry></feed>",
    "json feed": json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "T",
            "items": [{"id": 1, "title": "One", "content_text": "a < b"}],
        }
    ),
    "broken xml": '<rss version="2.0"><channel><title>T</title><item><title>One</title>'
    "<link>https://a.example/1</link></item><item><title>Two & more</title>",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_feed_is_read(shape: str) -> None:
    feed = _read(SHAPES[shape])
    assert feed.entries[0].title in ("One", "Two & more")
    assert len({entry.identity for entry in feed.entries}) == len(feed.entries)


def test_windows_1252_that_says_it_is_utf_8_is_read() -> None:
    body = rss("<item><title>Caf\x80 na\xefve</title><guid>1</guid></item>").encode("latin-1")
    title = _read(body).entries[0].title
    assert title == "Caf€ naïve"


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("Mon, 01 Jun 2026 10:00:00 +0300", datetime(2026, 6, 1, 7, tzinfo=UTC)),
        ("31 Foo 2026", NOW),
        ("", NOW),
        ("Fri, 01 Jan 2099 10:00:00 GMT", NOW),
        ("Thu, 01 Jan 1970 00:00:00 GMT", NOW),
    ],
)
def test_wrong_dates_are_clamped(said: str, moment: datetime) -> None:
    item = f"<item><title>One</title><guid>1</guid><pubDate>{said}</pubDate></item>"
    assert _read(rss(item)).entries[0].dated_at == moment


def test_relative_links_become_whole_ones() -> None:
    media = '<enclosure url="a.mp3" type="audio/mpeg"/>'
    item = f"<item><title>One</title><link>/posts/1</link>{media}</item>"
    [entry] = _read(rss(item), url="https://a.example/blog/feed").entries
    assert entry.url == "https://a.example/posts/1"
    assert entry.media_url == "https://a.example/blog/a.mp3"


@pytest.mark.parametrize(
    "body", ["", "<html><body>Hello</body></html>", "just text", "{}", '{"version": 1}', "[1]", "{"]
)
def test_what_is_no_feed_is_called_so(body: str) -> None:
    with pytest.raises(FetchProblem, match="not a feed"):
        _read(body)


def test_a_bad_entry_is_skipped_and_the_rest_kept() -> None:
    items = [{"id": "1", "title": "One"}, "nonsense", None, {"authors": 7, "title": "x"}, {}]
    body = json.dumps({"version": "https://jsonfeed.org/version/1", "items": items})
    feed = _read(body)
    assert [entry.title for entry in feed.entries] == ["One", "x"]
    assert feed.skipped == 3


def test_a_billion_laughs_is_not_unfolded() -> None:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(12))
    body = f"<!DOCTYPE r [{entities}]>" + rss("<item><title>One &l11;</title></item>")
    title = _read(body).entries[0].title if _is_feed(body) else ""
    assert len(title) <= 300


def _is_feed(body: str) -> bool:
    try:
        return bool(_read(body).entries)
    except FetchProblem:
        return False


def test_an_outside_entity_is_not_loaded() -> None:
    body = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + rss(
        "<item><title>a&x;b</title></item>"
    )
    assert "root:" not in repr(_read(body))


def test_what_a_stranger_writes_is_shown_as_text_and_cannot_act() -> None:
    content = (
        "<script>alert(1)</script><p onclick='x()'>Hi <a href='javascript:x()'>a</a>"
        "<a href='https://b.example' style='x'>b</a><img src=https://t.example/p.gif>"
        "<iframe src=//e.example></iframe></p>"
    )
    item = (
        "<item><title>&lt;script&gt;x&lt;/script&gt; {{ 7*7 }} \u202egnp</title><guid>1</guid>"
        f"<content:encoded><![CDATA[{content}]]></content:encoded></item>"
    )
    [entry] = _read(rss(item)).entries
    assert "\u202e" not in entry.title
    for word in ("script", "onclick", "javascript", "<img", "iframe", "style"):
        assert word not in entry.body_html
    assert 'href="https://b.example"' in entry.body_html
    assert 'rel="noopener noreferrer nofollow"' in entry.body_html


def test_a_relative_link_in_a_text_leads_to_where_the_text_is() -> None:
    item = (
        "<item><title>One</title><link>https://a.example/posts/1</link><guid>1</guid>"
        "<description>&lt;a href='../about'&gt;us&lt;/a&gt;</description></item>"
    )
    assert 'href="https://a.example/about"' in _read(rss(item)).entries[0].body_html


def test_a_link_that_is_no_web_address_is_left_out() -> None:
    for link in ("javascript:alert(1)", "data:text/html,x", "http://a\nb", "x" * 3000):
        item = f"<item><title>One</title><guid>1</guid><link>{link}</link></item>"
        url = _read(rss(item)).entries[0].url
        assert url == "" or url.startswith("https://")


def test_two_entries_with_one_id_are_one() -> None:
    assert len(_read(rss(episode(1), episode(1, "Again"), episode(2))).entries) == 2


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("1.5h", 5400), ("PT1.5H", 5400), ("1:02:03 h", 3723), ("1h30", 5400), ("45 mins", 2700),
     ("1 hr 5 min", 3900), ("1 Std. 5 Min.", 3900), ("P1DT1H", 90_000), ("1:02:03", 3723),
      ("62:03", 3723), ("3723", 3723), ("3723.5", 3723), ("", None),
     ("an hour", None), ("-5", None), ("1:2:3:4", None), ("nan", None), ("inf", None)],
)  # fmt: skip
def test_the_length_of_a_recording(said: str, seconds: int | None) -> None:
    item = episode(1).replace("1:02:03", said)
    assert _read(rss(item)).entries[0].seconds == seconds


def test_cleaning_twice_changes_nothing() -> None:
    dirty = "<p>a &amp; b <b>c</b> &lt;script&gt; <a href='http://x'>x</a>"
    assert clean_html(clean_html(dirty)) == clean_html(dirty)
    assert plain_text("<p>a &amp; b</p><p>c</p>") == "a & b c"


def _bare(guid: str, link: str, media: str, title: str) -> str:
    enclosure = f'<enclosure url="{media}" type="audio/mpeg" length="1"/>' if media else ""
    return (f"<item><title>{title}</title><link>{link}</link>"
            f"<guid isPermaLink='false'>{guid}</guid>{enclosure}</item>")  # fmt: skip


def test_what_many_share_names_none_of_them() -> None:
    site = "https://x.fi/"
    shared = [_bare("g", site, f"https://x.fi/{n}.mp3", f"T{n}") for n in range(3)]
    assert len(_read(rss(*shared)).entries) == 3
    without = [_bare("", site, f"https://x.fi/{n}.mp3", f"T{n}") for n in range(3)]
    assert len(_read(rss(*without)).entries) == 3
    counting = [_read(rss(_bare("0", f"https://x.fi/{n}", "", f"T{n}"))).entries for n in range(2)]
    assert counting[0][0].identity != counting[1][0].identity


def test_an_entry_is_known_again_whatever_else_is_in_the_document() -> None:
    a, b = (_bare("one id", f"https://x.fi/{n}", "", n) for n in "ab")
    both = {entry.title: entry for entry in _read(rss(a, b)).entries}
    [alone] = _read(rss(b)).entries
    assert both["b"].identity in (alone.identity, *alone.also_known_as)
    assert both["a"].identity not in (alone.identity, *alone.also_known_as)


@pytest.mark.parametrize(
    "said",
    ["0000-00-00 00:00:00", "0000-00-00", "9999-99-99", "-62169984000", "2025-00-00",
     "2025-02-30T10:00:00Z", "2025-13-45", "2199-01-01T00:00:00Z"],
)  # fmt: skip
def test_a_date_that_no_calendar_has_is_no_date_and_costs_no_entry(said: str) -> None:
    item = f"<item><title>T</title><link>https://x.fi/1</link><pubDate>{said}</pubDate></item>"
    [entry] = _read(rss(item)).entries
    assert not entry.has_date


@pytest.mark.parametrize(
    ("address", "said"),
    [("a.mp3", "text/html"), ("a.mp3", "image/jpeg"), ("a", "mp3"), ("a", "audio"),
     ("a", "application/ogg"), ("a.mpga", ""), ("a.mp3;jsession=1", "")],
)  # fmt: skip
def test_a_recording_is_known_by_its_ending_whatever_type_is_said(address: str, said: str) -> None:
    kind = f' type="{said}"' if said else ""
    item = f'<item><title>T</title><enclosure url="https://x.fi/{address}"{kind}/></item>'
    [entry] = _read(rss(item)).entries
    assert entry.is_recording


def test_authors_of_a_json_feed_may_be_names_or_those_of_the_feed() -> None:
    items = [{"id": "a", "title": "A", "authors": ["Anna"], "attachments": [None]},
             {"id": "b", "title": "B"}]  # fmt: skip
    feed = {"version": "https://jsonfeed.org/version/1.1", "authors": [{"name": "All"}]}
    read = _read(json.dumps({**feed, "items": items}))
    assert {entry.title: entry.byline for entry in read.entries} == {"A": "Anna", "B": "All"}


def test_relative_links_by_the_thousand_make_no_body_of_a_hundred_megabytes() -> None:
    link = f"https://a.fi/{'x' * 1900}/1/"
    body = "&lt;a href=a&gt;w" * 18_000
    item = f"<item><title>T</title><link>{link}</link><description>{body}</description></item>"
    [entry] = _read(rss(item)).entries
    assert len(entry.body_html) < 1_000_000


def test_a_summary_without_spaces_keeps_its_words() -> None:
    assert len(shortened("学習の対話について" * 100)) > 590
