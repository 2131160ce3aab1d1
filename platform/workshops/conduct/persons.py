"""What workshops keep of a person, and how they leave them: places are given back."""

from collections.abc import Sequence

from sqlalchemy import delete, or_, select, update

from core.i18n import N_
from core.persons import Erasure, Person, PersonalRecords, Row
from core.unit_of_work import Reading, UnitOfWork
from workshops.conduct import joining
from workshops.conduct.giving_back import give_back
from workshops.conduct.told import words_of
from workshops.model.reflection_tables import CheckOut
from workshops.model.tables import Cohort, Invitation, Nomination, Registration, Workshop


def tell(work: Reading, person: Person) -> Sequence[Row]:
    """Invitations, places and what was written there; whom they named, and who named them."""
    return [
        *_places(work, person),
        *words_of(work, person),
        *_invitations(work, person),
        *_nominations(work, person),
    ]


def outline(work: Reading, person: Person) -> Sequence[Row]:
    """Invitations and places; what was written there is for those it was written for."""
    shown = ("workshop", "place", "since")
    places = [{name: row[name] for name in shown} for row in _places(work, person)]
    return [*places, *_invitations(work, person), *_nominations(work, person)]


def _places(work: Reading, person: Person) -> Sequence[Row]:
    rows = work.session.execute(
        select(Registration, Workshop.title, CheckOut)
        .join(Workshop, Workshop.id == Registration.workshop_id)
        .outerjoin(CheckOut, CheckOut.registration_id == Registration.id)
        .where(Registration.member_id == person.id)
        .order_by(Registration.id)
    )
    return [
        {
            "workshop": title,
            "place": one.state,
            "since": one.joined_at.isoformat(),
            "answers": one.answers,
            "certificate": one.certificate_name,
            "learned": taken.learned if taken else "",
            "involves": taken.involves if taken else "",
        }
        for one, title, taken in rows
    ]


def _invitations(work: Reading, person: Person) -> Sequence[Row]:
    rows = work.session.execute(
        select(Workshop.title, Invitation.state, Invitation.changed_at)
        .join(Workshop, Workshop.id == Invitation.workshop_id)
        .where(Invitation.member_id == person.id)
        .order_by(Invitation.id)
    )
    return [
        {"invited to": title, "answer": state, "at": at.isoformat()} for title, state, at in rows
    ]


def _nominations(work: Reading, person: Person) -> Sequence[Row]:
    about = or_(Nomination.email_key.in_(person.keys), Nomination.by_id == person.id)
    rows = work.session.execute(
        select(Nomination, Workshop.title)
        .join(Workshop, Workshop.id == Nomination.workshop_id)
        .where(about)
    )
    return [
        {"named": one.email, "for": title, "by you": one.by_id == person.id, "state": one.state}
        for one, title in rows
    ]


def erase(work: UnitOfWork, person: Person, _how: Erasure) -> None:
    """Give every place back, so that the next is offered it; then nothing says they were there."""
    own = select(Registration).where(Registration.member_id == person.id)
    for registration in work.session.scalars(own).all():
        give_back(work, registration, person)
    work.session.execute(delete(Registration).where(Registration.member_id == person.id))
    named = Nomination.email_key.in_(person.keys)
    work.session.execute(delete(Nomination).where(named))
    _leave_cohorts(work, person)
    work.session.execute(
        update(Workshop).where(Workshop.facilitator_id == person.id)
        .values(facilitator_id=None, facilitator_accepted_at=None)
    )  # fmt: skip


def _leave_cohorts(work: UnitOfWork, person: Person) -> None:
    """Whoever was left out of a cohort stands in its list, by name or by address."""
    for cohort in work.session.scalars(select(Cohort)).all():
        kept = [one for one in cohort.left_out if not person.is_named_in(one["who"])]
        if len(kept) != len(cohort.left_out):
            cohort.left_out = kept


RECORDS = PersonalRecords("workshops", N_("Workshops"), tell, outline, erase, joining.join)
