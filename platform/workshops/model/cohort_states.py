"""What can become of a cohort, and of somebody who was named: two small tables. Pure."""

from enum import StrEnum

from core.actors import Who
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
    edges={
        CohortState.PREPARED: {CohortState.RELEASED, CohortState.DROPPED},
        CohortState.RELEASED: (),
        CohortState.DROPPED: (),
        CohortState.OPEN: (),
    },
    begins=(CohortState.PREPARED, CohortState.OPEN),
    who=dict.fromkeys(CohortState, (Who.ORGANISER,)),
)
NOMINATIONS = StateTable(
    edges={
        # Whoever was put away may still ask themselves; who was named may, too.
        NominationState.WAITING: {
            NominationState.WAITING,
            NominationState.INVITED,
            NominationState.PUT_AWAY,
        },
        NominationState.PUT_AWAY: {NominationState.WAITING},
        NominationState.INVITED: (),
    },
    begins=(NominationState.WAITING,),
    who={
        NominationState.WAITING: (Who.MEMBER,),
        NominationState.INVITED: (Who.ORGANISER,),
        NominationState.PUT_AWAY: (Who.ORGANISER,),
    },
)
