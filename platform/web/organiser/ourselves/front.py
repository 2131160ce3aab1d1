"""The order of the first page: each block moved, hidden and shown by a button."""

from starlette.responses import Response

from community import arranging
from community.parts import Part, Value
from web.forms import Form
from web.organiser.ourselves.saying import SETTINGS, Page
from web.visit import Visit


def show(visit: Visit) -> Response:
    """The blocks in their order."""
    return PAGE.show(visit)


def keep(visit: Visit) -> Response:
    """Do what a button says with its block."""
    return PAGE.keep(visit, lambda _, part: _value(visit.form, part))


def take_back(visit: Visit) -> Response:
    """As it was before."""
    return PAGE.take_back(visit)


def _value(form: Form, part: Part) -> Value:
    name, does = form["block"], form["does"]
    if does in ("up", "down"):
        return arranging.moved(part.value, name, -1 if does == "up" else 1)
    return arranging.shown(part.value, name, does == "show")


def _fill(visit: Visit, part: Part, _form: Form | None) -> dict[str, object]:
    blocks = arranging.arranged(part.value)
    return {"blocks": [(one, visit.text(arranging.BLOCKS[one.name])) for one in blocks]}


PAGE = Page(arranging.PART, f"{SETTINGS}/front", "front", _fill)
