"""Telling everybody at once: a few are told now, many only when an organiser lets it go.

What waits is only noted. The mails are written when they go, so that they say what is true then, to
those whom it still concerns.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update

from core.audit import audit
from core.errors import Refusal, changed_meanwhile
from core.i18n import N_, Message
from core.unit_of_work import Reading, UnitOfWork
from mail.keys import delivery_key
from mail.posting import post
from workshops.invitation.sending import send_to
from workshops.mails import emails, to_organisers
from workshops.model.cohort_states import CohortState
from workshops.model.invitation_states import UNANSWERED
from workshops.model.people import people_of, planners
from workshops.model.registration_states import RegistrationState
from workshops.model.tables import Cohort, Invitation, Workshop
from workshops.model.told import HeldNotice
from workshops.registration.registering import Writer

TOLD_AT_ONCE = 5
UNDO = timedelta(minutes=30)
"""So long nobody is written to about what waits, neither organisers nor, by itself, people."""
MORNING = timedelta(hours=8)
AT_LAST = timedelta(hours=48)
"""Before the start: what is off then is told by itself, for people would come for nothing."""
COMING = (
    RegistrationState.CONFIRMED,
    RegistrationState.OFFERED,
    RegistrationState.WAITLISTED,
    RegistrationState.REQUESTED,
)


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


TO_ASKED: dict[News, str] = {
    News.CHANGED: "invitation-changed",
    News.NEW_DATE: "invitation-new-date",
    News.POSTPONED: "not-any-more",
    News.CANCELLED: "not-any-more",
}
"""What those read who have not answered."""

NEWS_NAMES: dict[News, Message] = {
    News.CHANGED: N_("that something has changed"),
    News.NEW_DATE: N_("of the new day"),
    News.POSTPONED: N_("that it is postponed"),
    News.CANCELLED: N_("that it is cancelled"),
}


@dataclass(frozen=True)
class Held:
    """Something that people have not been told: about which workshop, what, and how many."""

    workshop: Workshop
    news: News
    count: int
    goes_at: datetime | None
    """When it is told by itself; None if it waits for an organiser."""
    can_undo: bool

    @property
    def words(self) -> Message:
        """What they have not been told."""
        return NEWS_NAMES[self.news]


def tell_everybody(
    work: UnitOfWork,
    workshop: Workshop,
    news: News,
    stage_before: str = "",
    but: Collection[int] = (),
) -> int:
    """Mail all who come or wait, and all who have not answered; held if that is more than five.

    Members in `but` have been told already in another way.

    Of two things that wait only the later is told, for the earlier is not true any more. Returns
    how many people it concerns.
    """
    before = work.session.get(HeldNotice, workshop.id, populate_existing=True)
    if before is not None and before.news == News.NEW_DATE and news is News.CHANGED:
        news = News.NEW_DATE  # they have not heard yet that there is a day at all
    waits = _what_waits(before) if stage_before else ""
    if before is not None and before.stage_before and stage_before:
        stage_before = before.stage_before  # nobody knew of the first either
    drop(work, workshop)
    count = _count(work, workshop)
    if count > TOLD_AT_ONCE:
        _hold(work, workshop, news, stage_before, waits)
    else:
        _tell(work, workshop, news, but)
    return count


def _what_waits(before: HeldNotice | None) -> str:
    """What is to wait again if what comes now is undone."""
    if before is None:
        return ""
    return before.news_before if before.stage_before else before.news


def _hold(
    work: UnitOfWork, workshop: Workshop, news: str, stage_before: str = "", waits: str = ""
) -> None:
    row = HeldNotice(
        workshop_id=workshop.id,
        news=news,
        stage_before=stage_before,
        news_before=waits,
        at=work.now,
    )
    work.session.add(row)
    work.session.flush()


def waiting(work: UnitOfWork, workshop: Workshop) -> int:
    """How many people are told once somebody lets it go."""
    return _count(work, workshop) if work.session.get(HeldNotice, workshop.id) is not None else 0


def held(work: Reading, workshop: Workshop) -> Held | None:
    """What waits about one workshop."""
    notice = work.session.get(HeldNotice, workshop.id)
    return _held(work, workshop, notice) if notice is not None else None


def all_held(work: Reading) -> list[Held]:
    """What waits about any workshop, the oldest first."""
    rows = work.session.execute(
        select(Workshop, HeldNotice)
        .join(HeldNotice, HeldNotice.workshop_id == Workshop.id)
        .order_by(HeldNotice.at)
    )
    return [_held(work, workshop, notice) for workshop, notice in rows]


def _held(work: Reading, workshop: Workshop, notice: HeldNotice) -> Held:
    news = News(notice.news)
    is_off = news in (News.POSTPONED, News.CANCELLED)
    goes_at = None
    if is_off and workshop.starts_at is not None:
        goes_at = max(notice.at + UNDO, workshop.starts_at - AT_LAST)
    return Held(workshop, news, _count(work, workshop), goes_at, bool(notice.stage_before))


def undo(work: UnitOfWork, workshop: Workshop, by: int) -> None:
    """Take back that it was put off or cancelled, while nobody knows. Harmless to repeat.

    Raises Refusal if people have been told.
    """
    notice = work.session.get(HeldNotice, workshop.id, populate_existing=True)
    if notice is None or not notice.stage_before:
        raise Refusal(N_("People have been told already, so it cannot be undone."))
    back = work.session.execute(
        update(Workshop)
        .where(Workshop.id == workshop.id, Workshop.stage == workshop.stage)
        .values(stage=notice.stage_before, version=Workshop.version + 1, changed_at=work.now)
        .returning(Workshop.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if back is None:
        raise changed_meanwhile()
    waits = notice.news_before
    drop(work, workshop)
    if waits:
        _hold(work, workshop, waits)
    work.session.refresh(workshop)
    audit(work, by, "undo", "workshop", workshop.id)


def see_to(work: UnitOfWork, workshop: Workshop) -> None:
    """What the clock makes of what waits: organisers are told, and at last people by itself."""
    notice = work.session.get(HeldNotice, workshop.id, populate_existing=True)
    if notice is None or work.now < notice.at + UNDO:
        return
    found = _held(work, workshop, notice)
    if found.goes_at is not None and work.now >= found.goes_at:
        _tell(work, workshop, found.news)
        drop(work, workshop)
        audit(work, None, "release notice", "workshop", workshop.id, {"people": found.count})
        return
    for member in planners(work.session):
        morning = _mornings(work, workshop, notice)
        key = delivery_key("held", workshop.id, f"{notice.at:%Y%m%d%H%M}", morning, member.id)
        email = to_organisers.not_told(work, workshop, member, found.words, found.count)
        post(work, email, member.recipient, key)


def _mornings(work: UnitOfWork, workshop: Workshop, notice: HeldNotice) -> int:
    """How many mornings, at eight where the workshop is, have come since."""
    zone = ZoneInfo(workshop.zone)
    began, now = ((moment.astimezone(zone) - MORNING).date() for moment in (notice.at, work.now))
    return (now - began).days


def release(work: UnitOfWork, workshop: Workshop, typed: str, by: int) -> None:
    """Tell them, if `typed` is the number of people. Harmless to repeat. Raises Refusal."""
    notice = work.session.get(HeldNotice, workshop.id)
    if notice is None:
        return
    count = _count(work, workshop)
    if typed.strip() != str(count):
        raise Refusal(N_("Please type the number of people: %(count)s.", count=count), "typed")
    _tell(work, workshop, News(notice.news))
    drop(work, workshop)
    audit(work, by, "release notice", "workshop", workshop.id, {"people": count})


def drop(work: UnitOfWork, workshop: Workshop) -> None:
    """Forget what waits. Harmless to repeat."""
    work.session.execute(delete(HeldNotice).where(HeldNotice.workshop_id == workshop.id))
    work.session.flush()


def tell_nobody(work: UnitOfWork, workshop: Workshop) -> None:
    """Do not tell people what has changed. Harmless to repeat.

    Raises Refusal about what is off: it is undone, or they are told.
    """
    notice = work.session.get(HeldNotice, workshop.id, populate_existing=True)
    if notice is not None and notice.news in (News.POSTPONED, News.CANCELLED):
        raise Refusal(N_("People would come for nothing. Undo it, or tell them."), "typed")
    drop(work, workshop)


def _tell(work: UnitOfWork, workshop: Workshop, news: News, but: Collection[int] = ()) -> None:
    is_off = news in (News.POSTPONED, News.CANCELLED)
    coming = people_of(work.session, workshop.id, *COMING)
    for registration, member in [(one, who) for one, who in coming if who.id not in but]:
        event = workshop.id, workshop.calendar_rev, registration.id, registration.rev
        email = WRITERS[news](work, workshop, member, registration)
        post(work, email, member.recipient, delivery_key(news, *event))
        registration.in_calendar = registration.state == RegistrationState.CONFIRMED and not is_off
    work.session.flush()
    for cohort, asked in _unanswered(work, workshop):
        send_to(work, workshop, cohort, asked, TO_ASKED[news], (workshop.calendar_rev,))


def _count(work: Reading, workshop: Workshop) -> int:
    asked = sum(len(invitations) for _, invitations in _unanswered(work, workshop))
    return len(people_of(work.session, workshop.id, *COMING)) + asked


def _unanswered(work: Reading, workshop: Workshop) -> Sequence[tuple[Cohort, list[Invitation]]]:
    """Those whose answer is still waited for, cohort by cohort."""
    found: dict[int, tuple[Cohort, list[Invitation]]] = {}
    rows = work.session.execute(
        select(Cohort, Invitation)
        .join(Invitation, Invitation.cohort_id == Cohort.id)
        .where(Cohort.workshop_id == workshop.id, Cohort.state == CohortState.RELEASED)
        .where(Cohort.answer_by > work.now)
        .where(Invitation.state.in_([str(state) for state in UNANSWERED]))
        .order_by(Invitation.id)
    )
    for cohort, invitation in rows:
        found.setdefault(cohort.id, (cohort, []))[1].append(invitation)
    return list(found.values())
