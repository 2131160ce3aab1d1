"""Double opt-in, its second half: confirming, being reminded, being forgotten.

What is confirmed is what the owner of the address reads on the page, not what somebody typed.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum

from sqlalchemy import CompoundSelect, delete, exists, func, select, true, update

from core.actors import Who
from core.addresses import parse_address
from core.database import fixed
from core.errors import Refusal
from core.i18n import N_
from core.rate_limits import RateLimits
from core.tokens import BrokenToken, ExpiredToken, Purpose
from core.transitions import walk
from core.unit_of_work import Reading, UnitOfWork
from mail.keys import delivery_key
from mail.models import Delivery
from mail.posting import post
from mail.retention import forget_recipients
from mail.unasked import may_write
from members import emails
from members.consent import TOPICS, Act
from members.evidence import NEVER_ASKED, Asked, Origin
from members.models import ConsentEvent, Member, Subscription
from members.own_links import as_number
from members.states import MEMBERS, MemberState, SubscriptionState
from members.subscribing import ask_to_confirm, check_name, confirmation_key
from members.subscriptions import change_topic, drop_waiting, topics_of

REMIND_AFTER = timedelta(hours=24)
FORGET_AFTER = timedelta(days=14)
AT_ONCE = 500


class Confirmation(Enum):
    """How a click on a confirmation link ended."""

    CONFIRMED = "confirmed"
    ALREADY = "already"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True)
class Wish:
    """What the owner of an address says while confirming. None: they were not asked."""

    topics: frozenset[str] | None = None
    name: str | None = None
    language: str | None = None
    read_in: str = ""
    """The language of the page on which they read it."""


AS_ASKED = Wish()


@dataclass(frozen=True)
class _Link:
    member_id: int
    version: int
    events: tuple[int, ...]
    """The consent events that the mail asked about; none in mails of before."""


def confirm(
    work: UnitOfWork, token: str, origin: Origin, wish: Wish = AS_ASKED
) -> tuple[Confirmation, Member | None]:
    """Confirm an address, and what its owner wishes. A second time changes nothing.

    Raises BrokenToken, ExpiredToken, or Refusal naming the field.
    """
    link = _read(work.tokens.read(Purpose.CONFIRM, token))
    _check(wish)
    is_first = _confirm_address(work, link)
    member = work.session.get(Member, link.member_id, populate_existing=True)
    if member is None:
        return Confirmation.FORGOTTEN, None
    if not is_first or not _confirm_topics(work, member, link, wish, origin):
        return Confirmation.ALREADY, member
    key = delivery_key("welcome", member.id, link.version)
    post(work, emails.welcome(work, member), member.recipient, key)
    return Confirmation.CONFIRMED, member


def _check(wish: Wish) -> None:
    if wish.topics is not None and not wish.topics & set(TOPICS):
        raise Refusal(
            N_("Please tick what you would like to get; or close this page, and nothing comes."),
            "topics",
        )


def _confirm_address(work: UnitOfWork, link: _Link) -> bool:
    return walk(
        work.session,
        Member.state,
        MEMBERS,
        MemberState.CONFIRMED,
        Who.MEMBER,
        Member.id == link.member_id,
        Member.token_version == link.version,
        confirmed_at=func.coalesce(Member.confirmed_at, work.now),
        token_version=link.version + 1,
    )


def _confirm_topics(
    work: UnitOfWork, member: Member, link: _Link, wish: Wish, origin: Origin
) -> bool:
    """Subscribe to what is wished, with evidence; whether that was anything."""
    member.language = wish.language or member.language
    said = member.name or member.typed_name if wish.name is None else check_name(wish.name)
    member.name, member.typed_name = said, ""
    waiting = topics_of(work.session, member.id, SubscriptionState.PENDING)
    wanted = waiting if wish.topics is None else wish.topics
    asked = _asked_by(work, link)
    for topic in (t for t in TOPICS if t in wanted):
        was_asked = replace(asked.get(topic, NEVER_ASKED), read_in=wish.read_in)
        change_topic(work, member, topic, True, Act.CONFIRMED, origin, was_asked)
    for topic in sorted(waiting - wanted):
        change_topic(work, member, topic, False, Act.WITHDRAWN, origin)
    return bool(wanted)


def _asked_by(work: UnitOfWork, link: _Link) -> dict[str, Asked]:
    """The event of each topic that the link names, and the mailing that carried it."""
    if not link.events:
        return {}
    key = confirmation_key(link.events[0])
    mailing = select(Delivery.mailing_id).where(Delivery.dedup_key == key).scalar_subquery()
    named = ConsentEvent.id.in_(link.events), ConsentEvent.member_id == link.member_id
    rows = work.session.execute(select(ConsentEvent.topic, ConsentEvent.id, mailing).where(*named))
    return {topic: Asked(event, number) for topic, event, number in rows}


def who_confirms(work: Reading, token: str) -> tuple[Confirmation, Member | None]:
    """What confirming would meet now; changes nothing. Raises BrokenToken or ExpiredToken."""
    link = _read(work.tokens.read(Purpose.CONFIRM, token))
    member = work.session.get(Member, link.member_id)
    if member is None:
        return Confirmation.FORGOTTEN, None
    is_open = member.token_version == link.version
    return (Confirmation.CONFIRMED if is_open else Confirmation.ALREADY), member


def expired_member(work: Reading, token: str) -> Member | None:
    """The member of a confirmation link that is ours, expired or not. Raises BrokenToken."""
    try:
        parts = work.tokens.read(Purpose.CONFIRM, token)
    except ExpiredToken as expired:
        parts = expired.parts
    return work.session.get(Member, _read(parts).member_id)


def may_send_again(limits: RateLimits, member: Member) -> bool:
    """Whether a new link may be mailed to somebody now. Raises Unavailable."""
    return may_write(limits, parse_address(member.email))


def send_again(work: UnitOfWork, member: Member, origin: Origin) -> None:
    """A new confirmation link for somebody who is still waited for, and whose old one expired."""
    waiting = topics_of(work.session, member.id, SubscriptionState.PENDING)
    if waiting:
        ask_to_confirm(work, member, [topic for topic in TOPICS if topic in waiting], origin)


def forget(work: UnitOfWork, token: str, spared: CompoundSelect[int]) -> bool:
    """Delete what is pending: "this was not me". Raises BrokenToken or ExpiredToken.

    Of `spared`, who are waited for by somebody else, only the subscription goes.
    """
    link = _read(work.tokens.read(Purpose.NOT_ME, token))
    is_it = (Member.id == link.member_id, Member.token_version == link.version)
    deleted = work.session.execute(
        delete(Member)
        .where(*is_it, Member.state == MemberState.PENDING, Member.id.not_in(spared))
        .returning(Member.id)
    ).one_or_none()
    if deleted is not None:
        forget_recipients(work, [link.member_id])
        return True
    if work.session.scalar(select(Member.id).where(*is_it)) is None:
        return False
    return bool(drop_waiting(work, Who.MEMBER, Subscription.member_id == link.member_id))


def remind_pending(work: UnitOfWork) -> int:
    """Remind, once, everybody who has not confirmed within a day. Returns how many."""
    due = (
        select(Member.id)
        .where(Member.state == fixed(MemberState.PENDING), Member.reminded_at.is_(None))
        .where(Member.created_at <= work.now - REMIND_AFTER)
        # Somebody may be pending for another reason, and has no subscription to be reminded of.
        .where(
            exists().where(
                Subscription.member_id == Member.id, Subscription.state == SubscriptionState.PENDING
            )
        )
        .limit(AT_ONCE)
    )
    reminded = work.session.scalars(
        update(Member)
        .where(Member.id.in_(due), Member.reminded_at.is_(None))
        .values(reminded_at=work.now)
        .returning(Member)
    ).all()
    for member in reminded:
        _remind(work, member)
    return len(reminded)


def _remind(work: UnitOfWork, member: Member) -> None:
    asked = (
        select(ConsentEvent.topic, func.max(ConsentEvent.id))
        .join(
            Subscription,
            (Subscription.member_id == ConsentEvent.member_id)
            & (Subscription.topic == ConsentEvent.topic)
            & (Subscription.state == SubscriptionState.PENDING),
        )
        .where(ConsentEvent.member_id == member.id, ConsentEvent.act == Act.REQUESTED)
        .group_by(ConsentEvent.topic)
    )
    events = dict(work.session.execute(asked).all())
    topics = [topic for topic in TOPICS if topic in events]
    named = [events[topic] for topic in topics]
    email = emails.confirm_subscription(work, member, topics, named, is_reminder=True)
    post(work, email, member.recipient, delivery_key("reminder", member.id))


def purge_pending(work: UnitOfWork, spared: CompoundSelect[int] | None = None) -> list[int]:
    """Forget everybody who did not confirm within 14 days. Returns their ids.

    `spared` are ids of people who are still waited for, for another reason.
    """
    last = work.now - FORGET_AFTER
    purged = work.session.scalars(
        delete(Member)
        .where(Member.state == fixed(MemberState.PENDING), Member.created_at <= last)
        .where(Member.id.not_in(spared) if spared is not None else true())
        .returning(Member.id)
    ).all()
    drop_waiting(work, Who.TIME, Subscription.changed_at <= last)
    return list(purged)


def _read(parts: list[str]) -> _Link:
    if len(parts) < 2:
        raise BrokenToken
    member_id, version, *events = (as_number(part) for part in parts)
    return _Link(member_id, version, tuple(events))
