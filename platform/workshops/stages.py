"""The stages of a workshop: what people decide is stored, the rest follows from the clock. Pure."""

from enum import StrEnum

from core.i18n import N_, Message


class Stage(StrEnum):
    """What somebody has decided about a workshop."""

    DRAFT = "draft"
    READY = "ready"
    INVITING = "inviting"
    OPEN = "open"
    CLOSED = "closed"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"
    COMPLETE = "complete"


S = Stage
EDGES: dict[Stage, frozenset[Stage]] = {
    S.DRAFT: frozenset({S.READY, S.CANCELLED}),
    S.READY: frozenset({S.DRAFT, S.INVITING, S.OPEN, S.CANCELLED}),
    S.INVITING: frozenset({S.OPEN, S.CLOSED, S.POSTPONED, S.CANCELLED, S.COMPLETE}),
    S.OPEN: frozenset({S.CLOSED, S.POSTPONED, S.CANCELLED, S.COMPLETE}),
    S.CLOSED: frozenset({S.INVITING, S.OPEN, S.POSTPONED, S.CANCELLED, S.COMPLETE}),
    S.POSTPONED: frozenset({S.INVITING, S.OPEN, S.CANCELLED}),
    S.CANCELLED: frozenset(),
    S.COMPLETE: frozenset(),
}

STAGE_NAMES: dict[Stage, Message] = {
    S.DRAFT: N_("Being planned"),
    S.READY: N_("The ground is prepared"),
    S.INVITING: N_("Inviting"),
    S.OPEN: N_("Open"),
    S.CLOSED: N_("Closed"),
    S.POSTPONED: N_("Postponed"),
    S.CANCELLED: N_("Cancelled"),
    S.COMPLETE: N_("Complete"),
}

PLANNED = (S.DRAFT, S.READY)
"""While nobody has been invited, the plan may be changed freely."""


TAKING = (S.INVITING, S.OPEN)
"""While people can come."""

HAPPENING = (S.INVITING, S.OPEN, S.CLOSED)
"""While it is going to take place, or has."""


def sources(target: Stage) -> tuple[Stage, ...]:
    """The stages from which `target` may be reached."""
    return tuple(stage for stage, targets in EDGES.items() if target in targets)
