"""Telling everybody at once: a few are told now, many only when an organiser lets it go.

What waits is only noted. The mails are written when they go, so that they say what is true then, to
those whom it still concerns.
"""

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import delete, select

from core.audit import audit
from core.errors import Refusal
from core.i18n import N_
from core.unit_of_work import UnitOfWork
from mail.posting import Recipient, post
from workshops import emails
from workshops.invitation_states import UNANSWERED
from workshops.inviting import send_to
from workshops.models import Cohort, HeldNotice, Invitation, Workshop
from workshops.people import people_of
from workshops.registering import Writer
from workshops.registrations import Place

TOLD_AT_ONCE = 5
COMING = (Place.CONFIRMED, Place.OFFERED, Place.WAITLISTED, Place.REQUESTED)


class News(StrEnum):
    """What everybody is to be told."""

    CHANGED = "changed"
    NEW_DATE = "new-date"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


WRITERS: dict[News, Writer] = {
    News.CHANGED: emails.changed,
    News.NEW_DATE: emails.new_date,
    News.POSTPONED: emails.postponed,
    News.CANCELLED: emails.cancelled,
}


def tell_everybody(work: UnitOfWork, it: Workshop, news: News) -> int:
    """Mail all who come or wait, and all who have not answered; held if that is more than five.

    Of two things that wait only the later is told, for the earlier is not true any more. Returns
    how many people it concerns.
    """
    before = work.session.get(HeldNotice, it.id, populate_existing=True)
    if before is not None and before.news == News.NEW_DATE and news is News.CHANGED:
        news = News.NEW_DATE  # they have not heard yet that there is a day at all
    drop(work, it)
    count = _count(work, it)
    if count > TOLD_AT_ONCE:
        work.session.add(HeldNotice(workshop_id=it.id, news=news, at=work.now))
        work.session.flush()
    else:
        _tell(work, it, news)
    return count


def waiting(work: UnitOfWork, it: Workshop) -> int:
    """How many people are told once somebody lets it go."""
    return _count(work, it) if work.session.get(HeldNotice, it.id) is not None else 0


def release(work: UnitOfWork, it: Workshop, typed: str, by: int) -> None:
    """Tell them, if `typed` is the number of people. Harmless to repeat. Raises Refusal."""
    notice = work.session.get(HeldNotice, it.id)
    if notice is None:
        return
    count = _count(work, it)
    if typed.strip() != str(count):
        raise Refusal(N_("Please type the number of people: %(count)s.", count=count), "typed")
    _tell(work, it, News(notice.news))
    drop(work, it)
    audit(work, by, "release notice", "workshop", it.id, {"people": count})


def drop(work: UnitOfWork, it: Workshop) -> None:
    """Tell nobody what waits. Harmless to repeat."""
    work.session.execute(delete(HeldNotice).where(HeldNotice.workshop_id == it.id))
    work.session.flush()


def _tell(work: UnitOfWork, it: Workshop, news: News) -> None:
    is_off = news in (News.POSTPONED, News.CANCELLED)
    for own, member in people_of(work.session, it.id, *COMING):
        key = f"{news}:{it.id}:{it.calendar_rev}:{own.id}:{own.rev}"
        to = Recipient(member.email_ascii, member.id)
        post(work, WRITERS[news](work, it, member, own), to, key)
        own.in_calendar = own.state == Place.CONFIRMED and not is_off
    work.session.flush()
    template = "not-any-more" if is_off else "invitation-new-date"
    for cohort, asked in _unanswered(work, it):
        send_to(work, it, cohort, asked, f"{template}:{it.calendar_rev}")


def _count(work: UnitOfWork, it: Workshop) -> int:
    asked = sum(len(invitations) for _, invitations in _unanswered(work, it))
    return len(people_of(work.session, it.id, *COMING)) + asked


def _unanswered(work: UnitOfWork, it: Workshop) -> Sequence[tuple[Cohort, list[Invitation]]]:
    """Those whose answer is still waited for, cohort by cohort."""
    found: dict[int, tuple[Cohort, list[Invitation]]] = {}
    rows = work.session.execute(
        select(Cohort, Invitation)
        .join(Invitation, Invitation.cohort_id == Cohort.id)
        .where(Cohort.workshop_id == it.id, Cohort.state == "released")
        .where(Cohort.answer_by > work.now)
        .where(Invitation.state.in_([str(state) for state in UNANSWERED]))
        .order_by(Invitation.id)
    )
    for cohort, invitation in rows:
        found.setdefault(cohort.id, (cohort, []))[1].append(invitation)
    return list(found.values())
