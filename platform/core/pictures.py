"""Pictures from outside, made anew: only their pixels survive, turned upright and not too large.

Decoding happens in a child process with limits (`core.confined`), and never before the header has
said how large the picture is. Photos in JPEG are read at a fraction of their size, as that format
can: a telephone's 48 megapixels are fine.
"""

import io
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from core.confined import Parts, TooMuch, Unfit, take_apart

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS = 16_000_000
"""As they are unpacked: those of a JPEG count after it was made smaller."""
WIDEST = 1600
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
QUALITY = 82
TOO_MANY = "too many pixels"


class PictureTooLarge(ValueError):
    """The picture has more pixels than we are willing to unpack."""


@dataclass(frozen=True)
class Picture:
    """A picture that we made."""

    content: bytes
    media_type: str
    extension: str


def remake(content: bytes, widest: int = WIDEST) -> Picture:
    """A picture of the same pixels, without anything else.

    Raises PictureTooLarge, ValueError if it is no picture, Unavailable if too many wait.
    """
    try:
        parts = take_apart("core.pictures:remake_here", content, widest=widest)
    except Unfit as unfit:
        raise (PictureTooLarge if unfit.reason == TOO_MANY else ValueError)(unfit.reason) from None
    except TooMuch:
        raise PictureTooLarge(TOO_MANY) from None
    return Picture(parts.content, parts.facts["media_type"], parts.facts["extension"])


def size_of(content: bytes) -> tuple[int, int]:
    """Width and height of a picture that we made."""
    from PIL import Image

    with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
        return opened.size


def remake_here(content: bytes, widest: int) -> Parts:
    """The same in this process: for the child alone. Raises Unfit."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    # We look at the size ourselves, before anything is unpacked; Pillow would only warn.
    Image.MAX_IMAGE_PIXELS = None
    pixels = 0
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            pixels = opened.width * opened.height
            smaller = min(1.0, widest / max(opened.width, opened.height))
            wanted = (ceil(opened.width * smaller), ceil(opened.height * smaller))
            opened.draft("RGB", wanted)  # JPEG alone: unpack a half, a quarter, an eighth
            if opened.width * opened.height > MOST_PIXELS:
                raise Unfit(TOO_MANY)
            opened.load()
            upright = ImageOps.exif_transpose(opened)
    except (UnidentifiedImageError, OSError, SyntaxError, MemoryError) as error:
        # libjpeg says "broken" where it got no memory, which a huge progressive one needs.
        raise Unfit(TOO_MANY if pixels > MOST_PIXELS else "not a picture") from error
    upright.thumbnail((widest, widest))
    return _saved(upright)


def _saved(picture: "Image") -> Parts:
    has_holes = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    out = io.BytesIO()
    pixels = picture.convert("RGBA" if has_holes else "RGB")
    pixels.info.clear()  # comments, places and profiles would be written again
    if has_holes:
        pixels.save(out, "PNG", optimize=True)
        return Parts({"media_type": "image/png", "extension": "png"}, out.getvalue())
    pixels.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return Parts({"media_type": "image/jpeg", "extension": "jpg"}, out.getvalue())
