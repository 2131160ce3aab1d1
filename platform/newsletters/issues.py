"""Making an issue: drafts, who would get it, tests. See `newsletters.sending` for the rest."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import and_, delete, select, update
from sqlalchemy.orm import Session

from core.address_lists import read_list
from core.addresses import Address, parse_address
from core.audit import audit
from core.errors import Refusal
from core.i18n import LANGUAGES, N_, Message
from core.markdown import to_html
from core.text import one_line
from core.unit_of_work import Reading, UnitOfWork
from mail.keys import DeliveryKey, delivery_key
from mail.posting import Recipient, post
from members.audience import count_by_language, left_out
from members.consent import NEWSLETTER
from members.segments import EVERYBODY, Segment, matching
from newsletters import choosing, emails, revisions
from newsletters.greeting import words_of as greeting_of
from newsletters.models import Issue, IssueText
from newsletters.states import IssueState
from newsletters.texts import Text, check_text
from workshops.invitation.facts import FACTS

THING = "issue"
SENT_LATELY = timedelta(days=7)
MOST_TESTS = 10
DISCARDED_KEPT = timedelta(days=30)
IS_OPEN = and_(Issue.state == IssueState.DRAFT, Issue.discarded_at.is_(None))


def new_issue(work: UnitOfWork, texts: Sequence[Text] = ()) -> Issue:
    """A new draft of an issue, with the texts that are there already."""
    issue = Issue(state=IssueState.DRAFT, created_at=work.now, changed_at=work.now)
    work.session.add(issue)
    work.session.flush()
    _put_texts(issue, texts, work.settings.base_url)
    work.session.flush()
    return issue


def sent_lately(work: Reading, texts: Sequence[Text]) -> bool:
    """Whether the same words went out within a week."""
    said = {(one.language, one.subject, one.body) for one in texts}
    since = Issue.sent_at > work.now - SENT_LATELY
    lately = work.session.scalars(select(Issue).where(since)).all()
    sent = [{(one.language, one.subject, one.body) for one in issue.texts} for issue in lately]
    return said in sent


LONGEST_BYLINE = 120


def save_draft(
    work: UnitOfWork,
    issue_id: int,
    texts: Sequence[Text],
    version: int,
    by: int | None = None,
    greeting: str = "",
    byline: str | None = None,
) -> Issue:
    """Keep what is written. Raises Refusal if it was sent or changed by somebody else meanwhile."""
    revisions.keep(work, work.session.get_one(Issue, issue_id), by)
    moved = work.session.execute(
        update(Issue)
        .where(Issue.id == issue_id, IS_OPEN, Issue.version == version)
        .values(version=version + 1, changed_at=work.now)
        .returning(Issue.id)
    ).one_or_none()
    issue = work.session.get_one(Issue, issue_id, populate_existing=True)
    if moved is None:
        raise Refusal(why_not_saved(issue))
    before = issue.greeting, issue.byline, _words(issue)
    issue.greeting = greeting or issue.greeting
    issue.byline = issue.byline if byline is None else one_line(byline)[:LONGEST_BYLINE]
    _put_texts(issue, texts, work.settings.base_url)
    if (issue.greeting, issue.byline, _words(issue)) != before:
        issue.changed_by = by
    work.session.flush()
    return issue


def choose_readers(work: UnitOfWork, issue_id: int, chosen: str) -> None:
    """Say whom a draft is for; nothing for all readers. Harmless to repeat. Raises Refusal."""
    choosing.meant(work, chosen)
    draft = update(Issue).where(Issue.id == issue_id, IS_OPEN)
    work.session.execute(draft.values(chosen=chosen))


def _words(issue: Issue) -> list[tuple[str, ...]]:
    texts = sorted(issue.texts, key=lambda text: text.language)
    return [(one.language, one.subject, one.preheader, one.title, one.body) for one in texts]


@dataclass(frozen=True)
class Audience:
    """Who would get an issue now: by language of the letter, and who is left out and why."""

    by_language: dict[str, int]
    by_own_language: dict[str, int]
    left_out: dict[str, int]

    @property
    def total(self) -> int:
        """How many people would get it."""
        return sum(self.by_language.values())


def audience_of(work: Reading, issue: Issue, segment: Segment = EVERYBODY) -> Audience:
    """Who of a segment would get the issue if it were sent now."""
    today = work.now.date()
    chosen = matching(segment, FACTS, today)
    readers = count_by_language(work.session, NEWSLETTER, today, chosen)
    written = languages_of(issue)
    letters = dict.fromkeys(written, 0)
    if written:
        fallback = fallback_of(written)
        for language, count in readers.items():
            letters[language if language in written else fallback] += count
    return Audience(letters, readers, left_out(work.session, NEWSLETTER, today, chosen))


def languages_of(issue: Issue) -> list[str]:
    """The languages in which something is written, in our order."""
    return [
        code for code in LANGUAGES if (t := issue.text_in(code)) and (t.subject or t.body.strip())
    ]


def fallback_of(written: Sequence[str]) -> str:
    """The language of those whose own is not written: better a letter in the other than none."""
    return written[0]


def check_ready(issue: Issue) -> None:
    """Raises Refusal with the first thing that is missing."""
    written = languages_of(issue)
    if not written:
        raise Refusal(N_("There is nothing to send yet: write the issue in one language at least."))
    for language in written:
        text = issue.text_in(language)
        assert text is not None  # noqa: S101 - it is one of those written
        check_text(language, text.subject, text.preheader, text.title, text.body)


def send_test(work: UnitOfWork, issue_id: int, addresses: str) -> int:
    """Send the letters as they are now to a few addresses, marked [TEST]. Raises Refusal."""
    parsed = [parse_address(one.email or one.text) for one in read_list(addresses)]
    if not parsed:
        raise Refusal(N_("Please write an address that the test should go to."), "addresses")
    if len(parsed) > MOST_TESTS:
        raise Refusal(N_("A test goes to ten addresses at the most."), "addresses")
    issue = work.session.get_one(Issue, issue_id)
    check_ready(issue)
    for language in languages_of(issue):
        text = issue.text_in(language)
        assert text is not None  # noqa: S101
        letter = emails.test_letter(work, issue, text)
        greeting = {"greeting": greeting_of(issue.greeting, "", language)}
        for address in parsed:
            key = _test_key(work, issue, language, address)
            post(work, letter, Recipient(address.ascii), key, greeting)
    return len(parsed)


def _test_key(work: UnitOfWork, issue: Issue, language: str, address: Address) -> DeliveryKey:
    """Pressing twice sends one test; pressing again a little later sends another."""
    moment = int(work.now.timestamp()) // 10
    who = hashlib.sha256(address.key.encode()).hexdigest()[:16]
    return delivery_key("test", issue.id, language, who, moment)


def drafts(session: Session) -> list[Issue]:
    """The issues that are being written, the newest first."""
    return list(session.scalars(select(Issue).where(IS_OPEN).order_by(Issue.changed_at.desc())))


def discarded(session: Session) -> list[Issue]:
    """The drafts that were put away, the latest first."""
    away = select(Issue).where(Issue.state == IssueState.DRAFT, Issue.discarded_at.is_not(None))
    return list(session.scalars(away.order_by(Issue.discarded_at.desc())))


def discard(work: UnitOfWork, issue_id: int, by: int | None = None) -> None:
    """Put a draft away; it can be restored for 30 days. Harmless to repeat."""
    away = update(Issue).where(Issue.id == issue_id, IS_OPEN).values(discarded_at=work.now)
    if work.change(away):
        audit(work, by, "discard", THING, issue_id)


def restore(work: UnitOfWork, issue_id: int, by: int | None = None) -> None:
    """Take a draft out again. Harmless to repeat."""
    is_away = Issue.id == issue_id, Issue.discarded_at.is_not(None)
    if work.change(update(Issue).where(*is_away).values(discarded_at=None)):
        audit(work, by, "restore", THING, issue_id)


def purge_discarded(work: UnitOfWork) -> int:
    """Forget the drafts that were put away 30 days ago; returns how many."""
    long_ago = work.now - DISCARDED_KEPT
    return work.change(
        delete(Issue).where(Issue.state == IssueState.DRAFT, Issue.discarded_at <= long_ago)
    )


def empty_draft(session: Session) -> Issue | None:
    """A draft in which nothing has been written, if there is one."""
    return next((issue for issue in drafts(session) if not languages_of(issue)), None)


def copy(work: UnitOfWork, issue: Issue) -> Issue:
    """A draft with the words of an issue; a second press finds the one that the first has made."""
    work.session.refresh(issue, with_for_update=True)
    made = _untouched_copy(work, issue)
    if made is None:
        made = new_issue(work, revisions.texts_of(issue))
        made.greeting, made.byline = issue.greeting, issue.byline
        work.session.flush()
    return made


def _untouched_copy(work: Reading, issue: Issue) -> Issue | None:
    newest = select(Issue).where(IS_OPEN, Issue.id > issue.id).order_by(Issue.id.desc()).limit(1)
    last = work.session.scalar(newest)
    if last is None or last.greeting != issue.greeting:
        return None
    return last if _words(last) == _words(issue) else None


def _put_texts(issue: Issue, texts: Sequence[Text], base_url: str) -> None:
    for text in texts:
        row = issue.text_in(text.language)
        if row is None:
            row = IssueText(language=text.language)
            issue.texts.append(row)
        row.subject, row.preheader = text.subject, text.preheader
        row.title, row.body = text.title, text.body
        row.html = to_html(text.body, text.language, base_url)


def why_not_saved(issue: Issue) -> Message:
    if issue.state == IssueState.SENT:
        return N_("This issue has been sent already.")
    return N_(
        "Somebody else changed this issue meanwhile. Copy your text, then load the page again."
    )
