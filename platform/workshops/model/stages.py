"""The stages of a workshop: what people decide is stored, the rest follows from the clock. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

from core.actors import Who
from core.i18n import N_, Message
from core.state_tables import StateTable


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


OFF = (S.POSTPONED, S.CANCELLED)
"""While it is not going to take place, or not yet again."""


class Phase(StrEnum):
    """Where a workshop stands, from what was decided and from the clock; never stored."""

    PLANNED = "planned"
    COMING = "coming"
    LIVE = "live"
    REFLECTING = "reflecting"
    FOLLOWING_UP = "following_up"
    OFF = "off"
    OVER = "over"


PHASE_NAMES: dict[Phase, Message] = {
    Phase.LIVE: N_("Running now"),
    Phase.REFLECTING: N_("Reflecting"),
    Phase.FOLLOWING_UP: N_("Following up"),
    Phase.OVER: N_("Complete"),
}
"""The others are better told by the stage."""

REFLECTION = timedelta(days=14)
"""How long after the end people check out and gather learning points."""


def phase_of(
    stage: str, starts_at: datetime | None, ends_at: datetime | None, now: datetime
) -> Phase:
    """The phase of a workshop at a moment."""
    if stage in PLANNED:
        return Phase.PLANNED
    if stage in OFF:
        return Phase.OFF
    if stage == S.COMPLETE:
        return Phase.OVER
    if starts_at is None or ends_at is None or now < starts_at:
        return Phase.COMING
    if now < ends_at:
        return Phase.LIVE
    return Phase.REFLECTING if now <= ends_at + REFLECTION else Phase.FOLLOWING_UP


STAGES = StateTable(
    edges=EDGES,
    begins=(S.DRAFT,),
    who=dict.fromkeys(Stage, (Who.ORGANISER,)) | {S.COMPLETE: (Who.ORGANISER, Who.TIME)},
    names=STAGE_NAMES,
)
