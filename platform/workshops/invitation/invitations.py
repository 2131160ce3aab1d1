"""One invitation: yes, maybe or no by its own link; taken back, sent again, reminded of.

A link is worth something only for its round: sending again makes the one before it worthless.
Nobody is ever asked why they say no.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import CompoundSelect, String, cast, exists, literal, or_, select, update
from sqlalchemy.orm import Session

from core.audit import audit
from core.database import fixed
from core.errors import Refusal, changed_meanwhile
from core.i18n import N_
from core.tokens import BrokenToken, Purpose
from core.unit_of_work import UnitOfWork
from mail.addresses import Address, parse_address
from mail.models import Delivery
from mail.posting import Recipient, post
from mail.states import DeliveryState
from members.models import CONFIRMED, Member
from workshops.invitation.sending import send_to
from workshops.mails import emails
from workshops.model.invitation_states import (
    REMINDERS,
    UNANSWERED,
    InvitationState,
    is_open,
    reminders_due,
    sources,
)
from workshops.model.registration_states import GONE
from workshops.model.stages import TAKING, Stage
from workshops.model.tables import Cohort, Invitation, Registration, Workshop
from workshops.registration import counting, registering, seats
from workshops.registration.registering import Words
from workshops.registration.seats import LockedSeats

THING = "invitation"
FINAL = (InvitationState.ACCEPTED, InvitationState.DECLINED)
A_MOMENT = timedelta(minutes=1)
"""How long the second click of a form may come after the first, without the answer's cookie."""

NOT_ARRIVED = (
    DeliveryState.BOUNCED,
    DeliveryState.REJECTED,
    DeliveryState.FAILED,
    DeliveryState.SUPPRESSED,
)


class Standing(Enum):
    """What the page behind an invitation's link shows."""

    OPEN = "open"
    PLACED = "placed"
    EXPIRED = "expired"
    CLOSED = "closed"


@dataclass(frozen=True)
class Invited:
    """An invitation with everything that belongs to it."""

    invitation: Invitation
    cohort: Cohort
    workshop: Workshop
    member: Member
    registration: Registration | None


def find_by_token(work: UnitOfWork, token: str) -> Invited | None:
    """What a link opens; None if it was taken back, replaced, or is gone. Raises BrokenToken."""
    parts = work.tokens.read(Purpose.INVITE, token)
    if len(parts) != 2 or not all(part.isdecimal() for part in parts):
        raise BrokenToken
    invitation = work.session.get(Invitation, int(parts[0]))
    if invitation is None or invitation.round != int(parts[1]):
        return None
    if invitation.state in (InvitationState.REVOKED, InvitationState.PREPARED):
        return None
    return _whole(work.session, invitation)


def standing(invited: Invited, work: UnitOfWork) -> Standing:
    """What can be done with it now."""
    registration = registering.of_member(work.session, invited.workshop.id, invited.member.id)
    return _standing(invited, registration, work.now)


def _standing(invited: Invited, registration: Registration | None, now: datetime) -> Standing:
    workshop = invited.workshop
    if registration is not None and registration.state not in GONE:
        return Standing.PLACED
    has_begun = workshop.starts_at is not None and now >= workshop.starts_at
    is_shut = workshop.stage != Stage.OPEN if is_own_wish(invited) else workshop.stage not in TAKING
    if is_shut or has_begun:
        return Standing.CLOSED
    is_answerable = is_open(invited.invitation.state, invited.cohort.answer_by, now)
    return Standing.OPEN if is_answerable or is_own_wish(invited) else Standing.EXPIRED


def was_answered_with_it(invited: Invited) -> bool:
    """Whether this very link has answered: then it opens nothing for another browser.

    The link of an invitation may be forwarded; what its owner has said is theirs.
    """
    invitation = invited.invitation
    return invitation.state in FINAL and invitation.answered_round == invitation.round


def note_form(work: UnitOfWork, invited: Invited, key: str) -> None:
    """Remember which form has answered just now; only a hash is kept."""
    if key and invited.invitation.answered_at == work.now:
        invited.invitation.answered_form = _hash_of(key)


