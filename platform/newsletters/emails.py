"""The mail that carries an issue."""

from core.i18n import N_, say_date
from core.unit_of_work import Reading, UnitOfWork
from mail.links import Links
from mail.personal import SINCE
from mail.posting import Email
from mail.states import MailClass
from members.consent import NEWSLETTER
from members.models import Member
from newsletters.blocks import BlockKind, blocks_of
from newsletters.greeting import Greeting
from newsletters.letter_body import Body, body_of
from newsletters.models import Issue, IssueText

TEST_MARK = "[TEST] "


def issue_letter(work: Reading, issue: Issue, text: IssueText, *, with_all: bool = False) -> Email:
    """An issue in one language, to everybody who subscribed to the newsletter.

    To look at `with_all`: also with what not everybody gets.
    """
    body = body_of(work, text, with_all=with_all)
    return Email(
        template="newsletters/issue",
        language=text.language,
        reason=N_("You get this letter because you subscribed to the newsletter."),
        mail_class=MailClass.NEWSLETTER,
        archive="/newsletter",
        topic=NEWSLETTER,
        context=_context(work, issue, text, body),
        drawn_for=drawn_for(issue, text),
        personal=(SINCE,),
        sections=body.sections,
    )


def test_letter(work: UnitOfWork, issue: Issue, text: IssueText) -> Email:
    """The same letter to one chosen address, marked as a test."""
    return Email(
        template="newsletters/issue",
        language=text.language,
        reason=N_("This is a test of a newsletter that has not been sent."),
        priority=50,
        subject_mark=TEST_MARK,
        context=_context(work, issue, text, body_of(work, text, with_all=True)),
        drawn_for=drawn_for(issue, text),
    )


def please_send(work: UnitOfWork, to: Member, issue: Issue) -> Email:
    """To organisers: a colleague asks them to look at an issue, and to send it."""
    links = Links.of(work.settings, work.tokens)
    text = issue.shown_in(to.language)
    return Email(
        template="newsletters/please-send",
        language=to.language,
        reason=N_("You get this because you help to run this community."),
        priority=15,
        context={
            "line": text.subject if text else "",
            "send_page": links.to(f"/organise/issues/{issue.id}/send", to.language),
        },
    )


def minutes_of(body: str) -> int:
    """How long it takes to read, in minutes: at two hundred words in each."""
    return max(1, round(len(body.split()) / 200))


def drawn_for(issue: Issue, text: IssueText) -> str:
    """What the drawing above a letter stands for; nothing where it begins with a picture."""
    first = next(iter(blocks_of(text.body)), None)
    begins_with_picture = first is not None and first.kind is BlockKind.PICTURES
    return "" if begins_with_picture else f"issue {issue.id}"


def _context(work: Reading, issue: Issue, text: IssueText, body: Body) -> dict[str, object]:
    links = Links.of(work.settings, work.tokens)
    path = f"/newsletter/{issue.number}" if issue.number else "/newsletter"
    return {
        "line": text.subject,
        "preheader": text.preheader,
        "heading": text.heading,
        "byline": issue.byline,
        "number": issue.number,
        "greets": issue.greeting != Greeting.NONE,
        "minutes": minutes_of(text.body),
        "date": say_date(issue.sent_at or work.now, text.language, work.settings.time_zone),
        "body_html": body.html,
        "body_text": body.text,
        "browser_url": links.to(path, text.language),
        "useful_url": links.to(f"{path}/useful", text.language) if issue.number else "",
    }
