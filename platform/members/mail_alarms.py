"""Telling the owners when mail does not go out, or must not: once for each, when it can go."""

from sqlalchemy import select

from core.unit_of_work import UnitOfWork
from mail import gate, reasons
from mail.keys import delivery_key
from mail.models import Mailing, Obstacle
from mail.personal import as_written
from mail.posting import post
from mail.reasons import Reason
from mail.trouble import Trouble, told_after
from members import emails
from members.organisers import owners


def tell_of_trouble(work: UnitOfWork) -> None:
    """Write to each owner about what stands in the way, if it has for long enough."""
    for obstacle in work.session.scalars(select(Obstacle).where(Obstacle.told_at.is_(None))):
        if obstacle.since <= work.now - told_after(Trouble(obstacle.kind)):
            obstacle.told_at = work.now
            [reason] = (one for one in reasons.standing(work.session) if one.road == obstacle.road)
            _tell(work, reason)
    closed = gate.find(work.session)
    if closed is not None and closed.closed_at is not None and closed.told_at is None:
        closed.told_at = work.now
        _tell(work, reasons.closed(work.session)[0])


def _tell(work: UnitOfWork, reason: Reason) -> None:
    mailing = work.session.get(Mailing, reason.road) if reason.road > 0 else None
    for owner in owners(work.session):
        key = delivery_key("mail-trouble", reason.road, owner.id, int(reason.since.timestamp()))
        about = as_written(mailing.subject) if mailing is not None else ""
        post(work, emails.mail_trouble(work, owner, reason, about), owner.recipient, key)
