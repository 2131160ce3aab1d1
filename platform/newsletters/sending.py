"""Sending an issue: the moment of it, who gets it, taking it back, and how far it got."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, exists, func, literal, or_, select, update
from sqlalchemy.orm import Session

from core.actors import Who
from core.audit import audit
from core.database import iso_day, json_object
from core.errors import Refusal
from core.i18n import N_
from core.installation import Installation
from core.jobs import BULK, Job
from core.transitions import edge, walk
from core.unit_of_work import Reading, UnitOfWork
from library.items import forget_used, mark_used
from library.models import Item
from mail import mailings, tally
from mail.models import Delivery, Mailing
from mail.personal import HAS_SECTION, SINCE
from mail.posting import close_audience, freeze, write_mailing
from mail.recovery import finish
from mail.states import MAILINGS, MailingState
from members.audience import in_language, readers
from members.consent import NEWSLETTER
from members.models import Member, Subscription
from members.segments import EVERYBODY, Segment, matching
from newsletters import checking, emails, second_pair
from newsletters.blocks import items_in, workshops_in
from newsletters.greeting import in_sql
from newsletters.issues import (
    IS_OPEN,
    THING,
    audience_of,
    check_ready,
    fallback_of,
    languages_of,
    why_not_saved,
)
from newsletters.models import Issue, IssueText
from newsletters.searching import put_words
from newsletters.showing import INVITED, section_name
from newsletters.states import ISSUES, IssueState
from workshops.invitation.facts import FACTS
from workshops.invitation.open_door import knowing
from workshops.model.tables import Workshop

TYPED_ABOVE = 1000
"""Whoever sends to more than so many people writes the number."""
AT_ONCE = 20_000
"""So many are written into the ledger in one transaction: others wait for it."""


def freeze_audience_of(issue_id: int) -> Job:
    """The wake-up for settling who gets an issue."""
    return Job("worker.jobs.freeze_audience", BULK, (issue_id,))


def send(
    work: UnitOfWork,
    issue_id: int,
    version: int | None = None,
    segment: Segment = EVERYBODY,
    *,
    by: int | None = None,
    at: datetime | None = None,
) -> dict[str, int]:
    """Send an issue, once: after a minute in which it can be taken back, or at a later moment, at
    which it is settled who gets it. Returns the numbers by language as they are now.

    `version` is what was reviewed; of those who read the newsletter, `segment` gets it; `by` is
    who sends it, nobody on the machine itself. A worker settles at once who gets it.

    Raises Refusal if it was changed since, a text is not ready, nobody would get it, it was sent
    already, or somebody else should look at it first.
    """
    issue = work.session.get_one(Issue, issue_id)
    if version not in (None, issue.version):
        raise Refusal(N_("This issue was changed after you looked at it. Please look again."))
    check_ready(issue)
    checking.check(work, issue)
    second_pair.check(work, issue, by)
    numbers = audience_of(work, issue, segment).by_language
    soon = work.now + timedelta(seconds=work.settings.undo_seconds)
    begins_at = max(soon, at) if at is not None else soon
    still_another = second_pair.still_another(work, by)
    _claim(work, issue, still_another, sent_at=begins_at, segment=segment)
    written = languages_of(issue)
    issue.texts = [text for text in issue.texts if text.language in written]
    if not sum(numbers.values()):
        raise Refusal(N_("Nobody is subscribed yet, so there is nobody to send to."))
    for text in issue.texts:
        letter = emails.issue_letter(work, issue, text)
        released = MailingState.RELEASED
        text.mailing_id = write_mailing(work, letter, released, begins_at, is_frozen=False)
    _remember_used(work, issue)
    put_words(work.session, issue)
    if begins_at <= soon:
        work.wake(freeze_audience_of(issue.id))
    audit(work, by, "send", THING, issue.id, {"people": sum(numbers.values())})
    return numbers


def _remember_used(work: UnitOfWork, issue: Issue) -> None:
    """What an issue has told of is suggested to no later one."""
    slugs = [slug for text in issue.texts for slug in items_in(text.body)]
    if slugs and issue.number is not None:
        ids = work.session.scalars(select(Item.id).where(Item.slug.in_(slugs))).all()
        mark_used(work, ids, issue.number)


def _claim(
    work: UnitOfWork, issue: Issue, is_still_right: ColumnElement[bool], **written: Any
) -> None:
    """Take it out of everybody's hands, as it was looked at."""
    number = select(func.coalesce(func.max(Issue.number), 0) + 1).scalar_subquery()
    this = Issue.id == issue.id, Issue.version == issue.version
    step = edge(Issue.state, ISSUES, IssueState.SENT, Who.ORGANISER)
    claim = step.values(number=number, changed_at=work.now, **written)
    claimed = work.change(claim.where(*this, is_still_right, IS_OPEN))
    work.session.refresh(issue)
    if not claimed:
        raise Refusal(why_not_saved(issue))


