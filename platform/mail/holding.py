"""Mail that waits to be read by a person before it goes: kept, rewritten, released, or dropped."""

from sqlalchemy import update

from core.unit_of_work import UnitOfWork
from mail.ledger import cancel_waiting
from mail.models import Mailing
from mail.posting import DELIVER_SERVICE, Email, render_email
from mail.states import MailingState


def rewrite(work: UnitOfWork, mailing_id: int, email: Email) -> bool:
    """Put other words into a held mailing; False if it has gone out or was dropped."""
    rendered = render_email(work, email)
    return _change(
        work, mailing_id, subject=rendered.subject, html=rendered.html, text=rendered.text
    )


def release(work: UnitOfWork, mailing_id: int) -> bool:
    """Let a held mailing go; False if that was done before."""
    is_first = _change(work, mailing_id, state=MailingState.RELEASED, released_at=work.now)
    if is_first:
        work.wake(DELIVER_SERVICE)
    return is_first


def drop(work: UnitOfWork, mailing_id: int) -> bool:
    """Never send a held mailing; False if it has gone out or was dropped before."""
    is_first = _change(work, mailing_id, state=MailingState.CANCELLED)
    if is_first:
        cancel_waiting(work.session, [mailing_id], work.now)
    return is_first


def _change(work: UnitOfWork, mailing_id: int, **values: object) -> bool:
    changed = work.session.execute(
        update(Mailing)
        .where(Mailing.id == mailing_id, Mailing.state == MailingState.HELD)
        .values(**values)
        .returning(Mailing.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return changed is not None
