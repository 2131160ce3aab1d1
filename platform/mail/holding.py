"""Mail that waits to be read by a person before it goes: kept, rewritten, released, or dropped."""

from typing import Any

from sqlalchemy import update

from core.actors import Who
from core.transitions import walk
from core.unit_of_work import UnitOfWork
from mail.mailings import cancel_waiting
from mail.models import Mailing
from mail.posting import DELIVER_SERVICE, Email, render_email
from mail.states import MAILINGS, MailingState

_HELD = (MailingState.HELD,)


def rewrite(work: UnitOfWork, mailing_id: int, email: Email) -> bool:
    """Put other words into a held mailing; False if it has gone out or was dropped."""
    rendered = render_email(work, email)
    kept = work.session.execute(
        update(Mailing)
        .where(Mailing.id == mailing_id, Mailing.state == MailingState.HELD)
        .values(subject=rendered.subject, html=rendered.html, text=rendered.text)
        .returning(Mailing.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return kept is not None


def release(work: UnitOfWork, mailing_id: int) -> bool:
    """Let a held mailing go; False if that was done before."""
    is_first = _settle(work, mailing_id, MailingState.RELEASED, released_at=work.now)
    if is_first:
        work.wake(DELIVER_SERVICE)
    return is_first


def drop(work: UnitOfWork, mailing_id: int) -> bool:
    """Never send a held mailing; False if it has gone out or was dropped before."""
    is_first = _settle(work, mailing_id, MailingState.CANCELLED)
    if is_first:
        cancel_waiting(work.session, [mailing_id], Who.ORGANISER, work.now)
    return is_first


def _settle(work: UnitOfWork, mailing_id: int, target: MailingState, **written: Any) -> bool:
    this_mailing, by = Mailing.id == mailing_id, Who.ORGANISER
    return walk(
        work.session, Mailing.state, MAILINGS, target, by, this_mailing, only_from=_HELD, **written
    )
