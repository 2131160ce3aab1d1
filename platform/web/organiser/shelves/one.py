"""One thing of the library, as organisers look after it: its words, its file, its cover."""

from dataclasses import dataclass
from typing import Annotated

from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.audit import audit
from core.errors import Refusal
from core.i18n import LANGUAGES, N_, Message
from core.unit_of_work import Reading, UnitOfWork
from library import collections, material_files, materials, transcribing
from library.bulk import ManyAct
from library.kinds import BOUNDARY_NAMES, KIND_NAMES, LICENCE_NAMES, Boundary, Licence
from library.material_files import ACCEPT
from library.materials import About, Words
from library.models import Feed, Item
from library.states import ItemState
from library.transcripts import LONGEST, chapters_written, lines_written
from web.forms import Form, Ids, Text, Typed, choice
from web.organiser.shelves import covers
from web.organiser.shelves.shelf import LIBRARY
from web.visit import Visit

DONE: dict[str, Message] = {
    "saved": N_("Saved."),
    ManyAct.SHOW: N_("It is shown now."),
    ManyAct.HIDE: N_("It is hidden now."),
    ManyAct.REMOVE: N_("It was removed. For thirty days it can be put back."),
    ManyAct.PUT_BACK: N_("It is back."),
    "file": N_("The new file is in its place; every link to it stays as it was."),
    "transcript": N_("What is said is kept; readers find it below the recording."),
    "cover": N_("The picture is changed."),
}


@dataclass(frozen=True)
class Changed(Typed):
    """What is said of a thing of the library."""

    title: Text
    summary: Text
    body: Text
    url: Text
    byline: Text
    year: Text
    topics: Text
    language: Annotated[str, choice(LANGUAGES)]
    boundary: Annotated[str, choice((Boundary.ANYONE, Boundary.MEMBERS), Boundary.ANYONE)]
    licence: Annotated[str, choice(list(Licence), Licence.CC_BY)]
    collections: Ids


@dataclass(frozen=True)
class Said(Typed):
    """What is said in a recording, and its chapters, as they are typed or pasted."""

    transcript: Text
    chapters: Text


def show(visit: Visit) -> Response:
    """One thing, to be changed."""
    with visit.reading() as work:
        return _page(visit, work, _item(visit, work))


def change(visit: Visit) -> Response:
    """Keep what was changed."""
    typed = Changed.of(visit.form)

    def act(work: UnitOfWork, item: Item) -> None:
        words = Words(typed.title, typed.summary, typed.body, typed.byline, typed.url)
        materials.change(work, item.id, visit.version, words, _about(item, typed))
        collections.choose(work, item.id, typed.collections)
        audit(work, visit.viewer_id, "change", "library_item", item.id)

    return visit.act(
        lambda work: _item(visit, work),
        act,
        then=lambda item, _: f"{LIBRARY}/items/{item.id}?done=saved",
        refused=lambda work, item, refusal: _page(visit, work, item, refusal, typed),
    )


def _about(item: Item, typed: Changed) -> About:
    """How far what somebody sent in may go, and under which licence, is theirs to say."""
    is_theirs = item.is_from_member
    return About(
        language=item.language if is_theirs else typed.language or item.language,
        boundary=Boundary(item.boundary if is_theirs else typed.boundary),
        licence=Licence(item.licence if is_theirs or item.is_from_feed else typed.licence),
        year=materials.year_typed(typed.year),
        topics=materials.topics_typed(typed.topics),
    )


def replace_file(visit: Visit) -> Response:
    """Another file in the place of the one that is there."""
    installation, item_id = visit.installation, visit.number("id")
    with visit.reading() as work:
        item = _item(visit, work)
    try:
        if not item.is_ours or not visit.form.uploads:
            raise Refusal(N_("Please choose a file first."), "files")
        upload = visit.form.uploads[0]
        largest = installation.settings.largest_file_bytes
        looked = material_files.look_at(upload.name, upload.file, largest)
        kept = material_files.keep(installation.files, looked)
        with visit.unit_of_work() as writing:
            materials.replace_file(writing, item_id, looked, kept)
            audit(writing, visit.viewer_id, "replace", "library_item", item_id)
    except Refusal as refusal:
        with visit.reading() as work:
            return _page(visit, work, _item(visit, work), refusal)
    return visit.redirect(f"{LIBRARY}/items/{item_id}?done=file")


def set_cover(visit: Visit) -> Response:
    """A picture that stands for it, or none again."""
    item_id = visit.number("id")
    try:
        picture = covers.brought(visit)
        with visit.unit_of_work() as work:
            _item(visit, work)
            materials.set_cover(work, item_id, picture)
            audit(work, visit.viewer_id, "change", "library_item", item_id)
    except Refusal as refusal:
        with visit.reading() as reading:
            return _page(visit, reading, _item(visit, reading), refusal)
    return visit.redirect(f"{LIBRARY}/items/{item_id}?done=cover")


def write_transcript(visit: Visit) -> Response:
    """What is said in a recording, and its chapters."""
    typed = Said.of(visit.form)

    def act(work: UnitOfWork, item: Item) -> None:
        if not item.is_recording:
            raise HTTPException(404)
        transcribing.write(work, item.id, typed.transcript[:LONGEST], typed.chapters[:LONGEST])
        audit(work, visit.viewer_id, "change", "library_item", item.id)

    return visit.act(
        lambda work: _item(visit, work),
        act,
        then=lambda item, _: f"{LIBRARY}/items/{item.id}?done=transcript",
        refused=lambda work, item, refusal: _page(visit, work, item, refusal, said=typed),
    )


def _item(visit: Visit, work: Reading) -> Item:
    item = work.session.get(Item, visit.number("id"))
    if item is None or item.state == ItemState.RETRACTED:
        raise HTTPException(404)
    return item


def _page(
    visit: Visit,
    work: Reading,
    item: Item,
    refusal: Refusal | None = None,
    typed: Changed | None = None,
    said: Said | None = None,
) -> Response:
    kept = transcribing.find(work.session, item.id) if item.is_recording else None
    feed = work.session.get(Feed, item.feed_id) if item.feed_id else None
    done = DONE.get(visit.query("done"))
    trouble = Message(item.link_problem, item.link_values).text(visit.language)
    return visit.page(
        "organiser/shelves/item.html",
        status=422 if refusal else 200,
        item=item,
        said=typed or _as_kept(work, item),
        chosen=set(typed.collections) if typed else collections.chosen_of(work.session, item.id),
        file=materials.file_of(work.session, item),
        feed=feed,
        transcript=said.transcript if said else lines_written(kept.lines) if kept else "",
        chapters=said.chapters if said else chapters_written(kept.chapters) if kept else "",
        trouble=trouble if item.link_failures else "",
        done=visit.text(done) if done else "",
        accept=ACCEPT,
        largest=visit.installation.settings.largest_file,
        kinds=KIND_NAMES,
        boundaries=BOUNDARY_NAMES,
        licences=LICENCE_NAMES,
        collections=collections.everything(work.session),
        error=visit.wrong(refusal),
    )


def _as_kept(work: Reading, item: Item) -> Changed:
    """The form as it is filled in when nobody has typed yet."""
    kept = {
        "title": item.title,
        "summary": item.summary,
        "body": item.body,
        "url": item.url,
        "byline": item.byline,
        "year": str(item.year or ""),
        "topics": materials.topics_written(work.session, item),
        "language": item.language,
        "boundary": item.boundary,
        "licence": item.licence,
    }
    return Changed.of(Form({name: [value] for name, value in kept.items()}))
