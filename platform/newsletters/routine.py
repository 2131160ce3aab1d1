"""What happens by itself, if an owner has said so: whoever confirms gets the newest letter, and a
draft of the next one is there when it is time. Nothing goes out that nobody has sent before."""

from datetime import datetime, timedelta

from sqlalchemy import Select, exists, func, select, update

from community.parts import find
from core.actors import Who
from core.i18n import N_, Message
from core.jobs import UPKEEP, Job
from core.unit_of_work import Reading, UnitOfWork
from mail import mailings
from mail.models import Mailing
from mail.posting import close_audience, freeze
from mail.states import MailingState
from members.consent import NEWSLETTER, Act
from members.models import ConsentEvent, Member
from members.segments import EVERYBODY
from newsletters import issues, sending
from newsletters.blocks import BlockKind, line_of
from newsletters.models import Issue, IssueText
from newsletters.states import IssueState
from newsletters.suggesting import suggestions, workshops_to_tell
from newsletters.texts import Text, keep_text

PART = "routine"
WELCOME, EVERY = "welcome", "every"
LOOK_AFTER_LETTERS = Job("worker.jobs.look_after_letters", UPKEEP)
FRESH = timedelta(days=90)
"""An older letter welcomes nobody."""
LATELY = timedelta(days=1)
"""Whoever confirmed longer ago is not surprised by a letter any more, when this is switched on."""
INTERVALS: dict[str, timedelta] = {
    "week": timedelta(days=7),
    "two-weeks": timedelta(days=14),
    "month": timedelta(days=28),
}
INTERVAL_NAMES: dict[str, Message] = {
    "week": N_("a week after the last letter"),
    "two-weeks": N_("two weeks after the last letter"),
    "month": N_("four weeks after the last letter"),
}
OFTEN_NAMES: dict[str, Message] = {
    "week": N_("Once a week"),
    "two-weeks": N_("Every two weeks"),
    "month": N_("Once a month"),
}
"""The same, as whoever thinks of subscribing reads it."""
TO_WRITE = N_("TK: a few words of your own.")
"""Whoever looks the letter over is told that it still stands there."""
SUBJECT = N_("What is new")


def look_after(work: UnitOfWork) -> None:
    """Do both, if it is wished and due. Harmless to repeat."""
    said = find(work, PART).value
    if said.get(WELCOME):
        welcome_newcomers(work)
    if (interval := INTERVALS.get(str(said.get(EVERY, "")))) is not None:
        prepare_draft(work, interval)


def welcome_newcomers(work: UnitOfWork) -> int:
    """Send the newest letter to who has just confirmed and has not got it; returns to how many."""
    issue = _newest(work)
    if issue is None or issue.sent_at is None:
        return 0
    since, welcomed = max(work.now - LATELY, issue.sent_at), 0
    for text in issue.texts:
        newcomers = _newcomers(work, issue, text, since)
        if text.mailing_id is None or not _are_any(work, newcomers):
            continue
        opened = update(Mailing).where(Mailing.id == text.mailing_id)
        work.session.execute(opened.values(frozen_at=None, released_at=work.now))
        welcomed += freeze(work, text.mailing_id, newcomers)
        mailings.move(work, [text.mailing_id], MailingState.RELEASED, Who.ORGANISER,
                      (MailingState.FINISHED,))  # fmt: skip
        close_audience(work, text.mailing_id)
    return welcomed


def _newest(work: Reading) -> Issue | None:
    """The last letter that went to all readers, is in the archive, and has gone out."""
    sent = Issue.state == IssueState.SENT, Issue.is_listed, Issue.sent_at > work.now - FRESH
    newest = select(Issue).where(*sent, Issue.sent_at <= work.now).order_by(Issue.number.desc())
    issue = work.session.scalar(newest.limit(1).with_for_update())
    if issue is None or issue.segment not in (None, EVERYBODY):
        return None
    found = sending.mailings_of(work.session, issue)
    is_out = all(one.state == MailingState.FINISHED for one in found)
    return issue if found and is_out else None


def _newcomers(
    work: Reading, issue: Issue, text: IssueText, since: datetime
) -> Select[int, str, dict[str, str]]:
    confirmed = (
        ConsentEvent.member_id == Member.id,
        ConsentEvent.topic == NEWSLETTER,
        ConsentEvent.act == Act.CONFIRMED,
        ConsentEvent.at > since,
    )
    readers = sending.readers_of(work, issue, text.language, is_again=True)
    return readers.where(exists().where(*confirmed))


def _are_any(work: Reading, people: Select[int, str, dict[str, str]]) -> bool:
    return work.session.execute(people.limit(1)).first() is not None


def prepare_draft(work: UnitOfWork, interval: timedelta) -> Issue | None:
    """A draft of what is new, if none is being written and the last letter was long enough ago."""
    last = work.session.scalar(select(func.max(func.coalesce(Issue.sent_at, Issue.created_at))))
    if issues.drafts(work.session) or (last is not None and last > work.now - interval):
        return None
    blocks = [line_of(BlockKind.LIBRARY, slug) for _, slug, _ in suggestions(work)]
    if not blocks:
        return None
    blocks += [line_of(BlockKind.WORKSHOP, which) for which, _ in workshops_to_tell(work)]
    return issues.new_issue(work, [_text(code, blocks) for code in work.community.languages])


def _text(language: str, blocks: list[str]) -> Text:
    body = "\n\n".join((TO_WRITE.text(language), *blocks))
    return keep_text(language, SUBJECT.text(language), "", "", body)