def freeze_audience(installation: Installation, issue_id: int) -> None:
    """Settle who gets an issue: everybody who reads it at this moment, some at a time.

    Harmless to repeat, and to run twice at once: nobody gets two.
    """
    with installation.reading() as work:
        to_settle = _unsettled(work.session, issue_id)
        last = work.session.scalar(select(func.max(Member.id))) or 0
        is_again = _has_any(work.session, work.session.get_one(Issue, issue_id))
    for n, language in enumerate(to_settle):
        is_again = is_again or n > 0  # somebody may change their language just now
        after: int | None = 0
        while after is not None:
            with installation.unit_of_work() as work:
                after = _freeze_some(work, issue_id, language, range(after, last), is_again)


def _unsettled(session: Session, issue_id: int) -> list[str]:
    open_ones = select(IssueText.language).join(Mailing, Mailing.id == IssueText.mailing_id)
    unsettled = Mailing.frozen_at.is_(None), Mailing.state == MailingState.RELEASED
    return list(session.scalars(open_ones.where(IssueText.issue_id == issue_id, *unsettled)))


def unfrozen(work: Reading) -> list[int]:
    """The issues of which it is to be settled now who gets them: not those of a later moment."""
    unsettled = Mailing.frozen_at.is_(None), Mailing.state == MailingState.RELEASED
    soon = work.now + timedelta(seconds=work.settings.undo_seconds)
    is_due = or_(Mailing.begins_at.is_(None), Mailing.begins_at <= soon)
    ids = select(IssueText.issue_id).join(Mailing, Mailing.id == IssueText.mailing_id)
    return list(work.session.scalars(ids.where(*unsettled, is_due).distinct()))


def freeze_at_once(work: UnitOfWork, issue: Issue) -> None:
    """The same in one transaction, for a few people."""
    last = work.session.scalar(select(func.max(Member.id))) or 0
    for language in _unsettled(work.session, issue.id):
        after: int | None = 0
        while after is not None:
            after = _freeze_some(work, issue.id, language, range(after, last), is_again=False)


def _freeze_some(
    work: UnitOfWork, issue_id: int, language: str, ids: range, is_again: bool
) -> int | None:
    """Write the next readers into the ledger; up to whom, or None when that is done."""
    issue = work.session.get_one(Issue, issue_id)
    text = issue.text_in(language)
    if text is None or text.mailing_id is None:
        return None  # it was taken back meanwhile
    # A range of ids, not ORDER BY and LIMIT: without statistics PostgreSQL would plan that as one
    # look through all subscriptions for each member (seen: 10 s for 10,000).
    until = ids.start + AT_ONCE
    people = readers_of(work, issue, language, is_again)
    some = people.where(Member.id > ids.start, Member.id <= min(until, ids.stop))
    freeze(work, text.mailing_id, some)
    if until < ids.stop:
        return until
    close_audience(work, text.mailing_id)
    finish(work.session, work.now, [text.mailing_id])
    return None


