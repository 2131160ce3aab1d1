"""One person more, whom an organiser writes down: with where they said that they wish it."""

from dataclasses import dataclass
from typing import Annotated

from starlette.responses import Response

from core.errors import Refusal
from members import by_organisers
from members.by_organisers import Newcomer
from members.consent import NEWSLETTER, TOPIC_TEXTS
from web.forms import Form, Language, Text, TheirAddress, Ticked, Typed, Words, line
from web.limits import check_unasked
from web.visit import Visit

PEOPLE = "/organise/people"
LONGEST = by_organisers.LONGEST_SOURCE


@dataclass(frozen=True)
class Written(Typed):
    """Who it is, what they wish, and where they said so."""

    email: TheirAddress
    name: Annotated[str, line(200)]
    language: Language
    topics: Words
    source: Annotated[str, line(LONGEST)]
    is_written: Ticked


@dataclass(frozen=True)
class Typing(Typed):
    """The same as it was typed."""

    email: Text
    name: Text
    language: Text
    topics: Words
    source: Text
    is_written: Ticked


def show(visit: Visit) -> Response:
    """The form."""
    return _page(visit, Form({"topics": [NEWSLETTER], "language": [visit.language]}))


def add(visit: Visit) -> Response:
    """Write them down; who is here already is shown."""
    try:
        typed = Written.of(visit.form)
        newcomer = Newcomer(
            typed.email, typed.name, typed.language, tuple(sorted(typed.topics)), typed.source,
            typed.is_written,
        )  # fmt: skip
        done = "let-in" if typed.is_written else "added"
        with visit.reading() as work:
            twin = by_organisers.just_added(work, newcomer)
            here = twin or by_organisers.known(work, newcomer.address)
        if here is not None:
            return visit.redirect(f"{PEOPLE}/{here.id}?said={done if twin else 'here'}")
        if not newcomer.is_written:
            check_unasked(visit, "add", newcomer.address, field="email")
        with visit.unit_of_work() as unit:
            member = by_organisers.add(unit, newcomer, visit.my_id)
    except Refusal as refusal:
        return _page(visit, visit.form, refusal)
    return visit.redirect(f"{PEOPLE}/{member.id}?said={done}")


def _page(visit: Visit, form: Form, refusal: Refusal | None = None) -> Response:
    return visit.page(
        "organiser/add.html",
        status=422 if refusal else 200,
        typed=Typing.of(form),
        topics=[(key, visit.text(one.name)) for key, one in TOPIC_TEXTS.items()],
        may_be_written=visit.installation.settings.written_consent,
        longest=LONGEST,
        error=visit.wrong(refusal),
    )
