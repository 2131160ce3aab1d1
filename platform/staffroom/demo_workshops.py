"""Workshops for `staffroom demo`: one that was held, one that is answered now, one that is open."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.unit_of_work import UnitOfWork
from mail.models import Delivery, Mailing
from mail.states import DeliveryState, MailingState
from members.models import Member, Organiser
from members.states import MemberState
from staffroom.demo_plans import ANSWERS, AREAS, ASSESSED, SAYING_LESS, TEN_SECONDS, Sketch
from workshops.conduct import conducting
from workshops.invitation import cohorts, invitations
from workshops.invitation.cohorts import Terms
from workshops.model.interest import Area
from workshops.model.method import default_agenda
from workshops.model.schedules import WallStart
from workshops.model.tables import Cohort, Registration, Workshop
from workshops.planning import areas, planning
from workshops.planning.planning import Written
from workshops.reflection import actions, attendance, checking, learning
from workshops.reflection.checking import Taken
from workshops.registration import registering
from workshops.registration.registering import Words

ZONE = "Europe/Helsinki"


def fill_workshops(work: UnitOfWork) -> None:
    """One workshop in the past, one that people are invited to, and one that is open to anyone."""
    organisers = list(
        work.session.scalars(select(Organiser.member_id).order_by(Organiser.added_at))
    )
    owner, editor = organisers[0], organisers[-1]
    made = [areas.add(work, names) for names in AREAS]
    people = _people(work.session)
    for place, member in enumerate(people):
        areas.mark(work, member.id, {made[place % 3].id, made[0].id})
    _hold(work, TEN_SECONDS, people[:12], people[17], owner, editor)
    _forget_mails(work)
    workshop = _invite(work, ASSESSED, people[6:18], owner, editor, days_before=30)
    _answer(_past(work, 4), workshop, people[6:13])
    invited = [
        invitations.of_member(work.session, workshop.id, member.id) for member in people[13:15]
    ]
    for invitation, answer in zip(invited, ("maybe", "declined"), strict=True):
        assert invitation is not None  # noqa: S101 - they were invited a moment ago
        invitation.state, invitation.answered_at = answer, work.now
    _open(work, SAYING_LESS, people[:5], owner, editor)
    work.session.flush()


def _hold(
    work: UnitOfWork,
    sketch: Sketch,
    people: Sequence[Member],
    seat: Member,
    owner: int,
    editor: int,
) -> None:
    workshop = _invite(work, sketch, people, owner, editor, days_before=40, seat=seat)
    _answer(_past(work, 50), workshop, people[:8])
    assert workshop.starts_at is not None  # noqa: S101 - it was written a moment ago
    began = _at(work, workshop.starts_at)
    places = [registration for registration, _ in attendance.people(work.session, workshop.id)]
    for registration in places[:7]:
        registering.arrive(began, registration)
    later = _at(work, workshop.starts_at + timedelta(hours=2))
    attendance.note(
        later,
        workshop,
        {registration.id: registration in places[:7] for registration in places},
        editor,
    )
    _remember(later, workshop, places[:7])


def _remember(later: UnitOfWork, workshop: Workshop, there: list[Registration]) -> None:
    checking.check_out(
        later, workshop, there[0], Taken("That I answer my own questions.", "My mentor")
    )
    texts = ("Ten seconds feel like a minute to us, and like nothing to them.",
             "Who counts silently stops filling the silence.",
             "Asking once is enough.")  # fmt: skip
    for registration, text in zip(there, texts, strict=False):
        learning.add(later, workshop, registration.member_id, text)
    for point in learning.points(later.session, workshop.id):
        for registration in there[: 3 + point.id % 3]:
            learning.agree(
                later, workshop, point.id, registration.id, may_share=point.text != texts[2]
            )
    due = later.now.date() + timedelta(days=28)
    promises = (("promise", "We count to ten after every question for two weeks"),
                ("request", "Somebody films one lesson of mine and counts"))  # fmt: skip
    for kind, text in promises:
        actions.propose(later, workshop, there[0].member_id, kind, text, due)
    first, second = actions.listed(later.session, workshop.id)
    for registration in there[:3]:
        actions.take_on(later, workshop, first.id, registration)
    actions.take_on(later, workshop, second.id, there[3])
    actions.report(later, workshop, first.id, there[1], "done", "They noticed before I told them.")


def _invite(
    work: UnitOfWork,
    sketch: Sketch,
    people: Sequence[Member],
    owner: int,
    editor: int,
    days_before: int,
    seat: Member | None = None,
) -> Workshop:
    """A workshop that is ready, and to which people were invited."""
    past = _past(work, days_before - sketch.days)
    workshop = _plan(work, past, sketch, owner, editor, seat)
    moment = past if sketch.days < 0 else work
    terms = Terms(moment.now + timedelta(days=14), holds_places=False, note="We would love to "
                  "hear what you have seen.")  # fmt: skip
    named = {member.id: member.name for member in people}
    cohort = cohorts.prepare(moment, workshop, named, terms, owner)
    cohorts.release(moment, workshop, cohort, str(cohorts.size(work.session, cohort.id)), owner)
    work.jobs.extend(moment.jobs if moment is not work else [])
    return workshop


def _open(
    work: UnitOfWork, sketch: Sketch, people: Sequence[Member], owner: int, editor: int
) -> None:
    """A workshop that anyone may come to, with the first who do."""
    past = _past(work, 6)
    workshop = _plan(work, past, sketch, owner, editor)
    conducting.open_to(past, workshop, "anyone", False, owner)
    for place, member in enumerate(people):
        answers = registering.answers_of(workshop, [(ANSWERS[place], True)])
        words = Words(answers, rules_version=1, shows_name=True)
        registering.register(past, workshop, member, words, is_approved=True)


def _plan(
    work: UnitOfWork,
    past: UnitOfWork,
    sketch: Sketch,
    owner: int,
    editor: int,
    seat: Member | None = None,
) -> Workshop:
    """A workshop that is planned, accepted and ready, as many days from now as its sketch says."""
    local = work.now.astimezone(ZoneInfo(ZONE)) + timedelta(days=sketch.days)
    plan = replace(sketch.plan, agenda=default_agenda(sketch.frame, "en"))
    if seat is not None:
        words = f"{seat.name}, who has taught for thirty years"
        plan = replace(plan, answers={**plan.answers, "seat": words})
    workshop = planning.begin(past, sketch.frame, "en", owner)
    written = Written(
        title=sketch.title,
        frame=sketch.frame,
        language="en",
        start=WallStart(f"{local:%Y-%m-%d}T18:00", ZONE),
        capacity=sketch.capacity,
        boundary="ideas",
        area_id=work.session.scalar(select(Area.id).limit(1)),
        follow_up_on=_day(local.date(), 35),
        facilitator_id=editor,
        seat_id=seat.id if seat is not None else None,
        plan=plan,
    )
    planning.write_down(past, workshop, written, workshop.version, owner)
    planning.accept_duties(past, workshop, editor)
    planning.make_ready(past, workshop, owner)
    return workshop


def _answer(past: UnitOfWork, workshop: Workshop, people: Sequence[Member]) -> None:
    for place, member in enumerate(people):
        invitation = invitations.of_member(past.session, workshop.id, member.id)
        assert invitation is not None  # noqa: S101 - they were invited a moment ago
        cohort = past.session.get_one(Cohort, invitation.cohort_id)
        registration = registering.of_member(past.session, workshop.id, member.id)
        invited = invitations.Invited(invitation, cohort, workshop, member, registration)
        typed = [(ANSWERS[place % len(ANSWERS)], place % 3 != 0)]
        answers = registering.answers_of(workshop, typed)
        words = Words(answers, rules_version=1, shows_name=place % 2 == 0)
        invitations.say_yes(past, invited, words)


def _forget_mails(work: UnitOfWork) -> None:
    """What went out in the past lies in no outbox any more."""
    ids = select(Mailing.id).where(Mailing.kind.like("workshops/%"))
    work.session.execute(
        update(Delivery)
        .where(Delivery.mailing_id.in_(ids))
        .values(state=DeliveryState.SENT, attempts=1)
        .execution_options(synchronize_session=False)
    )
    work.session.execute(
        update(Mailing)
        .where(Mailing.id.in_(ids))
        .values(state=MailingState.FINISHED, finished_at=Mailing.created_at)
        .execution_options(synchronize_session=False)
    )


def _people(session: Session) -> list[Member]:
    """English readers with a name, who would come to a workshop in English."""
    members = select(Member).where(Member.language == "en", Member.state == MemberState.CONFIRMED)
    members = members.where(
        Member.name != "", Member.source == "demo", Member.paused_until.is_(None)
    )
    return list(session.scalars(members.order_by(Member.id).limit(18)))


def _past(work: UnitOfWork, days: int) -> UnitOfWork:
    return replace(work, now=work.now - timedelta(days=days), jobs=[])


def _at(work: UnitOfWork, moment: datetime) -> UnitOfWork:
    return replace(work, now=moment.astimezone(UTC), jobs=[])


def _day(day: date, after: int) -> date:
    return day + timedelta(days=after)
