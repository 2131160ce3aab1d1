"""The topics of the library, kept tidy."""

from dataclasses import dataclass

from starlette.responses import Response

from core.errors import Refusal
from core.unit_of_work import Reading, UnitOfWork
from library import topics
from web.forms import Text, Ticked, Typed
from web.organiser.shelves.shelf import LIBRARY
from web.visit import Visit

HERE = f"{LIBRARY}/topics"


@dataclass(frozen=True)
class Renamed(Typed):
    """A topic, and what it is to be called."""

    topic: Text
    wanted: Text
    drop: Ticked


def listing(visit: Visit) -> Response:
    """Every topic, and how many things have it."""
    with visit.reading() as work:
        return _page(visit, work)


def change(visit: Visit) -> Response:
    """Call a topic otherwise, or take it off everything."""
    typed = Renamed.of(visit.form)

    def act(work: UnitOfWork, _: None) -> int:
        if typed.drop:
            return topics.drop(work, typed.topic)
        return topics.rename(work, typed.topic, typed.wanted)

    return visit.act(
        lambda _: None,
        act,
        then=lambda _, count: f"{HERE}?changed={count}",
        refused=lambda work, _, refusal: _page(visit, work, refusal, typed),
    )


def _page(
    visit: Visit, work: Reading, refusal: Refusal | None = None, typed: Renamed | None = None
) -> Response:
    changed = visit.query("changed")
    return visit.page(
        "organiser/shelves/topics.html",
        status=422 if refusal else 200,
        topics=topics.used(work.session),
        typed=typed,
        changed=int(changed) if changed.isdecimal() and len(changed) < 7 else None,
        error=visit.wrong(refusal),
    )
