"""Planning a workshop: beginning, writing it down, the facilitator's yes, and being ready."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from contributions.loop import Focus
from core.actors import Who
from core.audit import audit
from core.errors import Refusal, changed_meanwhile
from core.i18n import N_, time_zones
from core.public_ids import new_public_id
from core.transitions import walk
from core.unit_of_work import UnitOfWork
from mail.keys import delivery_key
from mail.posting import post
from members.models import Member
from workshops.mails import to_organisers
from workshops.model import stages
from workshops.model.hosts import hosts_of
from workshops.model.method import CARDS, Frame, Part, default_agenda
from workshops.model.plans import Gap, Plan, Standing, gaps_of
from workshops.model.schedules import Schedule, WallStart
from workshops.model.stages import HAPPENING, PLANNED, Stage
from workshops.model.tables import Workshop
from workshops.model.wall_time import WallTime, meaning_of, moment_of
from workshops.planning import ground_rules

THING = "workshop"
MOST_PLACES = 500
EARLIEST_YEAR, LATEST_YEAR = 2000, 2200


@dataclass(frozen=True)
class Written:
    """Everything that the planner's form says."""

    title: str
    frame: Frame
    language: str
    start: WallStart
    capacity: int
    boundary: str
    area_id: int | None
    follow_up_on: date | None
    facilitator_id: int | None
    seat_id: int | None
    plan: Plan


def begin(work: UnitOfWork, frame: Frame, language: str, by: int) -> Workshop:
    """A new workshop in a frame, with what the frame brings along."""
    agenda = default_agenda(frame, language)
    plan = Plan(agenda=agenda, minutes=sum(part.minutes for part in agenda))
    workshop = Workshop(
        public_id=new_public_id(),
        stage=Stage.DRAFT,
        version=1,
        title="",
        frame=frame,
        plan=plan,
        language=language,
        zone=work.settings.time_zone,
        local_start="",
        capacity=CARDS[frame].capacity,
        created_at=work.now,
        changed_at=work.now,
    )
    work.session.add(workshop)
    work.session.flush()
    audit(work, by, "begin", THING, workshop.id)
    return workshop


def begin_from_topic(work: UnitOfWork, topic: Focus, by: int) -> Workshop:
    """A new workshop around a member's topic, with credit."""
    frame = Frame(topic.frame) if topic.frame in set(Frame) else Frame.FORUM
    workshop = begin(work, frame, topic.language, by)
    plan = workshop.plan
    kept = replace(plan, focus=topic.question, why_now=topic.why, credit=topic.credit)
    workshop.plan = kept
    workshop.source = f"contribution:{topic.contribution_id}"
    return workshop


