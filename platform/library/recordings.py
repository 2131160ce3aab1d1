"""What of a feed's entry can be heard or seen, where it is, and how long it is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from core.characters import scrub


@dataclass(frozen=True)
class Media:
    """A recording: its address and its type; both empty if there is none."""

    url: str = ""
    kind: str = ""


def enclosure_of(raw: Mapping[str, Any], base: str) -> Media:
    """The recording of an entry: many feeds name its type wrongly, or not at all."""
    parts = [
        *((part.get("href"), part.get("type"), "") for part in raw.get("enclosures", ())),
        *((part.get("url"), part.get("type"), part.get("medium"))
          for part in raw.get("media_content") or ()),
    ]  # fmt: skip
    for address, said, medium in parts:
        kind = _kind_of(text_of(address), text_of(said).strip().lower(), text_of(medium))
        if kind and (url := http_address(text_of(address).strip().replace(" ", "%20"), base)):
            return Media(url, kind[:100])
    return Media()


ENDINGS = {
    "mp3": "audio/mpeg", "m4a": "audio/mp4", "m4b": "audio/mp4", "aac": "audio/aac",
    "ogg": "audio/ogg", "oga": "audio/ogg", "opus": "audio/ogg", "wav": "audio/wav",
    "flac": "audio/flac", "mp4": "video/mp4", "m4v": "video/mp4", "mov": "video/quicktime",
    "webm": "video/webm", "ogv": "video/ogg",
}  # fmt: skip


def _kind_of(address: str, said: str, medium: str) -> str:
    """The type of a recording, by what is said of it or by its ending; nothing if it is none."""
    if said.startswith(("audio/", "video/")):
        return said
    if said.startswith(("image/", "text/", "application/x-shockwave", "application/pdf")):
        return ""
    ending = urlsplit(address.strip()).path.rpartition(".")[2].lower()
    if ending in ENDINGS:
        return ENDINGS[ending]
    return {"audio": "audio/mpeg", "video": "video/mp4"}.get(medium.lower(), "")


def attachment_of(attachments: Any, base: str) -> tuple[Media, int | None]:
    """The recording of an entry of a JSON feed, and its length in seconds."""
    for part in attachments if isinstance(attachments, list) else ():
        kind = _kind_of(text_of(part.get("url")), text_of(part.get("mime_type")).lower(), "")
        if kind and (url := http_address(part.get("url"), base)):
            return Media(url, kind[:100]), seconds_of(part.get("duration_in_seconds"))
    return Media(), None


_UNITS = re.compile(r"(\d{1,6})\s{0,3}(h|m|s|t|min|sek|sec|hours?|minutes?|seconds?|tuntia?|"
                    r"minuuttia?)(?![a-zåäö])", re.IGNORECASE)  # fmt: skip
_LENGTHS = {"h": 3600, "t": 3600, "m": 60, "s": 1}


def seconds_of(said: Any) -> int | None:
    """`1:02:03`, `62:03`, `3723`, `1h 2m`, `45 min` or `PT1H2M3S`."""
    text = str(said or "").strip()[:60]
    if found := _UNITS.findall(text.upper().removeprefix("PT").lower()):
        total = sum(int(n) * _LENGTHS[unit[0].lower()] for n, unit in found)
        return total if 0 < total < 360_000 else None
    parts = text.split(":")
    if not 1 <= len(parts) <= 3:
        return None
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        return None
    total = sum(number * 60**place for place, number in enumerate(reversed(numbers)))
    return int(total) if 0 < total < 360_000 else None


def text_of(value: Any) -> str:
    """A foreign value if it is text, else nothing."""
    return scrub(value) if isinstance(value, str) else ""


def http_address(value: Any, base: str) -> str:
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
