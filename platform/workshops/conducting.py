"""A workshop that people know of: opened, closed, changed, put off, cancelled, completed.

Whatever changes for people, they are told, with a calendar file that replaces the one before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.audit import audit
from core.errors import Refusal, changed_meanwhile
from core.i18n import N_
from core.unit_of_work import UnitOfWork
from members.models import Member
from workshops import emails, notices, registering, rules, seats
from workshops.invitation_states import UNANSWERED, InvitationState
from workshops.models import Cohort, Invitation, Registration, Workshop
from workshops.planning import THING, WallStart, move, start_of
from workshops.plans import Plan, is_link
from workshops.registrations import Place
from workshops.stages import HAPPENING, Stage

AUDIENCES = ("members", "anyone")
COMING = (Place.CONFIRMED, Place.OFFERED, Place.WAITLISTED, Place.REQUESTED)


@dataclass(frozen=True)
class Change:
    """What may change once people know of it."""

    title: str
    start: WallStart
    minutes: int
    meeting_url: str
    rules: str
    follow_up_on: date | None


def open_to(work: UnitOfWork, it: Workshop, audience: str, needs_approval: bool, by: int) -> None:
    """Open it to all members, or to anyone. Harmless to repeat. Raises Refusal."""
    if audience not in AUDIENCES:
        raise Refusal(N_("Please choose for whom it is."), "audience")
    it.audience, it.needs_approval = audience, needs_approval
    work.session.flush()
    if it.stage != Stage.OPEN:
        move(work, it, Stage.OPEN, by)
    else:
        audit(work, by, f"open to {audience}", THING, it.id)


def close(work: UnitOfWork, it: Workshop, by: int) -> None:
    """Nobody new can come. Harmless to repeat. Raises Refusal."""
    if it.stage != Stage.CLOSED:
        move(work, it, Stage.CLOSED, by)


def complete(work: UnitOfWork, it: Workshop, by: int) -> None:
    """It is over, and what there was to follow up is done. Harmless to repeat. Raises Refusal."""
    if it.stage == Stage.COMPLETE:
        return
    if it.ends_at is None or work.now < it.ends_at:
        raise Refusal(N_("It has not taken place yet."))
    move(work, it, Stage.COMPLETE, by)


def change_capacity(work: UnitOfWork, it: Workshop, capacity: int, by: int) -> None:
    """Another number of places; whoever waits is offered what is new. Raises Refusal."""
    if it.capacity == capacity:
        return
    seats.change_capacity(work, it.id, capacity)
    work.session.refresh(it)
    registering.tell_offers(work, it)
    audit(work, by, "change capacity", THING, it.id, {"capacity": capacity})


def change(work: UnitOfWork, it: Workshop, wanted: Change, version: int, by: int) -> int:
    """Change it, and tell everybody if time or title is another. Returns how many are told.

    Raises Refusal naming the field, or if somebody was faster.
    """
    if it.stage not in HAPPENING:
        raise Refusal(N_("This cannot be changed now."))
    starts_at = _checked(work, wanted)
    is_news = (starts_at, wanted.title, wanted.start.zone) != (it.starts_at, it.title, it.zone)
    is_news |= wanted.minutes != Plan.from_json(it.plan).minutes
    _keep(work, it, wanted, starts_at, version, is_news)
    rules.keep(work, it.id, wanted.rules)
    audit(work, by, "change", THING, it.id)
    if not is_news:
        return 0
    people, invited = _people(work.session, it), _unanswered(work.session, it)
    return notices.tell_everybody(work, it, "changed", people, emails.changed, invited)


def postpone(work: UnitOfWork, it: Workshop, by: int) -> int:
    """Put it off to a day that is not known yet; places are kept. Returns how many are told."""
    if it.stage == Stage.POSTPONED:
        return 0
    return _call_off(work, it, Stage.POSTPONED, by)


def cancel(work: UnitOfWork, it: Workshop, by: int) -> int:
    """Cancel it. Harmless to repeat. Returns how many are told. Raises Refusal."""
    if it.stage == Stage.CANCELLED:
        return 0
    return _call_off(work, it, Stage.CANCELLED, by)


def set_new_date(
    work: UnitOfWork, it: Workshop, wanted: Change, answer_by: datetime, version: int, by: int
) -> int:
    """After putting it off: the new day. Everybody is asked anew; who has a place keeps it.

    Returns how many are told. Raises Refusal naming the field.
    """
    if it.stage != Stage.POSTPONED:
        raise Refusal(N_("This cannot be changed now."))
    starts_at = _checked(work, wanted)
    if not work.now < answer_by <= starts_at:
        raise Refusal(N_("People have to answer before it begins."), "answer_by")
    _keep(work, it, wanted, starts_at, version, is_news=True)
    rules.keep(work, it.id, wanted.rules)
    move(work, it, Stage.OPEN if it.audience in AUDIENCES else Stage.INVITING, by)
    _ask_anew(work, it, answer_by)
    people, invited = _people(work.session, it), _unanswered(work.session, it)
    return notices.tell_everybody(work, it, "new-date", people, emails.new_date, invited)


def _call_off(work: UnitOfWork, it: Workshop, target: Stage, by: int) -> int:
    move(work, it, target, by)
    it.calendar_rev += 1
    work.session.flush()
    people, invited = _people(work.session, it), _unanswered(work.session, it)
    write = emails.postponed if target is Stage.POSTPONED else emails.cancelled
    count = notices.tell_everybody(work, it, str(target), people, write, invited)
    for own, _ in people:
        own.in_calendar = False
    work.session.flush()
    return count


def _checked(work: UnitOfWork, wanted: Change) -> datetime:
    if not wanted.title.strip():
        raise Refusal(N_("Please give it a title."), "title")
    if not is_link(wanted.meeting_url):
        raise Refusal(N_("The link of the meeting; it begins with https://."), "meeting_url")
    if not wanted.rules.strip():
        raise Refusal(N_("Please write the ground rules."), "rules")
    starts_at = start_of(wanted.start)
    if starts_at is None:
        raise Refusal(N_("Please write day and time as 2026-12-31T18:00."), "local_start")
    if starts_at <= work.now:
        raise Refusal(N_("This moment has passed."), "local_start")
    if not 15 <= wanted.minutes <= 600:
        raise Refusal(N_("Between 15 and 600 minutes, please."), "minutes")
    if wanted.follow_up_on is None or wanted.follow_up_on <= starts_at.date():
        raise Refusal(N_("The follow-up comes after the workshop."), "follow_up_on")
    return starts_at


def _keep(
    work: UnitOfWork,
    it: Workshop,
    wanted: Change,
    starts_at: datetime,
    version: int,
    is_news: bool,
) -> None:
    plan = replace(
        Plan.from_json(it.plan),
        meeting_url=wanted.meeting_url.strip(),
        rules=wanted.rules,
        minutes=wanted.minutes,
    )
    kept = work.session.execute(
        update(Workshop)
        .where(Workshop.id == it.id, Workshop.version == version)
        .values(
            version=version + 1,
            title=wanted.title,
            zone=wanted.start.zone,
            local_start=wanted.start.kept(),
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=wanted.minutes),
            follow_up_on=wanted.follow_up_on,
            plan=plan.to_json(),
            calendar_rev=Workshop.calendar_rev + int(is_news),
            changed_at=work.now,
        )
        .returning(Workshop.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if kept is None:
        raise changed_meanwhile()
    work.session.refresh(it)


def _ask_anew(work: UnitOfWork, it: Workshop, answer_by: datetime) -> None:
    """Whoever has no place is asked again; no place waits for those who are."""
    again = [str(state) for state in (*UNANSWERED, InvitationState.DECLINED)]
    work.session.execute(
        update(Cohort)
        .where(Cohort.workshop_id == it.id, Cohort.state == "released")
        .values(answer_by=answer_by, reminders=0, holds_places=False)
        .execution_options(synchronize_session="fetch")
    )
    work.session.execute(
        update(Invitation)
        .where(Invitation.workshop_id == it.id, Invitation.state.in_(again))
        .values(state=InvitationState.AWAITING, changed_at=work.now)
        .execution_options(synchronize_session="fetch")
    )


def _people(session: Session, it: Workshop) -> notices.People:
    """Everybody who has a place, waits for one, or asked for one."""
    rows = session.execute(
        select(Registration, Member)
        .join(Member, Member.id == Registration.member_id)
        .where(Registration.workshop_id == it.id)
        .where(Registration.state.in_([str(place) for place in COMING]))
        .order_by(Registration.id)
    )
    return [(own, member) for own, member in rows]


def _unanswered(session: Session, it: Workshop) -> Sequence[tuple[Cohort, list[Invitation]]]:
    cohorts = session.scalars(
        select(Cohort).where(Cohort.workshop_id == it.id, Cohort.state == "released")
    ).all()
    states = [str(state) for state in UNANSWERED]
    return [
        (
            cohort,
            list(
                session.scalars(
                    select(Invitation)
                    .where(Invitation.cohort_id == cohort.id, Invitation.state.in_(states))
                    .order_by(Invitation.id)
                )
            ),
        )
        for cohort in cohorts
    ]
