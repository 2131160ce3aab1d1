"""What organisers see of a workshop's people, and decide about those who were named or asked."""

from collections import Counter
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from core.audit import audit
from core.errors import Refusal
from core.i18n import N_
from core.unit_of_work import UnitOfWork
from mail.addresses import parse_address
from members.models import Member
from workshops import cohorts
from workshops.choosing import one_person
from workshops.models import Cohort, Invitation, Nomination, Registration, Workshop
from workshops.registrations import Place
from workshops.stages import HAPPENING

PAGE = 40


Row = TypeVar("Row")


@dataclass(frozen=True)
class Listed(Generic[Row]):
    """One page of a list."""

    rows: list[Row]
    page: int
    has_more: bool


def invited(
    session: Session, workshop_id: int, page: int = 1
) -> Listed[tuple[Invitation, Member, Cohort]]:
    """Who was invited, in the order of their names."""
    found = session.execute(
        select(Invitation, Member, Cohort)
        .join(Member, Member.id == Invitation.member_id)
        .join(Cohort, Cohort.id == Invitation.cohort_id)
        .where(Invitation.workshop_id == workshop_id, Cohort.state == "released")
        .order_by(Member.name, Member.email)
        .offset((page - 1) * PAGE)
        .limit(PAGE + 1)
    )
    rows = [(invitation, member, cohort) for invitation, member, cohort in found]
    return Listed(rows[:PAGE], page, len(rows) > PAGE)


def counts(session: Session, workshop_id: int) -> Counter[str]:
    """How many have answered how, and how many were invited at all."""
    rows = session.execute(
        select(Invitation.state, func.count())
        .join(Cohort, Cohort.id == Invitation.cohort_id)
        .where(Invitation.workshop_id == workshop_id, Cohort.state == "released")
        .group_by(Invitation.state)
    )
    found: Counter[str] = Counter()
    for state, count in rows:
        found[state] = count
    found["all"] = found.total()
    return found


def registered(
    session: Session, workshop_id: int, page: int = 1
) -> Listed[tuple[Registration, Member]]:
    """Who has a place, a turn or a request: what waits for a decision first."""
    urgency = case({Place.REQUESTED: 0, Place.OFFERED: 1, Place.WAITLISTED: 2, Place.CONFIRMED: 3},
                   value=Registration.state, else_=4)  # fmt: skip
    found = session.execute(
        select(Registration, Member)
        .join(Member, Member.id == Registration.member_id)
        .where(Registration.workshop_id == workshop_id)
        .order_by(urgency, Registration.joined_at, Registration.id)
        .offset((page - 1) * PAGE)
        .limit(PAGE + 1)
    )
    rows = [(own, member) for own, member in found]
    return Listed(rows[:PAGE], page, len(rows) > PAGE)


def nominations(session: Session, workshop_id: int) -> list[tuple[Nomination, str]]:
    """Who was named or asked and waits for an answer, with the name of who named them."""
    rows = session.execute(
        select(Nomination, Member.name)
        .outerjoin(Member, Member.id == Nomination.by_id)
        .where(Nomination.workshop_id == workshop_id, Nomination.state == "waiting")
        .order_by(Nomination.id)
    )
    return [(nomination, name or "") for nomination, name in rows]


def undecided(session: Session) -> list[tuple[Workshop, int]]:
    """The workshops in which somebody waits for an organiser, and how many do."""
    requests = select(Registration.workshop_id).where(Registration.state == Place.REQUESTED)
    named = select(Nomination.workshop_id).where(Nomination.state == "waiting")
    waiting = requests.union_all(named).subquery()
    rows = session.execute(
        select(Workshop, func.count())
        .join(waiting, waiting.c.workshop_id == Workshop.id)
        .where(Workshop.stage.in_([str(stage) for stage in HAPPENING]))
        .group_by(Workshop.id)
        .order_by(Workshop.starts_at)
    )
    return [(it, count) for it, count in rows]


def invite(work: UnitOfWork, it: Workshop, nomination_id: int, by: int) -> None:
    """Send an invitation to somebody who was named. Harmless to repeat. Raises Refusal."""
    nomination = _find(work.session, it, nomination_id)
    if not _settle(work, nomination, "invited"):
        return
    address = parse_address(nomination.email)
    member_id = one_person(work, address, nomination.name, nomination.language)
    terms = cohorts.default_terms(it, work.now)
    people = {member_id: nomination.name or nomination.email}
    cohort = cohorts.prepare(work, it, people, terms, by)
    if left := cohorts.left_out_of(cohort):
        raise Refusal(left[0].reason)
    cohorts.release(work, it, cohort, "1", by)
    audit(work, by, "invite nominated", "nomination", nomination.id)


def put_away(work: UnitOfWork, it: Workshop, nomination_id: int, by: int) -> None:
    """Do not invite them. Harmless to repeat."""
    nomination = _find(work.session, it, nomination_id)
    if _settle(work, nomination, "put_away"):
        audit(work, by, "put away", "nomination", nomination.id)


def _find(session: Session, it: Workshop, nomination_id: int) -> Nomination:
    nomination = session.get(Nomination, nomination_id)
    if nomination is None or nomination.workshop_id != it.id:
        raise Refusal(N_("This nomination is gone."))
    return nomination


def _settle(work: UnitOfWork, nomination: Nomination, state: str) -> bool:
    settled = work.session.execute(
        update(Nomination)
        .where(Nomination.id == nomination.id, Nomination.state == "waiting")
        .values(state=state)
        .returning(Nomination.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return settled is not None
