"""What a participant's own page says first: where they stand. Pure."""

from datetime import datetime
from enum import StrEnum

from workshops.model.registration_states import RegistrationState
from workshops.model.stages import Phase, Stage
from workshops.model.tables import Registration, Workshop


class Standing(StrEnum):
    """The one sentence that matters most to somebody now."""

    CANCELLED = "cancelled"
    POSTPONED = "postponed"
    COMES = "comes"
    TOO_LATE = "too late"
    FREE_FOR_ALL = "free for all"
    WAITING = "waiting"
    OFFERED = "offered"
    REQUESTED = "requested"
    CAN_UNDO = "can undo"
    NOT_ACCEPTED = "not accepted"
    NO_PLACE = "no place"
    WAS_THERE = "was there"
    SAID_BY_THE_PAGE = "said by the page"
    """There is nothing to say that the page does not show."""


R = RegistrationState
WAITING = (R.WAITLISTED, R.OFFERED, R.REQUESTED)


def standing_of(
    workshop: Workshop,
    registration: Registration,
    now: datetime,
    *,
    is_free_for_all: bool,
    can_undo: bool,
) -> Standing:
    """Where somebody stands at a moment; that it is off comes before everything else."""
    if workshop.stage == Stage.CANCELLED:
        return Standing.CANCELLED
    if workshop.stage == Stage.POSTPONED:
        return Standing.POSTPONED
    state = RegistrationState(registration.state)
    if workshop.phase(now) is not Phase.COMING:
        return _once_it_has_begun(state)
    if state in WAITING:
        return _while_waiting(registration, now, is_free_for_all=is_free_for_all)
    if can_undo:
        return Standing.CAN_UNDO
    return _SAYS.get(state, Standing.SAID_BY_THE_PAGE)


_SAYS = {
    R.CONFIRMED: Standing.COMES,
    R.CANCELLED: Standing.NO_PLACE,
    R.LAPSED: Standing.NO_PLACE,
    R.NOT_ACCEPTED: Standing.NOT_ACCEPTED,
    R.ATTENDED: Standing.WAS_THERE,
}


def _once_it_has_begun(state: RegistrationState) -> Standing:
    if state in WAITING:
        return Standing.TOO_LATE
    return Standing.WAS_THERE if state is R.ATTENDED else Standing.SAID_BY_THE_PAGE


def _while_waiting(registration: Registration, now: datetime, *, is_free_for_all: bool) -> Standing:
    if registration.state == R.REQUESTED:
        return Standing.REQUESTED
    if registration.state == R.WAITLISTED:
        return Standing.FREE_FOR_ALL if is_free_for_all else Standing.WAITING
    is_live = registration.offer_until is not None and registration.offer_until > now
    return Standing.OFFERED if is_live else Standing.NO_PLACE
