"""Who may know of a workshop, what somebody takes part in, and visitors who ask for a place."""

from collections.abc import Iterable

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from core.actors import Who
from core.addresses import Address
from core.unit_of_work import UnitOfWork
from mail.keys import delivery_key
from mail.posting import post
from members.models import Member
from members.subscribing import check_name
from workshops.invitation import invitations
from workshops.invitation.choosing import one_visitor
from workshops.invitation.cohorts import default_terms
from workshops.mails import emails
from workshops.model.cohort_states import CohortState
from workshops.model.invitation_states import InvitationState
from workshops.model.registration_states import GONE, RegistrationState
from workshops.model.stages import PLANNED
from workshops.model.tables import Cohort, Invitation, Registration, Workshop
from workshops.registration import registering


def may_know(session: Session, workshop: Workshop, member_id: int | None) -> bool:
    """Whether somebody may know that there is this workshop: the boundary of every public page."""
    if workshop.stage in PLANNED:
        return False
    registration = (
        registering.of_member(session, workshop.id, member_id) if member_id is not None else None
    )
    if registration is not None and registration.state == RegistrationState.REMOVED:
        return False
    # Once it was open it is known; its page says so calmly when nobody new can come.
    if workshop.audience == "anyone" or (workshop.audience == "members" and member_id is not None):
        return True
    if member_id is None:
        return False
    if registration is not None:
        return True
    invited = invitations.of_member(session, workshop.id, member_id)
    hidden = (InvitationState.PREPARED, InvitationState.REVOKED)
    return invited is not None and invited.state not in hidden


def knowing(workshop_id: int) -> Select[int]:
    """The members who may know of a workshop that is for the invited: see `may_know`."""
    hidden = [str(InvitationState.PREPARED), str(InvitationState.REVOKED)]
    invited = select(Invitation.member_id).where(
        Invitation.workshop_id == workshop_id, Invitation.state.not_in(hidden)
    )
    theirs = Registration.workshop_id == workshop_id
    removed = select(Registration.member_id).where(
        theirs, Registration.state == RegistrationState.REMOVED, Registration.member_id.is_not(None)
    )
    placed = select(Registration.member_id).where(
        theirs, Registration.state != RegistrationState.REMOVED
    )
    may = or_(Member.id.in_(invited), Member.id.in_(placed))
    return select(Member.id).where(may, Member.id.not_in(removed))


def of_member(session: Session, member_id: int) -> list[tuple[Registration, Workshop]]:
    """What somebody takes or took part in, waits for or asked for; the latest first."""
    rows = session.execute(
        select(Registration, Workshop)
        .join(Workshop, Workshop.id == Registration.workshop_id)
        .where(Registration.member_id == member_id)
        .where(Registration.state.not_in([str(place) for place in GONE]))
        .order_by(Workshop.starts_at.desc(), Workshop.id)
    )
    return [(registration, workshop) for registration, workshop in rows]


def names_shown(session: Session, workshop_id: int) -> list[tuple[int, str]]:
    """The names of those with a place who want the others to see them."""
    rows = session.execute(
        select(Registration.id, Member.name)
        .join(Member, Member.id == Registration.member_id)
        .where(Registration.workshop_id == workshop_id, Registration.shows_name)
        .where(Registration.state.in_([RegistrationState.CONFIRMED, RegistrationState.ATTENDED]))
        .where(Member.name != "")
        .order_by(Member.name, Registration.id)
    )
    return [(number, name) for number, name in rows]


def shared_answers(coming: Iterable[tuple[Registration, Member]]) -> list[dict[str, str]]:
    """What people wrote for the group; their name only if they show it."""
    return [
        {
            "question": answer["question"],
            "answer": answer["answer"],
            "name": member.name if registration.shows_name else "",
        }
        for registration, member in coming
        for answer in registration.answers
        if answer["is_shared"]
    ]


def ask_as_visitor(
    work: UnitOfWork, workshop: Workshop, address: Address, name: str, language: str
) -> None:
    """Mail a visitor a link of their own by which they answer as if they had been invited.

    The page says the same whoever it is; whoever has a place already gets nothing new.
    """
    member_id = one_visitor(work, address, check_name(name), language)
    member = work.session.get_one(Member, member_id)
    invitation = invitations.of_member(work.session, workshop.id, member_id)
    if invitation is None or not _is_good(work, invitation):
        invitation = _own_wish(work, workshop, member_id, invitation)
    email = emails.own_link(workshop, member, invitation)
    key = delivery_key("own-link", invitation.id, f"{work.now:%Y%m%d%H%M}")
    post(work, email, member.recipient, key)


def _is_good(work: UnitOfWork, invitation: Invitation) -> bool:
    """Whether an invitation's link leads to something that its owner can do."""
    cohort = work.session.get_one(Cohort, invitation.cohort_id)
    if invitation.state in (InvitationState.ACCEPTED, InvitationState.DECLINED):
        return True
    is_asked = invitation.state in (InvitationState.AWAITING, InvitationState.MAYBE)
    return is_asked and (cohort.state == CohortState.OPEN or cohort.answer_by > work.now)


def _own_wish(
    work: UnitOfWork, workshop: Workshop, member_id: int, before: Invitation | None
) -> Invitation:
    """An invitation that nobody sent: it holds no place, and ends when the workshop begins."""
    terms = default_terms(workshop, work.now)
    cohort = work.session.scalar(
        select(Cohort).where(Cohort.workshop_id == workshop.id, Cohort.state == CohortState.OPEN)
    )
    if cohort is None:
        cohort = Cohort(
            workshop_id=workshop.id,
            state=CohortState.OPEN,
            note="",
            holds_places=False,
            answer_by=workshop.starts_at or terms.answer_by,
            left_out=[],
            created_at=work.now,
            released_at=work.now,
        )
        work.session.add(cohort)
        work.session.flush()
    if before is not None:
        if before.state != InvitationState.AWAITING:
            invitations.move(work, before, InvitationState.AWAITING, Who.MEMBER)
        before.cohort_id, before.round, before.changed_at = cohort.id, before.round + 1, work.now
        work.session.flush()
        return before
    invitation = Invitation(
        workshop_id=workshop.id,
        cohort_id=cohort.id,
        member_id=member_id,
        state=InvitationState.AWAITING,
        round=1,
        changed_at=work.now,
    )
    work.session.add(invitation)
    work.session.flush()
    return invitation
