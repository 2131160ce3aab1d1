"""Leaving is one click, undone by another; fewer letters; and the preferences as a whole."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, select, update

from core.database import insert_if_new
from core.tokens import BrokenToken, Purpose
from core.unit_of_work import Reading, UnitOfWork
from members.consent import TOPICS, WORKSHOPS, Act
from members.evidence import Origin, note_consent
from members.models import ConsentEvent, Member, Subscription
from members.own_links import as_number, owner_of
from members.profile import Profile
from members.states import SubscriptionState
from members.subscriptions import change_topic, topics_of

LONGEST_REASON = 1000
UNDO_OFFERED = timedelta(hours=1)
SAID, UNSAID = "said", "unsaid"


@dataclass(frozen=True)
class Leaving:
    """Who a leaving link belongs to, and where they stand. The member may be gone."""

    member_id: int
    topic: str
    member: Member | None
    state: SubscriptionState | None
    """None while they have never said anything about the topic."""
    left_at: datetime | None

    @property
    def is_subscribed(self) -> bool:
        """Whether there is something to leave.

        Invitations go to everybody who has not said no, so leaving them is saying it.
        """
        if self.state is None:
            return self.topic == WORKSHOPS
        return self.state is not SubscriptionState.UNSUBSCRIBED

    def has_just_left(self, now: datetime) -> bool:
        """Whether somebody may say why: only for a while, and whoever it is."""
        return self.left_at is not None and now - self.left_at < UNDO_OFFERED


def read_leaving(work: Reading, token: str) -> Leaving:
    """What a leaving link means now; changes nothing. Raises BrokenToken or ReplacedToken."""
    member, said = owner_of(work, Purpose.LEAVE, token)
    number = as_number(work.tokens.read(Purpose.LEAVE, token)[0])
    member_id = member.id if member is not None else number
    if len(said) != 1 or said[0] not in TOPICS:
        raise BrokenToken
    topic = said[0]
    row = work.session.get(Subscription, (member_id, topic), populate_existing=True)
    state = SubscriptionState(row.state) if row is not None else None
    is_left = row is not None and state is SubscriptionState.UNSUBSCRIBED
    return Leaving(member_id, topic, member, state, row.changed_at if row and is_left else None)


def leave(work: UnitOfWork, token: str, origin: Origin) -> str:
    """Leave one topic: what takes it back, or nothing if nothing changed.

    Harmless to repeat, and for people who are gone. Raises BrokenToken or ReplacedToken.
    """
    left = read_leaving(work, token)
    if left.member is None or not left.is_subscribed:
        return ""
    event = (
        change_topic(work, left.member, left.topic, False, Act.WITHDRAWN, origin)
        if left.state is not None
        else say_no(work, left.member, left.topic, origin)
    )
    # What nobody had confirmed is asked for anew, with a mail that asks.
    if event is None or left.state is SubscriptionState.PENDING:
        return ""
    was = UNSAID if left.state is None else SAID
    parts = (left.member_id, left.topic, event, was, left.member.links_version)
    return work.tokens.sign(Purpose.UNDO, *parts)


def say_no(work: UnitOfWork, member: Member, topic: str, origin: Origin) -> int | None:
    """Note that somebody who never asked for it does not want it either."""
    row = {
        "member_id": member.id,
        "topic": topic,
        "state": SubscriptionState.UNSUBSCRIBED,
        "reason": "",
    }
    added = insert_if_new(work.session, Subscription).returning(Subscription.topic)
    if work.session.execute(added.values(**row, changed_at=work.now)).one_or_none() is None:
        return None
    return note_consent(work, member.id, topic, Act.WITHDRAWN, member.language, origin)


def undo_leaving(work: UnitOfWork, token: str, origin: Origin) -> Member | None:
    """Take one leaving back, as if it had not been: once, and only while it is the last word.

    Whoever took something away may give it back, and nothing more: a letter may be forwarded.
    Raises BrokenToken, ExpiredToken or ReplacedToken.
    """
    member, said = owner_of(work, Purpose.UNDO, token)
    if len(said) != 3 or said[0] not in TOPICS:
        raise BrokenToken
    topic, event, was = said
    if member is not None and _last_word(work, member.id, topic) == as_number(event):
        if was == UNSAID:
            _unsay(work, member, topic, origin)
        else:
            change_topic(work, member, topic, True, Act.RESTORED, origin)
    return member


def _last_word(work: Reading, member_id: int, topic: str) -> int | None:
    of_topic = ConsentEvent.member_id == member_id, ConsentEvent.topic == topic
    return work.session.scalar(select(func.max(ConsentEvent.id)).where(*of_topic))


def _unsay(work: UnitOfWork, member: Member, topic: str, origin: Origin) -> None:
    """Who had never said anything about a topic has said nothing again."""
    this_one = Subscription.member_id == member.id, Subscription.topic == topic
    work.session.execute(delete(Subscription).where(*this_one))
    note_consent(work, member.id, topic, Act.RESTORED, member.language, origin)


def note_reason(work: UnitOfWork, token: str, reason: str) -> None:
    """Keep why somebody has just left, in their words; the first stays.

    Raises BrokenToken or ReplacedToken.
    """
    left = read_leaving(work, token)
    work.session.execute(
        update(Subscription)
        .where(Subscription.member_id == left.member_id, Subscription.topic == left.topic)
        .where(Subscription.state == SubscriptionState.UNSUBSCRIBED, Subscription.reason == "")
        .where(Subscription.changed_at > work.now - UNDO_OFFERED)
        .values(reason=reason.strip()[:LONGEST_REASON])
    )


@dataclass(frozen=True)
class Less:
    """What a link out of a letter may do: fewer topics, and a longer pause."""

    kept: Collection[str]
    paused_until: date | None


def take_away(work: UnitOfWork, member: Member, less: Less, origin: Origin) -> None:
    """Leave what is not kept, and pause until a day, never for a shorter time than now."""
    for topic in topics_of(work.session, member.id) - set(less.kept):
        change_topic(work, member, topic, False, Act.WITHDRAWN, origin)
    if less.paused_until is not None:
        member.paused_until = max(less.paused_until, member.paused_until or less.paused_until)


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
