"""The public archive: what has been sent, for everybody to read."""

from sqlalchemy import select

from core.markdown import to_html
from core.unit_of_work import Reading
from newsletters.models import Issue, IssueText
from newsletters.states import IssueState

A_PAGE = 50


def sent_issues(
    work: Reading, limit: int = A_PAGE, before: int = 0, *, for_organisers: bool = False
) -> list[Issue]:
    """The issues that have been sent, the newest first; those before a number, if one is given.

    One that may still be taken back only organisers see.
    """
    sent = select(Issue).where(Issue.state == IssueState.SENT)
    if not for_organisers:
        sent = sent.where(Issue.sent_at <= work.now)
    if before:
        sent = sent.where(Issue.number < before)
    return list(work.session.scalars(sent.order_by(Issue.number.desc()).limit(limit)))


def find_sent(work: Reading, number: int) -> Issue | None:
    """The sent issue of that number."""
    sent = Issue.state == IssueState.SENT, Issue.sent_at <= work.now
    return work.session.scalar(select(Issue).where(Issue.number == number, *sent))


def html_of(text: IssueText, base_url: str) -> str:
    """The body as clean HTML: as it was made when it was saved."""
    return text.html or to_html(text.body, text.language, base_url)
