"""What the clock makes us do: offers, reminders, digests, and forgetting. Every mail once.

Only workshops that are coming or were held a short while ago are looked at, so that it costs the
same however many there have been.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date, datetime, time, timedelta

import structlog
from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from core.database import insert_if_new
from core.errors import Refusal
from core.i18n import N_, say_day
from core.jobs import UPKEEP, Job
from core.unit_of_work import UnitOfWork
from mail.keys import DeliveryKey, delivery_key
from mail.posting import Email, post
from members.models import Member
from workshops.conduct import asking, notices
from workshops.invitation import by_organisers
from workshops.invitation.open_door import shared_answers
from workshops.mails import emails, to_organisers
from workshops.model.action_states import COURSE_NAMES, Course
from workshops.model.cohort_states import CohortState
from workshops.model.people import people_of
from workshops.model.reflection_tables import CheckOut, JointAction, Undertaking
from workshops.model.registration_states import RegistrationState
from workshops.model.stages import HAPPENING, REFLECTION, TAKING, Stage
from workshops.model.tables import Cohort, Registration, Workshop
from workshops.model.times import days_before
from workshops.model.told import Told
from workshops.model.wall_time import moment_of
from workshops.reflection import actions, attendance, learning
from workshops.reflection.checking import TOOK_PART
from workshops.registration import counting, kept_places, registering, seats

LOOK_AFTER = Job("worker.jobs.look_after_workshops", UPKEEP)
REMEMBERED = timedelta(days=23)
"""How long after its start a workshop is looked at: its last mail goes after two weeks, and may be
a week late."""
SOON = timedelta(hours=1)
LAST_DIGEST = timedelta(hours=3)
CHECK_OUT_AGAIN = timedelta(days=7)
A_WEEK = timedelta(days=7)
MORNING = time(8)
SOMEBODY = N_("somebody")
MAY_BE_LATE = timedelta(days=3)

OpenWork = Callable[[], AbstractContextManager[UnitOfWork]]

log = structlog.get_logger()


def look_after(open_work: OpenWork) -> None:
    """Do what is due for every workshop, each in a unit of work of its own."""
    with open_work() as work:
        ids = due_ids(work.session, work.now)
    for workshop_id in ids:
        try:
            with open_work() as work:
                look_after_one(work, work.session.get_one(Workshop, workshop_id))
        except Refusal as refusal:
            log.warning("workshop skipped", workshop=workshop_id, reason=refusal.message.source)
        except Exception:
            # One workshop with a fault of ours must not silence all the others.
            log.exception("workshop skipped", workshop=workshop_id)
    _see_to_notices(open_work)
    with open_work() as work:
        asking.tell_of_requests(work)
    with open_work() as work:
        owing = _who_owes(work)
    for registration_id in owing:
        with open_work() as work:
            _remind_of_actions(work, registration_id)


def _see_to_notices(open_work: OpenWork) -> None:
    """Nobody is left in the dark because a tab was closed."""
    with open_work() as work:
        ids = [one.workshop.id for one in notices.all_held(work)]
    for workshop_id in ids:
        with open_work() as work:
            notices.see_to(work, work.session.get_one(Workshop, workshop_id))


def due_ids(session: Session, now: datetime) -> list[int]:
    """The workshops for which something could be due."""
    today = now.date()
    is_recent = Workshop.starts_at > now - REMEMBERED
    comes_back = Workshop.follow_up_on.between(today - MAY_BE_LATE, today + A_WEEK)
    stages = [str(stage) for stage in (*HAPPENING, Stage.COMPLETE)]
    found = select(Workshop.id).where(Workshop.stage.in_(stages), or_(is_recent, comes_back))
    return list(session.scalars(found.order_by(Workshop.id)))


def look_after_one(work: UnitOfWork, workshop: Workshop) -> None:
    """Everything that is due for one workshop now."""
    if workshop.starts_at is None or workshop.ends_at is None:
        return
    if workshop.stage in HAPPENING and work.now < workshop.starts_at:
        by_organisers.settle_undelivered(work, workshop)
        if workshop.stage in TAKING:
            _remind_invited(work, workshop)
        kept_places.keep_missing(work, workshop)
        registering.promote(work, workshop)
        if work.now >= seats.offers_stop(workshop):
            _not_decided(work, workshop)
    for what, begins, ends, act in _moments(workshop, workshop.starts_at, workshop.ends_at):
        if begins <= work.now < ends and _once(work, workshop, f"{what}:{begins:%Y%m%d%H%M}"):
            act(work, workshop)


def _who_owes(work: UnitOfWork) -> list[int]:
    """Registrations of people who took on what is due within a week and were not asked yet."""
    today = work.now.date()
    due = (
        select(Undertaking.registration_id)
        .join(JointAction, JointAction.id == Undertaking.action_id)
        .where(JointAction.due_on.between(today, today + A_WEEK))
        .where(Undertaking.state == Course.TAKEN_ON, ~Undertaking.reminded)
        .distinct()
    )
    return list(work.session.scalars(due))


def _remind_of_actions(work: UnitOfWork, registration_id: int) -> None:
    """A week before an action is due, ask whoever took it on how it goes. Once for each."""
    registration = work.session.get_one(Registration, registration_id)
    workshop = work.session.get_one(Workshop, registration.workshop_id)
    _ask_about_actions(work, workshop, registration, work.now.date() + A_WEEK)


Act = Callable[[UnitOfWork, Workshop], None]
Moment = tuple[str, datetime, datetime, Act]


def _moments(workshop: Workshop, starts_at: datetime, ends_at: datetime) -> Iterator[Moment]:
    """What is due when, and until when it still makes sense."""
    if workshop.stage in HAPPENING:
        stop = seats.offers_stop(workshop)
        yield "still-waiting", stop, starts_at, _still_waiting
        last = starts_at - LAST_DIGEST
        yield "digest", days_before(starts_at, workshop.zone, 2), last, _digest
        yield "digest-again", last, starts_at, _digest_again
        yield "answers", days_before(starts_at, workshop.zone, 1), starts_at - SOON, _shared_answers
        yield "soon", starts_at - SOON, ends_at, _starts_soon
        again = ends_at + CHECK_OUT_AGAIN
        yield "who-was-there", ends_at + SOON, again, _who_was_there
        yield "certificates", ends_at, again, attendance.issue_all
        yield "check-out", ends_at, again, _check_out
        yield "check-out-again", again, ends_at + REFLECTION, _check_out_again
    frozen = ends_at + REFLECTION
    yield "points", frozen, frozen + A_WEEK, _points
    if workshop.follow_up_on is not None:
        day = moment_of(datetime.combine(workshop.follow_up_on, MORNING), workshop.zone)
        yield "week-before", days_before(day, workshop.zone, 7), day, _week_before
        yield "follow-up", day, day + MAY_BE_LATE, _follow_up


def _once(work: UnitOfWork, workshop: Workshop, what: str) -> bool:
    row = {"workshop_id": workshop.id, "what": what[:40], "at": work.now}
    added = insert_if_new(work.session, Told).values(**row).returning(Told.workshop_id)
    return work.session.execute(added).one_or_none() is not None


def _remind_invited(work: UnitOfWork, workshop: Workshop) -> None:
    released = select(Cohort).where(
        Cohort.workshop_id == workshop.id, Cohort.state == CohortState.RELEASED
    )
    for cohort in work.session.scalars(released).all():
        by_organisers.remind(work, workshop, cohort)


def _digest_again(work: UnitOfWork, workshop: Workshop) -> None:
    """Shortly before the start: what was written since is in it too."""
    _digest(work, workshop, is_last=True)


def _digest(work: UnitOfWork, workshop: Workshop, *, is_last: bool = False) -> None:
    if workshop.facilitator_id is None:
        return
    facilitator = work.session.get_one(Member, workshop.facilitator_id)
    coming = people_of(work.session, workshop.id, RegistrationState.CONFIRMED)
    answers = [
        {**answer, "name": member.name}
        for registration, member in coming
        for answer in registration.answers
        if answer["is_shared"] or registration.answers_to == workshop.facilitator_id
    ]
    email = to_organisers.facilitators_digest(
        work, workshop, facilitator, answers, len(coming), is_last=is_last
    )
    which = "again" if is_last else ""
    _send(
        work, facilitator, email, delivery_key(f"digest{which}", workshop.id, workshop.calendar_rev)
    )


def _shared_answers(work: UnitOfWork, workshop: Workshop) -> None:
    """The day before: everybody who comes is reminded, and reads what others shared."""
    coming = people_of(work.session, workshop.id, RegistrationState.CONFIRMED)
    shared = shared_answers(coming)
    for registration, member in coming:
        email = emails.shared_answers(workshop, member, registration, shared)
        _send(work, member, email, delivery_key("answers", registration.id, workshop.calendar_rev))


def _still_waiting(work: UnitOfWork, workshop: Workshop) -> None:
    """When no place is offered any more, whoever waits is told what is true from now on."""
    free = max(0, workshop.capacity - counting.held(work.session, workshop.id, work.now))
    for registration, member in people_of(work.session, workshop.id, RegistrationState.WAITLISTED):
        email = emails.still_waiting(workshop, member, registration, free)
        _send(
            work,
            member,
            email,
            delivery_key("still-waiting", registration.id, workshop.calendar_rev),
        )


def _not_decided(work: UnitOfWork, workshop: Workshop) -> None:
    """Shortly before the start: whoever asked is told, and organisers once more that they wait.

    Not once for all: somebody may ask in the last hour.
    """
    asked = people_of(work.session, workshop.id, RegistrationState.REQUESTED)
    for registration, member in asked:
        email = emails.not_decided(workshop, member, registration)
        _send(
            work, member, email, delivery_key("not-decided", registration.id, workshop.calendar_rev)
        )
    if asked:
        event = f"requests-{workshop.calendar_rev}"
        registering.tell_organisers(work, workshop, event, to_organisers.somebody_asks)


def _starts_soon(work: UnitOfWork, workshop: Workshop) -> None:
    for registration, member in people_of(work.session, workshop.id, RegistrationState.CONFIRMED):
        email = emails.starts_soon(workshop, member, registration)
        _send(work, member, email, delivery_key("soon", registration.id, workshop.calendar_rev))


def _who_was_there(work: UnitOfWork, workshop: Workshop) -> None:
    """An hour after the end, remind the facilitator to say who was there, if nobody has."""
    open_ones = people_of(work.session, workshop.id, RegistrationState.CONFIRMED)
    if workshop.facilitator_id is None or not open_ones:
        return
    facilitator = work.session.get_one(Member, workshop.facilitator_id)
    email = to_organisers.who_was_there(work, workshop, facilitator, len(open_ones))
    _send(
        work, facilitator, email, delivery_key("who-was-there", workshop.id, workshop.calendar_rev)
    )


def _check_out(work: UnitOfWork, workshop: Workshop) -> None:
    for registration, member in _took_part(work.session, workshop):
        email = emails.check_out(workshop, member, registration, is_reminder=False)
        _send(work, member, email, delivery_key("check-out", registration.id))


def _check_out_again(work: UnitOfWork, workshop: Workshop) -> None:
    for registration, member in _took_part(work.session, workshop):
        if work.session.get(CheckOut, registration.id) is None:
            email = emails.check_out(workshop, member, registration, is_reminder=True)
            _send(work, member, email, delivery_key("check-out-again", registration.id))


def _points(work: UnitOfWork, workshop: Workshop) -> None:
    points = learning.agreed(learning.points(work.session, workshop.id))
    if not points:
        return
    for registration, member in _took_part(work.session, workshop):
        email = emails.learning_points(workshop, member, registration, points)
        _send(work, member, email, delivery_key("points", registration.id))


def _week_before(work: UnitOfWork, workshop: Workshop) -> None:
    open_ones = exists().where(
        Undertaking.registration_id == Registration.id,
        Undertaking.state.in_([Course.TAKEN_ON, Course.CARRIED_ON]),
        ~Undertaking.reminded,
    )
    theirs = select(Registration).where(Registration.workshop_id == workshop.id, open_ones)
    for registration in work.session.scalars(theirs.order_by(Registration.id)).all():
        _ask_about_actions(work, workshop, registration, date.max)


def _ask_about_actions(
    work: UnitOfWork, workshop: Workshop, registration: Registration, until: date
) -> None:
    """Ask somebody about what they took on and is due until a day; of each thing once."""
    doing = [
        action
        for action in actions.listed(work.session, workshop.id)
        if action.due_on <= until
        for doer in action.doers
        if doer.registration_id == registration.id
        and doer.course in (Course.TAKEN_ON, Course.CARRIED_ON)
    ]
    undertakings = [
        work.session.get_one(Undertaking, (action.id, registration.id)) for action in doing
    ]
    new = [one.action_id for one in undertakings if not one.reminded]
    if not new:
        return
    for one in undertakings:
        one.reminded = True
    work.session.flush()
    if registration.state not in TOOK_PART:
        return
    member = work.session.get_one(Member, registration.member_id)
    told = [
        {"text": action.text, "due": say_day(action.due_on, member.language)} for action in doing
    ]
    _send(
        work,
        member,
        emails.action_due(workshop, member, registration, told),
        delivery_key("action", registration.id, min(new)),
    )


def _follow_up(work: UnitOfWork, workshop: Workshop) -> None:
    listed = actions.listed(work.session, workshop.id)
    for registration, member in _took_part(work.session, workshop):
        language = member.language
        told = [
            {
                "text": action.text,
                "doers": [
                    f"{doer.name or SOMEBODY.text(language)} "
                    f"({COURSE_NAMES[doer.course].text(language)})"
                    for doer in action.doers
                ],
            }
            for action in listed
        ]
        _send(
            work,
            member,
            emails.follow_up(workshop, member, registration, told),
            delivery_key("follow-up", registration.id),
        )


def _took_part(session: Session, workshop: Workshop) -> list[tuple[Registration, Member]]:
    """Those who were there; while nobody has said who was, those who came in."""
    people = people_of(session, workshop.id, *TOOK_PART)
    return [
        (registration, member)
        for registration, member in people
        if registration.state == RegistrationState.ATTENDED or registration.arrived_at is not None
    ]


def _send(work: UnitOfWork, member: Member, email: Email, key: DeliveryKey) -> None:
    post(work, email, member.recipient, key)
