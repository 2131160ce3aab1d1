"""Who gets what: the one definition of "subscribed", for counting, freezing and re-checking.

A newsletter goes to those who asked for it; an invitation to anybody who has not said no.
"""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import Select, and_, func, or_, select, true
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from core.database import among, fixed
from mail.states import MailClass
from members.consent import WORKSHOPS
from members.models import Member, Subscription
from members.states import MemberState, SubscriptionState


def subscribed_to(topic: str, today: date) -> ColumnElement[bool]:
    """The condition under which a member (joined to a subscription) gets mail on `topic`."""
    return and_(_subscription_to(topic), _may_be_written_to(today))


def still_wanted(
    session: Session, mail_class: MailClass, topic: str, ids: Sequence[int], today: date
) -> dict[int, int]:
    """Of these members, the ones who take mail of this class on `topic` today; and the version of
    their links."""
    if mail_class is MailClass.INVITATION:
        here = _versions(session, ids, _is_awake(today))
        return _but(here, set(not_to_be_invited(session, ids)))
    return _still_subscribed(session, topic, ids, today)


def may_be_invited(session: Session, ids: Sequence[int], today: date) -> set[int]:
    """Of these members, the ones who have not asked for no invitations, and are not away."""
    return set(ids) - set(not_to_be_invited(session, ids)) - away(session, ids, today)


def not_to_be_invited(session: Session, ids: Sequence[int]) -> set[int]:
    """Of these members, the ones who have asked for no invitations."""
    asked = select(Subscription.member_id).where(
        among(Subscription.member_id, ids),
        Subscription.topic == WORKSHOPS,
        Subscription.state == SubscriptionState.UNSUBSCRIBED,
    )
    return set(session.connection().scalars(asked))


def away(session: Session, ids: Sequence[int], today: date) -> set[int]:
    """Of these members, the ones who want no mail for a while, or are gone."""
    return set(ids) - _versions(session, ids, _is_awake(today)).keys()


def _versions(session: Session, ids: Sequence[int], which: ColumnElement[bool]) -> dict[int, int]:
    rows = select(Member.id, Member.links_version).where(among(Member.id, ids), which)
    return dict(session.connection().execute(rows).all())


def _but(versions: dict[int, int], away: set[int]) -> dict[int, int]:
    return {n: version for n, version in versions.items() if n not in away}


def _still_subscribed(
    session: Session, topic: str, ids: Sequence[int], today: date
) -> dict[int, int]:
    # Two look-ups and no join: just after an import PostgreSQL has no statistics yet, and planned
    # the join so that it went through all members for each batch.
    subscriptions = select(Subscription.member_id).where(
        among(Subscription.member_id, ids), _subscription_to(topic)
    )
    subscribed = set(session.connection().scalars(subscriptions))
    here = _versions(session, ids, _may_be_written_to(today))
    return _but(here, here.keys() - subscribed)


def _subscription_to(topic: str) -> ColumnElement[bool]:
    return and_(
        Subscription.topic == topic, Subscription.state == fixed(SubscriptionState.SUBSCRIBED)
    )


def _may_be_written_to(today: date) -> ColumnElement[bool]:
    return and_(Member.state == MemberState.CONFIRMED, _is_awake(today))


def _is_awake(today: date) -> ColumnElement[bool]:
    return or_(Member.paused_until.is_(None), Member.paused_until <= today)


def in_language(language: str, written: Collection[str], fallback: str) -> ColumnElement[bool]:
    """The members who get the text in `language`: their own, or the fallback for all the others."""
    same_language: ColumnElement[bool] = Member.language == language
    return (
        or_(same_language, Member.language.not_in(list(written)))
        if language == fallback
        else same_language
    )


def readers(
    topic: str, today: date, chosen: ColumnElement[bool] | None = None
) -> Select[int, str, str]:
    """Member id, address and name of everybody subscribed to `topic`, in order of joining.

    With `chosen` of those of a segment only.
    """
    return (
        select(Member.id, Member.email_ascii, Member.name)
        .join(Subscription, Subscription.member_id == Member.id)
        .where(subscribed_to(topic, today), _all_or(chosen))
        .order_by(Member.id)
    )


def count_by_language(
    session: Session, topic: str, today: date, chosen: ColumnElement[bool] | None = None
) -> dict[str, int]:
    """How many people (of a segment) are subscribed to `topic`, by their own language."""
    rows = session.execute(
        select(Member.language, func.count())
        .join(Subscription, Subscription.member_id == Member.id)
        .where(subscribed_to(topic, today), _all_or(chosen))
        .group_by(Member.language)
    )
    return dict(rows.all())


def _all_or(chosen: ColumnElement[bool] | None) -> ColumnElement[bool]:
    return true() if chosen is None else chosen


def left_out(
    session: Session, topic: str, today: date, chosen: ColumnElement[bool] | None = None
) -> dict[str, int]:
    """Who (of a segment) does not get mail on `topic`, and why: unconfirmed, paused,
    unsubscribed."""
    paused = and_(Member.paused_until.is_not(None), Member.paused_until > today)
    joined = select(func.count()).join_from(Subscription, Member)
    joined = joined.where(Subscription.topic == topic, _all_or(chosen))
    active = Subscription.state == SubscriptionState.SUBSCRIBED
    return {
        "unconfirmed": session.scalar(joined.where(Subscription.state == "pending")) or 0,
        "paused": session.scalar(joined.where(active, paused)) or 0,
        "unsubscribed": session.scalar(joined.where(Subscription.state == "unsubscribed")) or 0,
    }
