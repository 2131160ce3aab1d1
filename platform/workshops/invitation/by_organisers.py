"""What organisers do with invitations, and the clock for them: taken back, sent again, reminded of.

Sending again makes the link before it worthless.
"""

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from core.actors import Who
from core.addresses import Address, parse_address
from core.audit import audit
from core.database import fixed
from core.errors import Refusal
from core.i18n import N_
from core.unit_of_work import UnitOfWork
from mail.keys import key_in_sql
from mail.models import Delivery
from mail.states import DeliveryState
from members.models import Member
from members.states import MemberState
from workshops.invitation.invitations import THING, move
from workshops.invitation.sending import send_to
from workshops.model.invitation_states import (
    REMINDERS,
    UNANSWERED,
    InvitationState,
    reminders_due,
)
from workshops.model.stages import TAKING
from workshops.model.tables import Cohort, Invitation, Registration, Workshop
from workshops.registration import registering, seats

NOT_ARRIVED = (
    DeliveryState.BOUNCED,
    DeliveryState.REJECTED,
    DeliveryState.FAILED,
    DeliveryState.SUPPRESSED,
)


def revoke(work: UnitOfWork, invitation: Invitation, by: int) -> None:
    """Take an unanswered invitation back: its link says so. Harmless to repeat."""
    workshop = work.session.get_one(Workshop, invitation.workshop_id)
    seats.lock(work, workshop)
    work.session.refresh(invitation)
    if invitation.state == InvitationState.REVOKED:
        return
    move(work, invitation, InvitationState.REVOKED, Who.ORGANISER)
    audit(work, by, "revoke", THING, invitation.id)
    registering.promote(work, workshop)


def send_again(work: UnitOfWork, invitation: Invitation, email: str, by: int) -> None:
    """Send a new link, to another address if one is given; the old link is worthless from now on.

    Raises Refusal if they have answered, or the address is somebody else's.
    """
    workshop = work.session.get_one(Workshop, invitation.workshop_id)
    locked = seats.lock(work, workshop)
    work.session.refresh(invitation)
    member = work.session.get_one(Member, invitation.member_id)
    if email.strip() and parse_address(email).key != member.email_key:
        _correct_address(work, member, parse_address(email))
        audit(work, by, "change address", "member", member.id)
    if not invitation.is_repeatable:
        raise Refusal(N_("They have answered already."))
    if workshop.stage not in TAKING:
        raise Refusal(N_("Nobody new can come at the moment."))
    cohort = work.session.get_one(Cohort, invitation.cohort_id)
    if cohort.answer_by <= work.now:
        raise Refusal(N_("The day to answer by has passed. Give the cohort more time first."))
    is_new = invitation.state not in UNANSWERED
    if is_new and cohort.holds_places and not locked.free:
        raise Refusal(N_("No place is free that could wait for them."))
    if is_new:
        move(work, invitation, InvitationState.AWAITING, Who.ORGANISER)
    invitation.round += 1
    work.session.flush()
    send_to(work, workshop, cohort, [invitation], "invitation")
    audit(work, by, "send again", THING, invitation.id)


def remind(work: UnitOfWork, workshop: Workshop, cohort: Cohort) -> int:
    """Remind the unanswered of a cohort if a reminder is due. Returns how many.

    Each reminder goes once, whoever looks: the count of the cohort is what is claimed.
    """
    due = reminders_due(cohort.answer_by, work.now)
    if due <= cohort.reminders or work.now >= cohort.answer_by:
        return 0
    claimed = work.session.execute(
        update(Cohort)
        .where(Cohort.id == cohort.id, Cohort.reminders < due)
        .values(reminders=due)
        .returning(Cohort.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if claimed is None:
        return 0
    waiting = _unanswered_of(work.session, cohort, due)
    event = (due, f"{cohort.answer_by:%Y%m%d}")
    send_to(work, workshop, cohort, waiting, "invitation-reminder", event)
    return len(waiting)


def settle_undelivered(work: UnitOfWork, workshop: Workshop) -> int:
    """Note the invitations whose mail did not arrive: they hold no place any more."""
    key = key_in_sql("invitation", Invitation.id, Invitation.round)
    failed = (
        select(Invitation)
        .join(Delivery, Delivery.dedup_key == key)
        .where(Invitation.workshop_id == workshop.id)
        .where(Invitation.state == fixed(InvitationState.AWAITING))
        .where(Delivery.state.in_([str(state) for state in NOT_ARRIVED]))
    )
    if work.session.scalar(failed.limit(1)) is None:
        return 0
    seats.lock(work, workshop)
    found = work.session.scalars(failed).all()
    for invitation in found:
        move(work, invitation, InvitationState.UNDELIVERED, Who.TIME)
    return len(found)


def _correct_address(work: UnitOfWork, member: Member, address: Address) -> None:
    taken = select(Member.id).where(Member.email_key == address.key)
    if work.session.scalar(taken) is not None:
        raise Refusal(
            N_("This address belongs to another member. Please invite them instead."), "email"
        )
    if member.state == MemberState.CONFIRMED:
        raise Refusal(
            N_("They have confirmed their address themselves. Please invite the new address."),
            "email",
        )
    member.email, member.email_ascii, member.email_key = address.shown, address.ascii, address.key
    member.token_version += 1  # what was sent to the wrong address confirms nothing any more
    work.session.execute(
        update(Invitation)
        .where(Invitation.member_id == member.id)
        .values(round=Invitation.round + 1)
        .execution_options(synchronize_session="fetch")
    )
    work.session.flush()


def _unanswered_of(session: Session, cohort: Cohort, due: int) -> list[Invitation]:
    """Those who said *maybe* are asked once more, at the last reminder."""
    states = UNANSWERED if due == len(REMINDERS) else (InvitationState.AWAITING,)
    has_come = exists().where(
        Registration.workshop_id == Invitation.workshop_id,
        Registration.member_id == Invitation.member_id,
    )
    mine = (Invitation.cohort_id == cohort.id,
            Invitation.state.in_([str(state) for state in states]))  # fmt: skip
    found = select(Invitation).where(*mine, ~has_come)
    return list(session.scalars(found.order_by(Invitation.id)))
