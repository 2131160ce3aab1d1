"""What time does with contributions: reminders once, and forgetting third people."""

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from contributions import emails, inquiries
from contributions.kinds import Kind
from contributions.models import Contribution, ContributionFile
from contributions.moving import THING
from contributions.people import authors_of, editors, responsible
from contributions.states import State
from core.audit import audit
from core.stored_files import remove_files
from core.unit_of_work import UnitOfWork
from mail.keys import delivery_key
from mail.posting import post

MORNING = 7
"""The hour from which editors are told what is new."""
REMIND_AFTER = timedelta(days=7)
FOLLOW_UP_AFTER = timedelta(days=30)
FORGET_PERSON_AFTER = timedelta(days=180)
AT_ONCE = 200

NO_CONTACT = (
    State.DRAFT, State.SUBMITTED, State.IN_REVIEW, State.QUESTION_ASKED, State.ACCEPTED,
    State.APPROACHED, State.DECLINED, State.WITHDRAWN, State.PERSON_DECLINED,
)  # fmt: skip
"""States in which a suggested person has not said yes: they are forgotten after half a year."""


def remind_drafts(work: UnitOfWork) -> int:
    """Remind, once, everybody whose draft has lain for a week. Returns how many."""
    due = (
        select(Contribution.id)
        .where(Contribution.state == State.DRAFT, Contribution.is_guest.is_(False))
        .where(Contribution.reminded_at.is_(None))
        .where(Contribution.changed_at <= work.now - REMIND_AFTER)
        .limit(AT_ONCE)
    )
    reminded = work.session.scalars(
        update(Contribution)
        .where(Contribution.id.in_(due), Contribution.reminded_at.is_(None))
        .values(reminded_at=work.now)
        .returning(Contribution)
    ).all()
    for contribution in reminded:
        for member in authors_of(work.session, contribution)[:1]:
            email = emails.draft_reminder(work, contribution, member)
            to = member.recipient
            post(work, email, to, delivery_key("draft-reminder", contribution.id))
    return len(reminded)


def desk_digest(work: UnitOfWork) -> int:
    """Each morning, tell the editors what came and what can go out since the morning before.

    Returns how many were told. A quiet day tells nobody anything.
    """
    local = work.now.astimezone(ZoneInfo(work.settings.time_zone))
    if local.hour < MORNING:
        return 0
    morning = local.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    since, until = morning - timedelta(days=1), morning
    fresh = Contribution.is_guest.is_(False) & Contribution.state_at.between(
        since.astimezone(UTC), until.astimezone(UTC)
    )
    counts = dict(
        work.session.execute(
            select(Contribution.state, func.count())
            .where(fresh, Contribution.state.in_([State.SUBMITTED, State.AGREED]))
            .group_by(Contribution.state)
        ).all()
    )
    asked = inquiries.count_between(work.session, since.astimezone(UTC), until.astimezone(UTC))
    if not counts and not asked:
        return 0
    told = editors(work.session, at_once=False)
    for editor in told:
        new, agreed = counts.get(State.SUBMITTED, 0), counts.get(State.AGREED, 0)
        email = emails.desk_digest(work, editor, new, agreed, asked=asked)
        key = delivery_key("desk", f"{local:%Y%m%d}", editor.id)
        post(work, email, editor.recipient, key)
    return len(told)


def follow_up_persons(work: UnitOfWork) -> int:
    """Tell the editors about suggested people of whom nothing was heard for a month."""
    due = (
        select(Contribution.id)
        .where(Contribution.kind == Kind.INTERVIEWEE)
        .where(Contribution.state.in_([State.ACCEPTED, State.APPROACHED]))
        .where(Contribution.state_at <= work.now - FOLLOW_UP_AFTER)
        .where(_not_reminded_since())
        .limit(AT_ONCE)
    )
    quiet = work.session.scalars(
        update(Contribution)
        .where(Contribution.id.in_(due), _not_reminded_since())
        .values(reminded_at=work.now)
        .returning(Contribution)
    ).all()
    for contribution in quiet:
        for editor in responsible(work.session, contribution):
            email = emails.follow_up(work, contribution, editor)
            key = delivery_key("follow-up", contribution.id, contribution.state, editor.id)
            post(work, email, editor.recipient, key)
    return len(quiet)


def _not_reminded_since() -> ColumnElement[bool]:
    never = Contribution.reminded_at.is_(None)
    return or_(never, Contribution.reminded_at < Contribution.state_at)


def forget_persons(work: UnitOfWork) -> int:
    """Delete suggestions of people with whom there was no contact for 180 days, and their files."""
    long_ago = work.now - FORGET_PERSON_AFTER
    due = (
        Contribution.kind == Kind.INTERVIEWEE,
        Contribution.state.in_([str(state) for state in NO_CONTACT]),
        Contribution.state_at <= long_ago,
        Contribution.changed_at <= long_ago,
    )
    theirs = select(ContributionFile).join(
        Contribution, Contribution.id == ContributionFile.contribution_id
    )
    files = work.session.scalars(theirs.where(*due)).all()
    deleted = delete(Contribution).where(*due).returning(Contribution.id)
    forgotten = work.session.scalars(deleted).all()
    remove_files(
        work.session, [file.file_id for file in files if file.contribution_id in forgotten]
    )
    for contribution_id in forgotten:
        audit(work, None, "forget person", THING, contribution_id)
    return len(forgotten)
