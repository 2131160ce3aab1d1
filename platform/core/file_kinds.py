"""What a file is, by what it holds: looked into by a child with limits alone (`core.confined`).

Pictures are made anew, so that nothing hidden in them survives; office files must be the archive
that their name promises, without macros; a PDF must be nothing else besides; texts are kept in
UTF-8, whatever they were written in. The child loads this file and little else: it starts for each
file that somebody sends.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import BinaryIO
from xml.etree import ElementTree

from core.confined import Parts, Unfit
from core.pictures import TOO_MANY, WIDEST, remake_here

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
PICTURES = ("png", "jpg", "jpeg", "webp")
TEXTS = ("txt", "md")
HEIC = ("heic", "heif")
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1",
               b"msf1")  # fmt: skip
LARGEST_UNPACKED = 200 * 1024 * 1024

IS_HEIC, HAS_MACROS, IS_OTHER = "heic", "macros", "other"
"""Why a file is none that we keep."""


def check_here(content: bytes, extension: str, widest: int = WIDEST) -> Parts:
    """What a file is, by its content: for the child alone. Raises Unfit."""
    if extension in PICTURES:
        return picture_here(content, widest)
    with whatever_breaks():
        if extension in ARCHIVES:
            return ARCHIVES[extension](io.BytesIO(content))
        return _RULES[extension](content)


@contextmanager
def whatever_breaks() -> Generator[None]:
    """What a decoder stumbles over is not what its name promises."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, RuntimeError, ValueError, EOFError, OSError) as error:
        # NotImplementedError (unknown packing) is a RuntimeError, UnicodeError a ValueError.
        raise error if isinstance(error, Unfit) else Unfit(IS_OTHER) from error


def picture_here(content: bytes, widest: int) -> Parts:
    """A picture, made anew: for the child alone. Raises Unfit."""
    if content[4:8] == b"ftyp" and content[8:12] in HEIC_BRANDS:
        raise Unfit(IS_HEIC)
    try:
        return remake_here(content, widest)
    except Unfit as unfit:
        raise Unfit(TOO_MANY if unfit.reason == TOO_MANY else IS_OTHER) from unfit


def _as_it_was(extension: str, media_type: str) -> Parts:
    return Parts({"extension": extension, "media_type": media_type, "is_as_it_was": True})


def _pdf(content: bytes) -> Parts:
    """Printers and scanners leave a blank line before, or zeros after; both are cut off."""
    document = content.lstrip(b"\xef\xbb\xbf\x00 \t\r\n").rstrip(b"\x00 \t\r\n") + b"\n"
    is_pdf = document.startswith(b"%PDF-") and b"%%EOF" in document[-2048:]
    # An archive at its end would make it two files in one.
    if not is_pdf or zipfile.is_zipfile(io.BytesIO(document)):
        raise Unfit(IS_OTHER)
    return Parts({"extension": "pdf", "media_type": "application/pdf"}, document)


def _text(extension: str) -> Callable[[bytes], Parts]:
    def read(content: bytes) -> Parts:
        words = _decoded(content)
        if not all(c.isprintable() or c in "\r\n\t\f" or ord(c) > 159 for c in words):
            raise Unfit(IS_OTHER)
        facts = {"extension": extension, "media_type": "text/plain; charset=utf-8"}
        return Parts(facts, words.encode())

    return read


def _decoded(content: bytes) -> str:
    """UTF-8, UTF-16 that says so, or what older Windows programs write. Raises UnicodeError."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def _archive(file: BinaryIO) -> zipfile.ZipFile:
    """The archive that begins with the first byte and does not burst when unpacked."""
    file.seek(0)
    if file.read(4) != b"PK\x03\x04":
        raise Unfit(IS_OTHER)
    archive = zipfile.ZipFile(file)
    if sum(part.file_size for part in archive.infolist()) > LARGEST_UNPACKED:
        raise Unfit(IS_OTHER)
    return archive


def _office(extension: str, media_type: str, folder: str) -> Callable[[BinaryIO], Parts]:
    def read(file: BinaryIO) -> Parts:
        archive = _archive(file)
        names = archive.namelist()
        if "[Content_Types].xml" not in names or not any(n.startswith(folder) for n in names):
            raise Unfit(IS_OTHER)
        if _runs_something(archive):
            raise Unfit(HAS_MACROS)
        return _as_it_was(extension, media_type)

    return read


COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BASIC_STORAGES = tuple(name.encode("utf-16-le") for name in ("_vba_project", "vba", "macros"))
MACRO_TYPES = re.compile(rb"macroEnabled|vbaProject|vbaData", re.IGNORECASE)
"""What the lists of parts and of relations call programs."""
FAR_TEMPLATE = re.compile(
    rb"<Relationship\b(?=[^<>]{0,2000}attachedTemplate)"
    rb"""[^<>]{0,2000}Target=["'](?:https?:|ftp:|\\\\|file:/{4})""",
    re.IGNORECASE,
)
"""A template that is fetched from elsewhere when the document is opened, with its programs."""
MACRO_FILES = re.compile(
    r"(?:^|/)(?:vbaProject\.bin|vbaData\.xml)$"
    r"|\.(?:(?:doc|dot|xls|xlt|ppt|pot|pps|sld)m|xlam|ppam|xlsb)$",
    re.IGNORECASE,
)
DEEPEST = 2
"""Documents within documents: so deep they are looked into; what is deeper is refused."""


