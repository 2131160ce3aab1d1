"""Which topics a member gets mail on, and changing one of them, with its evidence."""

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from core.actors import Who
from core.database import insert_if_new
from core.transitions import edge, walk
from core.unit_of_work import UnitOfWork
from members.consent import Act
from members.evidence import NEVER_ASKED, Asked, Origin, note_consent
from members.models import Member, Subscription
from members.states import SUBSCRIPTIONS, SubscriptionState


def topics_of(
    session: Session, member_id: int, state: SubscriptionState = SubscriptionState.SUBSCRIBED
) -> set[str]:
    """The topics a member is subscribed to; or, by `state`, that wait to be confirmed."""
    of_member = Subscription.member_id == member_id, Subscription.state == state
    return set(session.scalars(select(Subscription.topic).where(*of_member)))


def states_of(session: Session, member_id: int) -> dict[str, SubscriptionState]:
    """Where a member stands with each topic that anything was ever said about."""
    rows = select(Subscription.topic, Subscription.state).where(Subscription.member_id == member_id)
    return {topic: SubscriptionState(state) for topic, state in session.execute(rows)}


def await_confirmation(
    work: UnitOfWork, member_id: int, topic: str, state: SubscriptionState | None
) -> None:
    """Note that somebody is asked whether they want a topic, with which they stand at `state`."""
    if state is None:
        row = {"member_id": member_id, "topic": topic, "state": SubscriptionState.PENDING}
        added = insert_if_new(work.session, Subscription)
        work.session.execute(added.values(**row, changed_at=work.now, reason="", was_left=False))
    elif state is SubscriptionState.UNSUBSCRIBED:
        _await_again(work, member_id, topic)


def _await_again(work: UnitOfWork, member_id: int, topic: str) -> None:
    walk(
        work.session,
        Subscription.state,
        SUBSCRIPTIONS,
        SubscriptionState.PENDING,
        Who.MEMBER,
        Subscription.member_id == member_id,
        Subscription.topic == topic,
        changed_at=work.now,
        was_left=True,
    )


def drop_waiting(work: UnitOfWork, by: Who, *which: ColumnElement[bool]) -> int:
    """End what was asked for and not confirmed, as if nobody had asked; returns how many.

    Whoever had said nothing of a topic has said nothing; what had been left is left again.
    """
    waiting = (SubscriptionState.PENDING,)
    state, left = Subscription.state, SubscriptionState.UNSUBSCRIBED
    back = edge(state, SUBSCRIPTIONS, left, by, only_from=waiting, changed_at=work.now)
    ended = work.change(back.where(Subscription.was_left, *which)) + work.change(
        delete(Subscription)
        .where(state == SubscriptionState.PENDING, Subscription.was_left.is_(False), *which)
        .execution_options(synchronize_session=False)
    )
    work.session.expire_all()
    return ended


def change_topic(
    work: UnitOfWork,
    member: Member,
    topic: str,
    wanted: bool,
    act: Act,
    origin: Origin,
    asked: Asked = NEVER_ASKED,
) -> int | None:
    """Subscribe or unsubscribe a confirmed member: its evidence, or None if nothing changed."""
    row = work.session.get(Subscription, (member.id, topic))
    if row is None:
        if not wanted:
            return None
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
        return None
    language = asked.read_in or member.language
    return note_consent(work, member.id, topic, act, language, origin, asked)
