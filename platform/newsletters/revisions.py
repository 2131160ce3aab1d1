"""Earlier versions of a letter: what stood there, what changed since, and the way back."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from contributions.difference import Part, difference
from core.database import NEVER_REUSED, Base
from core.unit_of_work import UnitOfWork
from newsletters.models import Issue
from newsletters.states import IssueState
from newsletters.texts import Text

APART = timedelta(minutes=10)
"""What one person writes within so short a time is one version."""
KEPT_AFTER = timedelta(days=30)
FIELDS = ("subject", "preheader", "title", "body")


class IssueRevision(Base):
    """An issue as it was before somebody went on writing."""

    __tablename__ = "issue_revision"
    __table_args__ = (Index("ix_issue_revision_issue_id", "issue_id", "id"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issue.id", ondelete="CASCADE"))
    by: Mapped[int | None]
    """Who wrote what stands there. No foreign key, as in the issue."""
    greeting: Mapped[str]
    texts: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    at: Mapped[datetime]
    """When it was left as it stands there."""


@dataclass(frozen=True)
class Changed:
    """What differs between a version and now: in which language, in which field."""

    language: str
    field: str
    parts: Sequence[Part]


def texts_of(issue: Issue) -> list[Text]:
    """The texts of an issue, as values."""
    return [Text(one.language, *(getattr(one, name) for name in FIELDS)) for one in issue.texts]


def keep(work: UnitOfWork, issue: Issue, by: int | None, *, always: bool = False) -> None:
    """Keep an issue as it is, before somebody goes on writing; once in a while, and for each."""
    texts = [asdict(text) for text in texts_of(issue)]
    if not any(text["subject"] or text["body"].strip() for text in texts):
        return
    is_at_it = issue.changed_by == by and issue.changed_at > work.now - APART
    if is_at_it and not always:
        return  # still at it
    newest = next(iter(of(work.session, issue.id, 1)), None)
    if newest is not None and newest.texts == texts:
        return
    work.session.add(
        IssueRevision(
            issue_id=issue.id, by=issue.changed_by, greeting=issue.greeting, texts=texts,
            at=issue.changed_at,
        )
    )  # fmt: skip


def of(session: Session, issue_id: int, most: int = 50) -> Sequence[IssueRevision]:
    """The earlier versions of an issue, the newest first."""
    theirs = select(IssueRevision).where(IssueRevision.issue_id == issue_id)
    return session.scalars(theirs.order_by(IssueRevision.id.desc()).limit(most)).all()


def find(session: Session, issue_id: int, number: int) -> IssueRevision | None:
    """One of them."""
    this = IssueRevision.issue_id == issue_id, IssueRevision.id == number
    return session.scalar(select(IssueRevision).where(*this))


def changes(issue: Issue, revision: IssueRevision) -> list[Changed]:
    """What somebody would see changed who knew the version: from it to now."""
    then = {one["language"]: one for one in revision.texts}
    now = {one.language: asdict(one) for one in texts_of(issue)}
    pairs = [
        (code, name, then.get(code, {}).get(name, ""), now.get(code, {}).get(name, ""))
        for code in sorted(then.keys() | now.keys())
        for name in FIELDS
    ]
    return [
        Changed(code, name, difference(before, after))
        for code, name, before, after in pairs
        if before != after
    ]


def texts_in(revision: IssueRevision) -> list[Text]:
    """The texts of a version."""
    return [Text(**one) for one in revision.texts]


def purge(work: UnitOfWork) -> int:
    """Forget the versions of what was sent a month ago; returns how many."""
    sent = select(Issue.id).where(
        Issue.state == IssueState.SENT, Issue.sent_at <= work.now - KEPT_AFTER
    )
    return work.change(delete(IssueRevision).where(IssueRevision.issue_id.in_(sent)))
