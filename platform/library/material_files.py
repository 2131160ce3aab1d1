"""A file on its way into the library: looked into, pictured, and put where large files lie."""

import hashlib
import io
import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO

from core.confined import Limits, Parts, TooMuch, Unfit, take_apart
from core.errors import Refusal
from core.file_kinds import HEIC, IS_HEIC, OFFICE, OPEN_DOCUMENT, PICTURES, TEXTS
from core.file_settings import MEGABYTE
from core.file_store import FileStore
from core.i18n import N_, Message
from core.pictures import Picture
from core.stored_files import Apart, random_name
from core.uploads import REASONS, TOO_MUCH_TO_OPEN, shown_name
from library.file_looks import IS_SILENT, LARGEST_WHOLE, NEEDS_PASSWORD, SOUNDS

ALLOWED = ("pdf", *OFFICE, *OPEN_DOCUMENT, *PICTURES, *SOUNDS, *TEXTS)
ACCEPT = ",".join(f".{extension}" for extension in ALLOWED)
WIDEST = 1200
"""Pixels of a first page, which stands in a card and above an item."""
WIDEST_PICTURE = 2400
MANY_PAGES = 300
WITHOUT_SLEEVE = ("wav", "ogg", "oga", "opus", "flac")
"""Recordings in which we look for no picture."""
LOOK = Limits(processor=20, seconds=40.0)
"""For all that an archive of a hundred megabytes holds."""
PREVIEW = Limits(processor=2, seconds=10.0)
"""A first page that takes longer is done without."""


@dataclass(frozen=True)
class Looked:
    """A file that may be kept, and what was found in it."""

    file: BinaryIO
    shown_name: str
    extension: str
    media_type: str
    size: int
    sha256: str
    pages: int | None = None
    seconds: int | None = None
    title: str = ""
    """What it is called: by itself, or by its name."""
    by: str = ""
    year: int | None = None
    preview: Picture | None = None

    @property
    def is_sound(self) -> bool:
        """Whether it is heard."""
        return self.media_type.startswith("audio/")

    @property
    def remark(self) -> Message | None:
        """What whoever brings it should know, although nothing is wrong with it."""
        if self.pages is None or self.pages < MANY_PAGES:
            return None
        return N_(
            "“%(name)s” has %(pages)s pages; readers see that before they download it.",
            name=self.shown_name,
            pages=self.pages,
        )


def look_at(name: str, file: BinaryIO, largest: int) -> Looked:
    """What a file is. Raises Refusal with the reason and the limit, or Unavailable.

    Slow: not to be asked within a unit of work. `largest` is in bytes.
    """
    shown = shown_name(name)
    extension = PurePath(shown).suffix.lstrip(".").lower()
    _check_at_first_sight(shown, extension, file, largest)
    parts = _looked_into(shown, extension, file)
    found = str(parts.facts["extension"])
    kept = io.BytesIO(parts.content) if parts.content else file
    kept_name = shown if found == extension else f"{PurePath(shown).stem}.{found}"
    return Looked(
        file=kept,
        shown_name=kept_name,
        extension=found,
        media_type=str(parts.facts["media_type"]),
        size=_size(kept),
        sha256=_digest(kept),
        pages=parts.facts.get("pages"),
        seconds=parts.facts.get("seconds"),
        title=parts.facts.get("title") or title_of(shown),
        by=parts.facts.get("by") or "",
        year=year_of(shown),
        preview=_preview(kept, found),
    )


def keep(store: FileStore, looked: Looked) -> Apart:
    """Put a file where large files lie. Raises OSError where there is no room."""
    name = random_name(looked.extension)
    store.put(name, looked.file)
    return Apart(name, looked.shown_name, looked.media_type, looked.size, looked.sha256)


def title_of(name: str) -> str:
    """`asking_well-2024 (final).pdf` is called “asking well 2024 (final)”."""
    stem = PurePath(name).stem
    words = " ".join(re.sub(r"[_+]|(?<=\w)-(?=\w)", " ", stem).split())
    return (words or stem)[:200]


def year_of(name: str) -> int | None:
    """The year that a name says; the last, if it says more than one."""
    found = re.findall(r"(?<!\d)(?:19[89]\d|20[0-4]\d)(?!\d)", name)
    return int(found[-1]) if found else None


def _check_at_first_sight(shown: str, extension: str, file: BinaryIO, largest: int) -> None:
    size, source, values = _size(file), "", {}
    if extension in HEIC:
        source = REASONS[IS_HEIC].source
    elif extension not in ALLOWED:
        source, values = _NO_SUCH_KIND.source, {"kinds": ", ".join(ALLOWED)}
    elif not size:
        source = _EMPTY.source
    elif size > largest:
        source, values = _TOO_LARGE.source, {"most": str(largest // MEGABYTE)}
    elif extension in (*PICTURES, *TEXTS) and size > LARGEST_WHOLE:
        source, values = _TOO_LARGE.source, {"most": str(LARGEST_WHOLE // MEGABYTE)}
    if source:
        raise Refusal(Message(source, {"name": shown, **values}), "files")


_EMPTY = N_("“%(name)s” is empty.")
_TOO_LARGE = N_("“%(name)s” is too large: %(most)s MB at the most. A link works too.")
_NO_SUCH_KIND = N_("“%(name)s” is of a kind that we do not take. We take %(kinds)s.")
_NEEDS_PASSWORD = N_("“%(name)s” asks for a password. Please save it without one.")
_SILENT = N_(
    "“%(name)s” cannot be played: nothing in it is sound that we know. "
    "Please export it anew as MP3."
)


def _looked_into(shown: str, extension: str, file: BinaryIO) -> Parts:
    task = "library.file_looks:look_here"
    try:
        return take_apart(task, _given(file), LOOK, extension=extension, widest=WIDEST_PICTURE)
    except TooMuch:
        raise Refusal(Message(TOO_MUCH_TO_OPEN.source, {"name": shown}), "files") from None
    except Unfit as unfit:
        own = {NEEDS_PASSWORD: _NEEDS_PASSWORD, IS_SILENT: _SILENT}
        sentence = own.get(unfit.reason) or REASONS[unfit.reason]
        raise Refusal(
            Message(sentence.source, {"name": shown, "kind": extension}), "files"
        ) from None


def _preview(file: BinaryIO, extension: str) -> Picture | None:
    """How its first page looks; a picture is its own."""
    task = "core.pictures:remake_here"
    options: dict[str, object] = {"widest": WIDEST}
    if extension in (*TEXTS, *WITHOUT_SLEEVE):
        return None
    if extension not in PICTURES:
        task, options = "library.file_looks:preview_here", {"extension": extension, **options}
    try:
        parts = take_apart(task, _given(file), PREVIEW, **options)
    except (TooMuch, Unfit):
        return None
    return Picture(parts.content, parts.facts["media_type"], parts.facts["extension"])


def _given(file: BinaryIO) -> bytes | BinaryIO:
    return file.getvalue() if isinstance(file, io.BytesIO) else file


def _size(file: BinaryIO) -> int:
    return file.seek(0, io.SEEK_END)


def _digest(file: BinaryIO) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
