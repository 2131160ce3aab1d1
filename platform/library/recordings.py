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
    "mp3": "audio/mpeg", "mpga": "audio/mpeg", "mp2": "audio/mpeg",
    "m4a": "audio/mp4", "m4b": "audio/mp4", "aac": "audio/aac",
    "ogg": "audio/ogg", "oga": "audio/ogg", "opus": "audio/ogg", "wav": "audio/wav",
    "flac": "audio/flac", "mp4": "video/mp4", "m4v": "video/mp4", "mov": "video/quicktime",
    "webm": "video/webm", "ogv": "video/ogg",
}  # fmt: skip


def _kind_of(address: str, said: str, medium: str) -> str:
    """The type of a recording, by what is said of it or by its ending; nothing if it is none."""
    if said.startswith(("audio/", "video/")):
        return said
    ending = _ending_of(address)
    if ending in ENDINGS:  # more often right than the type that is said
        return ENDINGS[ending]
    if said in _SAID_OTHERWISE or said in ENDINGS:
        return _SAID_OTHERWISE.get(said) or ENDINGS[said]
    if said.startswith(("image/", "text/", "application/x-shockwave", "application/pdf")):
        return ""
    return {"audio": "audio/mpeg", "video": "video/mp4"}.get(medium.lower(), "")


_SAID_OTHERWISE = {"application/ogg": "audio/ogg", "application/mp4": "video/mp4",
                   "audio": "audio/mpeg", "video": "video/mp4", "mpeg": "audio/mpeg"}  # fmt: skip


def _ending_of(address: str) -> str:
    """What stands after the last stop of a path, without what is hung on with a semicolon."""
    try:
        path = urlsplit(address.strip()).path
    except ValueError:
        return ""
    return path.rpartition("/")[2].partition(";")[0].rpartition(".")[2].lower()


def attachment_of(attachments: Any, base: str) -> tuple[Media, int | None]:
    """The recording of an entry of a JSON feed, and its length in seconds."""
    listed = attachments if isinstance(attachments, list) else ()
    for part in (one for one in listed if isinstance(one, dict)):
        kind = _kind_of(text_of(part.get("url")), text_of(part.get("mime_type")).lower(), "")
        if kind and (url := http_address(part.get("url"), base)):
            return Media(url, kind[:100]), seconds_of(part.get("duration_in_seconds"))
    return Media(), None


_UNITS = re.compile(
    r"(\d{1,6}(?:[.,]\d{1,3})?)\s{0,3}"
    r"(d|h|hrs?|hours?|t|tuntia?|std\.?|m|mins?|min\.|minutes?|minuuttia?|"
    r"s|secs?|sek\.?|seconds?|sekuntia?)(?![a-zåäö])",
    re.IGNORECASE,
)
_REST = re.compile(r"^\s{0,3}(\d{1,2})\s{0,3}$")
_LENGTHS = {"d": 86_400, "h": 3600, "t": 3600, "m": 60, "s": 1}
LONGEST = 360_000
"""Seconds: whatever says more is no length."""


def seconds_of(said: Any) -> int | None:
    """`1:02:03`, `62:03`, `3723`, `1h 2m`, `1h30`, `45 min` or `PT1H2M3S`."""
    text = str(said or "").strip()[:60]
    total = _by_the_clock(text) if ":" in text else _by_units(text)
    return int(total) if total is not None and 0 < total < LONGEST else None


def _by_units(text: str) -> float | None:
    plain = text.lower().removeprefix("p").replace("t", " ", 1) if text[:1] in "Pp" else text
    total, end, last = 0.0, 0, ""
    for found in _UNITS.finditer(plain):
        last = "h" if found[2].lower().startswith("std") else found[2][0].lower()
        total += float(found[1].replace(",", ".")) * _LENGTHS[last]
        end = found.end()
    if not end:
        return _number_of(text)
    rest = _REST.match(plain[end:])
    return total + int(rest[1]) * 60 if rest and last in "ht" else total


def _by_the_clock(text: str) -> float | None:
    parts = [_number_of(part) for part in re.sub(r"[a-zåäö.\s]+$", "", text.lower()).split(":")]
    numbers = [part for part in parts if part is not None]
    if len(numbers) != len(parts) or not 1 <= len(parts) <= 3:
        return None
    return sum((number * 60.0**place for place, number in enumerate(reversed(numbers))), 0.0)


def _number_of(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


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
