"""What a member would come to: areas, and the profile by which organisers plan."""

from dataclasses import dataclass
from functools import partial

from starlette.responses import Response

from core.errors import Refusal
from core.unit_of_work import Reading, UnitOfWork
from members import leaving
from members.models import Member
from members.profile import LEVELS, ROLES, Profile, check_profile, countries
from web.forms import Form, Ids, Text, Typed, Zone
from web.visit import Visit
from workshops.planning import areas


@dataclass(frozen=True)
class Marked(Typed):
    """The areas that a member would come to."""

    areas: Ids


@dataclass(frozen=True)
class Described(Typed):
    """The profile, as it was typed."""

    role: Text
    level: Text
    country: Text
    time_zone: Zone


def show(visit: Visit) -> Response:
    """The areas, and the profile."""
    with visit.reading() as work:
        return _page(visit, work, _member(visit, work))


def save(visit: Visit) -> Response:
    """Keep the areas the member ticked, and the profile."""
    return visit.act(
        partial(_member, visit),
        partial(_keep, visit.form),
        then=lambda *_: "/me/interest?said=saved",
        refused=partial(_page, visit),
    )


def _keep(form: Form, work: UnitOfWork, member: Member) -> None:
    typed = Described.of(form)
    wanted = Profile(typed.role, typed.level, typed.country)
    leaving.save_profile(member, check_profile(wanted, leaving.profile_of(member)))
    member.time_zone = typed.time_zone
    areas.mark(work, member.id, Marked.of(form).areas)


def _page(visit: Visit, work: Reading, member: Member, refusal: Refusal | None = None) -> Response:
    shown = [(area.id, areas.name_of(area, visit.language))
             for area in areas.offered(work.session)]  # fmt: skip
    kept = {"role": member.role, "level": member.level, "country": member.country,
            "time_zone": member.time_zone}  # fmt: skip
    marked = areas.marked(work.session, member.id)
    if refusal:
        kept = {name: visit.form[name] for name in kept}
        marked = set(Marked.of(visit.form).areas)
    return visit.page(
        "member/interest.html",
        status=422 if refusal else 200,
        areas=shown,
        marked=marked,
        values=kept,
        roles=ROLES,
        levels=LEVELS,
        countries=countries(visit.language),
        is_saved=visit.query("said") == "saved",
        error=visit.wrong(refusal),
    )


def _member(visit: Visit, work: Reading) -> Member:
    return work.session.get_one(Member, visit.my_id)
