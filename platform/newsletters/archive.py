"""The public archive: what has been sent, for everybody to read."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.markdown import to_html
from newsletters.models import Issue, IssueText
from newsletters.states import IssueState

A_PAGE = 50


def sent_issues(session: Session, limit: int = A_PAGE, before: int = 0) -> list[Issue]:
    """The issues that have been sent, the newest first; those before a number, if one is given."""
    sent = select(Issue).where(Issue.state == IssueState.SENT)
    if before:
        sent = sent.where(Issue.number < before)
    return list(session.scalars(sent.order_by(Issue.number.desc()).limit(limit)))


def find_sent(session: Session, number: int) -> Issue | None:
    """The sent issue of that number."""
    return session.scalar(
        select(Issue).where(Issue.number == number, Issue.state == IssueState.SENT)
    )


def html_of(text: IssueText, base_url: str) -> str:
    """The body as clean HTML: as it was made when it was saved."""
    return text.html or to_html(text.body, text.language, base_url)
