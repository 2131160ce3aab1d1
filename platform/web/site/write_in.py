"""Writing to us: for whoever has a question, member or not."""

from dataclasses import dataclass
from typing import Annotated

from starlette.responses import Response

from contributions import inquiries
from contributions.drafts import LONGEST_KEY, new_form_key
from contributions.inquiries import LONGEST, Written
from core.addresses import limit_key, parse_address
from core.errors import Refusal
from web.forms import Form, Text, Ticked, Typed, line
from web.limits import check_limits
from web.visit import Visit

PAGE = "/write-to-us"


@dataclass(frozen=True)
class Words(Typed):
    """Who writes, and what; the form that it came with, and the trap for robots."""

    email: Text
    name: Annotated[str, line(200)]
    text: Text
    form_key: Text
    website: Ticked


def show(visit: Visit) -> Response:
    """The form; or that it has arrived."""
    if visit.query("said") == "arrived":
        return visit.page("site/written-in.html")
    return _page(visit, Form())


def send(visit: Visit) -> Response:
    """Put it on the editors' desk. What a robot fills in seems to arrive, and does not."""
    typed = Words.of(visit.form)
    try:
        if not typed.website:
            _take_in(visit, typed)
    except Refusal as refusal:
        return _page(visit, visit.form, refusal)
    return visit.redirect(f"{PAGE}?said=arrived")


def _take_in(visit: Visit, typed: Words) -> None:
    me = visit.viewer.member if visit.viewer else None
    address = parse_address(me.email if me else typed.email)
    name = me.name if me else typed.name
    key, number = typed.form_key[:LONGEST_KEY] or new_form_key(), me.id if me else None
    written = Written(address, name, visit.language, typed.text, key, number)
    inquiries.checked(written)
    check_limits(visit, "write-in", ("5/day", limit_key(address)), ("20/day", visit.network),
                 field="text")  # fmt: skip
    with visit.unit_of_work() as work:
        inquiries.write_in(work, written)


def _page(visit: Visit, form: Form, refusal: Refusal | None = None) -> Response:
    return visit.page(
        "site/write-in.html",
        status=422 if refusal else 200,
        typed=Words.of(form),
        form_key=Words.of(form).form_key[:LONGEST_KEY] or new_form_key(),
        longest=LONGEST,
        me=visit.viewer.member if visit.viewer else None,
        error=visit.wrong(refusal),
    )
