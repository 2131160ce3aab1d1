"""The links that open something of one person's; their tokens are made when the mail leaves."""

from datetime import date

from core.tokens import Purpose, Tokens
from mail.links import OpeningLink
from members.models import Member
from workshops.model.tables import Invitation, Registration

AS_LONG_AS_IT_EXISTS = 0


def own_page(registration: Registration, member: Member, until: date | None = None) -> OpeningLink:
    """One participant's own page of a workshop, for as long as it exists or until a day."""
    last = AS_LONG_AS_IT_EXISTS if until is None else until.toordinal()
    return OpeningLink("/w/", Purpose.PLACE, (registration.id, last, member.links_version))


def answering(invitation: Invitation, member: Member) -> OpeningLink:
    """The page on which one person answers; worthless once a newer round was sent."""
    parts = (invitation.id, invitation.round, member.links_version)
    return OpeningLink("/i/", Purpose.INVITE, parts)


def calendar(tokens: Tokens, member: Member) -> str:
    """The path of all one person's workshops, for a calendar to look at now and then."""
    return f"/calendar/{tokens.sign(Purpose.CALENDAR, member.id, member.links_version)}"
