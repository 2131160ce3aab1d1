"""What can become of somebody's place: one table. Pure."""

from enum import StrEnum

from core.i18n import N_, Message


class Place(StrEnum):
    """Where somebody stands with a workshop."""

    REQUESTED = "requested"
    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    LAPSED = "lapsed"
    CONFIRMED = "confirmed"
    NOT_ACCEPTED = "not_accepted"
    CANCELLED = "cancelled"
    REMOVED = "removed"
    ATTENDED = "attended"
    NO_SHOW = "no_show"


P = Place
EDGES: dict[Place, frozenset[Place]] = {
    P.REQUESTED: frozenset({P.CONFIRMED, P.WAITLISTED, P.NOT_ACCEPTED, P.CANCELLED}),
    P.WAITLISTED: frozenset({P.OFFERED, P.CONFIRMED, P.CANCELLED, P.REMOVED}),
    P.OFFERED: frozenset({P.CONFIRMED, P.LAPSED, P.CANCELLED, P.REMOVED}),
    P.LAPSED: frozenset({P.REQUESTED, P.CONFIRMED, P.WAITLISTED, P.CANCELLED}),
    P.CONFIRMED: frozenset({P.CANCELLED, P.REMOVED, P.ATTENDED, P.NO_SHOW}),
    P.CANCELLED: frozenset({P.REQUESTED, P.CONFIRMED, P.WAITLISTED}),
    P.REMOVED: frozenset(),
    P.NOT_ACCEPTED: frozenset({P.CONFIRMED, P.WAITLISTED}),
    P.ATTENDED: frozenset({P.NO_SHOW}),
    P.NO_SHOW: frozenset({P.ATTENDED}),
}

HOLDING = (P.CONFIRMED, P.ATTENDED, P.NO_SHOW)
"""States in which somebody has a place. A live offer holds one too, until it ends."""


PLACE_NAMES: dict[Place, Message] = {
    P.REQUESTED: N_("Asked for a place"),
    P.WAITLISTED: N_("On the waiting list"),
    P.OFFERED: N_("A place is offered"),
    P.LAPSED: N_("The offer ended"),
    P.CONFIRMED: N_("Has a place"),
    P.NOT_ACCEPTED: N_("No place this time"),
    P.CANCELLED: N_("Given back"),
    P.REMOVED: N_("Taken off the list"),
    P.ATTENDED: N_("Was there"),
    P.NO_SHOW: N_("Was not there"),
}

GONE = (P.CANCELLED, P.REMOVED, P.NOT_ACCEPTED)
"""States in which somebody does not come, and knows it."""


def sources(target: Place) -> tuple[Place, ...]:
    """The states from which `target` may be reached."""
    return tuple(place for place, targets in EDGES.items() if target in targets)
