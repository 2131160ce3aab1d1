"""When a mailing stops by itself, and when new sign-ups are not mailed: before AWS stops us.

SES reviews an account at 5 % bounces or 0.1 % complaints, and pauses it at 10 % or 0.5 %.
"""

from collections.abc import Sequence

import structlog
from sqlalchemy import and_, func, select, update
from sqlalchemy.orm import Session

from core.actors import Who
from core.unit_of_work import UnitOfWork
from mail import gate, mailings, obstacles
from mail.models import Delivery, Gate, Mailing
from mail.obstacles import SIGN_UP_ROAD
from mail.states import ACCEPTED, MailClass, MailingState
from mail.states import DeliveryState as D
from mail.trouble import Trouble

ENOUGH = 100
"""Accepted mails before which a share says nothing."""
MOST_BOUNCES = 0.05
MOST_COMPLAINTS = 0.002
ONE_MAY_ERR = 2
"""One complaint alone may be a slip of the finger."""
CONFIRMATIONS = 200
MOST_CONFIRMATIONS = 0.03
CONFIRMATION = "members/confirm"

log = structlog.get_logger()


def verdict(accepted: int, bounced: int, complained: int) -> Trouble | None:
    """What is wrong with a mailing of which so many were accepted, bounced for good, complained."""
    if accepted < ENOUGH:
        return None
    if bounced > MOST_BOUNCES * accepted:
        return Trouble.BOUNCES
    is_disliked = complained >= ONE_MAY_ERR and complained > MOST_COMPLAINTS * accepted
    return Trouble.COMPLAINTS if is_disliked else None


def too_many_unconfirmed(bounced: int) -> bool:
    """Whether so many bounced of the last 200 confirmations that somebody types in lists."""
    return bounced > MOST_CONFIRMATIONS * CONFIRMATIONS


def look_at(work: UnitOfWork, mailing_ids: Sequence[int]) -> None:
    """Look at mailings of which something bad was told."""
    for mailing_id in mailing_ids:
        mailing = work.session.get_one(Mailing, mailing_id)
        if mailing.mail_class == MailClass.SERVICE:
            continue
        if (trouble := verdict(*_numbers(work.session, mailing))) is not None:
            _stop(work, mailing, trouble)
    if mailing_ids:
        _look_at_confirmations(work)


def _numbers(session: Session, mailing: Mailing) -> tuple[int, int, int]:
    """Of what went out since somebody let it go, or has looked at it."""
    since = mailing.released_at or mailing.created_at
    of_it = and_(Delivery.mailing_id == mailing.id, Delivery.called_at >= since)
    gone_for_good = Delivery.state == D.BOUNCED, Delivery.bounce == "permanent"

    def count(*which: object) -> int:
        found = select(func.count()).select_from(Delivery).where(of_it, *which)  # type: ignore[arg-type]
        return session.scalar(found) or 0

    accepted = count(Delivery.state.in_([str(state) for state in ACCEPTED]))
    return accepted, count(*gone_for_good), count(Delivery.state == D.COMPLAINED)


def _stop(work: UnitOfWork, mailing: Mailing, trouble: Trouble) -> None:
    """Pause it if it still goes. One that is done waits for somebody who has looked."""
    known = obstacles.standing(work.session, mailing.id)
    if known is not None and known.kind in obstacles.FOR_A_PERSON:
        return
    obstacles.place(work, mailing.id, trouble, "", was_tried=False)
    log.error("mailing stopped", mailing=mailing.id, kind=trouble.value)
    running = (MailingState.RELEASED,)
    mailings.move(work, [mailing.id], MailingState.PAUSED, Who.WORKER, running)


def _look_at_confirmations(work: UnitOfWork) -> None:
    if obstacles.standing(work.session, SIGN_UP_ROAD) is not None:
        return
    found = gate.find(work.session)
    last = select(Mailing.id).where(Mailing.kind == CONFIRMATION)
    if found is not None and found.confirmations_from is not None:
        last = last.where(Mailing.created_at > found.confirmations_from)
    those = last.order_by(Mailing.id.desc()).limit(CONFIRMATIONS)
    how = select(Delivery.bounce).where(Delivery.mailing_id.in_(those))
    bounced = sum(one == "permanent" for one in work.session.scalars(how))
    if too_many_unconfirmed(bounced):
        obstacles.place(work, SIGN_UP_ROAD, Trouble.BOUNCES, "", was_tried=False)
        log.error("sign-ups are not mailed", bounced=bounced)


def mail_sign_ups_again(work: UnitOfWork) -> None:
    """An organiser has looked at the sign-ups: what bounced until now does not count any more."""
    obstacles.clear(work.session, [SIGN_UP_ROAD])
    only = update(Gate).where(Gate.id == gate.ONLY)
    work.session.execute(only.values(confirmations_from=work.now))
