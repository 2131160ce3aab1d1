"""How many read along, and in how many countries: what a visitor may know of them."""

from dataclasses import dataclass

from sqlalchemy import distinct, func, select
from sqlalchemy.orm import Session

from members.consent import NEWSLETTER
from members.models import Member, Subscription
from members.states import MemberState, SubscriptionState

ENOUGH = 25
"""Of fewer nothing is said: it would tell of single people, and convinces nobody."""
ENOUGH_COUNTRIES = 3


@dataclass(frozen=True)
class Readership:
    """How many get the newsletter; 0 where they are few."""

    readers: int = 0
    countries: int = 0


def readership(session: Session) -> Readership:
    """Those who get the newsletter now."""
    readers, countries = session.execute(
        select(func.count(), func.count(distinct(func.nullif(Member.country, ""))))
        .select_from(Subscription)
        .join(Member, Member.id == Subscription.member_id)
        .where(Subscription.topic == NEWSLETTER)
        .where(Subscription.state == SubscriptionState.SUBSCRIBED)
        .where(Member.state == MemberState.CONFIRMED)
    ).one()
    if readers <= ENOUGH:
        return Readership()
    return Readership(readers, countries if countries >= ENOUGH_COUNTRIES else 0)
