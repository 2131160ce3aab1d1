"""Whom a workshop concerns: those who come or came, and the organisers."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database import among
from core.unit_of_work import Reading
from mail.models import Suppression
from mail.suppressing import suppression_keys
from members.models import Member, Organiser
from members.organisers import who_may
from members.roles import Permission
from workshops.model.registration_states import RegistrationState
from workshops.model.tables import Registration


def people_of(
    session: Session, workshop_id: int, *places: RegistrationState
) -> list[tuple[Registration, Member]]:
    """Everybody in one of these places, in the order in which they came."""
    rows = session.execute(
        select(Registration, Member)
        .join(Member, Member.id == Registration.member_id)
        .where(Registration.workshop_id == workshop_id)
        .where(Registration.state.in_([str(place) for place in places]))
        .order_by(Registration.id)
    )
    return [(registration, member) for registration, member in rows]


def planners(session: Session) -> list[Member]:
    """Everybody who may plan workshops and decide who comes."""
    return who_may(session, Permission.PLAN_WORKSHOPS)


def possible_facilitators(session: Session) -> list[Member]:
    """Who may be asked to facilitate: every organiser."""
    everybody = select(Member).join(Organiser, Organiser.member_id == Member.id)
    return list(session.scalars(everybody.order_by(Member.name, Member.id)))


def barred(work: Reading, ids: Sequence[int]) -> set[int]:
    """Those whose address is on the suppression list."""
    rows_ = work.session.execute(
        select(Member.id, Member.email_ascii).where(among(Member.id, ids))
    ).all()
    secrets = work.settings.keys
    keys = {key: n for n, address in rows_ for key in suppression_keys(address, secrets)}
    listed = set(work.session.scalars(select(Suppression.key).where(Suppression.key.in_(keys))))
    return {n for key, n in keys.items() if key in listed}
