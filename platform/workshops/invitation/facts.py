"""All that is known of members beyond themselves, for choosing whom to invite or to write to."""

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from contributions import facts as of_contributions
from core.i18n import N_, Message
from members.segments import Fact, Facts, Words
from workshops.model.invitation_states import InvitationState
from workshops.model.registration_states import RegistrationState
from workshops.model.tables import Invitation, Registration, Workshop

TOOK_PART, INVITED = "took_part", "invited"


def _took_part(public_ids: Words) -> Select[int]:
    there = Registration.state == RegistrationState.ATTENDED
    attended = select(Registration.member_id).where(there)
    if not public_ids:
        return attended
    these = Workshop.id == Registration.workshop_id
    return attended.join(Workshop, these).where(Workshop.public_id.in_(sorted(public_ids)))


def _invited(public_ids: Words) -> Select[int]:
    sent = Invitation.state.not_in([InvitationState.PREPARED, InvitationState.REVOKED])
    asked = select(Invitation.member_id).where(sent)
    if not public_ids:
        return asked
    these = Workshop.id == Invitation.workshop_id
    return asked.join(Workshop, these).where(Workshop.public_id.in_(sorted(public_ids)))


def _titles(session: Session, public_ids: Words) -> dict[str, str | Message]:
    rows = select(Workshop.public_id, Workshop.title).where(Workshop.public_id.in_(public_ids))
    return {public_id: f"“{title}”" for public_id, title in session.execute(rows)}


FACTS: Facts = {
    **of_contributions.FACTS,
    TOOK_PART: Fact(
        N_("Took part in"),
        _took_part,
        N_("who came to a workshop"),
        N_("who never came to a workshop"),
        N_("who came to %(what)s"),
        N_("who did not come to %(what)s"),
        _titles,
    ),
    INVITED: Fact(
        N_("Has been invited"),
        _invited,
        N_("who have been invited to a workshop"),
        N_("who have never been invited to a workshop"),
        N_("who were invited to %(what)s"),
        N_("who were not invited to %(what)s"),
        _titles,
    ),
}