def _runs_something(archive: zipfile.ZipFile, depth: int = 0) -> bool:
    """Whether an office file, or one within it, brings a program along."""
    names = archive.namelist()
    lists = [name for name in names if name == "[Content_Types].xml" or name.endswith(".rels")]
    return (
        any(MACRO_FILES.search(name) for name in names)
        or any(_names_a_program(_plainly(archive.read(name))) for name in lists)
        or _has_basic(archive)
        or any(_inner_runs(part, depth) for part in _inner_archives(archive))
    )


def _names_a_program(parts: bytes) -> bool:
    return bool(MACRO_TYPES.search(parts) or FAR_TEMPLATE.search(parts))


def _inner_archives(archive: zipfile.ZipFile) -> Iterator[bytes]:
    for part in archive.infolist():
        with archive.open(part) as opened:
            if opened.read(4) == b"PK\x03\x04":
                yield b"PK\x03\x04" + opened.read()


def _inner_runs(content: bytes, depth: int) -> bool:
    if depth >= DEEPEST:
        return True
    try:
        return _runs_something(_archive(io.BytesIO(content)), depth + 1)
    except zipfile.BadZipFile:
        return False


def _plainly(content: bytes) -> bytes:
    """XML in one byte a letter, whatever it was written in."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace").encode()
    return content


def _has_basic(archive: zipfile.ZipFile) -> bool:
    """Whether a part, whatever it is called, is the kind of file that keeps Basic programs."""
    return any(
        part.startswith(COMPOUND_FILE) and any(name in part.lower() for name in BASIC_STORAGES)
        for part in _contents(archive)
    )


def _contents(archive: zipfile.ZipFile) -> Iterator[bytes]:
    """The content of each part; only as much as shows its kind, unless it is a compound file."""
    for part in archive.infolist():
        with archive.open(part) as opened:
            begins = opened.read(len(COMPOUND_FILE))
            yield begins + opened.read() if begins == COMPOUND_FILE else begins


def _open_document(extension: str, media_type: str) -> Callable[[BinaryIO], Parts]:
    def read(file: BinaryIO) -> Parts:
        archive = _archive(file)
        names = archive.namelist()
        if "mimetype" not in names:
            raise Unfit(IS_OTHER)
        with archive.open("mimetype") as said:
            if said.read(200).decode("ascii", "replace").strip() != media_type:
                raise Unfit(IS_OTHER)
        is_program = any("/Basic/" in f"/{name}" or "/Scripts/" in f"/{name}" for name in names)
        if is_program or _listens(archive):
            raise Unfit(HAS_MACROS)
        return _as_it_was(extension, media_type)

    return read


def _listens(archive: zipfile.ZipFile) -> bool:
    """Whether a document runs something when it is opened or clicked."""
    documents = [
        name for name in archive.namelist() if name.endswith(("content.xml", "styles.xml"))
    ]
    return _has_basic(archive) or any(_has_script(archive.read(name)) for name in documents)


SCRIPT = "{urn:oasis:names:tc:opendocument:xmlns:script:1.0}"
OFFICE_SCRIPT = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}script"
SCRIPT_MARKS = (b"event-listener", b"script:language=", b"ooo:Basic")
SCRIPT_LINKS = ("vnd.sun.star.script:", "macro:", "vnd.sun.star.expand:")


def _has_script(document: bytes) -> bool:
    """Whether an element or a link of a document is a program, whatever its prefix is."""
    try:
        parts = ElementTree.fromstring(document).iter()  # noqa: S314 - in the child, with limits
    except ElementTree.ParseError:  # what no office program opens can still be looked through
        return any(mark in document for mark in SCRIPT_MARKS)
    return any(_is_script(part) for part in parts)


def _is_script(part: ElementTree.Element) -> bool:
    tag, said = str(part.tag), part.attrib
    return (
        tag.startswith(SCRIPT)
        or tag == OFFICE_SCRIPT
        or any(name.startswith(SCRIPT) for name in said)
        or any(value.strip().lower().startswith(SCRIPT_LINKS) for value in said.values())
    )


ARCHIVES: dict[str, Callable[[BinaryIO], Parts]] = {
    **{name: _office(name, kind, folder) for name, (kind, folder) in OFFICE.items()},
    **{name: _open_document(name, kind) for name, kind in OPEN_DOCUMENT.items()},
}
_RULES: dict[str, Callable[[bytes], Parts]] = {
    "pdf": _pdf,
    **{name: _text(name) for name in TEXTS},
}
