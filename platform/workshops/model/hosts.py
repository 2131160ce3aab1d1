"""Those without whom a workshop cannot be: who leads it, and who sits in the hotseat. Pure."""

from enum import StrEnum

from core.i18n import N_, Message
from workshops.model.tables import Workshop


class Host(StrEnum):
    """What somebody is in a workshop besides taking part."""

    FACILITATOR = "facilitator"
    SEAT = "seat"


HOST_NAMES: dict[Host, Message] = {
    Host.FACILITATOR: N_("leads it"),
    Host.SEAT: N_("sits in the hotseat"),
}


def hosts_of(workshop: Workshop) -> dict[int, Host]:
    """Its hosts by member id. Whoever leads it and sits in the hotseat too is there once."""
    named = ((workshop.seat_id, Host.SEAT), (workshop.facilitator_id, Host.FACILITATOR))
    return {member_id: host for member_id, host in named if member_id is not None}
