"""A picture that an organiser brings, to stand for a thing or a collection."""

from dataclasses import dataclass

from core.errors import Refusal
from core.i18n import N_
from core.stored_files import Checked
from core.uploads import check_picture
from library.material_files import WIDEST
from web.forms import Ticked, Typed
from web.visit import Visit


@dataclass(frozen=True)
class Cover(Typed):
    """Whether the picture that somebody brought goes."""

    no_cover: Ticked


def brought(visit: Visit) -> Checked | None:
    """The picture that came with a form; None if it is to go. Raises Refusal.

    Slow: not to be asked within a unit of work.
    """
    if Cover.of(visit.form).no_cover:
        return None
    if not visit.form.uploads:
        raise Refusal(N_("Please choose a picture: png, jpg or webp."), "files")
    upload = visit.form.uploads[0]
    return check_picture(upload.name, upload.content, WIDEST)
