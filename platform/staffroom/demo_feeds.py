"""Two podcasts that the demo's community follows, served by ourselves on this machine alone.

They lie in a folder as on any server: a feed, pictures, sound, transcripts and chapters. The demo
fetches all of it as it would from a stranger.
"""

import mimetypes
import os
import socket
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click
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
from staffroom.demo_podcasts import RSS, announce, make
from staffroom.demo_shows import SHOWS
from staffroom.one_machine import listener
from staffroom.supervisor import Supervisor

HERE = "127.0.0.1"
PORT = "port"
"""The file in the folder that says where they were served: the library knows that address."""


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
            announce(self.folder / show.name, show, f"http://{self.host}/{show.name}", now)
        (self.folder / PORT).write_text(self.host.rpartition(":")[2], "utf-8")

    def start(self, supervisor: Supervisor) -> None:
        """Serve the folder for as long as everything runs; nothing, where no demo was filled in."""
        if not (self.folder / PORT).exists():
            return
        supervisor.start("feeds", serve, self.folder, self.listener)


@contextmanager
def open_feeds(folder: Path) -> Generator[Feeds]:
    """A place on this machine for the podcasts of `folder`: the one of last time, if it is free."""
    with ExitStack() as stack:
        try:
            opened = stack.enter_context(listener(HERE, _port_of(folder)))
        except click.ClickException:  # somebody else is there now: the library says so
            opened = stack.enter_context(listener(HERE, 0))
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
        make(folder / show.name, show)
    mimetypes.add_type("text/vtt", ".vtt")
    app = Starlette(routes=[Mount("/", StaticFiles(directory=folder, html=True))])
    config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off")
    uvicorn.Server(config).run(sockets=[listener])


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
