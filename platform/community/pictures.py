"""The pictures that a community shows of itself: made anew, and small enough for a page."""

import io
from typing import Any

from PIL import Image

from core.errors import Refusal
from core.i18n import N_
from core.pictures import remake
from core.stored_files import Checked, store
from core.unit_of_work import UnitOfWork
from core.uploads import check_upload

WIDEST = 480
"""On pages they are half as wide at the most: screens have two dots for one."""


def check_picture(name: str, content: bytes) -> Checked:
    """A picture that can be shown. Raises Refusal with the reason, or Unavailable.

    Slow: not to be asked within a unit of work.
    """
    checked = check_upload(name, content)
    if not checked.media_type.startswith("image/"):
        raise Refusal(N_("Please choose a picture: png, jpg or webp."), "files")
    made = remake(checked.content, WIDEST)
    return Checked(checked.shown_name, made.extension, made.media_type, made.content)


def keep_picture(work: UnitOfWork, picture: Checked) -> dict[str, Any]:
    """Store a picture; what a part keeps of it."""
    with Image.open(io.BytesIO(picture.content)) as opened:
        width, height = opened.size
    return {"file": store(work, picture).name, "width": width, "height": height}
