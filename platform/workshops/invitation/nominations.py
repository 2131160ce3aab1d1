"""Nominations: whom the invited would have invited too, and who asks with a forwarded link.

Nobody is mailed before an organiser has decided.
"""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.actors import Who
from core.addresses import Address, parse_address
from core.audit import audit
from core.database import insert_if_new
from core.errors import Refusal
from core.i18n import N_
from core.transitions import edge, walk
from core.unit_of_work import UnitOfWork
from members.models import Member
from members.subscribing import check_name
from workshops.invitation import cohorts
from workshops.invitation.choosing import one_visitor
from workshops.model.cohort_states import NOMINATIONS, NominationState
from workshops.model.stages import TAKING
from workshops.model.tables import Nomination, Workshop

MOST_NOMINATIONS = 3


def nominate(
    work: UnitOfWork, workshop: Workshop, by_id: int, address: Address, name: str, language: str
) -> None:
    """Name somebody who should be invited; an organiser decides. The same one twice is one.

    Raises Refusal if somebody has named three already, or nobody new can come.
    """
    if workshop.stage not in TAKING:
        raise Refusal(N_("Nobody new can come at the moment."))
    mine = select(Nomination.id).where(
        Nomination.workshop_id == workshop.id, Nomination.by_id == by_id, ~Nomination.wants_a_place
    )
    known = mine.where(Nomination.email_key == address.key)
    if work.session.scalar(known) is not None:
        return
    if len(work.session.scalars(mine).all()) >= MOST_NOMINATIONS:
        raise Refusal(N_("Three people at the most, please."), "email")
    _add_nomination(work, workshop, by_id, address, name, language, wants_a_place=False)


def ask_for_a_place(
    work: UnitOfWork,
    workshop: Workshop,
    by_id: int | None,
    address: Address,
    name: str,
    language: str,
) -> None:
    """Somebody else holds a forwarded invitation: they ask, and its owner's place is not taken."""
    _add_nomination(work, workshop, by_id, address, name, language, wants_a_place=True)


def waiting(session: Session, workshop_id: int) -> list[tuple[Nomination, str]]:
    """Who was named or asked and waits for an answer, with the name of who named them."""
    rows = session.execute(
        select(Nomination, Member.name)
        .outerjoin(Member, Member.id == Nomination.by_id)
        .where(Nomination.workshop_id == workshop_id, Nomination.state == NominationState.WAITING)
        .order_by(Nomination.id)
    )
    return [(nomination, name or "") for nomination, name in rows]


def invite(work: UnitOfWork, workshop: Workshop, nomination_id: int, by: int) -> None:
    """Send an invitation to somebody who was named. Harmless to repeat. Raises Refusal."""
    nomination = _find(work.session, workshop, nomination_id)
    if not _settle(work, nomination, NominationState.INVITED):
        return
    address = parse_address(nomination.email)
    member_id = one_visitor(work, address, nomination.name, nomination.language)
    terms = cohorts.default_terms(workshop, work.now)
    people = {member_id: nomination.name or nomination.email}
    cohort = cohorts.prepare(work, workshop, people, terms, by)
    if left := cohorts.left_out_of(cohort):
        raise Refusal(left[0].reason)
    cohorts.release(work, workshop, cohort, "1", by)
    audit(work, by, "invite nominated", "nomination", nomination.id)


def put_away(work: UnitOfWork, workshop: Workshop, nomination_id: int, by: int) -> None:
    """Do not invite them. Harmless to repeat."""
    nomination = _find(work.session, workshop, nomination_id)
    if _settle(work, nomination, NominationState.PUT_AWAY):
        audit(work, by, "put away", "nomination", nomination.id)


def _add_nomination(
    work: UnitOfWork,
    workshop: Workshop,
    by_id: int | None,
    address: Address,
    name: str,
    language: str,
    *,
    wants_a_place: bool,
) -> None:
    row = {
        "workshop_id": workshop.id,
        "by_id": by_id,
        "email": address.shown,
        "email_key": address.key,
        "name": check_name(name),
        "language": language,
        "wants_a_place": wants_a_place,
        "state": NominationState.WAITING,
        "created_at": work.now,
    }
    added = insert_if_new(work.session, Nomination).values(**row).returning(Nomination.id)
    number = work.session.execute(added).scalar_one_or_none()
    if number is None and wants_a_place:
        _ask_again(work, workshop, address)


def _ask_again(work: UnitOfWork, workshop: Workshop, address: Address) -> None:
    """Somebody who was named before, or put away, asks themselves."""
    asks = edge(
        Nomination.state,
        NOMINATIONS,
        NominationState.WAITING,
        Who.MEMBER,
        wants_a_place=True,
        created_at=work.now,
    )
    this_one = Nomination.workshop_id == workshop.id, Nomination.email_key == address.key
    is_put_away = Nomination.state == NominationState.PUT_AWAY
    work.session.execute(asks.where(*this_one, or_(~Nomination.wants_a_place, is_put_away)))


def _find(session: Session, workshop: Workshop, nomination_id: int) -> Nomination:
    nomination = session.get(Nomination, nomination_id)
    if nomination is None or nomination.workshop_id != workshop.id:
        raise Refusal(N_("This nomination is gone."))
    return nomination


def _settle(work: UnitOfWork, nomination: Nomination, state: NominationState) -> bool:
    this_one = Nomination.id == nomination.id
    return walk(work.session, Nomination.state, NOMINATIONS, state, Who.ORGANISER, this_one)
