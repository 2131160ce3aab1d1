"""The pictures that a community shows of itself."""

from typing import Any

from core.pictures import size_of
from core.stored_files import Checked, store
from core.unit_of_work import UnitOfWork

WIDEST = 480
"""On pages they are half as wide at the most: screens have two dots for one."""


def keep_picture(work: UnitOfWork, picture: Checked) -> dict[str, Any]:
    """Store a picture; what a part keeps of it."""
    width, height = size_of(picture.content)
    return {"file": store(work, picture).name, "width": width, "height": height}
