"""What can become of an invitation: one table. Pure.

Whether its mail has gone is the ledger's to know; here only what people decide is kept, and that a
mail did not arrive. That an invitation has expired follows from the clock.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from core.actors import Who
from core.i18n import N_, Message
from core.state_tables import StateTable


class InvitationState(StrEnum):
    """Where an invitation stands."""

    PREPARED = "prepared"
    AWAITING = "awaiting"
    MAYBE = "maybe"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REVOKED = "revoked"
    UNDELIVERED = "undelivered"


S = InvitationState
EDGES: dict[InvitationState, frozenset[InvitationState]] = {
    S.PREPARED: frozenset({S.AWAITING, S.REVOKED}),
    S.AWAITING: frozenset({S.MAYBE, S.ACCEPTED, S.DECLINED, S.REVOKED, S.UNDELIVERED}),
    S.MAYBE: frozenset({S.AWAITING, S.ACCEPTED, S.DECLINED, S.REVOKED}),
    S.ACCEPTED: frozenset({S.AWAITING, S.DECLINED}),
    S.DECLINED: frozenset({S.ACCEPTED, S.AWAITING}),
    S.REVOKED: frozenset({S.AWAITING}),
    S.UNDELIVERED: frozenset({S.AWAITING, S.REVOKED}),
}
"""Back to *awaiting* lead a new link, a corrected address, and a new date for everybody."""

UNANSWERED = (S.AWAITING, S.MAYBE)

REPEATABLE = (*UNANSWERED, S.UNDELIVERED, S.REVOKED)
"""It may be sent again: nobody has answered it."""

REMINDERS = (timedelta(days=7), timedelta(days=2))
"""Before `answer_by`, to those who have not answered."""

NAMES: dict[InvitationState, Message] = {
    S.PREPARED: N_("not sent yet"),
    S.AWAITING: N_("no answer yet"),
    S.MAYBE: N_("maybe"),
    S.ACCEPTED: N_("yes"),
    S.DECLINED: N_("no"),
    S.REVOKED: N_("taken back"),
    S.UNDELIVERED: N_("did not arrive"),
}


INVITATIONS = StateTable(
    edges=EDGES,
    begins=(S.PREPARED, S.AWAITING),
    who={
        S.PREPARED: (),
        S.AWAITING: (Who.ORGANISER, Who.MEMBER),
        S.MAYBE: (Who.MEMBER,),
        S.ACCEPTED: (Who.MEMBER, Who.ORGANISER),
        S.DECLINED: (Who.MEMBER,),
        S.REVOKED: (Who.ORGANISER,),
        S.UNDELIVERED: (Who.TIME,),
    },
    names=NAMES,
)


def reminders_due(answer_by: datetime, now: datetime) -> int:
    """How many of the reminders are due, or were before anybody was asked."""
    return sum(1 for before in REMINDERS if now >= answer_by - before)


def is_open(state: str, answer_by: datetime, now: datetime) -> bool:
    """Whether an answer is still taken: what is unanswered at `answer_by` has expired."""
    if state in UNANSWERED:
        return now <= answer_by
    return state == S.DECLINED