def is_second_click(work: UnitOfWork, invited: Invited, key: str) -> bool:
    """Whether the form that has answered a moment ago is sent once more: by the same browser."""
    at, kept = invited.invitation.answered_at, invited.invitation.answered_form
    is_same = bool(key and kept) and hmac.compare_digest(kept, _hash_of(key))
    return is_same and at is not None and work.now - at < A_MOMENT


def _hash_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def would_wait(work: UnitOfWork, invited: Invited) -> bool:
    """Whether a yes would be a place on the waiting list, as things stand."""
    workshop, member_id = invited.workshop, invited.member.id
    if counting.held(work.session, workshop.id, work.now, but=member_id) >= workshop.capacity:
        return True
    is_kept = counting.is_kept_for(work.session, workshop.id, member_id, work.now)
    passes = is_kept or seats.are_offers_over(workshop, work.now)
    return not passes and counting.is_waited_for(work.session, workshop.id)


def mail_own_link(work: UnitOfWork, invited: Invited) -> None:
    """Mail their owner a link that opens what this one does not any more. Once an hour.

    Whoever has a place gets the link of their page; whoever said no a new invitation, which makes
    the one before it worthless.
    """
    workshop, member, registration = invited.workshop, invited.member, invited.registration
    if registration is not None and registration.state not in GONE:
        registering.renew_link(work, workshop, registration)
        return
    key = f"answer-link:{invited.invitation.id}:{work.now:%Y%m%d%H}"
    invited.invitation.round += 1
    email = emails.answer_link(workshop, member, invited.invitation)
    if post(work, email, Recipient(member.email_ascii, member.id), key) is None:
        invited.invitation.round -= 1
    work.session.flush()


def is_own_wish(invited: Invited) -> bool:
    """Whether nobody invited them: they asked for a place in an open workshop themselves."""
    return invited.cohort.state == "open"


def was_invited(work: UnitOfWork, workshop: Workshop, member_id: int) -> bool:
    """Whether organisers asked this person in, so that nobody has to look at it again."""
    invitation = of_member(work.session, workshop.id, member_id)
    if invitation is None:
        return False
    cohort = work.session.get_one(Cohort, invitation.cohort_id)
    if cohort.state != "released":
        return False
    has_answered = invitation.state in (InvitationState.ACCEPTED, InvitationState.DECLINED)
    return has_answered or is_open(invitation.state, cohort.answer_by, work.now)


def say_yes(work: UnitOfWork, invited: Invited, words: Words) -> Registration:
    """Accept: a place, or one on the waiting list. A second time changes nothing.

    The click on their own link proves the address. Raises Refusal if it is too late, or the ground
    rules were not agreed to.
    """
    locked = _lock(work, invited)
    registration = locked.registration
    if registration is not None and registration.state not in GONE:
        return registration
    _check_open(locked, invited)
    prove_address(work, invited.member)
    is_approved = not (is_own_wish(invited) and invited.workshop.needs_approval)
    registration = registering.come(locked, invited.member, words, is_approved=is_approved)
    _answer(work, invited, InvitationState.ACCEPTED)
    return registration


def say_maybe(work: UnitOfWork, invited: Invited) -> None:
    """Not sure yet; they are asked once more before the answer is due. Harmless to repeat."""
    locked = _lock(work, invited)
    if invited.invitation.state != InvitationState.MAYBE:
        _check_open(locked, invited)
        _answer(work, invited, InvitationState.MAYBE)


def say_no(work: UnitOfWork, invited: Invited) -> None:
    """Decline; no reason is asked for. Harmless to repeat, and can be taken back."""
    locked = _lock(work, invited)
    if invited.invitation.state != InvitationState.DECLINED:
        _check_open(locked, invited)
        _answer(work, invited, InvitationState.DECLINED)
        registering.promote(work, invited.workshop)


def revoke(work: UnitOfWork, invitation: Invitation, by: int) -> None:
    """Take an unanswered invitation back: its link says so. Harmless to repeat."""
    workshop = work.session.get_one(Workshop, invitation.workshop_id)
    seats.lock(work, workshop)
    work.session.refresh(invitation)
    if invitation.state == InvitationState.REVOKED:
        return
    _move(work, invitation, InvitationState.REVOKED)
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
    if invitation.state not in (*UNANSWERED, InvitationState.UNDELIVERED, InvitationState.REVOKED):
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
        _move(work, invitation, InvitationState.AWAITING)
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
    send_to(work, workshop, cohort, waiting, f"invitation-reminder:{due}:{cohort.answer_by:%Y%m%d}")
    return len(waiting)


