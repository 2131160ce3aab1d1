"""Some of the members, by what we know of them: said once, and used by whoever writes to people.

What upper floors know (who took part, who sent something in) they hand in as facts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, not_, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.database import fixed
from core.i18n import N_, Message
from members.consent import TOPICS
from members.models import Member, MemberLabel, Subscription
from members.states import MemberState, SubscriptionState

Words = frozenset[str]
NONE: Words = frozenset()


class Standing(StrEnum):
    """How somebody stands to our letters."""

    READING = "reading"
    PAUSED = "paused"
    LEFT = "left"
    PENDING = "pending"


STANDING_NAMES = {
    Standing.READING: N_("gets something"),
    Standing.PAUSED: N_("wants no mail for a while"),
    Standing.LEFT: N_("has left everything"),
    Standing.PENDING: N_("has not confirmed"),
}


def _no_names(_session: Session, _values: Words) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class Fact:
    """Something that an upper floor knows of members."""

    asks: Message
    """How a form asks for it."""
    holds_of: Callable[[Words], Select[int]]
    """Selects the ids of those of whom it is true, of one of these values if there are any."""
    is_so: Message
    """As a part of a sentence: *who came to a workshop*."""
    is_not: Message
    of_some: Message | None = None
    """The same of some values, which stand at `%(what)s`."""
    of_none: Message | None = None
    names: Callable[[Session, Words], Mapping[str, str | Message]] = _no_names
    """What the values are called."""


Facts = Mapping[str, Fact]


@dataclass(frozen=True)
class Wish:
    """A fact that is to be true, or is not to be."""

    fact: str
    values: Words = NONE
    is_so: bool = True


@dataclass(frozen=True)
class Segment:
    """Those members to whom all of this applies; what is empty does not matter.

    Of several words in one place, one is enough.
    """

    languages: Words = NONE
    roles: Words = NONE
    levels: Words = NONE
    countries: Words = NONE
    labels: Words = NONE
    topics: Words = NONE
    """Topics they are subscribed to."""
    standings: Words = NONE
    joined_since: date | None = None
    joined_before: date | None = None
    wishes: frozenset[Wish] = frozenset()

    def to_json(self) -> dict[str, Any]:
        """As it is stored."""
        kept = {name: sorted(getattr(self, name)) for name in _WORDS}
        dates = {name: day.isoformat() for name in _DATES if (day := getattr(self, name))}
        wishes = [[w.fact, sorted(w.values), w.is_so] for w in self.wishes]
        return {**kept, **dates, "wishes": sorted(wishes)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Segment":
        """As it was stored."""
        named: dict[str, Any] = {name: frozenset(kept.get(name, ())) for name in _WORDS}
        named |= {name: date.fromisoformat(kept[name]) for name in _DATES if name in kept}
        wishes = [Wish(fact, frozenset(of), is_so) for fact, of, is_so in kept.get("wishes", ())]
        return cls(**named, wishes=frozenset(wishes))


_WORDS = ("languages", "roles", "levels", "countries", "labels", "topics", "standings")
_DATES = ("joined_since", "joined_before")


EVERYBODY = Segment()


def matching(segment: Segment, facts: Facts, today: date) -> ColumnElement[bool]:
    """The condition under which a member is in a segment. Raises KeyError for an unknown fact."""
    conditions = [
        *_among(Member.language, segment.languages),
        *_among(Member.role, segment.roles),
        *_among(Member.level, segment.levels),
        *_among(Member.country, segment.countries),
        *_joined(segment),
        *(_is_so(wish, facts[wish.fact]) for wish in _in_order(segment.wishes)),
    ]
    if segment.labels:
        labelled = select(MemberLabel.member_id).where(
            MemberLabel.label.in_(sorted(segment.labels))
        )
        conditions.append(Member.id.in_(labelled))
    if segment.topics:
        conditions.append(Member.id.in_(_subscribers(segment.topics)))
    if segment.standings:
        conditions.append(or_(*(_stands(one, today) for one in sorted(segment.standings))))
    return and_(true(), *conditions)


def _among(column: InstrumentedAttribute[str], words: Words) -> list[ColumnElement[bool]]:
    return [column.in_(sorted(words))] if words else []


def _joined(segment: Segment) -> list[ColumnElement[bool]]:
    since, before = segment.joined_since, segment.joined_before
    found: list[ColumnElement[bool]] = []
    if since is not None:
        found.append(Member.created_at >= _morning(since))
    if before is not None:
        found.append(Member.created_at < _morning(before))
    return found


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _in_order(wishes: frozenset[Wish]) -> list[Wish]:
    """The same segment makes the same statement, so that it is prepared once."""
    return sorted(wishes, key=lambda wish: (wish.fact, sorted(wish.values), wish.is_so))


def _is_so(wish: Wish, fact: Fact) -> ColumnElement[bool]:
    ids = fact.holds_of(wish.values)
    return Member.id.in_(ids) if wish.is_so else Member.id.not_in(ids)


def _stands(standing: str, today: date) -> ColumnElement[bool]:
    is_member = Member.state == MemberState.CONFIRMED
    is_away = and_(Member.paused_until.is_not(None), Member.paused_until > today)
    # Not IN (…): of a million ids PostgreSQL makes no hash, and NOT would look through all of them
    # for each member.
    reads = exists().where(
        Subscription.member_id == Member.id,
        Subscription.topic.in_(TOPICS),
        Subscription.state == fixed(SubscriptionState.SUBSCRIBED),
    )
    return {
        Standing.READING: and_(is_member, reads, not_(is_away)),
        Standing.PAUSED: and_(is_member, is_away),
        Standing.LEFT: and_(is_member, not_(reads)),
        Standing.PENDING: Member.state == MemberState.PENDING,
    }[Standing(standing)]


def _subscribers(topics: Words) -> Select[int]:
    return select(Subscription.member_id).where(
        Subscription.topic.in_(sorted(topics)),
        Subscription.state == fixed(SubscriptionState.SUBSCRIBED),
    )
