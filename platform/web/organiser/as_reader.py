"""A letter as a chosen member would get it."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.errors import Refusal
from core.i18n import language_name
from core.unit_of_work import Reading
from members import finding
from members.finding import Order, Search
from members.models import Member
from members.segments import EVERYBODY
from newsletters import choosing
from newsletters.copies import Copy, copy_for
from newsletters.models import Issue
from web.forms import Id, Text, Typed
from web.organiser.issues import find
from web.organiser.letter_frame import framed, nothing
from web.visit import Visit
from workshops.invitation.facts import FACTS

MOST = 10


@dataclass(frozen=True)
class Looked(Typed):
    """Whose copy is looked at, or who is looked for."""

    q: Text
    member: Id


def show(visit: Visit) -> Response:
    """Choose somebody, and see what comes to them."""
    looked = Looked.of(visit.asked)
    with visit.reading() as work:
        issue = find(visit, work)
        member = _member(work, looked.member) if looked.member else None
        copy = _copy(work, issue, member) if member else None
        return visit.page(
            "organiser/as-reader.html",
            issue=issue,
            member=member,
            copy=copy,
            in_language=language_name(copy.language, visit.language) if copy else "",
            q=looked.q,
            found=_found(work, looked.q),
        )


def frame(visit: Visit) -> Response:
    """The mail itself, for the frame."""
    looked = Looked.of(visit.asked)
    with visit.reading() as work:
        copy = _copy(work, find(visit, work), _member(work, looked.member))
    return nothing() if copy is None else framed(visit, copy.html, copy.text)


def _member(work: Reading, number: int) -> Member:
    member = work.session.get(Member, number)
    if member is None:
        raise HTTPException(404)
    return member


def _copy(work: Reading, issue: Issue, member: Member) -> Copy | None:
    try:
        segment = choosing.segment_of(work, issue)
    except Refusal:  # the chosen segment is gone: the page of sending says so
        segment = EVERYBODY
    return copy_for(work, issue, segment, member)


def _found(work: Reading, words: str) -> list[Member]:
    if not words.strip():
        return []
    fits = finding.find(work.session, Search(words), FACTS, work.now.date())
    found, _ = finding.page_of(work.session, fits, Order.NAME, 1)
    return list(found[:MOST])
