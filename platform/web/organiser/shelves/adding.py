"""What comes into the library: a link or a text, and files, many at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from starlette.responses import Response

from core.audit import audit
from core.errors import Refusal
from core.i18n import LANGUAGES, N_
from core.unit_of_work import UnitOfWork
from library import collections, material_files, materials
from library.kinds import BOUNDARY_NAMES, LICENCE_NAMES, Boundary, Licence
from library.material_files import ACCEPT
from library.materials import About, Words
from library.models import Item
from library.states import ItemState
from web.forms import Form, Id, Text, Ticked, Typed, Upload, choice, line
from web.organiser.shelves.shelf import LIBRARY
from web.visit import Visit

HERE = f"{LIBRARY}/add"
BEGINNING = Form({"publish": ["1"]})
"""How the form of a link or a text begins."""


@dataclass(frozen=True)
class Material(Typed):
    """A link or a text that an organiser puts into the library."""

    title: Text
    summary: Text
    body: Text
    url: Text
    byline: Text
    year: Text
    topics: Text
    language: Annotated[str, choice(LANGUAGES)]
    boundary: Annotated[str, choice(list(Boundary), Boundary.ANYONE)]
    licence: Annotated[str, choice(list(Licence), Licence.THEIRS)]
    """What stands elsewhere is its makers': nobody gives away their rights by a slip."""
    collection: Id
    publish: Ticked


@dataclass(frozen=True)
class Files(Typed):
    """What is said of all the files that come together."""

    byline: Annotated[str, line(300)]
    year: Text
    topics: Text
    language: Annotated[str, choice(LANGUAGES)]
    boundary: Annotated[str, choice(list(Boundary), Boundary.ANYONE)]
    licence: Annotated[str, choice(list(Licence), Licence.HERE_ONLY)]
    collection: Id
    publish: Ticked
    script: Ticked
    """A script sends one file at a time, and wants a short answer."""


def form(visit: Visit) -> Response:
    """The two forms: for files, and for a link or a text."""
    return _page(visit)


def add_material(visit: Visit) -> Response:
    """Put a link or a text into the library."""
    typed = Material.of(visit.form)
    try:
        about = _about(visit, typed)
        words = Words(typed.title, typed.summary, typed.body, typed.byline, typed.url)
        with visit.unit_of_work() as work:
            state = ItemState.PUBLISHED if typed.publish else ItemState.WAITING
            item = materials.add(work, words, about, state)
            _into(typed.collection, item, work)
            act = "publish" if typed.publish else "bring"
            audit(work, visit.viewer_id, act, "library_item", item.id)
            slug = item.slug
    except Refusal as refusal:
        return _page(visit, [visit.say(refusal)], refusal, typed)
    return visit.redirect(f"/library/{slug}")


def add_files(visit: Visit) -> Response:
    """Keep the files that can be kept, and say of each of the others why not."""
    typed = Files.of(visit.form)
    try:
        about = _about(visit, typed)
        taken, refused = _take_all(visit, typed, about)
    except Refusal as refusal:
        taken, refused = [], [refusal]
    if typed.script:
        return _short_answer(visit, taken, refused)
    if refused:
        return _page(visit, [visit.say(one) for one in refused], refused[0], typed, len(taken))
    return visit.redirect(f"{LIBRARY}?standing={'' if typed.publish else 'waiting'}")


@dataclass(frozen=True)
class Taken:
    """A file that was kept, as a thing of the library."""

    item_id: int
    title: str
    remark: str


def _take_all(visit: Visit, typed: Files, about: About) -> tuple[list[Taken], list[Refusal]]:
    taken: list[Taken] = []
    refused: list[Refusal] = []
    if not visit.form.uploads:
        raise Refusal(N_("Please choose a file first."), "files")
    for upload in visit.form.uploads:
        try:
            taken.append(_take(visit, typed, about, upload))
        except Refusal as refusal:
            refused.append(refusal)
    return taken, refused


def _take(visit: Visit, typed: Files, about: About, upload: Upload) -> Taken:
    """Look into a file, put it where files lie, and write it down: in this order."""
    installation = visit.installation
    looked = material_files.look_at(
        upload.name, upload.file, installation.settings.largest_file_bytes
    )
    with visit.reading() as reading:
        _refuse_double(materials.same_file(reading.session, looked.sha256), looked.shown_name)
    kept = material_files.keep(installation.files, looked)
    state = ItemState.PUBLISHED if typed.publish else ItemState.WAITING
    with visit.unit_of_work() as work:
        # Once more: of a form that was pressed twice the other may have come in meanwhile.
        _refuse_double(materials.same_file(work.session, looked.sha256), looked.shown_name)
        item = materials.add_file(work, looked, kept, about, state, typed.byline)
        _into(typed.collection, item, work)
        audit(work, visit.viewer_id, "bring", "library_item", item.id)
        remark = visit.text(looked.remark) if looked.remark else ""
        return Taken(item.id, item.title, remark)


def _refuse_double(known: Item | None, name: str) -> None:
    if known is not None:
        words = N_(
            "“%(name)s” is in the library already: “%(title)s”.", name=name, title=known.title
        )
        raise Refusal(words, "files")


def _into(number: int, item: Item, work: UnitOfWork) -> None:
    if number and number in {one.collection.id for one in collections.everything(work.session)}:
        collections.put_in(work, number, [item.id])


def _about(visit: Visit, typed: Material | Files) -> About:
    return About(
        language=typed.language or visit.language,
        boundary=Boundary(typed.boundary),
        licence=Licence(typed.licence),
        year=materials.year_typed(typed.year),
        topics=materials.topics_typed(typed.topics),
    )


def _short_answer(visit: Visit, taken: Sequence[Taken], refused: Sequence[Refusal]) -> Response:
    if refused:
        return visit.json({"said": visit.say(refused[0])}, 422)
    [one] = taken[:1]
    said = {"title": one.title, "said": one.remark}
    return visit.json({**said, "address": visit.url(f"{LIBRARY}/items/{one.item_id}")})


def _page(
    visit: Visit,
    sentences: Sequence[str] = (),
    refusal: Refusal | None = None,
    typed: Material | Files | None = None,
    kept: int = 0,
) -> Response:
    with visit.reading() as work:
        choices = collections.everything(work.session)
    return visit.page(
        "organiser/shelves/add.html",
        status=422 if refusal else 200,
        sentences=sentences,
        kept=kept,
        error=visit.wrong(refusal),
        material=typed if isinstance(typed, Material) else Material.of(BEGINNING),
        files=typed if isinstance(typed, Files) else Files.of(Form()),
        of_files=isinstance(typed, Files),
        accept=ACCEPT,
        largest=visit.installation.settings.largest_file,
        boundaries=BOUNDARY_NAMES,
        licences=LICENCE_NAMES,
        collections=choices,
    )
