"""Leaving is one click, undone by another; and the preferences that a mail's link opens."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.actors import Who
from core.database import insert_if_new
from core.tokens import BrokenToken, Purpose, Tokens
from core.transitions import walk
from core.unit_of_work import UnitOfWork
from members.consent import TOPICS, WORKSHOPS, Act
from members.evidence import Origin, note_consent
from members.models import Member, Subscription
from members.profile import Profile
from members.states import SUBSCRIPTIONS, SubscriptionState

LONGEST_REASON = 1000
UNDO_OFFERED = timedelta(hours=1)


@dataclass(frozen=True)
class Leaving:
    """Who a leaving link belongs to, and where they stand. The member may be gone."""

    member_id: int
    topic: str
    member: Member | None
    is_subscribed: bool
    left_at: datetime | None

    def may_undo(self, now: datetime) -> bool:
        """Whether the link may offer to take leaving back: only for a while.

        Later it would let whoever a letter was forwarded to subscribe its owner again.
        """
        return self.left_at is not None and now - self.left_at < UNDO_OFFERED


def read_leaving(session: Session, tokens: Tokens, token: str) -> Leaving:
    """What a leaving link means now; changes nothing. Raises BrokenToken."""
    member_id, topic = _who(tokens, Purpose.LEAVE, token)
    member = session.get(Member, member_id)
    row = session.get(Subscription, (member_id, topic), populate_existing=True)
    # Invitations go to everybody who has not said no, so leaving them is saying it.
    is_subscribed = (
        row.state in (SubscriptionState.SUBSCRIBED, SubscriptionState.PENDING)
        if row is not None
        else topic == WORKSHOPS
    )
    left_at = row.changed_at if row is not None and not is_subscribed else None
    return Leaving(member_id, topic, member, is_subscribed, left_at)


def leave(work: UnitOfWork, token: str, origin: Origin) -> Leaving:
    """Leave one topic. Harmless to repeat, and for people who are gone. Raises BrokenToken."""
    leaving = read_leaving(work.session, work.tokens, token)
    if leaving.member is not None:
        changed = change_topic(work, leaving.member, leaving.topic, False, Act.WITHDRAWN, origin)
        if not changed and leaving.is_subscribed:
            _say_no(work, leaving.member, leaving.topic, origin)
    return leaving


def _say_no(work: UnitOfWork, member: Member, topic: str, origin: Origin) -> None:
    """Note that somebody who never asked for it does not want it either."""
    row = {
        "member_id": member.id,
        "topic": topic,
        "state": SubscriptionState.UNSUBSCRIBED,
        "reason": "",
    }
    added = insert_if_new(work.session, Subscription).returning(Subscription.topic)
    if work.session.execute(added.values(**row, changed_at=work.now)).one_or_none() is not None:
        note_consent(work, member.id, topic, Act.WITHDRAWN, member.language, origin)


def undo_leaving(work: UnitOfWork, token: str, origin: Origin) -> Member | None:
    """Take leaving back. Raises BrokenToken or ExpiredToken."""
    member_id, topic = _who(work.tokens, Purpose.UNDO, token)
    member = work.session.get(Member, member_id)
    if member is not None:
        change_topic(work, member, topic, True, Act.RESTORED, origin)
    return member


def undo_token(tokens: Tokens, leaving: Leaving) -> str:
    """A token that takes leaving back, for 30 days."""
    return tokens.sign(Purpose.UNDO, leaving.member_id, leaving.topic)


def note_reason(work: UnitOfWork, token: str, reason: str) -> None:
    """Keep why somebody left, in their words. Raises BrokenToken."""
    member_id, topic = _who(work.tokens, Purpose.LEAVE, token)
    work.session.execute(
        update(Subscription)
        .where(Subscription.member_id == member_id, Subscription.topic == topic)
        .where(Subscription.state == SubscriptionState.UNSUBSCRIBED)
        .values(reason=reason.strip()[:LONGEST_REASON])
    )


def preferences_member(session: Session, tokens: Tokens, token: str) -> Member | None:
    """The member whose preferences a link opens, or None if erased. Raises BrokenToken."""
    parts = tokens.read(Purpose.PREFERENCES, token)
    return session.get(Member, _number(parts[0]))


def topics_of(session: Session, member_id: int) -> set[str]:
    """The topics a member is subscribed to."""
    return set(
        session.scalars(
            select(Subscription.topic).where(
                Subscription.member_id == member_id,
                Subscription.state == SubscriptionState.SUBSCRIBED,
            )
        )
    )


@dataclass(frozen=True)
class Preferences:
    """What a member may set about themselves."""

    topics: Collection[str]
    language: str
    name: str
    time_zone: str
    paused_until: date | None
    profile: Profile


def profile_of(member: Member) -> Profile:
    """What a member has said about their work."""
    return Profile(member.role, member.level, member.country)


def save_profile(member: Member, profile: Profile) -> None:
    """Keep what a member says about their work."""
    member.role, member.level, member.country = profile.role, profile.level, profile.country


def save_preferences(work: UnitOfWork, member: Member, wanted: Preferences, origin: Origin) -> None:
    """Make the preferences so, with evidence for every topic that changes."""
    member.language = wanted.language
    member.name = wanted.name
    member.time_zone = wanted.time_zone
    member.paused_until = wanted.paused_until
    save_profile(member, wanted.profile)
    for topic in TOPICS:
        act = Act.CHANGED if topic in wanted.topics else Act.WITHDRAWN
        change_topic(work, member, topic, topic in wanted.topics, act, origin)


def change_topic(
    work: UnitOfWork, member: Member, topic: str, wanted: bool, act: Act, origin: Origin
) -> bool:
    """Subscribe or unsubscribe a confirmed member; whether anything changed."""
    row = work.session.get(Subscription, (member.id, topic))
    if row is None:
        if not wanted:
            return False
        first = {
            "member_id": member.id,
            "topic": topic,
            "state": SubscriptionState.UNSUBSCRIBED,
            "reason": "",
        }
        added = insert_if_new(work.session, Subscription)
        work.session.execute(added.values(**first, changed_at=work.now))
    target = SubscriptionState.SUBSCRIBED if wanted else SubscriptionState.UNSUBSCRIBED
    this_subscription = Subscription.member_id == member.id, Subscription.topic == topic
    state, at = Subscription.state, work.now
    changed = walk(
        work.session, state, SUBSCRIPTIONS, target, Who.MEMBER, *this_subscription, changed_at=at
    )
    if not changed:
        return False
    note_consent(work, member.id, topic, act, member.language, origin)
    return True


def _who(tokens: Tokens, purpose: Purpose, token: str) -> tuple[int, str]:
    parts = tokens.read(purpose, token)
    if len(parts) != 2 or parts[1] not in TOPICS:
        raise BrokenToken
    return _number(parts[0]), parts[1]


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise BrokenToken from None
