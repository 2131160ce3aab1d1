"""Pictures from outside, made anew: only their pixels survive, turned upright and not too large."""

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS = 40_000_000
WIDEST = 1600
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
QUALITY = 82


class PictureTooLarge(ValueError):
    """The picture has more pixels than we are willing to unpack."""


@dataclass(frozen=True)
class Picture:
    """A picture that we made."""

    content: bytes
    media_type: str
    extension: str


def remake(content: bytes, widest: int = WIDEST) -> Picture:
    """A picture of the same pixels, without anything else. Raises ValueError if it is none."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    # We look at the size ourselves, before anything is unpacked; Pillow would only warn.
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            # The header says how large it is; nothing has been unpacked yet.
            if opened.width * opened.height > MOST_PIXELS:
                raise PictureTooLarge("too many pixels")
            opened.load()
            upright = ImageOps.exif_transpose(opened)
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        raise ValueError("not a picture") from error
    upright.thumbnail((widest, widest))
    return _saved(upright)


def _saved(picture: "Image") -> Picture:
    has_holes = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    out = io.BytesIO()
    pixels = picture.convert("RGBA" if has_holes else "RGB")
    pixels.info.clear()  # comments, places and profiles would be written again
    if has_holes:
        pixels.save(out, "PNG", optimize=True)
        return Picture(out.getvalue(), "image/png", "png")
    pixels.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return Picture(out.getvalue(), "image/jpeg", "jpg")
