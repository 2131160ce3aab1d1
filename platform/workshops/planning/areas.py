"""Special areas: members mark what they would come to, organisers see how many would."""

from collections import Counter
from collections.abc import Collection

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core.database import insert_if_new
from core.errors import Refusal
from core.i18n import DEFAULT_LANGUAGE, LANGUAGES, N_
from core.text import one_line
from core.unit_of_work import UnitOfWork
from members.models import Member
from members.states import MemberState
from workshops.model.interest import Area, Interest

LONGEST_NAME = 80


def offered(session: Session) -> list[Area]:
    """The areas that members can choose from."""
    shown = select(Area).where(Area.is_offered)
    return list(session.scalars(shown.order_by(Area.id)))


def find(session: Session, typed: str) -> Area | None:
    """An area by its id as a form has it."""
    return (
        session.get(Area, int(typed))
        if typed.isascii() and typed.isdecimal() and len(typed) < 10
        else None
    )


def name_of(area: Area, language: str) -> str:
    """An area's name in a language; the other one where there is none."""
    return str(area.names.get(language) or area.names.get(DEFAULT_LANGUAGE) or "")


def add(work: UnitOfWork, names: dict[str, str]) -> Area:
    """A new area; the one that has this name already, if there is one. Raises Refusal."""
    kept = {code: one_line(names.get(code, ""))[:LONGEST_NAME] for code in LANGUAGES}
    if not all(kept.values()):
        raise Refusal(N_("Please name it in every language."), "name_en")
    for area in work.session.scalars(select(Area)):
        if area.names.items() <= kept.items():  # it may be older than a language
            area.names, area.is_offered = kept, True
            return area
    area = Area(names=kept, is_offered=True)
    work.session.add(area)
    work.session.flush()
    return area


def put_away(work: UnitOfWork, area: Area) -> None:
    """Do not offer it any more; what members marked stays. Harmless to repeat."""
    area.is_offered = False
    work.session.flush()


def mark(work: UnitOfWork, member_id: int, wanted: Collection[int]) -> None:
    """Make these a member's areas, and no others."""
    known = {area.id for area in offered(work.session)}
    work.session.execute(
        delete(Interest).where(Interest.member_id == member_id, Interest.area_id.in_(known))
    )
    for area_id in sorted(known & set(wanted)):
        row = {"member_id": member_id, "area_id": area_id, "at": work.now}
        work.session.execute(insert_if_new(work.session, Interest).values(**row))


def marked(session: Session, member_id: int) -> set[int]:
    """The areas that a member has marked."""
    return set(session.scalars(select(Interest.area_id).where(Interest.member_id == member_id)))


def numbers(session: Session) -> dict[int, Counter[str]]:
    """How many members are interested in each area: in all, and by role and language."""
    found: dict[int, Counter[str]] = {}
    rows = session.execute(
        select(Interest.area_id, Member.role, Member.language, func.count())
        .join(Member, Member.id == Interest.member_id)
        .where(Member.state == MemberState.CONFIRMED)
        .group_by(Interest.area_id, Member.role, Member.language)
    )
    for area_id, role, language, count in rows:
        counter = found.setdefault(area_id, Counter())
        counter.update({"all": count, f"role:{role}": count, f"language:{language}": count})
    return found
