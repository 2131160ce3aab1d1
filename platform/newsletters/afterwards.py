"""What became of a letter: how its deliveries ended, who left soon after, whether it was useful.

Nobody is followed: what somebody opened or clicked is not known. Opinions are two numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ForeignKey, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, insert_if_new
from core.unit_of_work import Reading, UnitOfWork
from mail import tally
from mail.models import Delivery, Mailing
from mail.states import DeliveryState
from members.consent import NEWSLETTER
from members.models import Subscription
from members.states import SubscriptionState
from newsletters.archive import sent_issues
from newsletters.models import Issue
from newsletters.sending import mailing_ids

SOON = timedelta(days=7)
EARLIER = 8


class IssueOpinion(Base):
    """How many found an issue useful, or did not; nothing of who."""

    __tablename__ = "issue_opinion"

    issue_id: Mapped[int] = mapped_column(
        ForeignKey("issue.id", ondelete="CASCADE"), primary_key=True
    )
    is_useful: Mapped[bool] = mapped_column(primary_key=True)
    count: Mapped[int]


@dataclass(frozen=True)
class Figures:
    """An issue in numbers."""

    issue: Issue
    total: int
    arrived: int
    bounced: int
    complained: int
    failed: int
    left: int
    useful: int
    not_useful: int

    @property
    def left_in_a_thousand(self) -> int:
        """Those who left within a week, of a thousand who got it."""
        return round(1000 * self.left / self.total) if self.total else 0


def say(work: UnitOfWork, issue: Issue, *, is_useful: bool) -> None:
    """One opinion more."""
    row = {"issue_id": issue.id, "is_useful": is_useful, "count": 0}
    work.session.execute(insert_if_new(work.session, IssueOpinion).values(**row))
    this = IssueOpinion.issue_id == issue.id, IssueOpinion.is_useful.is_(is_useful)
    more = update(IssueOpinion).where(*this).values(count=IssueOpinion.count + 1)
    work.session.execute(more)


def figures(work: Reading, issue: Issue) -> Figures:
    """An issue in numbers, as they are now."""
    counts = tally.counts(work.session, mailing_ids(issue))
    opinions = _opinions(work, issue)
    arrived = (DeliveryState.SENT, DeliveryState.DELIVERED)
    return Figures(
        issue,
        counts["total"],
        sum(counts[state] for state in arrived),
        counts[DeliveryState.BOUNCED],
        counts[DeliveryState.COMPLAINED],
        counts[DeliveryState.FAILED],
        _left_soon(work, issue),
        opinions.get(True, 0),
        opinions.get(False, 0),
    )


def beside_earlier(work: Reading, issue: Issue) -> Sequence[Figures]:
    """It and the issues before it, the oldest first."""
    before = sent_issues(work, EARLIER - 1, issue.number or 0, for_organisers=True)
    return [figures(work, one) for one in reversed([issue, *before])]


def by_language(work: Reading, issue: Issue) -> list[tuple[str, dict[str, int]]]:
    """How the deliveries of each language ended."""
    rows = work.session.execute(
        select(Mailing.language, Mailing.id).where(Mailing.id.in_(mailing_ids(issue)))
    )
    return [(language, tally.counts(work.session, [number])) for language, number in rows]


def _opinions(work: Reading, issue: Issue) -> dict[bool, int]:
    rows = select(IssueOpinion.is_useful, IssueOpinion.count)
    return dict(work.session.execute(rows.where(IssueOpinion.issue_id == issue.id)).all())


def _left_soon(work: Reading, issue: Issue) -> int:
    """Of those who got it, who left the newsletter within a week."""
    if issue.sent_at is None:
        return 0
    got = Delivery.mailing_id.in_(mailing_ids(issue))
    left = (
        Subscription.member_id == Delivery.recipient_id,
        Subscription.topic == NEWSLETTER,
        Subscription.state == SubscriptionState.UNSUBSCRIBED,
        Subscription.changed_at.between(issue.sent_at, issue.sent_at + SOON),
    )
    counted = select(func.count()).select_from(Subscription).join(Delivery, got)
    return work.session.scalar(counted.where(*left)) or 0
