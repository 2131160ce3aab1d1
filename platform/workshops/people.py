"""Which organisers a workshop concerns."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from members.models import Member, Organiser
from members.roles import PERMISSIONS, Permission


def planners(session: Session) -> list[Member]:
    """Everybody who may plan workshops and decide who comes."""
    roles = [str(role) for role in PERMISSIONS[Permission.PLAN_WORKSHOPS]]
    them = select(Member).join(Organiser, Organiser.member_id == Member.id)
    return list(session.scalars(them.where(Organiser.role.in_(roles)).order_by(Member.id)))


def possible_facilitators(session: Session) -> list[Member]:
    """Who may be asked to facilitate: every organiser."""
    everybody = select(Member).join(Organiser, Organiser.member_id == Member.id)
    return list(session.scalars(everybody.order_by(Member.name, Member.id)))
