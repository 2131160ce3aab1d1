"""The public archive: what has been sent, for everybody to read."""

from dataclasses import dataclass

from markupsafe import Markup
from sqlalchemy import select

from core.markdown import to_html
from core.unit_of_work import Reading
from newsletters.blocks import BlockKind, has_blocks
from newsletters.models import Issue, IssueText
from newsletters.showing import ShownBlock, shown_blocks
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
        sent = sent.where(Issue.sent_at <= work.now, Issue.is_listed)
    if before:
        sent = sent.where(Issue.number < before)
    return list(work.session.scalars(sent.order_by(Issue.number.desc()).limit(limit)))


def find_sent(work: Reading, number: int) -> Issue | None:
    """The sent issue of that number."""
    sent = Issue.state == IssueState.SENT, Issue.sent_at <= work.now
    return work.session.scalar(select(Issue).where(Issue.number == number, *sent))


@dataclass(frozen=True)
class Beside:
    """The issues before and after one, as the archive lists them."""

    before: Issue | None
    after: Issue | None


def beside(work: Reading, issue: Issue) -> Beside:
    """Its neighbours, where there are any."""
    listed = Issue.state == IssueState.SENT, Issue.sent_at <= work.now, Issue.is_listed
    others = select(Issue).where(*listed).limit(1)
    older = others.where(Issue.number < issue.number).order_by(Issue.number.desc())
    newer = others.where(Issue.number > issue.number).order_by(Issue.number)
    return Beside(work.session.scalar(older), work.session.scalar(newer))


def page_blocks(work: Reading, text: IssueText) -> list[ShownBlock]:
    """The body as everybody may read it: what is only for some is not there."""
    if has_blocks(text.body):
        return shown_blocks(work, text.body, text.language, is_public=True)
    return [ShownBlock(BlockKind.TEXT, 1, html=Markup(html_of(text, work.settings.base_url)))]  # noqa: S704


def html_of(text: IssueText, base_url: str) -> str:
    """The body as clean HTML: as it was made when it was saved."""
    return text.html or to_html(text.body, text.language, base_url)
