"""What can become of somebody's place: one table. Pure."""

from enum import StrEnum

from core.actors import Who
from core.i18n import N_, Message
from core.state_tables import StateTable


class RegistrationState(StrEnum):
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


R = RegistrationState
EDGES: dict[RegistrationState, frozenset[RegistrationState]] = {
    R.REQUESTED: frozenset({R.CONFIRMED, R.WAITLISTED, R.NOT_ACCEPTED, R.CANCELLED}),
    R.WAITLISTED: frozenset({R.OFFERED, R.CONFIRMED, R.CANCELLED, R.REMOVED}),
    R.OFFERED: frozenset({R.CONFIRMED, R.LAPSED, R.CANCELLED, R.REMOVED}),
    R.LAPSED: frozenset({R.REQUESTED, R.CONFIRMED, R.WAITLISTED, R.CANCELLED}),
    R.CONFIRMED: frozenset({R.CANCELLED, R.REMOVED, R.ATTENDED, R.NO_SHOW}),
    R.CANCELLED: frozenset({R.REQUESTED, R.CONFIRMED, R.WAITLISTED}),
    R.REMOVED: frozenset(),
    R.NOT_ACCEPTED: frozenset({R.CONFIRMED, R.WAITLISTED}),
    R.ATTENDED: frozenset({R.NO_SHOW}),
    R.NO_SHOW: frozenset({R.ATTENDED}),
}

HOLDING = (R.CONFIRMED, R.ATTENDED, R.NO_SHOW)
"""States in which somebody has a place. A live offer holds one too, until it ends."""


REGISTRATION_NAMES: dict[RegistrationState, Message] = {
    R.REQUESTED: N_("Asked for a place"),
    R.WAITLISTED: N_("On the waiting list"),
    R.OFFERED: N_("A place is offered"),
    R.LAPSED: N_("The offer ended"),
    R.CONFIRMED: N_("Has a place"),
    R.NOT_ACCEPTED: N_("No place this time"),
    R.CANCELLED: N_("Given back"),
    R.REMOVED: N_("Taken off the list"),
    R.ATTENDED: N_("Was there"),
    R.NO_SHOW: N_("Was not there"),
}

OWN_NAMES: dict[RegistrationState, Message] = {
    R.REQUESTED: N_("You asked for a place"),
    R.WAITLISTED: N_("You are on the waiting list"),
    R.OFFERED: N_("A place is offered to you"),
    R.LAPSED: N_("The offer to you ended"),
    R.CONFIRMED: N_("You have a place"),
    R.NOT_ACCEPTED: N_("No place this time"),
    R.CANCELLED: N_("You gave up your place"),
    R.REMOVED: N_("You were taken off the list"),
    R.ATTENDED: N_("You were there"),
    R.NO_SHOW: N_("You were not there"),
}
"""The same as whoever it is reads it of themselves."""

WAITING = (R.WAITLISTED, R.OFFERED, R.LAPSED)
"""States in which somebody would come if there were a place for them."""

GONE = (R.CANCELLED, R.REMOVED, R.NOT_ACCEPTED)
"""States in which somebody does not come, and knows it."""


REGISTRATIONS = StateTable(
    edges=EDGES,
    begins=(R.REQUESTED, R.CONFIRMED, R.WAITLISTED),
    who={
        R.REQUESTED: (Who.MEMBER,),
        R.WAITLISTED: (Who.MEMBER, Who.ORGANISER),
        R.OFFERED: (Who.TIME,),
        R.LAPSED: (Who.TIME,),
        R.CONFIRMED: (Who.MEMBER, Who.ORGANISER),
        R.NOT_ACCEPTED: (Who.ORGANISER,),
        R.CANCELLED: (Who.MEMBER,),
        R.REMOVED: (Who.ORGANISER,),
        R.ATTENDED: (Who.ORGANISER,),
        R.NO_SHOW: (Who.ORGANISER,),
    },
    names=REGISTRATION_NAMES,
)
