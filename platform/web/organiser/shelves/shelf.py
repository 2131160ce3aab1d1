"""Everything in the library: found, filtered, and looked after many at a time."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from starlette.responses import Response

from core.audit import audit_many
from core.errors import Refusal
from core.i18n import LANGUAGES, N_, NN_, Message
from core.unit_of_work import Reading, UnitOfWork
from library import bulk, collections, shelf
from library.bulk import ACT_NAMES, ManyAct, Wanted
from library.items import topics_in_use
from library.kinds import BOUNDARY_NAMES, KIND_NAMES, LICENCE_NAMES, Boundary, Licence
from library.shelf import ORDER_NAMES, STANDING_NAMES, Order, Sought, Standing
from web.forms import Count, Form, Id, Ids, Page, Ticked, Typed, choice, line
from web.visit import Visit

LIBRARY = "/organise/library"
MOST_UNDONE = 60
"""Things whose removal is undone with one click; more are put back from their list."""
DONE: dict[str, Message] = {
    ManyAct.SHOW: NN_("%(num)s thing is shown now.", "%(num)s things are shown now."),
    ManyAct.HIDE: NN_("%(num)s thing is hidden now.", "%(num)s things are hidden now."),
    ManyAct.REMOVE: NN_("%(num)s thing was removed.", "%(num)s things were removed."),
    ManyAct.PUT_BACK: NN_("%(num)s thing is back.", "%(num)s things are back."),
}
SAVED = NN_("%(num)s thing was changed.", "%(num)s things were changed.")
FOUND_BY_NOW = NN_(
    "%(num)s thing is found by now. Please look at it first.",
    "%(num)s things are found by now. Please look at them first.",
)


@dataclass(frozen=True)
class Asked(Typed):
    """What an organiser looks for."""

    words: Annotated[str, line(200)]
    kind: Annotated[str, choice(list(KIND_NAMES))]
    standing: Annotated[str, choice(list(Standing))]
    language: Annotated[str, choice(LANGUAGES)]
    topic: Annotated[str, line(60)]
    collection: Id
    order: Annotated[str, choice(list(Order), Order.NEWEST)]
    page: Page


@dataclass(frozen=True)
class Many(Typed):
    """What is done with those that are ticked, or with all that were found."""

    who: Ids
    all: Ticked
    seen: Count
    """How many were found when the page was made."""
    act: Annotated[str, choice(list(ManyAct))]
    new_topic: Annotated[str, line(60)]
    into: Id
    new_boundary: Annotated[str, choice((Boundary.ANYONE, Boundary.MEMBERS))]
    new_language: Annotated[str, choice(LANGUAGES)]
    new_licence: Annotated[str, choice(list(Licence))]


def listing(visit: Visit) -> Response:
    """The shelf, or what is looked for on it."""
    with visit.reading() as work:
        return _page(visit, work, visit.asked)


def do_many(visit: Visit) -> Response:
    """One act on many things."""
    typed = Many.of(visit.form)

    def act(work: UnitOfWork, _: None) -> list[int]:
        if not typed.act:
            raise Refusal(N_("Please choose what to do with them."), "act")
        ids = shelf.all_found(work.session, sought_of(visit.form)) if typed.all else typed.who
        if typed.all and len(ids) != typed.seen:
            raise Refusal(FOUND_BY_NOW.counting(len(ids)), "who")
        if not ids:
            raise Refusal(N_("Please tick something first."), "who")
        done = bulk.do(work, ids, _wanted(typed))
        audit_many(work, visit.viewer_id, typed.act, "library_item", done)
        return done

    return visit.act(
        lambda _: None,
        act,
        then=lambda _, done: _after(visit, typed.act, done),
        refused=lambda work, _, refusal: _page(visit, work, visit.form, refusal),
    )


def do_one(visit: Visit, act: ManyAct) -> Response:
    """The same with one thing; its page shows what became of it."""
    item_id = visit.number("id")
    with visit.unit_of_work() as work:
        done = bulk.do(work, [item_id], Wanted(act))
        audit_many(work, visit.viewer_id, act, "library_item", done)
    # Nothing is said to be done that a page of yesterday asked for in vain.
    return visit.redirect(f"{LIBRARY}/items/{item_id}" + (f"?done={act}" if done else ""))


def show_item(visit: Visit) -> Response:
    """Show what waits or was hidden."""
    return do_one(visit, ManyAct.SHOW)


def hide_item(visit: Visit) -> Response:
    """Take an item out of sight."""
    return do_one(visit, ManyAct.HIDE)


def remove_item(visit: Visit) -> Response:
    """Take an item out of the library; it can be put back."""
    return do_one(visit, ManyAct.REMOVE)


def put_back_item(visit: Visit) -> Response:
    """Put it back."""
    return do_one(visit, ManyAct.PUT_BACK)


def sought_of(form: Form) -> Sought:
    """What is looked for, as an address or a form says it."""
    return Sought(**vars(Asked.of(form)))


def _wanted(typed: Many) -> Wanted:
    return Wanted(
        ManyAct(typed.act),
        typed.new_topic,
        typed.into,
        typed.new_boundary,
        typed.new_language,
        typed.new_licence,
    )


def _after(visit: Visit, act: str, done: list[int]) -> str:
    """The list as it was looked at, with what was done and, where it can be, the way back."""
    said = f"{act}-{len(done)}"
    back = "-".join(map(str, done)) if act == ManyAct.REMOVE and len(done) <= MOST_UNDONE else ""
    sought = {**vars(sought_of(visit.form)), "page": "", "said": said, "back": back}
    return f"{LIBRARY}?{urlencode({k: v for k, v in sought.items() if v})}"


def _page(visit: Visit, work: Reading, form: Form, refusal: Refusal | None = None) -> Response:
    sought = sought_of(form)
    found = shelf.look(work.session, sought)
    act, _, count = visit.query("said").rpartition("-")
    is_many = count.isdecimal() and len(count) < 7
    return visit.page(
        "organiser/shelves/shelf.html",
        status=422 if refusal else 200,
        sought=sought,
        shelf=found,
        counts=shelf.counts(work.session),
        standings=STANDING_NAMES,
        orders=ORDER_NAMES,
        kinds=KIND_NAMES,
        boundaries=BOUNDARY_NAMES,
        licences=LICENCE_NAMES,
        acts=_acts(sought),
        collections=collections.everything(work.session),
        typed=Many.of(form),
        topics=topics_in_use(work.session, True, 60),
        done=_said(visit, act, int(count)) if is_many else "",
        back=_numbers(visit.query("back")),
        fewer=_address(visit, sought, sought.page - 1) if sought.page > 1 else "",
        more=_address(visit, sought, sought.page + 1) if found.has_more else "",
        error=visit.wrong(refusal),
    )


def _numbers(said: str) -> list[int]:
    """Ids with hyphens between."""
    found = (one for one in said.split("-") if one.isascii() and one.isdecimal() and len(one) < 10)
    return [int(one) for one in found][:MOST_UNDONE]


def _address(visit: Visit, sought: Sought, page: int) -> str:
    """Another page of what is sought; a refused act stands on an address of its own."""
    asked = {**vars(sought), "page": page}
    return f"{visit.url(LIBRARY)}?{urlencode({k: v for k, v in asked.items() if v})}"


def _acts(sought: Sought) -> list[tuple[str, Message]]:
    """What can be done here: what was removed is only put back."""
    is_gone = sought.standing == Standing.REMOVED
    return [
        (act, words) for act, words in ACT_NAMES.items() if (act is ManyAct.PUT_BACK) is is_gone
    ]


def _said(visit: Visit, act: str, count: int) -> str:
    return DONE.get(act, SAVED).counting(count).text(visit.language)
