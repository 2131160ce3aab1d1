"""What may be uploaded: an allow-list by name *and* by content. Never svg, html or zip.

A file is what its content says. Pictures are made anew, so that nothing hidden in them survives;
office files must be the archive that their name promises; a PDF must be nothing else besides.
"""

import io
import zipfile
import zlib
from collections.abc import Callable
from pathlib import PurePath

from core.errors import Refusal
from core.i18n import N_
from core.pictures import PictureTooLarge, remake
from core.stored_files import Checked

LARGEST = 10 * 1024 * 1024
LARGEST_UNPACKED = 200 * 1024 * 1024
LONGEST_NAME = 120
ZIP_END = b"PK\x05\x06"

OFFICE = {
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "word/"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xl/"),
    "pptx": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "ppt/"),
}
OPEN_DOCUMENT = {
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
}
PICTURES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp"}
TEXTS = {"txt": "text/plain; charset=utf-8", "md": "text/plain; charset=utf-8"}
ALLOWED = (*PICTURES, "pdf", *OFFICE, *OPEN_DOCUMENT, *TEXTS)


def check_upload(name: str, content: bytes) -> Checked:
    """A file that may be kept. Raises Refusal with the reason and the limit."""
    shown = _shown_name(name)
    extension = PurePath(shown).suffix.lstrip(".").lower()
    if not content:
        raise Refusal(N_("“%(name)s” is empty.", name=shown), "files")
    if len(content) > LARGEST:
        raise Refusal(
            N_("“%(name)s” is too large: 10 MB at the most. A link works too.", name=shown), "files"
        )
    if extension not in ALLOWED:
        raise Refusal(
            N_(
                "“%(name)s” is of a kind that we do not take. We take %(kinds)s.",
                name=shown,
                kinds=", ".join(ALLOWED),
            ),
            "files",
        )
    return _checked(shown, extension, content)


def _checked(shown: str, extension: str, content: bytes) -> Checked:
    if extension in PICTURES:
        try:
            picture = remake(content)
        except PictureTooLarge:
            raise Refusal(
                N_("“%(name)s” has too many pixels: 40 million at the most.", name=shown), "files"
            ) from None
        except ValueError:
            raise _not_what_it_says(shown, extension) from None
        stem = PurePath(shown).stem
        return Checked(f"{stem}.{picture.extension}", picture.extension, picture.media_type,
                       picture.content)  # fmt: skip
    media_type, is_right = _RULES[extension]
    if not _survives(is_right, content):
        raise _not_what_it_says(shown, extension)
    return Checked(shown, extension, media_type, content)


def _survives(is_right: Callable[[bytes], bool], content: bytes) -> bool:
    """A rule's answer; an archive that makes the reader stumble is not what it says."""
    try:
        return is_right(content)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, ValueError, EOFError, OSError):
        # NotImplementedError (unknown packing) is a RuntimeError, UnicodeError a ValueError.
        return False


def _not_what_it_says(shown: str, extension: str) -> Refusal:
    return Refusal(
        N_(
            "“%(name)s” does not hold what a .%(kind)s file holds. Please save it anew, or send "
            "a PDF.",
            name=shown,
            kind=extension,
        ),
        "files",
    )


def _shown_name(name: str) -> str:
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(c for c in last if c.isprintable() and c not in '<>:"/|?*').strip(". ")
    path = PurePath(plain or "file")
    return f"{path.stem[:LONGEST_NAME]}{path.suffix[:10]}"


def _is_pdf(content: bytes) -> bool:
    # An archive at its end would make it two files in one.
    return content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:] and ZIP_END not in content


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return all(c.isprintable() or c in "\r\n\t\f" or ord(c) > 127 for c in text)


def _archive(content: bytes) -> zipfile.ZipFile | None:
    """The archive that begins with the first byte and does not burst when unpacked."""
    if not content.startswith(b"PK\x03\x04"):
        return None
    archive = zipfile.ZipFile(io.BytesIO(content))
    unpacked = sum(part.file_size for part in archive.infolist())
    return archive if unpacked <= LARGEST_UNPACKED else None


def _is_office(folder: str) -> Callable[[bytes], bool]:
    def is_it(content: bytes) -> bool:
        archive = _archive(content)
        names = archive.namelist() if archive else []
        has_macros = any("vbaproject" in name.lower() for name in names)
        is_right = "[Content_Types].xml" in names and any(n.startswith(folder) for n in names)
        return is_right and not has_macros

    return is_it


def _is_open_document(media_type: str) -> Callable[[bytes], bool]:
    def is_it(content: bytes) -> bool:
        archive = _archive(content)
        if archive is None or "mimetype" not in archive.namelist():
            return False
        with archive.open("mimetype") as said:
            return said.read(200).decode("ascii", "replace").strip() == media_type

    return is_it


_RULES: dict[str, tuple[str, Callable[[bytes], bool]]] = {
    "pdf": ("application/pdf", _is_pdf),
    **{name: (kind, _is_text) for name, kind in TEXTS.items()},
    **{name: (kind, _is_office(folder)) for name, (kind, folder) in OFFICE.items()},
    **{name: (kind, _is_open_document(kind)) for name, kind in OPEN_DOCUMENT.items()},
}
