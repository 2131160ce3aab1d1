"""What can become of a cohort, and of somebody who was named: two small tables. Pure."""

from enum import StrEnum

from core.state_tables import StateTable


class CohortState(StrEnum):
    """Where a batch of invitations stands."""

    PREPARED = "prepared"
    RELEASED = "released"
    DROPPED = "dropped"
    OPEN = "open"
    """Of those who asked for a place in an open workshop themselves: nobody released it."""


class NominationState(StrEnum):
    """Where somebody stands whom a participant has named, or who asked for a place."""

    WAITING = "waiting"
    INVITED = "invited"
    PUT_AWAY = "put_away"


COHORTS = StateTable(
    {
        CohortState.PREPARED: frozenset({CohortState.RELEASED, CohortState.DROPPED}),
        CohortState.RELEASED: frozenset(),
        CohortState.DROPPED: frozenset(),
        CohortState.OPEN: frozenset(),
    }
)
NOMINATIONS = StateTable(
    {
        # Whoever was put away may still ask themselves.
        NominationState.WAITING: frozenset({NominationState.INVITED, NominationState.PUT_AWAY}),
        NominationState.PUT_AWAY: frozenset({NominationState.WAITING}),
        NominationState.INVITED: frozenset(),
    }
)
