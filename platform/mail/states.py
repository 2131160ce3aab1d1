"""The two state machines of the ledger, as data: the one place where an edge can be added."""

from enum import StrEnum

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


D = DeliveryState
DELIVERY_EDGES: dict[DeliveryState, frozenset[DeliveryState]] = {
    D.QUEUED: frozenset({D.RESERVED, D.SUPPRESSED, D.CANCELLED}),
    D.RESERVED: frozenset({D.QUEUED, D.SENDING, D.SUPPRESSED, D.CANCELLED}),
    D.SENDING: frozenset({D.SENT, D.QUEUED, D.FAILED, D.UNKNOWN}),
    D.SENT: frozenset({D.DELIVERED, D.BOUNCED, D.COMPLAINED, D.REJECTED}),
    # `queued` only with proof that it was not sent, or because a person decided.
    D.UNKNOWN: frozenset(
        {D.SENT, D.DELIVERED, D.BOUNCED, D.COMPLAINED, D.REJECTED, D.QUEUED, D.FAILED}
    ),
    D.DELIVERED: frozenset({D.BOUNCED, D.COMPLAINED}),
    D.BOUNCED: frozenset({D.COMPLAINED}),
    D.COMPLAINED: frozenset(),
    D.REJECTED: frozenset(),
    D.FAILED: frozenset({D.QUEUED}),
    D.SUPPRESSED: frozenset(),
    D.CANCELLED: frozenset(),
}

M = MailingState
MAILING_EDGES: dict[MailingState, frozenset[MailingState]] = {
    M.HELD: frozenset({M.RELEASED, M.CANCELLED}),
    M.RELEASED: frozenset({M.PAUSED, M.CANCELLED, M.FINISHED}),
    M.PAUSED: frozenset({M.RELEASED, M.CANCELLED}),
    M.CANCELLED: frozenset(),
    M.FINISHED: frozenset({M.RELEASED}),
}

OPEN = (D.QUEUED, D.RESERVED, D.SENDING)
"""The states in which a delivery still waits for something that we do."""


class MailClass(StrEnum):
    """Service mail answers a person's own act; invitations and newsletters go to many."""

    SERVICE = "service"
    INVITATION = "invitation"
    NEWSLETTER = "newsletter"


DELIVERIES = StateTable(DELIVERY_EDGES)
sources = DELIVERIES.sources
MAILINGS = StateTable(MAILING_EDGES)
