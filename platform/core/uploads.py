"""What may be uploaded: an allow-list by name *and* by content. Never svg, html or zip.

A file is what its content says, and only a child process with limits (`core.confined`) looks into
it: `core.file_kinds` has its rules. What is said of a file here is a sentence for who sent it.
"""

from pathlib import PurePath

from core.confined import TooMuch, Unfit, take_apart
from core.errors import Refusal
from core.file_kinds import (
    HAS_MACROS,
    HEIC,
    IS_HEIC,
    IS_OTHER,
    OFFICE,
    OPEN_DOCUMENT,
    PICTURES,
    TEXTS,
)  # fmt: skip
from core.i18n import N_, Message
from core.pictures import TOO_MANY, WIDEST
from core.stored_files import Checked

LARGEST = 10 * 1024 * 1024
LONGEST_NAME = 120

ALLOWED = (*PICTURES, "pdf", *OFFICE, *OPEN_DOCUMENT, *TEXTS)
ACCEPT = ",".join(f".{extension}" for extension in ALLOWED)
"""For the `accept` of a file field; a telephone that sees no heic in it sends a JPEG instead."""


def check_upload(name: str, content: bytes, widest: int = WIDEST) -> Checked:
    """A file that may be kept. Raises Refusal with the reason and the limit, or Unavailable."""
    shown = shown_name(name)
    extension = PurePath(shown).suffix.lstrip(".").lower()
    if (refusal := _at_first_sight(extension, content)) is not None:
        raise Refusal(Message(refusal.source, {"name": shown, **refusal.values}), "files")
    try:
        parts = take_apart(
            "core.file_kinds:check_here", content, extension=extension, widest=widest
        )
    except TooMuch:
        raise Refusal(Message(TOO_MUCH_TO_OPEN.source, {"name": shown}), "files") from None
    except Unfit as unfit:
        words = REASONS[unfit.reason].source
        raise Refusal(Message(words, {"name": shown, "kind": extension}), "files") from None
    found = str(parts.facts["extension"])
    kept = shown if found == extension else f"{PurePath(shown).stem}.{found}"
    is_as_it_was = parts.facts.get("is_as_it_was", False)
    return Checked(
        kept, found, parts.facts["media_type"], content if is_as_it_was else parts.content
    )


def check_picture(name: str, content: bytes, widest: int) -> Checked:
    """A picture that can be shown, no wider than that. Raises Refusal, or Unavailable.

    Slow: not to be asked within a unit of work.
    """
    shown = shown_name(name)
    extension = PurePath(shown).suffix.lstrip(".").lower()
    if extension not in (*PICTURES, *HEIC):
        raise Refusal(N_("Please choose a picture: png, jpg or webp."), "files")
    try:
        return check_upload(name, content, widest)
    except Refusal as refusal:
        if refusal.message.source == REASONS[IS_OTHER].source:
            raise Refusal(Message(NO_PICTURE.source, {"name": shown}), "files") from None
        raise


NO_PICTURE = N_("“%(name)s” cannot be read as a picture. Please save it anew as png or jpg.")
TOO_MUCH_TO_OPEN = N_(
    "“%(name)s” takes more to open than we can give. A smaller file, or a link, works."
)
REASONS = {
    TOO_MANY: N_(
        "“%(name)s” has too many pixels: 16 million at the most, photos in JPEG also more."
    ),
    IS_HEIC: N_(
        "“%(name)s” is a HEIC photo, which many devices cannot show. Please send it as JPEG: on an "
        "iPhone choose Settings, Camera, Formats, Most compatible, or share it by mail to yourself."
    ),
    HAS_MACROS: N_("“%(name)s” holds macros. Please save it without them, or send a PDF."),
    IS_OTHER: N_(
        "“%(name)s” does not hold what a .%(kind)s file holds. Please save it anew, or send a PDF."
    ),
}


def _at_first_sight(extension: str, content: bytes) -> Message | None:
    """What is wrong with a file that nobody has to look into."""
    if not content:
        return N_("“%(name)s” is empty.")
    if len(content) > LARGEST:
        return N_("“%(name)s” is too large: 10 MB at the most. A link works too.")
    if extension in HEIC:
        return REASONS[IS_HEIC]
    if extension not in ALLOWED:
        kinds = ", ".join(ALLOWED)
        return N_("“%(name)s” is of a kind that we do not take. We take %(kinds)s.", kinds=kinds)
    return None


def shown_name(name: str) -> str:
    """The name of a file as it is shown: without a path, and without what a disk may not hold."""
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(c for c in last if c.isprintable() and c not in '<>:"/|?*').strip(". ")
    path = PurePath(plain or "file")
    return f"{path.stem[:LONGEST_NAME]}{path.suffix[:10]}"
