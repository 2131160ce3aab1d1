"""What can become of somebody's place: one table. Pure."""

from enum import StrEnum


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
    P.LAPSED: frozenset({P.CONFIRMED, P.WAITLISTED}),
    P.CONFIRMED: frozenset({P.CANCELLED, P.REMOVED, P.ATTENDED, P.NO_SHOW}),
    P.CANCELLED: frozenset({P.CONFIRMED, P.WAITLISTED}),
    P.REMOVED: frozenset(),
    P.NOT_ACCEPTED: frozenset({P.CONFIRMED, P.WAITLISTED}),
    P.ATTENDED: frozenset({P.NO_SHOW}),
    P.NO_SHOW: frozenset({P.ATTENDED}),
}

HOLDING = (P.CONFIRMED, P.ATTENDED, P.NO_SHOW)
"""States in which somebody has a place. A live offer holds one too, until it ends."""


def sources(target: Place) -> tuple[Place, ...]:
    """The states from which `target` may be reached."""
    return tuple(place for place, targets in EDGES.items() if target in targets)
