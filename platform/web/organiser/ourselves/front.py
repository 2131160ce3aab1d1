"""The order of the first page: each block moved, hidden and shown by a button."""

from dataclasses import dataclass

from starlette.responses import Response

from community import arranging
from community.parts import Part, Value
from web.forms import Form, Text, Typed
from web.organiser.ourselves.saying import SETTINGS, Page
from web.visit import Visit


@dataclass(frozen=True)
class Pressed(Typed):
    """A button, and its block."""

    block: Text
    does: Text


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
    typed = Pressed.of(form)
    if typed.does in ("up", "down"):
        return arranging.moved(part.value, typed.block, -1 if typed.does == "up" else 1)
    return arranging.shown(part.value, typed.block, typed.does == "show")


def _fill(visit: Visit, part: Part, _form: Form | None) -> dict[str, object]:
    blocks = arranging.arranged(part.value)
    return {"blocks": [(one, visit.text(arranging.BLOCKS[one.name])) for one in blocks]}


PAGE = Page(arranging.PART, f"{SETTINGS}/front", "front", _fill)
