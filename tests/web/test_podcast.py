"""Our own recordings as a podcast: what programs need is there, and nothing that is not for all."""

import uuid
from io import BytesIO
from xml.etree import ElementTree

import feedparser

from core.clock import SystemClock
from core.installation import Installation
from core.pictures import size_of
from library.entries import read_feed
from library.fetched import Fetched
from library.podcast import guid_of
from library.transcripts import chapters_of_json, lines_of
from tests.conftest import both_databases
from tests.support import brought
from tests.support.people import Browser

FEED = "/en/library/podcast.xml"
ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
PODCAST = "{https://podcastindex.org/namespace/1.0}"
ATOM = "{http://www.w3.org/2005/Atom}"


def _bring(editor: Browser, name: str, content: bytes, **said: str) -> None:
    upload = [("files", (name, content))]
    editor.post("/organise/library/files", {"publish": "1", **said}, files=upload)


@both_databases
def test_the_podcast_has_everything_that_programs_ask_for(
    editor: Browser, installation: Installation
) -> None:
    content = brought.mp3(125)
    _bring(editor, "The & silence.mp3", content, byline="Rosa <R>")
    answer = editor.client.get(FEED)
    assert answer.headers["content-type"].startswith("application/rss+xml")
    channel = ElementTree.fromstring(answer.content).find("channel")  # noqa: S314 - ours
    assert channel is not None
    base = installation.settings.base_url
    said = {name: channel.findtext(name) for name in ("title", "description", "language", "link")}
    assert all(said.values()), said
    assert channel.find(f"{ITUNES}category").get("text") == "Education"  # type: ignore[union-attr]
    assert channel.findtext(f"{ITUNES}explicit") == "false"
    assert channel.find(f"{ATOM}link").get("href") == f"{base}{FEED}"  # type: ignore[union-attr]
    named = channel.findtext(f"{PODCAST}guid") or ""
    assert uuid.UUID(named) == uuid.UUID(guid_of(f"{base}{FEED}"))
    image = channel.find(f"{ITUNES}image").get("href") or ""  # type: ignore[union-attr]
    assert size_of(editor.client.get(image).content) == (1400, 1400)
    [item] = channel.findall("item")
    assert item.findtext("title") == "The & silence"
    assert item.findtext(f"{ITUNES}author") == "Rosa <R>"
    assert item.findtext(f"{ITUNES}duration") in ("125", "126")
    assert item.find("guid").get("isPermaLink") == "false"  # type: ignore[union-attr]
    enclosure = item.find("enclosure")
    assert enclosure is not None
    assert enclosure.get("type") == "audio/mpeg"
    assert enclosure.get("length") == str(len(content))
    url = enclosure.get("url") or ""
    assert url.endswith(".mp3")
    heard = editor.client.get(url, headers={"Range": "bytes=0-9"})
    assert (heard.status_code, heard.content) == (206, content[:10])
    assert editor.client.head(url).headers["content-length"] == str(len(content))
    read = feedparser.parse(BytesIO(answer.content))
    assert not read.bozo
    assert read.entries[0].published_parsed is not None


VTT = """WEBVTT

00:00:01.000 --> 00:00:03.000
<v Anna>Is 1 &lt; 2 &amp; why?

00:01:05.500 --> 00:01:09.000
<v Rosa &amp; Tom>Because.
"""


