"""Everything that is kept about somebody, by a link mailed just now: to read, and to erase."""

from dataclasses import dataclass

from starlette.responses import Response

from core.errors import Refusal
from core.i18n import N_
from core.persons import Erasure, Person, erase_all, tell_all
from core.tokens import BrokenToken, ExpiredToken, Purpose
from core.unit_of_work import Reading
from members import own_links
from members.models import Member
from members.persons import person_of
from web.everything import as_json, readable
from web.forms import Ticked, Typed
from web.member.own_role import check_shown
from web.visit import Visit


@dataclass(frozen=True)
class Going(Typed):
    """That somebody knows what they do, and whether their name stays on what is published."""

    is_sure: Ticked
    keep_byline: Ticked


def show(visit: Visit) -> Response:
    """Everything, readable, and the two things that can be done with it."""
    try:
        with visit.reading() as work:
            return _page(visit, work, _member(visit, work))
    except ExpiredToken:
        return _ended(visit)


def download(visit: Visit) -> Response:
    """The same as JSON, to take along."""
    try:
        with visit.reading() as work:
            told = tell_all(work, _person(visit, work), visit.installation.persons)
    except ExpiredToken:
        return _ended(visit)
    return as_json(told, "my-data.json")


def erase(visit: Visit) -> Response:
    """Go for good. The page that follows knows nobody."""
    typed = Going.of(visit.form)
    try:
        with visit.unit_of_work() as work:
            person = _person(visit, work)
            check_shown(visit, work, work.session.get_one(Member, person.id))
            if not typed.is_sure:
                raise Refusal(N_("Please tick that you know it cannot be undone."), "is_sure")
            how = Erasure(typed.keep_byline, person.id)
            erase_all(work, person, how, visit.installation.persons)
    except ExpiredToken:
        return _ended(visit)
    except Refusal as refusal:
        with visit.reading() as work:
            return _page(visit, work, _member(visit, work), refusal)
    except own_links.GoneMember:
        pass  # a second click: the first one did it
    return visit.redirect("/erased")


def erased(visit: Visit) -> Response:
    """What stays, once somebody is gone."""
    return visit.page("site/erased.html")


def _member(visit: Visit, work: Reading) -> Member:
    """Whose link it is. Raises BrokenToken, GoneMember, ExpiredToken or ReplacedToken."""
    member, said = own_links.owner_of(work, Purpose.DATA, visit.param("token"))
    if said:
        raise BrokenToken
    if member is None:
        raise own_links.GoneMember
    visit.speak(member.language)
    return member


def _person(visit: Visit, work: Reading) -> Person:
    return person_of(work.session, _member(visit, work))


def _page(visit: Visit, work: Reading, member: Member, refusal: Refusal | None = None) -> Response:
    told = tell_all(work, person_of(work.session, member), visit.installation.persons)
    return visit.page(
        "site/data.html",
        status=422 if refusal else 200,
        token=visit.param("token"),
        **readable(visit, told),
        keeps=Going.of(visit.form).keep_byline,
        error=visit.wrong(refusal),
    )


def _ended(visit: Visit) -> Response:
    return visit.page("site/data-ended.html", status=410)
