"""One invitation, by its own link: yes, maybe or no.

A link is worth something only for its round: sending again makes the one before it worthless.
Nobody is ever asked why they say no.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import ColumnElement, CompoundSelect, and_, or_, select
from sqlalchemy.orm import Session

from core.actors import Who
from core.audit import audit
from core.errors import Refusal, changed_meanwhile
from core.i18n import N_
from core.tokens import BrokenToken, Purpose
from core.transitions import walk
from core.unit_of_work import Reading, UnitOfWork
from mail.keys import delivery_key
from mail.posting import post
from members.models import Member
from members.own_links import as_number, check_version
from members.records import prove_address
from workshops.mails import emails
from workshops.model.cohort_states import CohortState
from workshops.model.invitation_states import (
    INVITATIONS,
    UNANSWERED,
    InvitationState,
    is_open,
)
from workshops.model.registration_states import GONE
from workshops.model.stages import TAKING, Stage
from workshops.model.tables import Cohort, Invitation, Registration, Workshop
from workshops.registration import counting, page_links, registering, seats
from workshops.registration.registering import Words
from workshops.registration.seats import LockedSeats

THING = "invitation"
FINAL = (InvitationState.ACCEPTED, InvitationState.DECLINED)
A_MOMENT = timedelta(minutes=1)
"""How long the second click of a form may come after the first, without the answer's cookie."""


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


def find_by_token(work: Reading, token: str) -> Invited | None:
    """What a link opens; None if it was taken back, of an earlier round, or is gone.

    Raises BrokenToken or ReplacedToken.
    """
    parts = [as_number(part) for part in work.tokens.read(Purpose.INVITE, token)]
    if len(parts) not in (2, 3):
        raise BrokenToken
    number, sent, *version = parts
    invited = _find(work.session, number)
    if invited is None or invited.invitation.round != sent:
        return None
    check_version(invited.member, *(version or [1]))
    is_hidden = invited.invitation.state in (InvitationState.REVOKED, InvitationState.PREPARED)
    return None if is_hidden else invited


def _find(session: Session, invitation_id: int) -> Invited | None:
    """An invitation with everything that belongs to it, in one question."""
    theirs = and_(
        Registration.workshop_id == Invitation.workshop_id,
        Registration.member_id == Invitation.member_id,
    )
    row = session.execute(
        select(Invitation, Cohort, Workshop, Member, Registration)
        .join(Cohort, Cohort.id == Invitation.cohort_id)
        .join(Workshop, Workshop.id == Invitation.workshop_id)
        .join(Member, Member.id == Invitation.member_id)
        .outerjoin(Registration, theirs)
        .where(Invitation.id == invitation_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    return Invited(*row) if row is not None else None


def standing(invited: Invited, work: Reading) -> Standing:
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


def is_second_click(work: Reading, invited: Invited, key: str) -> bool:
    """Whether the form that has answered a moment ago is sent once more: by the same browser."""
    at, kept = invited.invitation.answered_at, invited.invitation.answered_form
    is_same = bool(key and kept) and hmac.compare_digest(kept, _hash_of(key))
    return is_same and at is not None and work.now - at < A_MOMENT


def _hash_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def would_wait(work: Reading, invited: Invited) -> bool:
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
        page_links.renew(work, workshop, registration)
        return
    key = delivery_key("answer-link", invited.invitation.id, f"{work.now:%Y%m%d%H}")
    invited.invitation.round += 1
    email = emails.answer_link(workshop, member, invited.invitation)
    if post(work, email, member.recipient, key) is None:
        invited.invitation.round -= 1
    work.session.flush()


def is_own_wish(invited: Invited) -> bool:
    """Whether nobody invited them: they asked for a place in an open workshop themselves."""
    return invited.cohort.state == CohortState.OPEN


def was_invited(work: UnitOfWork, workshop: Workshop, member_id: int) -> bool:
    """Whether organisers asked this person in, so that nobody has to look at it again."""
    invitation = of_member(work.session, workshop.id, member_id)
    if invitation is None:
        return False
    cohort = work.session.get_one(Cohort, invitation.cohort_id)
    if cohort.state != CohortState.RELEASED:
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
        locked.is_invited = False  # what waited for the answer waits no more
        registering.pass_on(locked)


def of_member(session: Session, workshop_id: int, member_id: int) -> Invitation | None:
    """One person's invitation."""
    this_one = (Invitation.workshop_id == workshop_id, Invitation.member_id == member_id)
    return session.scalar(select(Invitation).where(*this_one))


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


def is_awaited(now: datetime) -> ColumnElement[bool]:
    """Whether a member is one of them."""
    return Member.id.in_(awaited_members(now))


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
        move(work, invitation, target, Who.MEMBER)
    invitation.answered_at = work.now
    if target in FINAL:
        invitation.answered_round = invitation.round
    work.session.flush()
    audit(work, invited.member.id, str(target), THING, invitation.id)


def move(work: UnitOfWork, invitation: Invitation, target: InvitationState, by: Who) -> None:
    """Walk one edge of the table, if nobody was faster. Raises Refusal."""
    this_one, at = Invitation.id == invitation.id, work.now
    if not walk(work.session, Invitation.state, INVITATIONS, target, by, this_one, changed_at=at):
        raise changed_meanwhile()
    work.session.refresh(invitation)
