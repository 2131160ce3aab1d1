"""Two records of one person in workshops: the better place stays, and the other is given back."""

from typing import TypeVar

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import aliased

from core.persons import Person, give
from core.unit_of_work import UnitOfWork
from workshops.conduct.giving_back import give_back
from workshops.model.interest import Interest
from workshops.model.invitation_states import InvitationState
from workshops.model.reflection_tables import (
    Agreement,
    CheckIn,
    CheckOut,
    JointAction,
    LearningPoint,
    PrivateNote,
    Undertaking,
)
from workshops.model.registration_states import RegistrationState
from workshops.model.tables import Invitation, Nomination, Registration, RuleSuggestion, Workshop

Once = TypeVar("Once", Registration, Invitation, PrivateNote)
_PLACE, _ANSWER = RegistrationState, InvitationState
BEST_PLACE = (
    _PLACE.ATTENDED, _PLACE.CONFIRMED, _PLACE.OFFERED, _PLACE.REQUESTED, _PLACE.WAITLISTED,
    _PLACE.NO_SHOW, _PLACE.LAPSED, _PLACE.CANCELLED, _PLACE.NOT_ACCEPTED, _PLACE.REMOVED,
)  # fmt: skip
BEST_ANSWER = (
    _ANSWER.ACCEPTED, _ANSWER.MAYBE, _ANSWER.DECLINED, _ANSWER.AWAITING, _ANSWER.PREPARED,
    _ANSWER.UNDELIVERED, _ANSWER.REVOKED,
)  # fmt: skip


PARTS = (
    (CheckIn.registration_id, CheckIn.registration_id),
    (CheckOut.registration_id, CheckOut.registration_id),
    (Agreement.registration_id, Agreement.point_id),
    (Undertaking.registration_id, Undertaking.action_id),
    (RuleSuggestion.registration_id,),
)
"""What hangs on a place, and what there is once of it."""


def join(work: UnitOfWork, kept: Person, other: Person) -> None:
    """Places, invitations, what was written, led and named: of one person from now on."""
    # Who leads or sits in the hotseat goes first, so that nobody hears of a host who is missing.
    give(work, Workshop.facilitator_id, kept.id, other.id)
    give(work, Workshop.seat_id, kept.id, other.id)
    give(work, Registration.answers_to, kept.id, other.id)
    for mine, theirs in _both(work, Registration, kept, other):
        _leave_one(work, kept, other, mine, theirs)
    for invitation, again in _both(work, Invitation, kept, other):
        # Of two that stand the same, the one in the mailbox that stays.
        worse = again if _standing(invitation) <= _standing(again) else invitation
        work.session.execute(delete(Invitation).where(Invitation.id == worse.id))
    _keep_both_notes(work, kept, other)
    give(work, Registration.member_id, kept.id, other.id)
    give(work, Invitation.member_id, kept.id, other.id)
    give(work, Interest.member_id, kept.id, other.id, Interest.area_id)
    give(work, PrivateNote.member_id, kept.id, other.id, PrivateNote.workshop_id)
    for written in (Nomination, LearningPoint, JointAction):
        give(work, written.by_id, kept.id, other.id)
    _name_one(work, kept, other)


def _both(
    work: UnitOfWork, table: type[Once], kept: Person, other: Person
) -> list[tuple[Once, Once]]:
    """Where both are in the same workshop, and one person would be twice."""
    mine, theirs = aliased(table), aliased(table)
    rows = (
        select(mine, theirs)
        .join(theirs, theirs.workshop_id == mine.workshop_id)
        .where(mine.member_id == kept.id, theirs.member_id == other.id)
    )
    return [(one, another) for one, another in work.session.execute(rows)]


def _leave_one(
    work: UnitOfWork, kept: Person, other: Person, mine: Registration, theirs: Registration
) -> None:
    """The worse place goes, with nothing that was written there, and who waits is offered it."""
    mine_is_better = _rank(mine) <= _rank(theirs)
    better, worse, owner = (mine, theirs, other) if mine_is_better else (theirs, mine, kept)
    _keep_words(work, better, worse)
    for column, *once in PARTS:
        give(work, column, better.id, worse.id, *once)
    give_back(work, worse, owner, tells_organisers=False)
    work.session.execute(delete(Registration).where(Registration.id == worse.id))
    work.session.expire_all()


def _keep_words(work: UnitOfWork, better: Registration, worse: Registration) -> None:
    """What was written and earned at the place that goes; answers stay for whom they were for."""
    if not better.answers:
        better.answers, better.answers_to = worse.answers, worse.answers_to
    if better.certificate_code is None:
        name, code = worse.certificate_name, worse.certificate_code
        worse.certificate_code = None
        work.session.flush()  # a code is there once
        better.certificate_name, better.certificate_code = name, code
    arrived = [at for at in (better.arrived_at, worse.arrived_at) if at is not None]
    better.arrived_at = min(arrived, default=None)
    _keep_both_check_outs(work, better, worse)
    work.session.flush()


def _keep_both_check_outs(work: UnitOfWork, better: Registration, worse: Registration) -> None:
    mine, theirs = (work.session.get(CheckOut, one.id) for one in (better, worse))
    if mine is not None and theirs is not None:
        for name in ("learned", "involves"):
            said = (getattr(one, name) for one in (mine, theirs))
            setattr(mine, name, "\n\n".join(filter(None, said)))


def _standing(invitation: Invitation) -> int:
    return BEST_ANSWER.index(_ANSWER(invitation.state))


def _keep_both_notes(work: UnitOfWork, kept: Person, other: Person) -> None:
    for note, another in _both(work, PrivateNote, kept, other):
        note.text = f"{note.text}\n\n{another.text}"
    work.session.flush()


def _rank(registration: Registration) -> int:
    return BEST_PLACE.index(_PLACE(registration.state))


def _name_one(work: UnitOfWork, kept: Person, other: Person) -> None:
    """Who was named under the other address was this person."""
    again = aliased(Nomination)
    twice = exists().where(
        again.workshop_id == Nomination.workshop_id, again.email_key == kept.email_key
    )
    of_other = Nomination.email_key == other.email_key
    work.session.execute(
        delete(Nomination).where(of_other, twice).execution_options(synchronize_session=False)
    )
    named = {"email": kept.email, "email_key": kept.email_key}
    work.session.execute(update(Nomination).where(of_other).values(**named))
