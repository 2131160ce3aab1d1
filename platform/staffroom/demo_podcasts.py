"""What lies on the server of a demo's podcast: its feed, its page, pictures, sound, words."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path
from xml.etree import ElementTree

from library.transcripts import Chapter, Line, chapters_json, webvtt
from staffroom.demo_files import voices
from staffroom.demo_shows import Part, Show

ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
PODCAST = "https://podcastindex.org/namespace/1.0"
RSS = "application/rss+xml"


def announce(folder: Path, show: Show, base: str, now: datetime) -> None:
    """Write the feed and the page; what they name is made by `make`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_text(_page(show), "utf-8")
    (folder / "feed.xml").write_bytes(_rss(show, base, now))


def make(folder: Path, show: Show) -> None:
    """Pictures, sound and words of a show; the last of them says that all are there."""
    last = folder / "picture.png"
    if last.exists():
        return
    for number, part in enumerate(show.parts, 1):
        (folder / f"{number}.wav").write_bytes(voices(part.talk))
        show.draw(number).save(folder / f"{number}.png")
        (folder / f"{number}.vtt").write_text(webvtt(_spread(part)), "utf-8")
        told = chapters_json([Chapter(at, title) for at, title in part.chapters])
        (folder / f"{number}.json").write_text(json.dumps(told), "utf-8")
    show.draw(0).save(folder / "unfinished.png")
    (folder / "unfinished.png").replace(last)


def _spread(part: Part) -> Sequence[Line]:
    """What is said, over its seconds: long sentences last longer."""
    total = sum(len(words) for _, words in part.said)
    lines, before = [], 0
    for who, words in part.said:
        lines.append(Line(part.talk.seconds * before // total, who, words))
        before += len(words)
    return lines


def _rss(show: Show, base: str, now: datetime) -> bytes:
    for prefix, uri in (("itunes", ITUNES), ("podcast", PODCAST)):
        ElementTree.register_namespace(prefix, uri)
    rss = ElementTree.Element("rss", version="2.0")
    channel = ElementTree.SubElement(rss, "channel")
    said = {"title": show.title, "description": show.sentence, "language": show.language,
            "link": f"{base}/", f"{{{ITUNES}}}author": show.by}  # fmt: skip
    _say(channel, said)
    ElementTree.SubElement(channel, f"{{{ITUNES}}}image", href=f"{base}/picture.png")
    for number, part in enumerate(show.parts, 1):
        _add(ElementTree.SubElement(channel, "item"), show, number, part, base, now)
    written: bytes = ElementTree.tostring(rss, "utf-8", xml_declaration=True)
    return written


def _add(
    item: ElementTree.Element, show: Show, number: int, part: Part, base: str, now: datetime
) -> None:
    talk = part.talk
    _guid(item, f"{show.name}-{number}")
    said = {"title": talk.title, "description": talk.summary, "link": f"{base}/#{number}",
            "pubDate": format_datetime(now - timedelta(days=part.days)),
            f"{{{ITUNES}}}author": show.by, f"{{{ITUNES}}}duration": str(talk.seconds)}  # fmt: skip
    _say(item, said)
    for topic in talk.topics:
        _say(item, {"category": topic})
    length = str(44 + talk.seconds * 16_000)  # of a WAV file as `voices` makes it
    sound = {"url": f"{base}/{number}.wav", "type": "audio/wav", "length": length}
    ElementTree.SubElement(item, "enclosure", sound)
    ElementTree.SubElement(item, f"{{{ITUNES}}}image", href=f"{base}/{number}.png")
    its_words = {"url": f"{base}/{number}.vtt", "type": "text/vtt"}
    ElementTree.SubElement(item, f"{{{PODCAST}}}transcript", its_words)
    if part.chapters:
        its_parts = {"url": f"{base}/{number}.json", "type": "application/json+chapters"}
        ElementTree.SubElement(item, f"{{{PODCAST}}}chapters", its_parts)


def _guid(item: ElementTree.Element, name: str) -> None:
    ElementTree.SubElement(item, "guid", isPermaLink="false").text = name


def _page(show: Show) -> str:
    """The page of the podcast itself, where links of its episodes lead."""
    told = [
        f'<h2 id="{number}">{escape(part.talk.title)}</h2><p>{escape(part.talk.summary)}</p>'
        f'<audio controls preload="none" src="{number}.wav"></audio>'
        for number, part in enumerate(show.parts, 1)
    ]
    return (
        f'<!doctype html><html lang="{show.language}"><meta charset="utf-8">'
        f'<link rel="alternate" type="{RSS}" href="feed.xml"><title>{escape(show.title)}</title>'
        f"<h1>{escape(show.title)}</h1><p>{escape(show.sentence)}</p>{''.join(told)}"
    )


def _say(element: ElementTree.Element, said: dict[str, str]) -> None:
    for name, words in said.items():
        ElementTree.SubElement(element, name).text = words
