"""How a recording is heard here: one of somewhere else only after somebody has asked for it, for
its host then learns who listens. Pure."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit

YOUTUBE = ("youtube.com", "www.youtube.com", "m.youtube.com")
_YOUTUBE_ID = re.compile(r"[A-Za-z0-9_-]{6,20}")
_PEERTUBE_ID = re.compile(r"[A-Za-z0-9]{22}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_VIMEO_ID = re.compile(r"[0-9]{4,15}")


class Shape(StrEnum):
    """What a page needs for it; also the directive of a content policy that lets it in."""

    AUDIO = "audio"
    VIDEO = "video"
    FRAME = "frame"


@dataclass(frozen=True)
class Player:
    """What is put on a page, from where."""

    shape: Shape
    source: str

    @property
    def host(self) -> str:
        """Who is told that somebody listens."""
        return urlsplit(self.source).hostname or ""

    @property
    def is_ours(self) -> bool:
        """Whether it lies with us: nobody else is told, and nobody has to be asked first."""
        return self.source.startswith("/")

    @property
    def policy(self) -> str:
        """What a content policy lets in for it: this host, and nobody else."""
        directive = "frame-src" if self.shape is Shape.FRAME else "media-src"
        if self.is_ours:
            return f"{directive} 'self'"
        if not self.source.startswith("http://"):
            return f"{directive} https://{self.host}"
        host, _, port = _place(self.source).rpartition(":")
        return f"{directive} http://{f'[{host}]' if ':' in host else host}:{port}"

    @property
    def is_audio(self) -> bool:
        """Whether it is heard."""
        return self.shape is Shape.AUDIO

    @property
    def is_frame(self) -> bool:
        """Whether it comes with a page of its host around it."""
        return self.shape is Shape.FRAME


def own_player(source: str) -> Player:
    """How a recording is played that lies with us."""
    return Player(Shape.AUDIO, source)


def player_of(
    media_url: str, media_type: str, url: str, near: Collection[str] = ()
) -> Player | None:
    """How a recording can be played here; None where it can only be opened there.

    `near` are places in our own network, as `host:port`, that are heard without https.
    """
    if (media_url.startswith("https://") and _is_plain(media_url)) or _is_near(media_url, near):
        if media_type.startswith("audio/"):
            return Player(Shape.AUDIO, media_url)
        if media_type.startswith("video/") and not media_type.endswith("youtube"):
            return Player(Shape.VIDEO, media_url)
    return _embedded(url) or _embedded(media_url)


def _is_near(url: str, near: Collection[str]) -> bool:
    return url.startswith("http://") and "@" not in url and _place(url) in near


def _place(url: str) -> str:
    """`host:port`, as places in our own network are written; empty if it is none."""
    try:
        parts = urlsplit(url)
        return f"{parts.hostname}:{parts.port or 80}"
    except ValueError:
        return ""


def _is_plain(url: str) -> bool:
    """Whether nothing but a name stands for its host: it goes into a header."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    is_name = re.fullmatch(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", parts.hostname or "") is not None
    return port in (None, 443) and is_name and "@" not in parts.netloc


def _embedded(url: str) -> Player | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    host, path = parts.hostname or "", parts.path.strip("/")
    if host in YOUTUBE:
        last = (parse_qs(parts.query).get("v") or [path.rpartition("/")[2]])[0]
        return _framed("https://www.youtube-nocookie.com/embed/", last, _YOUTUBE_ID)
    if host == "youtu.be":
        return _framed("https://www.youtube-nocookie.com/embed/", path, _YOUTUBE_ID)
    if host in ("vimeo.com", "www.vimeo.com"):
        return _framed("https://player.vimeo.com/video/", path, _VIMEO_ID)
    return _on_peertube(url, host, path)


def _on_peertube(url: str, host: str, path: str) -> Player | None:
    """PeerTube stands on many hosts: it is known by its addresses, which no other program has."""
    folder, _, number = path.rpartition("/")
    if folder not in ("w", "videos/watch", "videos/embed") or not url.startswith("https://"):
        return None
    base = f"https://{host}/videos/embed/"
    return _framed(base, number, _PEERTUBE_ID) if _is_plain(url) else None


def _framed(base: str, number: str, shape: re.Pattern[str]) -> Player | None:
    return Player(Shape.FRAME, base + number) if shape.fullmatch(number) else None
