"""Everybody: found as one types, filtered, counted in one sentence, labelled, kept as a segment."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Annotated
from urllib.parse import urlencode

from starlette.responses import Response, StreamingResponse

from core.audit import audit
from core.errors import Refusal
from core.unit_of_work import Reading, UnitOfWork
from members import describing, exporting, finding, growth, labelling, saved_segments
from members.finding import ORDER_NAMES, Order, Search
from members.models import Member
from members.segments import EVERYBODY
from web.forms import Form, Ids, Page, Text, Ticked, Typed, choice, line
from web.organiser import growth as growth_page
from web.organiser.selecting import Selected, fields_of, offered, query_of, segment_of
from web.visit import Visit
from workshops.invitation.facts import FACTS

PEOPLE = "/organise/people"
SEGMENTS = f"{PEOPLE}/segments"


@dataclass(frozen=True)
class Asked(Typed):
    """What somebody looks for, in which order."""

    q: Annotated[str, line(100)]
    order: Annotated[str, choice(list(Order), Order.NEWEST)]
    page: Page


@dataclass(frozen=True)
class Labelled(Typed):
    """A label for those who are ticked, or for all who were found; or off them."""

    who: Ids
    all: Ticked
    new_label: Text
    off: Ticked


@dataclass(frozen=True)
class Named(Typed):
    """What a segment is to be called."""

    segment_name: Text


def listing(visit: Visit) -> Response:
    """Everybody, or who is looked for."""
    with visit.reading() as work:
        return _page(visit, work, visit.asked)


def label(visit: Visit) -> Response:
    """Put a label on some, or take it off."""
    typed, search = Labelled.of(visit.form), search_of(visit.form)

    def act(work: UnitOfWork, _: None) -> int:
        found = finding.fitting(work.session, search, FACTS, work.now.date())
        whom = found if typed.all else Member.id.in_(typed.who)
        change = labelling.take_off if typed.off else labelling.put_on
        return change(work, whom, typed.new_label, visit.my_id)

    return visit.act(
        lambda _: None,
        act,
        then=lambda _, count: _back(visit, f"{'unlabelled' if typed.off else 'labelled'}-{count}"),
        refused=lambda work, _, refusal: _page(visit, work, visit.form, refusal),
    )


def save_segment(visit: Visit) -> Response:
    """Give a name to whom the filters select."""
    segment = segment_of(Selected.of(visit.form))
    name = Named.of(visit.form).segment_name
    return visit.act(
        lambda _: None,
        lambda work, _: saved_segments.save(work, name, segment, visit.my_id),
        then=lambda *_: SEGMENTS,
        refused=lambda work, _, refusal: _page(visit, work, visit.form, refusal),
    )


def segments(visit: Visit) -> Response:
    """The segments that have a name, each with its sentence and how many it selects now."""
    with visit.reading() as work:
        count = partial(_count, work)
        found = [
            (one, describing.sentence(work.session, Search("", one.asks), FACTS, visit.language),
             count(Search("", one.asks)), query_of(one.asks))
            for one in saved_segments.all_of(work.session)
        ]  # fmt: skip
        forgotten = saved_segments.just_forgotten(work)
        return visit.page("organiser/segments.html", segments=found, forgotten=forgotten)


def forget_segment(visit: Visit) -> Response:
    """Forget a segment; what was prepared with it stays."""
    with visit.unit_of_work() as work:
        saved_segments.forget(work, visit.number("id"), visit.my_id)
    return visit.redirect(SEGMENTS)


def bring_segment_back(visit: Visit) -> Response:
    """Take that back."""
    with visit.unit_of_work() as work:
        saved_segments.bring_back(work, visit.number("id"), visit.my_id)
    return visit.redirect(SEGMENTS)


def export(visit: Visit) -> Response:
    """Those who were found as a file, which is written down."""
    search = search_of(visit.form)
    with visit.unit_of_work() as work:
        count = _count(work, search)
        audit(work, visit.my_id, "export", "people", 0, {"people": count})
    headers = {"Content-Disposition": 'attachment; filename="people.csv"'}
    lines = _lines(visit, search)
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


def _lines(visit: Visit, search: Search) -> Iterator[bytes]:
    with visit.reading() as work:
        found = finding.fitting(work.session, search, FACTS, work.now.date())
        yield from exporting.lines(work.session, found)


def search_of(form: Form) -> Search:
    """What a form, or an address, looks for."""
    return Search(Asked.of(form).q, segment_of(Selected.of(form)))


def _count(work: Reading, search: Search) -> int:
    found = finding.find(work.session, search, FACTS, work.now.date())
    return finding.count(work.session, found)


def _back(visit: Visit, said: str) -> str:
    asked = Asked.of(visit.form)
    fields = [*_fields(asked, search_of(visit.form)), ("said", said)]
    return f"{PEOPLE}?{urlencode(fields)}"


def _fields(asked: Asked, search: Search) -> list[tuple[str, str]]:
    """The fields of an address that shows the same people in the same order."""
    own = [("q", asked.q)] if asked.q else []
    order = [("order", asked.order)] if asked.order != Order.NEWEST else []
    return [*own, *fields_of(search.segment), *order]


def _page(visit: Visit, work: Reading, form: Form, refusal: Refusal | None = None) -> Response:
    asked, search, session = Asked.of(form), search_of(form), work.session
    fits = finding.find(session, search, FACTS, work.now.date())
    total, order = finding.count(session, fits), Order(asked.order)
    found, has_more = finding.page_of(session, fits, order, asked.page, total)
    did, _, many = visit.query("said").partition("-")
    return visit.page(
        "organiser/persons.html",
        status=422 if refusal else 200,
        found=found,
        total=total,
        sentence=describing.sentence(session, search, FACTS, visit.language),
        labels=finding.labels_of(session, [one.id for one in found]),
        all_labels=finding.labels(session),
        groups=offered(visit, session, search.segment),
        segments=[(one.name, query_of(one.asks)) for one in saved_segments.all_of(session)],
        bars=_bars(visit, work) if search.is_for_everybody and asked.page == 1 else [],
        has_filter=search.segment != EVERYBODY,
        fields=_fields(asked, search),
        asked=asked,
        asked_days=search.segment,
        orders=[(str(order), visit.text(name)) for order, name in ORDER_NAMES.items()],
        **visit.pages_beside(asked.page, has_more=has_more),
        did=did,
        many=int(many) if many.isdecimal() else 0,
        typed=visit.form if refusal else None,
        error=visit.wrong(refusal),
    )


def _bars(visit: Visit, work: Reading) -> list[growth_page.Bar]:
    """Who came and left, for whoever looks for nobody in particular."""
    return growth_page.bars(visit, growth.weeks(work.session, work.now.date()))