@both_databases
def test_what_is_said_and_its_parts_go_with_it(editor: Browser, visitor: Browser) -> None:
    for number, name in enumerate(("Timed", "Plain", "Silent")):
        _bring(editor, f"{name}.mp3", brought.mp3(100 + number))
    timed = {"transcript": VTT, "chapters": "0:00 Hello\n1:05 Why, Ä"}
    editor.post("/organise/library/items/1/transcript", timed)
    editor.post("/organise/library/items/2/transcript", {"transcript": "Anna: In words."})
    channel = ElementTree.fromstring(visitor.client.get(FEED).content)[0]  # noqa: S314 - ours
    items = {item.findtext("title"): item for item in channel.findall("item")}
    beside = {
        title: [(one.get("type"), one.get("language"), one.get("url"))
                for one in (*item.findall(f"{PODCAST}transcript"),
                            *item.findall(f"{PODCAST}chapters"))]
        for title, item in items.items()
    }  # fmt: skip
    assert beside["Silent"] == []
    [(vtt, its_language, vtt_url), (chapters, _, chapters_url)] = beside["Timed"]
    [(plain, _, plain_url)] = beside["Plain"]
    assert (vtt, its_language, plain) == ("text/vtt", "en", "text/plain")
    assert chapters == "application/json+chapters"
    answer = visitor.client.get(vtt_url or "")
    assert answer.headers["content-type"].startswith("text/vtt")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert lines_of(answer.text) == lines_of(VTT)
    assert "00:01:05.000 --> 00:01:10.000\n<v Rosa &amp; Tom>Because." in answer.text
    assert visitor.client.get(plain_url or "").text == "Anna: In words.\n"
    assert [(one.at, one.title) for one in chapters_of_json(
        visitor.client.get(chapters_url or "").text)] == [(0, "Hello"), (65, "Why, Ä")]  # fmt: skip
    for path in ("silent/transcript.vtt", "plain/transcript.vtt", "plain/chapters.json", "no/x"):
        assert visitor.client.get(f"/library/{path}").status_code == 404, path


def test_a_stranger_may_not_read_what_members_say(editor: Browser, visitor: Browser) -> None:
    _bring(editor, "Ours.mp3", brought.mp3(61), boundary="members")
    said = {"transcript": VTT, "chapters": "0:00 Hello"}
    editor.post("/organise/library/items/1/transcript", said)
    for name in ("transcript.vtt", "transcript.txt", "chapters.json"):
        assert visitor.client.get(f"/library/ours/{name}").status_code == 404
        answer = editor.client.get(f"/library/ours/{name}")
        assert answer.status_code == 200
        assert "private" in answer.headers["cache-control"]
        assert "access-control-allow-origin" not in answer.headers


def test_our_own_reader_of_feeds_hears_it_too(editor: Browser) -> None:
    _bring(editor, "Talk.mp3", brought.mp3(61))
    body = editor.client.get(FEED).content
    kind = {"content-type": "application/rss+xml"}
    read = read_feed(Fetched(200, "https://x.example/", kind, body), SystemClock().now())
    assert [(one.title, one.media_type, one.is_recording) for one in read.entries] == [
        ("Talk", "audio/mpeg", True)
    ]


@both_databases
def test_only_what_anyone_may_hear_and_programs_can_play_is_in_it(
    editor: Browser, installation: Installation
) -> None:
    _bring(editor, "For all.mp3", brought.mp3(30))
    _bring(editor, "For members.mp3", brought.mp3(31), boundary="members")
    _bring(editor, "A wave.wav", brought.wav())
    _bring(editor, "Suomeksi.mp3", brought.mp3(32), language="fi")
    upload = [("files", ("Waits.mp3", brought.mp3(33)))]
    editor.post("/organise/library/files", {}, files=upload)
    _bring(editor, "Slides.pdf", brought.pdf())
    with Browser.of(installation) as stranger:
        for who in (editor, stranger):
            read = feedparser.parse(BytesIO(who.client.get(FEED).content))
            assert [one.title for one in read.entries] == ["For all"]
        finnish = stranger.client.get("/fi/library/podcast.xml").content
        assert [one.title for one in feedparser.parse(BytesIO(finnish)).entries] == ["Suomeksi"]
        assert "/en/library/podcast.xml" in stranger.get("/en/library").text
    assert "not in our podcast" in editor.get("/organise/library/items/3").text


def test_where_nothing_is_to_be_heard_nobody_is_told_of_a_podcast(visitor: Browser) -> None:
    assert "podcast.xml" not in visitor.get("/library").text
    assert feedparser.parse(BytesIO(visitor.client.get(FEED).content)).entries == []