def write_down(
    work: UnitOfWork, workshop: Workshop, written: Written, version: int, by: int
) -> None:
    """Keep the plan. Raises Refusal naming the field, or if somebody was faster."""
    if workshop.stage not in PLANNED:
        raise Refusal(N_("People have been invited, so the plan cannot be changed here any more."))
    starts_at = start_of(written.start)
    is_same_person = written.facilitator_id == workshop.facilitator_id
    kept = work.session.execute(
        update(Workshop)
        .where(Workshop.id == workshop.id, Workshop.version == version)
        .values(
            version=version + 1,
            title=written.title,
            frame=written.frame,
            language=written.language,
            schedule=Schedule.of(written.start, starts_at, written.plan.minutes),
            capacity=_capacity_of(written),
            boundary=written.boundary,
            area_id=written.area_id,
            follow_up_on=written.follow_up_on,
            facilitator_id=written.facilitator_id,
            facilitator_accepted_at=workshop.facilitator_accepted_at if is_same_person else None,
            facilitator_rev=Workshop.facilitator_rev + int(not is_same_person),
            seat_id=written.seat_id if written.frame is Frame.HOTSEAT else None,
            plan=written.plan,
            changed_at=work.now,
        )
        .returning(Workshop.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if kept is None:
        raise changed_meanwhile()
    work.session.refresh(workshop)
    ask_facilitator(work, workshop)
    if workshop.stage == Stage.READY and not gaps(workshop):
        ground_rules.keep(work, workshop.id, written.plan.rules)
    elif workshop.stage == Stage.READY:
        move(work, workshop, Stage.DRAFT, by)


def rewrite(
    work: UnitOfWork,
    workshop: Workshop,
    focus: str,
    questions: Sequence[str],
    agenda: Sequence[Part],
    version: int,
    by: int,
) -> None:
    """Change what is asked and how it runs once people know of it. Nobody is told: pages show it.

    Raises Refusal naming the field, or if somebody was faster.
    """
    plan = replace(workshop.plan, focus=focus, questions=questions, agenda=agenda)
    standing = _standing(workshop)
    fields = ("focus", "question_1", "minutes_1")
    if missing := [gap for gap in gaps_of(plan, standing) if gap.field in fields]:
        raise Refusal(missing[0].message, missing[0].field)
    kept = work.session.execute(
        update(Workshop)
        .where(Workshop.id == workshop.id, Workshop.version == version)
        .where(Workshop.stage.in_([str(stage) for stage in (*HAPPENING, Stage.POSTPONED)]))
        .values(version=version + 1, plan=plan, changed_at=work.now)
        .returning(Workshop.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if kept is None:
        raise changed_meanwhile()
    work.session.refresh(workshop)
    audit(work, by, "rewrite", THING, workshop.id)


def accept_duties(work: UnitOfWork, workshop: Workshop, member_id: int) -> None:
    """The facilitator accepts the duties. Harmless to repeat. Raises Refusal for anybody else."""
    if workshop.facilitator_id != member_id:
        raise Refusal(N_("Somebody else has been asked to facilitate this."))
    if workshop.facilitator_accepted_at is None:
        workshop.facilitator_accepted_at = work.now
        workshop.version += 1
        audit(work, member_id, "accept duties", THING, workshop.id)


def make_ready(work: UnitOfWork, workshop: Workshop, by: int) -> None:
    """Say that the ground is prepared. Raises Refusal while something is missing."""
    if workshop.stage == Stage.READY:
        return
    check_prepared(workshop)
    if workshop.starts_at is None or workshop.starts_at <= work.now:
        raise Refusal(N_("This moment has passed."), "local_start")
    ground_rules.keep(work, workshop.id, workshop.plan.rules)
    move(work, workshop, Stage.READY, by)


def call_off(work: UnitOfWork, workshop: Workshop, by: int) -> None:
    """Give a workshop up before anybody was invited. Harmless to repeat."""
    if workshop.stage in PLANNED:
        move(work, workshop, Stage.CANCELLED, by)


def gaps(workshop: Workshop) -> list[Gap]:
    """What is missing before the ground is prepared."""
    found = gaps_of(workshop.plan, _standing(workshop))
    if workshop.capacity <= len(hosts_of(workshop)):
        found.append(Gap("capacity", N_("A place for more people than those who lead it and sit "
                                        "in the hotseat.")))  # fmt: skip
    has_title = bool(workshop.title.strip())
    return found if has_title else [Gap("title", N_("A title.")), *found]


def check_prepared(workshop: Workshop) -> None:
    """Raises Refusal naming a field while something is missing."""
    if missing := gaps(workshop):
        raise Refusal(N_("Something is still missing: see the list."), missing[0].field)


def _standing(workshop: Workshop) -> Standing:
    return Standing(
        frame=Frame(workshop.frame),
        starts_on=workshop.schedule.local_day,
        facilitator_accepted=workshop.facilitator_accepted_at is not None,
        follow_up_on=workshop.follow_up_on,
        has_seat=workshop.seat_id is not None,
    )


def find(session: Session, public_id: str) -> Workshop | None:
    """A workshop by the id in its address."""
    return session.scalar(select(Workshop).where(Workshop.public_id == public_id))


def planned(session: Session) -> list[Workshop]:
    """All workshops in the order of their time, those without one last.

    What was called off before anybody knew of it is left out.
    """
    was_known = Workshop.calendar_rev > 0
    shown = select(Workshop).where(or_(Workshop.stage != Stage.CANCELLED, was_known))
    order = (Workshop.starts_at.is_(None), Workshop.starts_at, Workshop.id)
    return list(session.scalars(shown.order_by(*order)))


def ask_facilitator(work: UnitOfWork, workshop: Workshop) -> None:
    """Ask whoever is to facilitate, as soon as there is a title to ask about.

    Once; and again if somebody else had been asked in between.
    """
    if workshop.facilitator_id is None or workshop.facilitator_accepted_at is not None:
        return
    if workshop.title:
        member = work.session.get_one(Member, workshop.facilitator_id)
        email = to_organisers.asked_to_facilitate(work, workshop, member)
        key = delivery_key("facilitate", workshop.id, member.id, workshop.facilitator_rev)
        post(work, email, member.recipient, key)


def typed_schedule(start: WallStart, minutes: int) -> Schedule:
    """What somebody typed, to be shown again: without a moment while it means none."""
    try:
        return Schedule.of(start, start_of(start), minutes)
    except Refusal:
        return Schedule.of(start, None, minutes)


def start_of(start: WallStart) -> datetime | None:
    """The moment that was meant; None while there is none. Raises Refusal naming the field."""
    if start.zone not in time_zones():
        raise Refusal(N_("Please choose a time zone from the list."), "zone")
    if not start.local:
        return None
    try:
        local = datetime.fromisoformat(start.local)
    except ValueError:
        raise Refusal(N_("Please write day and time as 2026-12-31T18:00."), "local_start") from None
    if not EARLIEST_YEAR <= local.year <= LATEST_YEAR or local.tzinfo is not None:
        raise Refusal(N_("Please write day and time as 2026-12-31T18:00."), "local_start")
    meaning = meaning_of(local, start.zone)
    if meaning is WallTime.NONE:
        raise Refusal(
            N_("This time does not exist: the clocks jump over it that night."), "local_start"
        )
    if meaning is WallTime.TWO and start.is_second is None:
        raise Refusal(
            N_("This time comes twice in that night. Please choose which one you mean."),
            "local_start",
        )
    return moment_of(local, start.zone, bool(start.is_second) and meaning is WallTime.TWO)


def _capacity_of(written: Written) -> int:
    if not 1 <= written.capacity <= MOST_PLACES:
        raise Refusal(N_("Between 1 and 500 places, please."), "capacity")
    return written.capacity


def move(work: UnitOfWork, workshop: Workshop, target: Stage, by: int | None) -> None:
    """Take a workshop to another stage, with an audit row. Raises Refusal if that cannot be."""
    source = workshop.stage
    written: dict[str, Any] = {"version": Workshop.version + 1, "changed_at": work.now}
    who, theirs = Who.TIME if by is None else Who.ORGANISER, Workshop.id == workshop.id
    if not walk(work.session, Workshop.stage, stages.STAGES, target, who, theirs, **written):
        raise changed_meanwhile()
    work.session.refresh(workshop)
    audit(work, by, str(target), THING, workshop.id, {"from": str(source)})
