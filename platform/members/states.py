"""What can become of a member, and of what they want mail about: two small tables. Pure."""

from enum import StrEnum

from core.actors import Who
from core.state_tables import StateTable


class MemberState(StrEnum):
    """Whether somebody has shown that their address is theirs."""

    PENDING = "pending"
    CONFIRMED = "confirmed"


class SubscriptionState(StrEnum):
    """Whether a member wants mail on a topic. No row means: never said."""

    PENDING = "pending"
    """Asked for, and not confirmed."""
    SUBSCRIBED = "subscribed"
    UNSUBSCRIBED = "unsubscribed"


_MEMBER, _SUBSCRIPTION = MemberState, SubscriptionState
MEMBERS = StateTable(
    edges={
        # Who is confirmed already confirms what else they asked for.
        _MEMBER.PENDING: {_MEMBER.CONFIRMED},
        _MEMBER.CONFIRMED: {_MEMBER.CONFIRMED},
    },
    begins=(_MEMBER.PENDING, _MEMBER.CONFIRMED),
    who={_MEMBER.PENDING: (), _MEMBER.CONFIRMED: (Who.MEMBER, Who.ORGANISER)},
)
SUBSCRIPTIONS = StateTable(
    edges={
        _SUBSCRIPTION.PENDING: {_SUBSCRIPTION.SUBSCRIBED, _SUBSCRIPTION.UNSUBSCRIBED},
        _SUBSCRIPTION.SUBSCRIBED: {_SUBSCRIPTION.UNSUBSCRIBED},
        _SUBSCRIPTION.UNSUBSCRIBED: {_SUBSCRIPTION.PENDING, _SUBSCRIPTION.SUBSCRIBED},
    },
    begins=(
        _SUBSCRIPTION.PENDING,
        _SUBSCRIPTION.SUBSCRIBED,
        _SUBSCRIPTION.UNSUBSCRIBED,
    ),
    who={
        _SUBSCRIPTION.PENDING: (Who.MEMBER,),
        _SUBSCRIPTION.SUBSCRIBED: (Who.MEMBER,),
        _SUBSCRIPTION.UNSUBSCRIBED: (Who.MEMBER, Who.TIME),
    },
)
