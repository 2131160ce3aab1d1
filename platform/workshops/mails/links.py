"""The links that open something of one person's; their tokens are made when the mail leaves."""

from datetime import date

from core.tokens import Purpose
from mail.links import OpeningLink
from workshops.model.tables import Invitation, Registration


def own_page(registration: Registration, until: date | None = None) -> OpeningLink:
    """One participant's own page of a workshop, for as long as it exists or until a day."""
    last = () if until is None else (until.toordinal(),)
    return OpeningLink("/w/", Purpose.PLACE, (registration.id, *last))


def answering(invitation: Invitation) -> OpeningLink:
    """The page on which one person answers; worthless once a newer round was sent."""
    return OpeningLink("/i/", Purpose.INVITE, (invitation.id, invitation.round))
