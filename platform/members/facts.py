"""What the membership and its mail know of members, for choosing whom to write to."""

from typing import cast

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from core.i18n import N_
from mail.ledger import ON_THE_LIST
from mail.models import Delivery
from mail.states import DeliveryState
from members.segments import Fact, Facts, Words

TROUBLE = "trouble"
_BAD = (DeliveryState.BOUNCED, DeliveryState.COMPLAINED, DeliveryState.REJECTED)
_GOOD = (DeliveryState.SENT, DeliveryState.DELIVERED)


def _trouble(_: Words) -> Select[int]:
    """To whom a mail did not come through, and none did since."""
    later = aliased(Delivery)
    came_since = exists().where(
        later.recipient_id == Delivery.recipient_id, later.id > Delivery.id, later.state.in_(_GOOD)
    )
    withheld = and_(Delivery.state == DeliveryState.SUPPRESSED, Delivery.error == ON_THE_LIST)
    bad = or_(Delivery.state.in_(_BAD), withheld)
    whom = cast(InstrumentedAttribute[int], Delivery.recipient_id)
    return select(whom).where(bad, whom.is_not(None), ~came_since)


FACTS: Facts = {
    TROUBLE: Fact(
        N_("Mail does not reach them"),
        _trouble,
        N_("whose mail does not reach them"),
        N_("whose mail reaches them"),
    )
}
