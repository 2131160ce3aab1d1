"""Cohorts: choosing people, seeing who is left out and why, and letting the batch go."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, func, select
from sqlalchemy.orm import Session

from core.actors import Who
from core.audit import audit
from core.database import among, insert_if_new
from core.errors import Refusal, changed_meanwhile
from core.i18n import N_, Message
from core.text import plain_lines
from core.transitions import edge, walk
from core.unit_of_work import UnitOfWork
from members.audience import away, not_to_be_invited
from members.models import Member
from workshops.invitation.sending import send_to
from workshops.model.cohort_states import COHORTS, CohortState
from workshops.model.hosts import HOST_NAMES, Host
from workshops.model.invitation_states import INVITATIONS, InvitationState, reminders_due
from workshops.model.method import CARDS, Frame
from workshops.model.people import barred
from workshops.model.registration_states import GONE, RegistrationState
from workshops.model.stages import PLANNED, TAKING, Stage
from workshops.model.tables import Cohort, Invitation, Registration, Workshop
from workshops.planning.planning import check_prepared, move
from workshops.registration import kept_places, seats

MOST_AT_ONCE = 2000
COUNTED = tuple(
    place for place in RegistrationState if place not in (*GONE, RegistrationState.LAPSED)
)
LONGEST_NOTE = 2000
SHOWN = (CohortState.PREPARED, CohortState.RELEASED)
ANSWER_WITHIN = timedelta(days=14)
LAST_ANSWER = timedelta(days=2)
"""Before the workshop: that late an answer may come unless organisers say otherwise."""

INVITED_BEFORE = N_("has been invited already")
HAS_A_PLACE = N_("has a place, or asked for one")
WAS_REMOVED = N_("was taken off the list")
NOT_WANTED = N_("has asked for no invitations")
IS_AWAY = N_("wants no mail for a while")
BOUNCED = N_("mail to this address came back")
FACILITATES = N_("facilitates it")
SITS = HOST_NAMES[Host.SEAT]


@dataclass(frozen=True)
class Terms:
    """What holds for everybody in a cohort."""

    answer_by: datetime
    holds_places: bool
    note: str


@dataclass(frozen=True)
class LeftOut:
    """Somebody who was named and is not invited, and why."""

    who: str
    reason: Message

    def to_json(self) -> dict[str, object]:
        """As the database keeps it."""
        return {"who": self.who, "reason": self.reason.source, "values": dict(self.reason.values)}


def default_terms(workshop: Workshop, now: datetime) -> Terms:
    """Two weeks to answer, but not later than two days before; and the words of the frame."""
    answer_by = now + ANSWER_WITHIN
    if workshop.starts_at is not None:
        latest = max(workshop.starts_at - LAST_ANSWER, now + timedelta(hours=12))
        answer_by = min(answer_by, latest, workshop.starts_at)
    words = CARDS[Frame(workshop.frame)].invitation.text(workshop.language)
    return Terms(answer_by, holds_places=False, note=words)


def prepare(
    work: UnitOfWork,
    workshop: Workshop,
    people: Mapping[int, str],
    terms: Terms,
    by: int,
    left_out: Sequence[LeftOut] = (),
) -> Cohort:
    """A batch of invitations that nobody has got yet; `people` are member ids with their names.

    Raises Refusal if there is nobody to invite at all, or too many at once.
    """
    if not people and not left_out:
        raise Refusal(N_("This chooses nobody. Please choose others."), "people")
    if len(people) > MOST_AT_ONCE:
        raise Refusal(N_("At most 2000 people at once, please."), "people")
    reasons = _reasons(work, workshop, list(people))
    invited = [member_id for member_id in people if member_id not in reasons]
    left = [*left_out, *(LeftOut(people[n], reason) for n, reason in reasons.items())]
    cohort = Cohort(
        workshop_id=workshop.id,
        state=CohortState.PREPARED,
        note=plain_lines(terms.note)[:LONGEST_NOTE],
        holds_places=terms.holds_places,
        answer_by=terms.answer_by,
        left_out=[one.to_json() for one in left],
        created_at=work.now,
    )
    work.session.add(cohort)
    work.session.flush()
    _add_invitations(work, workshop, cohort, invited)
    audit(work, by, "prepare cohort", "cohort", cohort.id, {"people": len(invited)})
    return cohort


def change_terms(work: UnitOfWork, workshop: Workshop, cohort: Cohort, terms: Terms) -> None:
    """Change what holds for a batch that has not gone out. Raises Refusal naming the field."""
    _lock(work, workshop, cohort)
    if cohort.state != CohortState.PREPARED:
        raise Refusal(N_("These invitations have gone out already."))
    _check_answer_by(work, workshop, terms.answer_by)
    cohort.answer_by, cohort.holds_places = terms.answer_by, terms.holds_places
    cohort.note = plain_lines(terms.note)[:LONGEST_NOTE]
    work.session.flush()


def give_more_time(
    work: UnitOfWork, workshop: Workshop, cohort: Cohort, answer_by: datetime
) -> None:
    """Let those who were invited answer until another day. Raises Refusal naming the field.

    A cohort whose day had passed does not hold places again: others may have them by now.
    """
    _lock(work, workshop, cohort)
    if cohort.state != CohortState.RELEASED:
        raise changed_meanwhile()
    _check_answer_by(work, workshop, answer_by)
    if cohort.answer_by <= work.now:
        cohort.holds_places = False
    cohort.answer_by = answer_by
    cohort.reminders = reminders_due(answer_by, work.now)
    work.session.flush()


def leave_out(work: UnitOfWork, cohort: Cohort, invitation_id: int) -> None:
    """Take one person off a batch that has not gone out. Harmless to repeat."""
    work.session.execute(
        delete(Invitation).where(
            Invitation.id == invitation_id,
            Invitation.cohort_id == cohort.id,
            Invitation.state == InvitationState.PREPARED,
        )
    )


def drop(work: UnitOfWork, cohort: Cohort, by: int) -> None:
    """Give a batch up before it went out. Harmless to repeat."""
    if _settle(work, cohort, CohortState.DROPPED):
        prepared = (Invitation.cohort_id == cohort.id,
                    Invitation.state == InvitationState.PREPARED)  # fmt: skip
        work.session.execute(delete(Invitation).where(*prepared))
        audit(work, by, "drop cohort", "cohort", cohort.id)


def release(work: UnitOfWork, workshop: Workshop, cohort: Cohort, typed: str, by: int) -> int:
    """Let the invitations go, if `typed` is their number. Harmless to repeat.

    Returns how many go. Raises Refusal if the number is another one, the workshop is not ready, or
    more places would wait than there are.
    """
    _lock(work, workshop, cohort)
    if cohort.state == CohortState.RELEASED:
        return 0
    if workshop.stage == Stage.READY:
        kept_places.keep(work, workshop, by)
    _leave_out_late(work, workshop, cohort)
    count = size(work.session, cohort.id)
    _check_release(work, workshop, cohort, count, typed)
    if not _settle(work, cohort, CohortState.RELEASED):
        raise changed_meanwhile()
    cohort.reminders = reminders_due(cohort.answer_by, work.now)
    if workshop.stage == Stage.READY:
        move(work, workshop, Stage.INVITING, by)
    invitations = _take_off(work, cohort)
    send_to(work, workshop, cohort, invitations, "invitation")
    audit(work, by, "release cohort", "cohort", cohort.id, {"people": count})
    return count


def size(session: Session, cohort_id: int) -> int:
    """How many people are in a cohort."""
    counted = select(func.count()).where(Invitation.cohort_id == cohort_id)
    return session.scalar(counted) or 0


def rows(session: Session, cohort_id: int) -> list[tuple[Invitation, Member]]:
    """Everybody in a cohort, in the order of their names."""
    found = session.execute(
        select(Invitation, Member)
        .join(Member, Member.id == Invitation.member_id)
        .where(Invitation.cohort_id == cohort_id)
        .order_by(func.lower(Member.name), Member.email)
    )
    return [(invitation, member) for invitation, member in found]


def of_workshop(session: Session, workshop_id: int) -> list[tuple[Cohort, int]]:
    """The cohorts of a workshop with their size, the newest first."""
    found = session.execute(
        select(Cohort, func.count(Invitation.id))
        .outerjoin(Invitation, Invitation.cohort_id == Cohort.id)
        .where(Cohort.workshop_id == workshop_id, Cohort.state.in_(SHOWN))
        .group_by(Cohort.id)
        .order_by(Cohort.id.desc())
    )
    return [(cohort, count) for cohort, count in found]


def find(session: Session, workshop_id: int, cohort_id: int) -> Cohort | None:
    """A cohort of this workshop."""
    of_it = (Cohort.id == cohort_id, Cohort.workshop_id == workshop_id, Cohort.state.in_(SHOWN))
    return session.scalar(select(Cohort).where(*of_it))


def prepared_for(session: Session, workshop_id: int, member_id: int) -> Cohort | None:
    """The cohort in which somebody is to be invited, while nothing of it has gone out."""
    theirs = Invitation.cohort_id == Cohort.id, Invitation.member_id == member_id
    waiting = Cohort.workshop_id == workshop_id, Cohort.state == CohortState.PREPARED
    return session.scalar(select(Cohort).join(Invitation, and_(*theirs)).where(*waiting))


def left_out_of(cohort: Cohort) -> list[LeftOut]:
    """Who was named and is not invited, as it was kept."""
    return [
        LeftOut(one["who"], Message(one["reason"], one.get("values", {})))
        for one in cohort.left_out
    ]


def reasons_out(cohort: Cohort) -> list[tuple[Message, int]]:
    """Why people are not invited, the most frequent reason first, with how many it keeps away."""
    found = Counter(one["reason"] for one in cohort.left_out if not one.get("values"))
    return [(Message(reason, {}), count) for reason, count in found.most_common() if count > 1]


def _check_release(
    work: UnitOfWork, workshop: Workshop, cohort: Cohort, count: int, typed: str
) -> None:
    if workshop.stage in PLANNED and workshop.stage != Stage.READY:
        raise Refusal(N_("Nobody can be invited before the ground is prepared."))
    if workshop.stage == Stage.READY:
        check_prepared(workshop)
    if workshop.stage not in (Stage.READY, *TAKING):
        raise Refusal(N_("Nobody new can come at the moment."))
    if workshop.starts_at is None or workshop.starts_at <= work.now:
        raise Refusal(N_("Its day has passed. Please give it another one first."))
    if count == 0:
        raise Refusal(N_("There is nobody to invite in it."))
    if typed.strip() != str(count):
        raise Refusal(N_("Please type the number of people: %(count)s.", count=count), "typed")
    _check_answer_by(work, workshop, cohort.answer_by)
    free = seats.lock(work, workshop).free
    if cohort.holds_places and count > free:
        sentence = N_(
            "%(free)s places are free, so they cannot wait for %(count)s people. Invite fewer, or "
            "let the places go to those who answer first.",
            free=free,
            count=count,
        )
        raise Refusal(sentence, "holds_places")


def _lock(work: UnitOfWork, workshop: Workshop, cohort: Cohort) -> None:
    """What a cohort promises counts among the places, so its terms are theirs to guard."""
    seats.lock(work, workshop)
    work.session.refresh(cohort)


def _leave_out_late(work: UnitOfWork, workshop: Workshop, cohort: Cohort) -> None:
    """Whoever came by another door since, or left, is not asked any more."""
    ids = [invitation.member_id for invitation, _ in rows(work.session, cohort.id)]
    late = [n for n, why in _reasons(work, workshop, ids).items() if why is not INVITED_BEFORE]
    if late:
        work.session.execute(
            delete(Invitation)
            .where(Invitation.cohort_id == cohort.id, Invitation.member_id.in_(late))
            .execution_options(synchronize_session="fetch")
        )


def _check_answer_by(work: UnitOfWork, workshop: Workshop, answer_by: datetime) -> None:
    if answer_by <= work.now:
        raise Refusal(N_("The day to answer by has passed."), "answer_by")
    if workshop.starts_at is not None and answer_by > workshop.starts_at:
        raise Refusal(N_("People have to answer before it begins."), "answer_by")


def _settle(work: UnitOfWork, cohort: Cohort, state: CohortState) -> bool:
    at = work.now if state is CohortState.RELEASED else None
    this_cohort, by = Cohort.id == cohort.id, Who.ORGANISER
    settled = walk(
        work.session, Cohort.state, COHORTS, state, by, this_cohort, left_out=[], released_at=at
    )
    work.session.refresh(cohort)
    return settled


def _take_off(work: UnitOfWork, cohort: Cohort) -> list[Invitation]:
    """From *prepared* to *awaiting*, all of them."""
    target, by, at = InvitationState.AWAITING, Who.ORGANISER, work.now
    prepared = (InvitationState.PREPARED,)
    step = edge(Invitation.state, INVITATIONS, target, by, only_from=prepared, changed_at=at)
    work.session.execute(step.where(Invitation.cohort_id == cohort.id))
    work.session.expire_all()
    sent = (Invitation.cohort_id == cohort.id, Invitation.state == InvitationState.AWAITING)
    return list(work.session.scalars(select(Invitation).where(*sent).order_by(Invitation.id)))


def _add_invitations(
    work: UnitOfWork, workshop: Workshop, cohort: Cohort, member_ids: Iterable[int]
) -> None:
    values = [
        {
            "workshop_id": workshop.id,
            "cohort_id": cohort.id,
            "member_id": member_id,
            "state": InvitationState.PREPARED,
            "round": 1,
            "changed_at": work.now,
        }
        for member_id in member_ids
    ]
    if values:
        work.session.execute(insert_if_new(work.session, Invitation), values)


def _reasons(work: UnitOfWork, workshop: Workshop, ids: list[int]) -> dict[int, Message]:
    """Why some of these people are not invited; one query for each reason."""
    session, today = work.session, work.now.date()
    found: dict[int, Message] = {}
    for reason, whom in (
        (INVITED_BEFORE, _invited(session, workshop.id, ids)),
        (IS_AWAY, away(session, ids, today)),
        (NOT_WANTED, not_to_be_invited(session, ids)),
        (BOUNCED, barred(work, ids)),
        (WAS_REMOVED, _registered(session, workshop.id, ids, [RegistrationState.REMOVED])),
        (HAS_A_PLACE, _registered(session, workshop.id, ids, COUNTED)),
        (SITS, {workshop.seat_id} & set(ids)),
        (FACILITATES, {workshop.facilitator_id} & set(ids)),
    ):
        found |= {member_id: reason for member_id in whom if member_id is not None}
    return {member_id: found[member_id] for member_id in ids if member_id in found}


def _invited(session: Session, workshop_id: int, ids: Sequence[int]) -> set[int]:
    known = select(Invitation.member_id).where(
        Invitation.workshop_id == workshop_id, among(Invitation.member_id, ids)
    )
    return set(session.scalars(known))


def _registered(
    session: Session, workshop_id: int, ids: Sequence[int], places: Iterable[RegistrationState]
) -> set[int]:
    known = select(Registration.member_id).where(
        Registration.workshop_id == workshop_id,
        Registration.state.in_([str(place) for place in places]),
        among(Registration.member_id, ids),
    )
    return set(session.scalars(known))
