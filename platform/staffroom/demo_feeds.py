"""Two podcasts that the demo's community follows, served by ourselves on this machine alone.

They lie in a folder as on any server: a feed, pictures, sound, transcripts and chapters. The demo
fetches all of it as it would from a stranger.
"""

import json
import mimetypes
import os
import socket
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path
from xml.etree import ElementTree

from sqlalchemy import select

from core.unit_of_work import UnitOfWork
from library import bulk
from library.bulk import ManyAct, Wanted
from library.entries import read_feed
from library.feeds import Preview, add_feed
from library.fetched import Fetched
from library.models import Feed, Item
from library.states import ItemState
from library.storing import store_entries
from library.transcripts import Chapter, Line, chapters_json, webvtt
from staffroom.demo_files import voices
from staffroom.demo_shows import SHOWS, Part, Show
from staffroom.supervisor import Supervisor

ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
PODCAST = "https://podcastindex.org/namespace/1.0"
PORT = "port"
"""The file in the folder that says where they were served: the library knows that address."""
RSS = "application/rss+xml"


@dataclass(frozen=True)
class Feeds:
    """The folder, and the open socket that it is served on."""

    folder: Path
    listener: socket.socket

    @property
    def host(self) -> str:
        """The place in our own network that the demo may fetch from, as `host:port`."""
        host, port = self.listener.getsockname()
        return f"{host}:{port}"

    def announce(self, now: datetime) -> None:
        """Write both feeds, and remember where they are; what they name is made when served."""
        for show in SHOWS:
            folder = self.folder / show.name
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "index.html").write_text(_page(show), "utf-8")
            (folder / "feed.xml").write_bytes(_rss(show, f"http://{self.host}/{show.name}", now))
        (self.folder / PORT).write_text(self.host.rpartition(":")[2], "utf-8")

    def start(self, supervisor: Supervisor) -> None:
        """Serve the folder for as long as everything runs; nothing, where no demo was filled in."""
        if not (self.folder / PORT).exists():
            return
        supervisor.start("feeds", serve, self.folder, self.listener)


@contextmanager
def open_feeds(folder: Path) -> Generator[Feeds]:
    """A place on this machine for the podcasts of `folder`: the one of last time, if it is free."""
    with socket.socket() as opened:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            opened.bind(("127.0.0.1", _port_of(folder)))
        except OSError:  # somebody else is there now; the library will say that it cannot fetch
            opened.bind(("127.0.0.1", 0))
        opened.listen(64)
        opened.set_inheritable(True)
        yield Feeds(folder, opened)


def _port_of(folder: Path) -> int:
    try:
        return int((folder / PORT).read_text("utf-8"))
    except (OSError, ValueError):
        return 0


def serve(folder: Path, listener: socket.socket) -> None:
    """Serve files until told to stop; also parts of them, as players ask for them.

    Whoever asks while they are still being made waits.
    """
    import uvicorn
    from starlette.applications import Starlette
    from starlette.routing import Mount
    from starlette.staticfiles import StaticFiles

    os.nice(10)  # pages come first
    for show in SHOWS:
        _make(folder / show.name, show)
    mimetypes.add_type("text/vtt", ".vtt")
    app = Starlette(routes=[Mount("/", StaticFiles(directory=folder, html=True))])
    config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off")
    uvicorn.Server(config).run(sockets=[listener])


def _make(folder: Path, show: Show) -> None:
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


def follow(work: UnitOfWork, feeds: Feeds) -> None:
    """Follow both: one shows what is new by itself, of the other somebody has shown the newest."""
    feeds.announce(work.now)
    for show in SHOWS:
        url = f"http://{feeds.host}/{show.name}/feed.xml"
        body = (feeds.folder / show.name / "feed.xml").read_bytes()
        read = read_feed(Fetched(200, url, {"content-type": RSS}, body), work.now)
        number = add_feed(work, Preview(url, read), show.language, show is SHOWS[0], None)
        store_entries(work, work.session.get_one(Feed, number), read)
    waiting = select(Item.id).where(Item.state == ItemState.WAITING)
    newest = work.session.scalars(waiting.order_by(Item.published_at.desc()).limit(1)).all()
    bulk.do(work, newest, Wanted(ManyAct.SHOW))
