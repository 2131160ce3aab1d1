"""A workshop that people know of: opened, closed, changed, put off, cancelled, completed.

Whatever changes for people, they are told, with a calendar file that replaces the one before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update

from core.actors import Who
from core.audit import audit
from core.errors import Refusal, changed_meanwhile
from core.i18n import N_
from core.transitions import edge
from core.unit_of_work import UnitOfWork
from workshops.conduct import notices
from workshops.conduct.notices import News
from workshops.invitation import cohorts
from workshops.model.cohort_states import CohortState
from workshops.model.hosts import hosts_of
from workshops.model.invitation_states import INVITATIONS, InvitationState, reminders_due
from workshops.model.method import Frame
from workshops.model.plans import LONGEST, SHORTEST, Plan, is_link
from workshops.model.reflection_tables import CheckIn
from workshops.model.schedules import Schedule, WallStart
from workshops.model.stages import HAPPENING, Phase, Stage
from workshops.model.tables import Cohort, Invitation, Registration, Workshop
from workshops.planning import ground_rules
from workshops.planning.planning import THING, ask_facilitator, check_prepared, move, start_of
from workshops.registration import kept_places, registering, seats

AUDIENCES = ("members", "anyone")
BEFORE = (Phase.PLANNED, Phase.COMING)


@dataclass(frozen=True)
class Change:
    """What may change once people know of it."""

    title: str
    start: WallStart
    minutes: int
    meeting_url: str
    rules: str
    follow_up_on: date | None
    facilitator_id: int | None
    seat_id: int | None
    seat: str
    """Who sits in the hotseat, in the words of the pages."""
    quietly: bool = False
    """Whether a correction of the title is told to nobody."""


def open_to(
    work: UnitOfWork, workshop: Workshop, audience: str, needs_approval: bool, by: int
) -> None:
    """Open it to all members, or to anyone. Harmless to repeat. Raises Refusal."""
    if audience not in AUDIENCES:
        raise Refusal(N_("Please choose for whom it is."), "audience")
    if workshop.stage not in (Stage.READY, *HAPPENING) or workshop.phase(work.now) not in BEFORE:
        raise Refusal(N_("This cannot be changed now."))
    workshop.audience, workshop.needs_approval = audience, needs_approval
    work.session.flush()
    if workshop.stage == Stage.READY:
        check_prepared(workshop)
        kept_places.keep(work, workshop, by)
    if workshop.stage != Stage.OPEN:
        move(work, workshop, Stage.OPEN, by)
    else:
        audit(work, by, f"open to {audience}", THING, workshop.id)


def close(work: UnitOfWork, workshop: Workshop, by: int) -> None:
    """Nobody new can come. Harmless to repeat. Raises Refusal."""
    if workshop.stage != Stage.CLOSED:
        move(work, workshop, Stage.CLOSED, by)


def reopen(work: UnitOfWork, workshop: Workshop, by: int) -> None:
    """Let people come again, as before it was closed. Harmless to repeat. Raises Refusal."""
    if workshop.stage == Stage.CLOSED:
        if workshop.phase(work.now) not in BEFORE:
            raise Refusal(N_("It has begun, so nobody can join any more."))
        move(work, workshop, Stage.OPEN if workshop.audience in AUDIENCES else Stage.INVITING, by)


def complete(work: UnitOfWork, workshop: Workshop, by: int) -> None:
    """It is over, and what there was to follow up is done. Harmless to repeat. Raises Refusal."""
    if workshop.stage == Stage.COMPLETE:
        return
    if workshop.phase(work.now) not in (Phase.REFLECTING, Phase.FOLLOWING_UP):
        raise Refusal(N_("It has not taken place yet."))
    move(work, workshop, Stage.COMPLETE, by)


def change_capacity(work: UnitOfWork, workshop: Workshop, capacity: int, by: int) -> None:
    """Another number of places; whoever waits is offered what is new. Raises Refusal."""
    if workshop.capacity == capacity:
        return
    seats.change_capacity(seats.lock(work, workshop), capacity)
    registering.tell_offers(work, workshop)
    audit(work, by, "change capacity", THING, workshop.id, {"capacity": capacity})


def change(work: UnitOfWork, workshop: Workshop, wanted: Change, version: int, by: int) -> int:
    """Change it; all are told of another time or title, and of who leads it or sits there now.

    Returns how many are told.

    Raises Refusal naming the field, or if somebody was faster.
    """
    if (
        workshop.phase(work.now) not in (Phase.COMING, Phase.LIVE)
        or workshop.stage not in HAPPENING
    ):
        raise Refusal(N_("This cannot be changed now."))
    starts_at = _checked(work, workshop, wanted)
    is_another = _is_another(workshop, wanted, starts_at)
    if is_another and workshop.phase(work.now) is Phase.LIVE:
        raise Refusal(N_("It has begun: its time and title stay as they are."), "local_start")
    hosts_before, is_moved = hosts_of(workshop), starts_at != workshop.starts_at
    is_news = is_another or _has_other_hosts(workshop, wanted)
    _keep(work, workshop, wanted, starts_at, version, is_news)
    if is_moved:
        _forget_arrivals(work, workshop)
        _ask_earlier(work, workshop)
        seats.trim_offers(work, workshop)
        registering.tell_offers(work, workshop)
    ground_rules.keep(work, workshop.id, wanted.rules)
    audit(work, by, "change", THING, workshop.id)
    kept_places.keep(work, workshop, by, but=hosts_before)
    if not is_news:
        return 0
    new_hosts = hosts_of(workshop).keys() - hosts_before.keys()
    return notices.tell_everybody(work, workshop, News.CHANGED, but=new_hosts)


def postpone(work: UnitOfWork, workshop: Workshop, by: int) -> int:
    """Put it off to a day that is not known yet; places are kept. Returns how many are told."""
    if workshop.stage == Stage.POSTPONED:
        return 0
    return _call_off(work, workshop, Stage.POSTPONED, by)


def cancel(work: UnitOfWork, workshop: Workshop, by: int) -> int:
    """Cancel it. Harmless to repeat. Returns how many are told. Raises Refusal."""
    if workshop.stage == Stage.CANCELLED:
        return 0
    return _call_off(work, workshop, Stage.CANCELLED, by)


def set_new_date(
    work: UnitOfWork, workshop: Workshop, wanted: Change, answer_by: datetime, version: int, by: int
) -> int:
    """After putting it off: the new day. Everybody is asked anew; who has a place keeps it.

    Returns how many are told. Raises Refusal naming the field.
    """
    if workshop.stage != Stage.POSTPONED:
        raise Refusal(N_("This cannot be changed now."))
    starts_at = _checked(work, workshop, wanted)
    if not work.now < answer_by <= starts_at:
        raise Refusal(N_("People have to answer before it begins."), "answer_by")
    hosts_before = hosts_of(workshop)
    _keep(work, workshop, wanted, starts_at, version, is_news=True)
    _forget_arrivals(work, workshop)
    ground_rules.keep(work, workshop.id, wanted.rules)
    move(work, workshop, Stage.OPEN if workshop.audience in AUDIENCES else Stage.INVITING, by)
    _ask_anew(work, workshop, answer_by)
    kept_places.keep(work, workshop, by, but=hosts_before)
    new_hosts = hosts_of(workshop).keys() - hosts_before.keys()
    return notices.tell_everybody(work, workshop, News.NEW_DATE, but=new_hosts)


def _call_off(work: UnitOfWork, workshop: Workshop, target: Stage, by: int) -> int:
    if workshop.phase(work.now) not in (Phase.COMING, Phase.OFF):
        raise Refusal(N_("It has begun, so it can neither be put off nor cancelled."))
    before = workshop.stage
    move(work, workshop, target, by)
    workshop.calendar_rev += 1
    work.session.flush()
    news = News.CANCELLED if target is Stage.CANCELLED else News.POSTPONED
    return notices.tell_everybody(work, workshop, news, before)


def _checked(work: UnitOfWork, workshop: Workshop, wanted: Change) -> datetime:
    """When it begins, if everything that was typed can be. Raises Refusal naming the field."""
    for is_wrong, sentence, field in (
        (not wanted.title.strip(), N_("Please give it a title."), "title"),
        (
            not is_link(wanted.meeting_url),
            N_("The link of the meeting; it begins with https://."),
            "meeting_url",
        ),
        (not wanted.rules.strip(), N_("Please write the ground rules."), "rules"),
        (
            not SHORTEST <= wanted.minutes <= LONGEST,
            N_("Between 15 and 600 minutes, please."),
            "minutes",
        ),
        (wanted.facilitator_id is None, N_("Please choose a facilitator."), "facilitator"),
        (
            _has_seat(workshop, wanted) and not wanted.seat.strip(),
            N_("Please write who sits in the hotseat."),
            "answer_seat",
        ),
        (
            workshop.seat_id is not None and wanted.seat_id is None,
            N_("The address of who sits in the hotseat."),
            "seat_email",
        ),
    ):
        if is_wrong:
            raise Refusal(sentence, field)
    return _checked_days(work, workshop, wanted)


def _checked_days(work: UnitOfWork, workshop: Workshop, wanted: Change) -> datetime:
    starts_at = start_of(wanted.start)
    if starts_at is None:
        raise Refusal(N_("Please write day and time as 2026-12-31T18:00."), "local_start")
    if starts_at <= work.now and (
        starts_at != workshop.starts_at or workshop.stage not in HAPPENING
    ):
        raise Refusal(N_("This moment has passed."), "local_start")
    day = starts_at.astimezone(ZoneInfo(wanted.start.zone)).date()
    if wanted.follow_up_on is None or wanted.follow_up_on <= day:
        raise Refusal(N_("The follow-up comes after the workshop."), "follow_up_on")
    return starts_at


def _keep(
    work: UnitOfWork,
    workshop: Workshop,
    wanted: Change,
    starts_at: datetime,
    version: int,
    is_news: bool,
) -> None:
    is_same_person = wanted.facilitator_id == workshop.facilitator_id
    before_plan = workshop.plan
    plan = replace(
        before_plan,
        answers=_answers(workshop, before_plan, wanted),
        meeting_url=wanted.meeting_url.strip(),
        rules=wanted.rules,
        minutes=wanted.minutes,
    )
    kept = work.session.execute(
        update(Workshop)
        .where(Workshop.id == workshop.id, Workshop.version == version)
        .values(
            version=version + 1,
            title=wanted.title,
            schedule=Schedule.of(wanted.start, starts_at, wanted.minutes),
            follow_up_on=wanted.follow_up_on,
            facilitator_id=wanted.facilitator_id,
            seat_id=wanted.seat_id,
            facilitator_accepted_at=workshop.facilitator_accepted_at if is_same_person else None,
            facilitator_rev=Workshop.facilitator_rev + int(not is_same_person),
            plan=plan,
            calendar_rev=Workshop.calendar_rev + int(is_news),
            changed_at=work.now,
        )
        .returning(Workshop.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if kept is None:
        raise changed_meanwhile()
    work.session.refresh(workshop)
    ask_facilitator(work, workshop)


def _answers(workshop: Workshop, plan: Plan, wanted: Change) -> Mapping[str, str]:
    """What the frame asks for; of it only who sits in the hotseat may change here."""
    if workshop.frame != Frame.HOTSEAT:
        return plan.answers
    return {**plan.answers, "seat": wanted.seat}


def _is_another(workshop: Workshop, wanted: Change, starts_at: datetime) -> bool:
    """Whether people would come at the wrong time, or not know what it is."""
    is_at_another_time = (starts_at, wanted.start.zone) != (workshop.starts_at, workshop.zone)
    is_longer = wanted.minutes != workshop.plan.minutes
    has_another_title = wanted.title != workshop.title and not wanted.quietly
    return is_at_another_time or is_longer or has_another_title


def _has_other_hosts(workshop: Workshop, wanted: Change) -> bool:
    """Whether somebody else leads it or sits there, or who sits there is called otherwise."""
    now = (workshop.facilitator_id, workshop.seat_id)
    seat = workshop.plan.answers.get("seat", "")
    is_called_otherwise = _has_seat(workshop, wanted) and wanted.seat.split() != seat.split()
    return (wanted.facilitator_id, wanted.seat_id) != now or is_called_otherwise


def _has_seat(workshop: Workshop, wanted: Change) -> bool:
    return workshop.seat_id is not None or wanted.seat_id is not None


def _ask_earlier(work: UnitOfWork, workshop: Workshop) -> None:
    """Nobody is asked to answer after it began."""
    assert workshop.starts_at is not None  # noqa: S101 - it was checked
    early = workshop.starts_at - cohorts.LAST_ANSWER
    latest = early if early > work.now else workshop.starts_at
    work.session.execute(
        update(Cohort)
        .where(Cohort.workshop_id == workshop.id, Cohort.answer_by > workshop.starts_at)
        .values(answer_by=latest)
        .execution_options(synchronize_session="fetch")
    )


def _forget_arrivals(work: UnitOfWork, workshop: Workshop) -> None:
    """Whoever had come in has not come in at the new time."""
    registrations = select(Registration.id).where(Registration.workshop_id == workshop.id)
    work.session.execute(delete(CheckIn).where(CheckIn.registration_id.in_(registrations)))
    work.session.execute(
        update(Registration)
        .where(Registration.workshop_id == workshop.id)
        .values(arrived_at=None)
        .execution_options(synchronize_session="fetch")
    )


def _ask_anew(work: UnitOfWork, workshop: Workshop, answer_by: datetime) -> None:
    """Whoever has no place is asked again; no place waits for those who are."""
    work.session.execute(
        update(Cohort)
        .where(Cohort.workshop_id == workshop.id, Cohort.state == CohortState.RELEASED)
        .values(
            answer_by=answer_by,
            reminders=reminders_due(answer_by, work.now),
            holds_places=False,
        )
        .execution_options(synchronize_session="fetch")
    )
    asked = edge(
        Invitation.state,
        INVITATIONS,
        InvitationState.AWAITING,
        Who.ORGANISER,
        only_from=(InvitationState.MAYBE, InvitationState.DECLINED),
        changed_at=work.now,
    ).where(Invitation.workshop_id == workshop.id)
    work.session.execute(asked.execution_options(synchronize_session="fetch"))
