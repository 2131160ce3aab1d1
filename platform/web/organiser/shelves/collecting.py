"""Collections, as organisers put them together."""

import re
from dataclasses import dataclass
from typing import Annotated

from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.audit import audit
from core.errors import Refusal
from core.i18n import LANGUAGES, N_, Message
from core.unit_of_work import Reading, UnitOfWork
from library import collections
from library.collections import CollectionText
from library.kinds import BOUNDARY_NAMES, Boundary
from library.models import Collection
from web.forms import Form, Id, Text, Ticked, Typed, choice
from web.organiser.shelves import covers
from web.organiser.shelves.shelf import LIBRARY
from web.visit import Visit

HERE = f"{LIBRARY}/collections"
DONE: dict[str, Message] = {
    "saved": N_("Saved."),
    "cover": N_("The picture is changed."),
    "dropped": N_("The collection is gone; what was in it stays in the library."),
}


@dataclass(frozen=True)
class Written(Typed):
    """What is said of a collection."""

    title: Text
    summary: Text
    body: Text
    language: Annotated[str, choice(LANGUAGES)]
    boundary: Annotated[str, choice((Boundary.ANYONE, Boundary.MEMBERS), Boundary.ANYONE)]
    is_shown: Ticked


@dataclass(frozen=True)
class Step(Typed):
    """What moves, and by how many places: `up`, `down`, or as a script says it, `by-3 17`."""

    one: Id
    does: Annotated[str, choice(("up", "down", "out"))]
    arrange: Text


def listing(visit: Visit) -> Response:
    """All collections, and a form for another."""
    with visit.reading() as work:
        return _list(visit, work)


def begin(visit: Visit) -> Response:
    """Begin a collection."""
    typed = Written.of(visit.form)

    def act(work: UnitOfWork, _: None) -> int:
        collection = collections.begin(work, _text(visit, typed))
        audit(work, visit.viewer_id, "begin", "collection", collection.id)
        return collection.id

    return visit.act(
        lambda _: None,
        act,
        then=lambda _, number: f"{HERE}/{number}",
        refused=lambda work, _, refusal: _list(visit, work, refusal, typed),
    )


def arrange(visit: Visit) -> Response:
    """Let a collection stand higher or lower among the others."""
    typed = Step.of(visit.form)
    with visit.unit_of_work() as work:
        collections.move_collection(work, *_steps(typed))
    return visit.redirect(HERE)


def show(visit: Visit) -> Response:
    """One collection, to be changed."""
    with visit.reading() as work:
        return _page(visit, work, _collection(visit, work))


def change(visit: Visit) -> Response:
    """Keep what was changed."""
    typed = Written.of(visit.form)

    def act(work: UnitOfWork, collection: Collection) -> None:
        collections.change(work, collection.id, visit.version, _text(visit, typed))
        audit(work, visit.viewer_id, "change", "collection", collection.id)

    return visit.act(
        lambda work: _collection(visit, work),
        act,
        then=lambda collection, _: f"{HERE}/{collection.id}?done=saved",
        refused=lambda work, collection, refusal: _page(visit, work, collection, refusal, typed),
    )


def order(visit: Visit) -> Response:
    """Let a thing stand higher or lower in it, or take it out."""
    typed, number = Step.of(visit.form), visit.number("id")
    with visit.unit_of_work() as work:
        _collection(visit, work)
        if typed.does == "out":
            collections.take_out(work, number, typed.one)
        else:
            one, steps = _steps(typed)
            collections.move(work, number, one, steps)
    return visit.redirect(f"{HERE}/{number}#order")


def set_cover(visit: Visit) -> Response:
    """A picture that stands for it, or the drawing again."""
    number = visit.number("id")
    try:
        picture = covers.brought(visit)
        with visit.unit_of_work() as work:
            _collection(visit, work)
            collections.set_cover(work, number, picture)
    except Refusal as refusal:
        with visit.reading() as reading:
            return _page(visit, reading, _collection(visit, reading), refusal)
    return visit.redirect(f"{HERE}/{number}?done=cover")


def drop(visit: Visit) -> Response:
    """Take it apart."""
    with visit.unit_of_work() as work:
        collections.drop(work, visit.number("id"))
        audit(work, visit.viewer_id, "drop", "collection", visit.number("id"))
    return visit.redirect(f"{HERE}?done=dropped")


def _steps(typed: Step) -> tuple[int, int]:
    """Which one, and how many places further on."""
    by, _, one = typed.arrange.removeprefix("by").partition(" ")
    if re.fullmatch(r"-?[0-9]{1,4}", by) and re.fullmatch(r"[0-9]{1,9}", one):
        return int(one), int(by)
    return typed.one, {"up": -1, "down": 1}.get(typed.does, 0)


def _collection(visit: Visit, work: Reading) -> Collection:
    collection = work.session.get(Collection, visit.number("id"))
    if collection is None:
        raise HTTPException(404)
    return collection


def _text(visit: Visit, typed: Written) -> CollectionText:
    return CollectionText(
        typed.title,
        typed.summary,
        typed.body,
        typed.language or visit.language,
        Boundary(typed.boundary),
        typed.is_shown,
    )


def _list(
    visit: Visit, work: Reading, refusal: Refusal | None = None, typed: Written | None = None
) -> Response:
    done = DONE.get(visit.query("done"))
    return visit.page(
        "organiser/shelves/collections.html",
        status=422 if refusal else 200,
        collections=collections.everything(work.session),
        said=typed or Written.of(Form({"is_shown": ["1"]})),
        boundaries=BOUNDARY_NAMES,
        done=visit.text(done) if done else "",
        error=visit.wrong(refusal),
    )


def _page(
    visit: Visit,
    work: Reading,
    collection: Collection,
    refusal: Refusal | None = None,
    typed: Written | None = None,
) -> Response:
    done = DONE.get(visit.query("done"))
    return visit.page(
        "organiser/shelves/collection.html",
        status=422 if refusal else 200,
        collection=collection,
        inside=collections.items_inside(work.session, collection.id),
        said=typed or collection,
        boundaries=BOUNDARY_NAMES,
        done=visit.text(done) if done else "",
        error=visit.wrong(refusal),
    )
