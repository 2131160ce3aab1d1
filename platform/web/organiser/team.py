"""The team: who runs the community, in which role, and where they are signed in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from starlette.responses import Response

from core.errors import Refusal
from core.i18n import LANGUAGES, N_
from core.unit_of_work import Reading, UnitOfWork
from members import team
from members.roles import ROLE_NAMES, Role
from members.subscribing import check_name
from web.forms import Form, Text, TheirAddress, Typed, choice
from web.visit import Visit
from workshops.conduct.stepping_down import step_down


def _role(form: Form, name: str) -> Role:
    """One of the roles. Raises Refusal: whoever says nothing changes nothing."""
    if (chosen := form.choice(name, list(Role))) == "":
        raise Refusal(N_("Please choose a role."), name)
    return Role(chosen)


TheirRole = Annotated[Role, _role]


@dataclass(frozen=True)
class Colleague(Typed):
    """Somebody who is asked in."""

    email: TheirAddress
    name: Text
    role: TheirRole
    language: Annotated[str, choice(LANGUAGES, LANGUAGES[0])]


@dataclass(frozen=True)
class Chosen(Typed):
    """Another role."""

    role: TheirRole


def show(visit: Visit) -> Response:
    """Everybody, and a form for one more."""
    with visit.reading() as work:
        return _page(visit, work)


def ask_in(visit: Visit) -> Response:
    """Ask a colleague in."""

    def act(work: UnitOfWork) -> None:
        typed, by = Colleague.of(visit.form), visit.my_id
        name = check_name(typed.name)
        team.ask_in(work, typed.email, typed.role, name, typed.language, by)

    return _act(visit, act)


def change_role(visit: Visit) -> Response:
    """Give a colleague another role."""
    number, by = visit.number("id"), visit.my_id
    return _act(visit, lambda work: team.change_role(work, number, Chosen.of(visit.form).role, by))


def let_go(visit: Visit) -> Response:
    """Take a colleague's role away, at once; what they were to lead needs somebody else."""

    def act(work: UnitOfWork) -> None:
        team.let_go(work, visit.number("id"), visit.my_id)
        step_down(work, visit.number("id"))

    return _act(visit, act)


def take_factor_away(visit: Visit) -> Response:
    """For a colleague who has lost what they signed in with."""
    return _act(visit, lambda work: team.take_factor_away(work, visit.number("id"), visit.my_id))


def end_session(visit: Visit) -> Response:
    """Sign a colleague out of one browser."""
    number, session = visit.number("id"), visit.number("session")
    return _act(visit, lambda work: team.end_session(work, number, session, visit.my_id))


def _act(visit: Visit, act: Callable[[UnitOfWork], object]) -> Response:
    return visit.act(
        lambda _: None,
        lambda work, _: act(work),
        then=lambda *_: "/organise/team",
        refused=lambda work, _, refusal: _page(visit, work, refusal),
    )


def _page(visit: Visit, work: Reading, refusal: Refusal | None = None) -> Response:
    return visit.page(
        "organiser/team.html",
        status=422 if refusal else 200,
        team=team.team(work.session),
        roles=[(str(role), visit.text(name)) for role, name in ROLE_NAMES.items()],
        me=visit.my_id,
        typed=visit.form if refusal else None,
        error=visit.wrong(refusal),
    )
