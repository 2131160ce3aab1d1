"""Colours and logo."""

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from community import checks
from community.parts import Part
from community.pictures import WIDEST, keep_picture
from core.errors import Refusal
from core.palettes import CLAY, PALETTES
from core.stored_files import Checked
from core.unit_of_work import UnitOfWork
from core.uploads import check_picture
from web.forms import Form, Text, Ticked, Typed
from web.organiser.ourselves.saying import SETTINGS, Page
from web.visit import Visit


@dataclass(frozen=True)
class Chosen(Typed):
    """The colours, and whether the logo goes."""

    palette: Text
    no_logo: Ticked


def show(visit: Visit) -> Response:
    """The colours to choose from, and the logo."""
    return PAGE.show(visit)


def keep(visit: Visit) -> Response:
    """Keep them. A picture is looked into before anybody waits for the database."""
    try:
        picture = uploaded(visit)
    except Refusal as refusal:
        return PAGE.show(visit, refusal)
    return PAGE.keep(visit, lambda work, part: _value(visit, work, part, picture))


def take_back(visit: Visit) -> Response:
    """As it was before."""
    return PAGE.take_back(visit)


def uploaded(visit: Visit) -> Checked | None:
    """The picture that came with a form. Raises Refusal."""
    upload = next(iter(visit.form.uploads), None)
    return check_picture(upload.name, upload.content, WIDEST) if upload is not None else None


def _value(visit: Visit, work: UnitOfWork, part: Part, picture: Checked | None) -> dict[str, Any]:
    typed = Chosen.of(visit.form)
    logo = {} if typed.no_logo else part.value.get("logo", {})
    if picture is not None:
        logo = keep_picture(work, picture)
    name = checks.palette(typed.palette or CLAY.name)
    said = {"palette": "" if name == CLAY.name else name, "logo": logo}
    return {key: value for key, value in said.items() if value}


def _fill(_visit: Visit, part: Part, form: Form | None) -> dict[str, object]:
    chosen = Chosen.of(form).palette if form else part.value.get("palette", CLAY.name)
    return {"palettes": PALETTES, "chosen": chosen, "logo": part.value.get("logo")}


PAGE = Page("look", f"{SETTINGS}/look", "look", _fill)