def values_of(
    work: Reading, issue: Issue, segment: Segment, member_id: int
) -> tuple[str, dict[str, str]] | None:
    """The language in which a member would get an issue now, and what would be their own in it;
    None if they would not get it."""
    for language in languages_of(issue):
        some = readers_of(work, issue, language, is_again=False, segment=segment)
        found = work.session.execute(some.where(Member.id == member_id)).one_or_none()
        if found is not None:
            own = found.own
            return language, dict(json.loads(own) if isinstance(own, str) else own)
    return None


def readers_of(
    work: Reading, issue: Issue, language: str, is_again: bool, segment: Segment | None = None
) -> Select[int, str, Any]:
    """Those who get an issue in this language; again: and have not got it in any."""
    written = languages_of(issue)
    chosen = matching(segment or issue.segment or EVERYBODY, FACTS, work.now.date())
    people = readers(NEWSLETTER, work.now.date(), chosen)
    mine = people.where(in_language(language, written, fallback_of(written)))
    if is_again:
        mine = mine.where(~_got(issue))
    own = json_object(
        "greeting",
        in_sql(issue.greeting, language),
        SINCE,
        iso_day(Subscription.changed_at),
        *_has_sections(work, issue, language),
    )
    return mine.with_only_columns(Member.id, Member.email_ascii, own.label("own"))


def _has_sections(work: Reading, issue: Issue, language: str) -> list[Any]:
    """Names and values of what not everybody gets: a workshop that only the invited know of."""
    text = issue.text_in(language)
    targets = workshops_in(text.body) if text else ()
    some = select(Workshop).where(Workshop.public_id.in_(targets), Workshop.audience == INVITED)
    pairs: list[Any] = []
    for workshop in work.session.scalars(some):
        known: ColumnElement[str] = case(
            (Member.id.in_(knowing(workshop.id)), literal(HAS_SECTION)), else_=literal("")
        )
        pairs += [section_name(workshop.id), known]
    return pairs


def _has_any(session: Session, issue: Issue) -> bool:
    theirs = Delivery.mailing_id.in_(mailing_ids(issue))
    return session.scalar(select(Delivery.id).where(theirs).limit(1)) is not None


def _got(issue: Issue) -> ColumnElement[bool]:
    theirs = Delivery.mailing_id.in_(mailing_ids(issue))
    return exists().where(Delivery.recipient_id == Member.id, theirs)


def joined_since(work: Reading, issue: Issue) -> int:
    """How many would get an issue now who were no readers when it was sent."""
    return sum(
        work.session.scalar(select(func.count()).select_from(some.subquery())) or 0
        for some in (readers_of(work, issue, code, is_again=True) for code in languages_of(issue))
    )


def send_to_joined(work: UnitOfWork, issue: Issue, by: int | None) -> None:
    """Send an issue also to those who joined since. Harmless to repeat."""
    ids = mailing_ids(issue)
    if not joined_since(work, issue):
        return
    audit(work, by, "send to joined", THING, issue.id)
    again = update(Mailing).where(Mailing.id.in_(ids), Mailing.state != MailingState.CANCELLED)
    work.session.execute(again.values(frozen_at=None, released_at=work.now))
    finished = (MailingState.FINISHED,)
    mailings.move(work, ids, MailingState.RELEASED, Who.ORGANISER, finished)
    work.wake(freeze_audience_of(issue.id))


def may_be_taken_back(session: Session, issue: Issue, now: datetime) -> bool:
    """Whether none of it has gone out, and nothing of it goes for a moment yet."""
    found = session.scalars(select(Mailing).where(Mailing.id.in_(mailing_ids(issue)))).all()
    waits = [one.begins_at is not None and one.begins_at > now for one in found]
    return bool(found) and all(waits) and all(one.begun_at is None for one in found)


