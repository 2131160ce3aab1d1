"""What a file of the library is, and how its first page looks: for the child with limits alone.

The child gets the open file, not its bytes: a recording may be larger than all its memory.
"""

import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO

from core.characters import scrub
from core.confined import Parts, Unfit
from core.file_kinds import ARCHIVES, IS_OTHER, PICTURES, TEXTS, check_here, whatever_breaks
from core.pictures import remake_here

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

NEEDS_PASSWORD, IS_SILENT = "password", "silent"
"""Why a file is none that we keep."""
SOUNDS = {
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "ogg": "audio/ogg",
    "oga": "audio/ogg",
    "opus": "audio/ogg",
    "flac": "audio/flac",
    "wav": "audio/wav",
}
LONGEST = 360_000
"""Seconds: whatever says more is no recording."""
LARGEST_WHOLE = 20 * 1024 * 1024
"""Bytes of a picture or a text, which are read at once and made anew."""
THUMBNAILS = ("docProps/thumbnail.jpeg", "docProps/thumbnail.png", "Thumbnails/thumbnail.png")
"""Where office programs leave a picture of the first page."""
ERROR_PASSWORD = 4
"""What PDFium says of a document that asks for one."""


def look_here(given: bytes | BinaryIO, extension: str, widest: int) -> Parts:
    """What a file is, by its content. Raises Unfit."""
    file = _opened_file(given)
    with whatever_breaks():
        if extension in (*PICTURES, *TEXTS):
            return check_here(file.read(LARGEST_WHOLE + 1), extension, widest)
        if extension in ARCHIVES:
            return ARCHIVES[extension](file)
        return _pdf(file) if extension == "pdf" else _sound(file)


def preview_here(given: bytes | BinaryIO, extension: str, widest: int) -> Parts:
    """A picture of the first page, or the one that a recording brings along. Raises Unfit."""
    file = _opened_file(given)
    with whatever_breaks():
        if extension in ("pdf", *ARCHIVES):
            drawn = _first_page(file, widest) if extension == "pdf" else _thumbnail(file)
        else:
            drawn = _sleeve(file)
    return remake_here(drawn, widest)


def _opened_file(given: bytes | BinaryIO) -> BinaryIO:
    return io.BytesIO(given) if isinstance(given, bytes) else given


def _pdf(file: BinaryIO) -> Parts:
    # An archive at its end would make it two files in one.
    if zipfile.is_zipfile(file):
        raise Unfit(IS_OTHER)
    pages = len(_opened(file))
    if not pages:
        raise Unfit(IS_OTHER)
    return Parts({"extension": "pdf", "media_type": "application/pdf", "pages": pages})


def _opened(file: BinaryIO) -> "PdfDocument":
    """A PDF, whatever printers left before its first line. Raises Unfit."""
    from pypdfium2 import PdfDocument, PdfiumError

    file.seek(0)
    try:
        return PdfDocument(file)
    except PdfiumError as error:
        is_locked = getattr(error, "err_code", None) == ERROR_PASSWORD
        raise Unfit(NEEDS_PASSWORD if is_locked else IS_OTHER) from error


def _first_page(file: BinaryIO, widest: int) -> bytes:
    page = _opened(file)[0]
    longer = max(page.get_size())
    if not 1 <= longer < 100_000:
        raise Unfit(IS_OTHER)
    out = io.BytesIO()
    page.render(scale=widest / longer).to_pil().convert("RGB").save(out, "PNG", compress_level=1)
    return out.getvalue()


def _thumbnail(file: BinaryIO) -> bytes:
    archive = zipfile.ZipFile(file)
    for name in THUMBNAILS:
        if name in archive.namelist():
            return archive.read(name)
    raise Unfit(IS_OTHER)


def _sound(file: BinaryIO) -> Parts:
    """A recording, by the frames that it holds: a name or a first line proves nothing."""
    heard = _heard(file)
    kind = next((kind for name, kind in _KINDS.items() if type(heard).__name__ == name), "")
    seconds = round(getattr(heard.info, "length", 0) or 0)
    # What begins like sound by chance is `sketchy`; a stream without sound has no channels.
    is_silent = getattr(heard.info, "sketchy", False) or not getattr(heard.info, "channels", 0)
    if not kind or not 0 < seconds < LONGEST or is_silent:
        raise Unfit(IS_SILENT)
    said = {name: _tag(heard, *keys) for name, keys in _TAGS.items()}
    return Parts({"extension": kind, "media_type": SOUNDS[kind], "seconds": seconds, **said})


_KINDS = {"MP3": "mp3", "MP4": "m4a", "OggVorbis": "ogg", "OggOpus": "opus", "FLAC": "flac",
          "WAVE": "wav"}  # fmt: skip
_TAGS = {"title": ("TIT2", "\xa9nam", "title"), "by": ("TPE1", "\xa9ART", "artist")}


def _heard(file: BinaryIO) -> Any:
    import mutagen

    file.seek(0)
    try:
        heard = mutagen.File(file)
    except (mutagen.MutagenError, AssertionError, IndexError, KeyError, TypeError) as error:
        raise Unfit(IS_SILENT) from error
    if heard is None:
        raise Unfit(IS_SILENT)
    return heard


def _tag(heard: Any, *names: str) -> str:
    """What a recording says of itself, where it says it in words."""
    tags = heard.tags or {}
    for name in names:
        with suppress(KeyError, ValueError, TypeError):
            said = tags[name]
            words = getattr(said, "text", said)
            first = words[0] if isinstance(words, list) and words else words
            return " ".join(scrub(str(first)).split())[:200]
    return ""


def _sleeve(file: BinaryIO) -> bytes:
    tags: Any = _heard(file).tags or {}
    found: list[Callable[[], bytes]] = [
        lambda: tags.getall("APIC")[0].data,
        lambda: bytes(tags["covr"][0]),
    ]
    for read in found:
        with suppress(AttributeError, KeyError, IndexError, TypeError, ValueError):
            return read()
    raise Unfit(IS_OTHER)
