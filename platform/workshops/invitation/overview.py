"""What organisers see of a workshop's people, page by page, and where somebody waits for them."""

from collections import Counter
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from members.models import Member
from workshops.model.cohort_states import CohortState, NominationState
from workshops.model.registration_states import RegistrationState
from workshops.model.stages import HAPPENING
from workshops.model.tables import Cohort, Invitation, Nomination, Registration, Workshop

PAGE = 40
URGENT = (
    RegistrationState.REQUESTED,
    RegistrationState.OFFERED,
    RegistrationState.WAITLISTED,
    RegistrationState.CONFIRMED,
)
"""What an organiser decides about, or looks for, comes first."""


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
        .where(Invitation.workshop_id == workshop_id, Cohort.state == CohortState.RELEASED)
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
        .where(Invitation.workshop_id == workshop_id, Cohort.state == CohortState.RELEASED)
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
    order = {state: place for place, state in enumerate(URGENT)}
    urgency = case(order, value=Registration.state, else_=len(URGENT))
    found = session.execute(
        select(Registration, Member)
        .join(Member, Member.id == Registration.member_id)
        .where(Registration.workshop_id == workshop_id)
        .order_by(urgency, Registration.joined_at, Registration.id)
        .offset((page - 1) * PAGE)
        .limit(PAGE + 1)
    )
    rows = [(registration, member) for registration, member in found]
    return Listed(rows[:PAGE], page, len(rows) > PAGE)


def undecided(session: Session) -> list[tuple[Workshop, int]]:
    """The workshops in which somebody waits for an organiser, and how many do."""
    requests = select(Registration.workshop_id).where(
        Registration.state == RegistrationState.REQUESTED
    )
    named = select(Nomination.workshop_id).where(Nomination.state == NominationState.WAITING)
    waiting = requests.union_all(named).subquery()
    rows = session.execute(
        select(Workshop, func.count())
        .join(waiting, waiting.c.workshop_id == Workshop.id)
        .where(Workshop.stage.in_([str(stage) for stage in HAPPENING]))
        .group_by(Workshop.id)
        .order_by(Workshop.starts_at)
    )
    return [(workshop, count) for workshop, count in rows]