def take_back(work: UnitOfWork, issue: Issue, by: int | None) -> None:
    """Make a draft of it again. Raises Refusal if it goes out already."""
    ids = mailing_ids(issue)
    unbegun = Mailing.begun_at.is_(None), Mailing.begins_at > work.now
    step = edge(Mailing.state, MAILINGS, MailingState.CANCELLED, Who.ORGANISER)
    stopped = work.change(step.where(Mailing.id.in_(ids), *unbegun))
    if stopped < len(ids):
        raise Refusal(N_("It goes out already. What has not gone out yet can be cancelled."))
    for text in issue.texts:
        text.mailing_id = None
    if issue.number is not None:
        forget_used(work, issue.number)
    work.session.flush()
    walk(
        work.session,
        Issue.state,
        ISSUES,
        IssueState.DRAFT,
        Who.ORGANISER,
        Issue.id == issue.id,
        number=None,
        sent_at=None,
        changed_at=work.now,
    )
    work.session.refresh(issue)
    audit(work, by, "take back", THING, issue.id)


def mailing_ids(issue: Issue) -> list[int]:
    """The mailings that carry an issue."""
    return [text.mailing_id for text in issue.texts if text.mailing_id is not None]


def mailings_of(session: Session, issue: Issue) -> list[Mailing]:
    """The mailings of an issue without their bodies' weight mattering: two at the most."""
    ids = mailing_ids(issue)
    return list(session.scalars(select(Mailing).where(Mailing.id.in_(ids)).order_by(Mailing.id)))


def status(session: Session, issue: Issue, *, is_exact: bool = False) -> dict[str, int]:
    """How many of the issue's deliveries are in each state; see `mail.tally`."""
    return tally.counts(session, mailing_ids(issue), is_exact=is_exact)


def pause(work: UnitOfWork, issue: Issue, by: int | None) -> None:
    """Stop sending for now: within seconds."""
    paused = mailings.move(work, mailing_ids(issue), MailingState.PAUSED, Who.ORGANISER)
    _note(work, issue, by, "pause", paused)


def resume(work: UnitOfWork, issue: Issue, by: int | None) -> None:
    """Go on sending."""
    _note(work, issue, by, "resume", mailings.resume(work, mailing_ids(issue)))


def cancel(work: UnitOfWork, issue: Issue, by: int | None) -> None:
    """Stop sending for good; what has gone out has gone out."""
    _note(work, issue, by, "cancel", mailings.cancel(work, mailing_ids(issue), Who.ORGANISER))


def count_unknown(work: UnitOfWork, issue: Issue, by: int | None) -> None:
    """An organiser takes what nobody knows about for accepted."""
    _note(work, issue, by, "count unknown", mailings.count_unknown(work, mailing_ids(issue)))


def repeat_unknown(work: UnitOfWork, issue: Issue, by: int | None) -> None:
    """An organiser sends what nobody knows about again."""
    _note(work, issue, by, "repeat unknown", mailings.repeat_unknown(work, mailing_ids(issue)))


def retry_failed(work: UnitOfWork, issue: Issue, by: int | None) -> None:
    """An organiser sends what failed again."""
    _note(work, issue, by, "retry failed", mailings.retry_failed(work, mailing_ids(issue)))


def _note(work: UnitOfWork, issue: Issue, by: int | None, act: str, happened: int) -> None:
    """What a second click did not do is not written down."""
    if happened:
        audit(work, by, act, THING, issue.id)


def phase_of(found: Sequence[Mailing], counts: dict[str, int], now: datetime) -> str:
    """One word for where an issue's mailings stand together."""
    states: Collection[str] = {mailing.state for mailing in found}
    if MailingState.PAUSED in states:
        return str(MailingState.PAUSED)
    if MailingState.RELEASED in states:
        begins = [one.begins_at for one in found if one.begins_at is not None]
        return "about to go" if begins and max(begins) > now else str(MailingState.RELEASED)
    if MailingState.CANCELLED in states:
        return str(MailingState.CANCELLED)
    return "unclear" if counts["unknown"] else str(MailingState.FINISHED)
