"""Organisers hear of those who ask: one mail an hour for all workshops, whoever sends how many."""

from datetime import datetime, timedelta

from sqlalchemy import func, select, union_all

from core.unit_of_work import UnitOfWork
from mail.keys import delivery_key
from mail.posting import post
from workshops.mails import to_organisers
from workshops.mails.to_organisers import Asked
from workshops.model.cohort_states import NominationState
from workshops.model.people import planners
from workshops.model.registration_states import RegistrationState
from workshops.model.stages import TAKING
from workshops.model.tables import Nomination, Registration, Workshop
from workshops.model.told import Told

EVERY = timedelta(hours=1)
WHAT = "asked"


def tell_of_requests(work: UnitOfWork) -> None:
    """Tell everybody who decides what waits, if anything has come since they were told."""
    last = work.session.scalar(select(func.max(Told.at)).where(Told.what == WHAT))
    if last is not None and work.now - last < EVERY:
        return
    waiting = _waiting(work)
    if not any(newest > (last or newest - EVERY) for _, _, newest in waiting):
        return
    asked = [Asked(workshop, count) for workshop, count, _ in waiting]
    for member in planners(work.session):
        key = delivery_key("asked", f"{work.now:%Y%m%d%H%M}", member.id)
        post(work, to_organisers.people_ask(work, asked, member), member.recipient, key)
    for workshop, _, _ in waiting:
        work.session.merge(Told(workshop_id=workshop.id, what=WHAT, at=work.now))


def _waiting(work: UnitOfWork) -> list[tuple[Workshop, int, datetime]]:
    """Each workshop for which somebody waits: how many do, and when the last one came."""
    asks = union_all(
        select(Registration.workshop_id, Registration.changed_at.label("at")).where(
            Registration.state == RegistrationState.REQUESTED
        ),
        select(Nomination.workshop_id, Nomination.created_at).where(
            Nomination.state == NominationState.WAITING
        ),
    ).subquery()
    count, newest = func.count(), func.max(asks.c.at)
    rows = work.session.execute(
        select(Workshop, count, newest)
        .join(asks, asks.c.workshop_id == Workshop.id)
        .where(Workshop.stage.in_(TAKING))
        .group_by(Workshop.id)
        .order_by(Workshop.starts_at, Workshop.id)
    )
    return [(workshop, many, at) for workshop, many, at in rows]
