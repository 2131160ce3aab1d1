"""Who we are: people shown one by one, in an order."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from starlette.exceptions import HTTPException
from starlette.responses import Response

from community import who
from community.parts import Part, Value
from community.pictures import keep_picture
from community.who import Introduction, Shown
from core.errors import Refusal
from core.i18n import LANGUAGES, language_name
from core.stored_files import Checked
from core.unit_of_work import UnitOfWork
from members import team
from members.models import Member
from web.forms import Form, Id, Text, Ticked, Typed, line
from web.organiser.ourselves.look import uploaded
from web.organiser.ourselves.saying import SETTINGS, Page
from web.pages import capital
from web.visit import Visit

PATH = f"{SETTINGS}/who"


@dataclass(frozen=True)
class Described(Typed):
    """One of them, as typed."""

    name: Annotated[str, line(400)]
    member: Id
    no_picture: Ticked


@dataclass(frozen=True)
class Pressed(Typed):
    """A button, and whose it is."""

    one: Text
    does: Text


def listing(visit: Visit) -> Response:
    """All of them, and a form for one more."""
    return PAGE.show(visit)


def add(visit: Visit) -> Response:
    """One more."""
    return _keep(visit, PAGE, "")


def show(visit: Visit) -> Response:
    """One of them, to be described anew."""
    return _page_of(visit).show(visit)


def keep(visit: Visit) -> Response:
    """Describe one anew."""
    return _keep(visit, _page_of(visit), visit.param("one"))


def press(visit: Visit) -> Response:
    """Move one, or show them no more."""
    return PAGE.keep(visit, lambda _, part: _pressed(Pressed.of(visit.form), part))


def take_back(visit: Visit) -> Response:
    """As it was before."""
    return PAGE.take_back(visit)


def _pressed(typed: Pressed, part: Part) -> Value:
    if typed.does == "take-off":
        return who.without(part, typed.one)
    return who.moved(part, typed.one, -1 if typed.does == "up" else 1)


def _keep(visit: Visit, page: Page, number: str) -> Response:
    try:
        picture = uploaded(visit)
    except Refusal as refusal:
        return page.show(visit, refusal)
    return page.keep(visit, _value(visit, number, picture))


def _value(
    visit: Visit, number: str, picture: Checked | None
) -> Callable[[UnitOfWork, Part], Value]:
    def value(work: UnitOfWork, part: Part) -> Value:
        typed = Described.of(visit.form)
        member = typed.member if typed.member in _team(visit, _member_of(part, number)) else None
        roles = _roles(visit, part, number)
        said = who.check(Introduction(typed.name, roles, member))
        kept = keep_picture(work, picture) if picture is not None else None
        return who.put(part, number, said, {} if typed.no_picture and kept is None else kept)

    return value


def _roles(visit: Visit, part: Part, number: str) -> dict[str, str]:
    """What was typed; in a language that the form does not have, what is kept."""
    before = next((one.roles for one in who.shown(part) if one.id == number), {})
    return {code: str(visit.form.get(f"role_{code}", before.get(code, ""))) for code in LANGUAGES}


def _member_of(part: Part, number: str) -> int | None:
    return next((one.member_id for one in who.shown(part) if one.id == number), None)


def _team(visit: Visit, too: int | None = None) -> dict[int, str]:
    """The team, and one more who may have left it: their record is still theirs."""
    with visit.reading() as work:
        members = [one.member for one in team.team(work.session)]
        former = work.session.get(Member, too) if too is not None else None
        everybody = [*members, *([former] if former is not None else [])]
        return {member.id: member.name or member.email for member in everybody}


def _fill(visit: Visit, part: Part, form: Form | None) -> dict[str, object]:
    return {"people": who.shown(part), **_described(visit, None, form)}


def _described(visit: Visit, one: Shown | None, form: Form | None) -> dict[str, object]:
    """The fields of the form about one of them, or about nobody yet."""
    kept = one.roles if one else {}
    typed = Described.of(form) if form else None
    member = one.member_id if one and one.member_id else ""
    return {
        "team": [
            (str(number), name)
            for number, name in _team(visit, one.member_id if one else None).items()
        ],
        "name": typed.name if typed else one.name if one else "",
        "member": str(typed.member if typed else member),
        "roles": [
            (
                code,
                capital(language_name(code, visit.language)),
                (form or Form()).get(f"role_{code}", kept.get(code, "")),
            )
            for code in visit.languages
        ],
    }


def _page_of(visit: Visit) -> Page:
    """The page of the one in the address. What is gone meanwhile is found nowhere."""
    number = visit.param("one")

    def fill(visit: Visit, part: Part, form: Form | None) -> dict[str, object]:
        one = next((one for one in who.shown(part) if one.id == number), None)
        if one is None and form is None:
            raise HTTPException(404)
        one = one or Shown(number, Described.of(form or Form()).name, {}, {}, None)
        return {"one": one, **_described(visit, one, form)}

    return Page(who.PART, f"{PATH}/{number}", "one", fill, undo=PATH)


PAGE = Page(who.PART, PATH, "who", _fill)
