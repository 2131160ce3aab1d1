"""Telling everybody at once: a few are told now, many only when an organiser lets it go."""

from collections.abc import Iterable

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from core.audit import audit
from core.errors import Refusal
from core.i18n import N_
from core.unit_of_work import UnitOfWork
from mail import holding
from mail.models import Delivery, Mailing
from mail.posting import Recipient, lanes, post
from mail.states import MailClass, MailingState
from members.models import Member
from workshops.inviting import send_to
from workshops.models import Cohort, HeldNotice, Invitation, Registration, Workshop
from workshops.registering import Writer
from workshops.registrations import GONE

TOLD_AT_ONCE = 5

People = list[tuple[Registration, Member]]


def tell_everybody(
    work: UnitOfWork,
    it: Workshop,
    what: str,
    people: People,
    write: Writer,
    invited: Iterable[tuple[Cohort, list[Invitation]]],
) -> int:
    """Mail all participants and all who have not answered; held if that is more than five.

    What waits from before is dropped: it is not true any more. Returns how many are told.
    """
    drop(work, it)
    batches = [(cohort, asked) for cohort, asked in invited if asked]
    count = len(people) + sum(len(asked) for _, asked in batches)
    state = MailingState.HELD if count > TOLD_AT_ONCE else MailingState.RELEASED
    mailings: list[int] = []
    for own, member in people:
        key = f"{what}:{it.id}:{it.calendar_rev}:{own.id}"
        to = Recipient(member.email_ascii, member.id)
        mailing_id = post(work, write(work, it, member, own), to, key, state=state)
        mailings += [mailing_id] if mailing_id is not None else []
    template = "not-any-more" if what in ("cancelled", "postponed") else "invitation-new-date"
    for cohort, asked in batches:
        mailings += send_to(work, it, cohort, asked, f"{template}:{it.calendar_rev}", state)
    if state is MailingState.HELD:
        _hold(work, it, mailings)
    return count


def waiting(session: Session, workshop_id: int) -> int:
    """How many people are told once somebody lets it go."""
    counted = (
        select(func.count(Delivery.id))
        .join(Mailing, Mailing.id == Delivery.mailing_id)
        .join(HeldNotice, HeldNotice.mailing_id == Mailing.id)
        .where(HeldNotice.workshop_id == workshop_id, Mailing.state == MailingState.HELD)
    )
    return session.scalar(counted) or 0


def release(work: UnitOfWork, it: Workshop, typed: str, by: int) -> None:
    """Let it go, if `typed` is the number of people. Harmless to repeat. Raises Refusal."""
    count = waiting(work.session, it.id)
    if count == 0:
        return
    if typed.strip() != str(count):
        raise Refusal(N_("Please type the number of people: %(count)s.", count=count), "typed")
    _drop_for_the_gone(work, it)
    for mailing in _held(work.session, it.id):
        if holding.release(work, mailing.id) and mailing.mail_class != MailClass.SERVICE:
            for job in lanes(mailing.id, count):
                work.wake(job)
    audit(work, by, "release notice", "workshop", it.id, {"people": count})


def _drop_for_the_gone(work: UnitOfWork, it: Workshop) -> None:
    """Whoever gave their place back meanwhile is not told of it."""
    gone = (
        select(Mailing.id)
        .join(HeldNotice, HeldNotice.mailing_id == Mailing.id)
        .join(Delivery, Delivery.mailing_id == Mailing.id)
        .join(Registration, Registration.member_id == Delivery.recipient_id)
        .where(Registration.workshop_id == it.id, HeldNotice.workshop_id == it.id)
        .where(Registration.state.in_([str(place) for place in GONE]))
        .where(Mailing.state == MailingState.HELD, Mailing.mail_class == MailClass.SERVICE)
    )
    for mailing_id in work.session.scalars(gone).all():
        holding.drop(work, mailing_id)


def drop(work: UnitOfWork, it: Workshop) -> None:
    """Never send what waits. Harmless to repeat."""
    for mailing in _held(work.session, it.id):
        holding.drop(work, mailing.id)


def _held(session: Session, workshop_id: int) -> list[Mailing]:
    them = (
        select(Mailing)
        .join(HeldNotice, HeldNotice.mailing_id == Mailing.id)
        .where(HeldNotice.workshop_id == workshop_id, Mailing.state == MailingState.HELD)
        .order_by(Mailing.id)
    )
    return list(session.scalars(them))


def _hold(work: UnitOfWork, it: Workshop, mailings: list[int]) -> None:
    rows = [{"mailing_id": number, "workshop_id": it.id} for number in mailings]
    if rows:
        work.session.execute(insert(HeldNotice), rows)
