"""The link of one participant: whose page it opens, and acting by it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated

from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.errors import Refusal
from core.i18n import N_
from core.unit_of_work import Reading, UnitOfWork
from members import records
from members.models import Member
from web.forms import Typed, choice
from web.visit import Visit
from workshops.model.registration_states import GONE
from workshops.model.tables import Registration, Workshop
from workshops.reflection.checking import TOOK_PART
from workshops.registration import page_links

Act = Callable[[UnitOfWork, Workshop, Registration], object]
Page = Callable[[Visit, Reading, Workshop, Registration, Refusal | None], Response]
ANCHORS = ("learning", "actions", "check-out", "rules", "people")


@dataclass(frozen=True)
class Back(Typed):
    """The part of a page that somebody comes back to."""

    back_to: Annotated[str, choice(ANCHORS)]


def opened(visit: Visit, work: Reading) -> tuple[Registration, Workshop]:
    """Whose page it opens, in their language. Raises HTTPException, BrokenToken or LinkEnded."""
    found = page_links.find(work, visit.param("token"))
    if found is None:
        raise HTTPException(404)
    visit.speak(work.session.get_one(Member, found[0].member_id).language)
    return found


def show(visit: Visit, page: Page) -> Response:
    """A page of whoever the link belongs to."""
    with visit.reading() as work:
        registration, workshop = opened(visit, work)
        return page(visit, work, workshop, registration, None)


def act(
    visit: Visit,
    do: Act,
    page: Page,
    back: str = "",
    before: Callable[[], None] | None = None,
) -> Response:
    """Do something and go to the page `back` of theirs; what is refused stands on `page`.

    `before` asks what is slow, while nobody waits for locks.
    """

    def done(work: UnitOfWork, found: tuple[Registration, Workshop]) -> None:
        registration, workshop = found
        prove_address(work, registration)
        do(work, workshop, registration)

    anchor, target = Back.of(visit.form).back_to, f"/w/{visit.param('token')}{back}"
    return visit.act(
        partial(opened, visit),
        done,
        then=lambda _found, _done: f"{target}#{anchor}" if anchor else target,
        refused=lambda work, found, refusal: page(visit, work, found[1], found[0], refusal),
        before=(lambda *_: before()) if before is not None else None,
    )


def who_comes(do: Act) -> Act:
    """The same act, for those who come only."""

    def checked(work: UnitOfWork, workshop: Workshop, registration: Registration) -> None:
        if registration.state in GONE:
            raise Refusal(N_("Only those who come can do this."))
        do(work, workshop, registration)

    return checked


def who_took_part(do: Act) -> Act:
    """The same act, for those who took part only."""

    def checked(work: UnitOfWork, workshop: Workshop, registration: Registration) -> None:
        if registration.state not in TOOK_PART:
            raise Refusal(N_("Only those who took part can do this."))
        do(work, workshop, registration)

    return checked


def prove_address(work: UnitOfWork, registration: Registration) -> None:
    """Who was given a place unasked, as who sits in the hotseat, shows here that it arrived."""
    records.prove_address(work, work.session.get_one(Member, registration.member_id))
