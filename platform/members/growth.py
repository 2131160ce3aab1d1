"""How the community grows: who came and who left, week by week, in which language, from where.

Counted from the evidence, so it says nothing of those who had themselves erased.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy import distinct as each
from sqlalchemy.orm import InstrumentedAttribute, Session

from members.consent import Act
from members.models import ConsentEvent, Member, Subscription
from members.sources import TAKEN_BACK
from members.states import SubscriptionState

WEEKS = 26
CAME = (Act.CONFIRMED, Act.IMPORTED, Act.CHANGED)
LEFT = (Act.WITHDRAWN,)
MOST_SOURCES = 8
MOST_REASONS = 200
USUAL_DAYS = 14
FEWEST_UNUSUAL = 20
"""So many in a day are looked at, if they are more than three times the usual."""
TIMES_USUAL = 3


@dataclass(frozen=True)
class Week:
    """A week from Monday on: how many people came, and how many left something."""

    begins: date
    came: int
    left: int


@dataclass(frozen=True)
class Reason:
    """Why somebody left, in their words."""

    day: date
    topic: str
    words: str


def weeks(session: Session, today: date, count: int = WEEKS) -> list[Week]:
    """The last weeks, the oldest first."""
    first = _monday(today) - timedelta(weeks=count - 1)
    came, left = (_by_week(session, acts, first) for acts in (CAME, LEFT))
    begins = (first + timedelta(weeks=n) for n in range(count))
    return [Week(day, came[day], left[day]) for day in begins]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _by_week(session: Session, acts: Sequence[Act], first: date) -> Counter[date]:
    """People, each once a day, by the week."""
    day = func.date(ConsentEvent.at)
    people = func.count(each(ConsentEvent.member_id))
    # Nobody left because a list was taken back.
    is_theirs = ConsentEvent.source.not_like(TAKEN_BACK % "%")
    said = ConsentEvent.act.in_(acts), is_theirs, _since(first)
    some = select(day, people).where(*said).group_by(day)
    found: Counter[date] = Counter()
    for said, number in session.execute(some):
        found[_monday(date.fromisoformat(str(said)))] += number
    return found


def _since(day: date) -> ColumnElement[bool]:
    return ConsentEvent.at >= datetime.combine(day, time(), UTC)


def sources(session: Session, today: date) -> list[tuple[str, int]]:
    """From where people came in that time, the most frequent first."""
    return _by(session, ConsentEvent.source, today)[:MOST_SOURCES]


def languages(session: Session, today: date) -> list[tuple[str, int]]:
    """In which language they agreed."""
    return _by(session, ConsentEvent.language, today)


def _by(session: Session, column: InstrumentedAttribute[str], today: date) -> list[tuple[str, int]]:
    first = _monday(today) - timedelta(weeks=WEEKS - 1)
    people = func.count(each(ConsentEvent.member_id))
    some = select(column, people).where(ConsentEvent.act.in_(CAME), _since(first))
    rows = session.execute(some.group_by(column).order_by(people.desc(), column))
    return [(word, number) for word, number in rows]


def reasons(session: Session) -> list[Reason]:
    """What those who left said about it, the newest first; without who said it."""
    said = Subscription.reason != "", Subscription.state == SubscriptionState.UNSUBSCRIBED
    rows = select(Subscription.changed_at, Subscription.topic, Subscription.reason).where(*said)
    newest = rows.order_by(Subscription.changed_at.desc()).limit(MOST_REASONS)
    return [Reason(at.date(), topic, words) for at, topic, words in session.execute(newest)]


@dataclass(frozen=True)
class Unusual:
    """So many signed up within a day, and so many usually do."""

    now: int
    usual: int


def unusual(session: Session, now: datetime) -> Unusual | None:
    """More sign-ups within the last day than usual; None if it is a day like others."""
    day = timedelta(days=1)
    lately = _asked(session, now - day, now)
    if lately < FEWEST_UNUSUAL:
        return None
    usual = _asked(session, now - (USUAL_DAYS + 1) * day, now - day) / USUAL_DAYS
    return Unusual(lately, round(usual)) if lately > TIMES_USUAL * usual else None


def _asked(session: Session, since: datetime, until: datetime) -> int:
    asked = ConsentEvent.act == Act.REQUESTED, ConsentEvent.at > since, ConsentEvent.at <= until
    people = select(func.count(each(ConsentEvent.member_id))).where(*asked)
    return session.scalar(people) or 0


def total(session: Session) -> int:
    """How many people there are."""
    return session.scalar(select(func.count()).select_from(Member)) or 0
