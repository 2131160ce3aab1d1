"""The two state machines of the ledger, as data: the one place where an edge can be added."""

from enum import StrEnum

from core.actors import Who
from core.i18n import N_, Message
from core.state_tables import StateTable


class DeliveryState(StrEnum):
    """What is known of one mailing to one address. *sent* means accepted, never *delivered*."""

    QUEUED = "queued"
    RESERVED = "reserved"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    REJECTED = "rejected"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"
    CANCELLED = "cancelled"


class MailingState(StrEnum):
    """Where one mailing stands."""

    HELD = "held"
    RELEASED = "released"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    FINISHED = "finished"


D, M = DeliveryState, MailingState
_TOLD = frozenset({D.DELIVERED, D.BOUNCED, D.COMPLAINED, D.REJECTED})
DELIVERY_EDGES: dict[DeliveryState, frozenset[DeliveryState]] = {
    # SES may tell of a call that was taken for lost, after the delivery was queued again.
    D.QUEUED: frozenset({D.RESERVED, D.SUPPRESSED, D.CANCELLED, D.SENT}) | _TOLD,
    D.RESERVED: frozenset({D.QUEUED, D.SENDING, D.SUPPRESSED, D.CANCELLED, D.SENT}) | _TOLD,
    # It may also tell before we have written down its own answer.
    D.SENDING: frozenset({D.SENT, D.QUEUED, D.FAILED, D.UNKNOWN}) | _TOLD,
    D.SENT: _TOLD | {D.FAILED},
    # `queued` only with proof that it was not sent, or because a person decided.
    D.UNKNOWN: _TOLD | {D.SENT, D.QUEUED, D.FAILED},
    D.DELIVERED: frozenset({D.BOUNCED, D.COMPLAINED}),
    D.BOUNCED: frozenset({D.COMPLAINED}),
    D.COMPLAINED: frozenset(),
    D.REJECTED: frozenset(),
    D.FAILED: frozenset({D.QUEUED}),
    D.SUPPRESSED: frozenset(),
    D.CANCELLED: frozenset(),
}

MAILING_EDGES: dict[MailingState, frozenset[MailingState]] = {
    M.HELD: frozenset({M.RELEASED, M.CANCELLED}),
    M.RELEASED: frozenset({M.PAUSED, M.CANCELLED, M.FINISHED}),
    M.PAUSED: frozenset({M.RELEASED, M.CANCELLED}),
    M.CANCELLED: frozenset(),
    M.FINISHED: frozenset({M.RELEASED}),
}

OPEN = (D.QUEUED, D.RESERVED, D.SENDING)
"""The states in which a delivery still waits for something that we do."""
TROUBLED = (D.BOUNCED, D.COMPLAINED, D.REJECTED, D.FAILED, D.UNKNOWN, D.SUPPRESSED)
"""The states that somebody may want to look at."""
ACCEPTED = (D.SENT, D.DELIVERED, D.BOUNCED, D.COMPLAINED, D.REJECTED)
"""The states of what SES took."""


class MailClass(StrEnum):
    """Service mail answers a person's own act; invitations and newsletters go to many."""

    SERVICE = "service"
    INVITATION = "invitation"
    NEWSLETTER = "newsletter"


FORGOTTEN = "hmac:"
"""What the address of a delivery begins with that is only a fingerprint any more."""

_SERVICE, _WORKER = Who.MAIL_SERVICE, Who.WORKER
DELIVERIES = StateTable(
    edges=DELIVERY_EDGES,
    begins=(D.QUEUED,),
    who={
        D.QUEUED: (_WORKER, Who.TIME, Who.ORGANISER),
        D.RESERVED: (_WORKER,),
        D.SENDING: (_WORKER,),
        D.SENT: (_WORKER, Who.ORGANISER, _SERVICE),
        D.FAILED: (_WORKER, _SERVICE),
        D.UNKNOWN: (_WORKER, Who.TIME),
        D.DELIVERED: (_SERVICE,),
        D.BOUNCED: (_SERVICE,),
        D.COMPLAINED: (_SERVICE,),
        D.REJECTED: (_SERVICE,),
        D.SUPPRESSED: (_WORKER,),
        D.CANCELLED: (Who.ORGANISER, Who.TIME),
    },
)
MAILINGS = StateTable(
    edges=MAILING_EDGES,
    begins=(M.HELD, M.RELEASED),
    who={
        M.HELD: (),
        M.RELEASED: (Who.ORGANISER, Who.TIME),
        M.PAUSED: (Who.ORGANISER, _WORKER),
        M.CANCELLED: (Who.ORGANISER,),
        M.FINISHED: (Who.TIME,),
    },
)

DELIVERY_NAMES: dict[DeliveryState, Message] = {
    D.QUEUED: N_("waiting"),
    D.RESERVED: N_("next in line"),
    D.SENDING: N_("being sent"),
    D.SENT: N_("accepted"),
    D.DELIVERED: N_("delivered"),
    D.BOUNCED: N_("bounced"),
    D.COMPLAINED: N_("complained"),
    D.REJECTED: N_("rejected"),
    D.FAILED: N_("failed"),
    D.UNKNOWN: N_("unknown"),
    D.SUPPRESSED: N_("left out"),
    D.CANCELLED: N_("cancelled"),
}

MAILING_NAMES: dict[MailingState, Message] = {
    M.HELD: N_("held"),
    M.RELEASED: N_("going out"),
    M.PAUSED: N_("paused"),
    M.CANCELLED: N_("cancelled"),
    M.FINISHED: N_("gone out"),
}
CLASS_NAMES: dict[MailClass, Message] = {
    MailClass.SERVICE: N_("single mail"),
    MailClass.INVITATION: N_("invitation"),
    MailClass.NEWSLETTER: N_("letter"),
}