def settle_undelivered(work: UnitOfWork, workshop: Workshop) -> int:
    """Note the invitations whose mail did not arrive: they hold no place any more."""
    key = (
        literal("invitation:")
        + cast(Invitation.id, String)
        + literal(":")
        + cast(Invitation.round, String)
    )
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
        _move(work, invitation, InvitationState.UNDELIVERED)
    return len(found)


def prove_address(work: UnitOfWork, member: Member) -> None:
    """A click on a link that went to an address only proves that it is theirs."""
    if member.state != CONFIRMED:
        member.state, member.confirmed_at = CONFIRMED, work.now
        work.session.flush()


def of_member(session: Session, workshop_id: int, member_id: int) -> Invitation | None:
    """One person's invitation."""
    own = (Invitation.workshop_id == workshop_id, Invitation.member_id == member_id)
    return session.scalar(select(Invitation).where(*own))


def awaited_members(now: datetime) -> CompoundSelect[int]:
    """Who is waited for or has a place: their address is kept though it is not confirmed."""
    open_ones = [str(state) for state in (*UNANSWERED, InvitationState.PREPARED)]
    is_ahead = or_(Workshop.starts_at.is_(None), Workshop.starts_at > now)
    is_on = Workshop.stage != Stage.CANCELLED
    asked = (
        select(Invitation.member_id)
        .join(Workshop, Workshop.id == Invitation.workshop_id)
        .where(Invitation.state.in_(open_ones), is_ahead, is_on)
    )
    seated = select(Workshop.seat_id).where(Workshop.seat_id.is_not(None), is_ahead, is_on)
    return asked.union(seated, select(Registration.member_id))


def _lock(work: UnitOfWork, invited: Invited) -> LockedSeats:
    """Be alone with the places, and see the invitation and its terms as they are now."""
    locked = seats.lock(work, invited.workshop, invited.member.id)
    work.session.execute(
        select(Invitation, Cohort)
        .join(Cohort, Cohort.id == Invitation.cohort_id)
        .where(Invitation.id == invited.invitation.id)
        .execution_options(populate_existing=True)
    ).one()
    return locked


def _check_open(locked: LockedSeats, invited: Invited) -> None:
    if _standing(invited, locked.registration, locked.work.now) is not Standing.OPEN:
        raise Refusal(N_("This invitation cannot be answered any more."))


def _answer(work: UnitOfWork, invited: Invited, target: InvitationState) -> None:
    invitation = invited.invitation
    if invitation.state != target:
        _move(work, invitation, target)
    invitation.answered_at = work.now
    if target in FINAL:
        invitation.answered_round = invitation.round
    work.session.flush()
    audit(work, invited.member.id, str(target), THING, invitation.id)


def _move(work: UnitOfWork, invitation: Invitation, target: InvitationState) -> None:
    """Walk one edge of the table, if nobody was faster. Raises Refusal."""
    moved = work.session.execute(
        update(Invitation)
        .where(Invitation.id == invitation.id)
        .where(Invitation.state.in_([str(state) for state in sources(target)]))
        .values(state=target, changed_at=work.now)
        .returning(Invitation.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if moved is None:
        raise changed_meanwhile()
    work.session.refresh(invitation)


def _correct_address(work: UnitOfWork, member: Member, address: Address) -> None:
    taken = select(Member.id).where(Member.email_key == address.key)
    if work.session.scalar(taken) is not None:
        raise Refusal(
            N_("This address belongs to another member. Please invite them instead."), "email"
        )
    if member.state == CONFIRMED:
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


def _whole(session: Session, invitation: Invitation) -> Invited:
    return Invited(
        invitation,
        session.get_one(Cohort, invitation.cohort_id),
        session.get_one(Workshop, invitation.workshop_id),
        session.get_one(Member, invitation.member_id),
        registering.of_member(session, invitation.workshop_id, invitation.member_id),
    )
