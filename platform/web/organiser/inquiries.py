"""What people wrote to us, for an editor to answer or to put away."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from starlette.exceptions import HTTPException
from starlette.responses import Response

from contributions import inquiries
from contributions.inquiries import INQUIRY_NAMES, LONGEST, Inquiry, InquiryState
from core.errors import Refusal
from core.unit_of_work import Reading, UnitOfWork
from web.forms import Form, Page, Text, Typed, choice
from web.visit import Visit

MESSAGES = "/organise/messages"


@dataclass(frozen=True)
class Asked(Typed):
    """Which of them."""

    state: Annotated[str, choice(list(InquiryState), InquiryState.WAITING)]
    page: Page


@dataclass(frozen=True)
class Said(Typed):
    """What is answered."""

    answer: Text


def listing(visit: Visit) -> Response:
    """Those that wait, or others."""
    with visit.reading() as work:
        return _page(visit, work, visit.asked)


def answer(visit: Visit) -> Response:
    """Mail an answer."""
    typed = Said.of(visit.form).answer
    return _act(visit, lambda work, one: inquiries.answer(work, one, typed, visit.my_id))


def put_away(visit: Visit) -> Response:
    """Say that it needs no answer."""
    return _act(visit, lambda work, one: inquiries.put_away(work, one, visit.my_id))


def take_out(visit: Visit) -> Response:
    """Take that back."""
    return _act(visit, lambda work, one: inquiries.take_out(work, one, visit.my_id))


def _act(visit: Visit, act: Callable[[UnitOfWork, Inquiry], None]) -> Response:
    return visit.act(
        lambda work: _find(visit, work),
        act,
        then=lambda one, _: f"{MESSAGES}?state={one.state}",
        refused=lambda work, one, refusal: _page(visit, work, Form(), refusal, one),
    )


def _find(visit: Visit, work: Reading) -> Inquiry:
    one = work.session.get(Inquiry, visit.number("id"), populate_existing=True)
    if one is None:
        raise HTTPException(404)
    return one


def _page(
    visit: Visit,
    work: Reading,
    form: Form,
    refusal: Refusal | None = None,
    about: Inquiry | None = None,
) -> Response:
    asked = Asked.of(form)
    state = about.state if about is not None else asked.state
    found, has_more = inquiries.listed(work.session, state, asked.page)
    if about is not None:  # what was typed about it stays beside it, wherever it is in the list
        found = [about, *(one for one in found if one.id != about.id)]
    return visit.page(
        "organiser/messages.html",
        status=422 if refusal else 200,
        found=found,
        state=state,
        states=[(str(key), visit.text(name)) for key, name in INQUIRY_NAMES.items()],
        **visit.pages_beside(asked.page, has_more=has_more),
        is_waiting=state == InquiryState.WAITING,
        is_put_away=state == InquiryState.PUT_AWAY,
        about=about.id if about is not None else 0,
        typed=Said.of(visit.form).answer if refusal else "",
        longest=LONGEST,
        error=visit.wrong(refusal),
    )
