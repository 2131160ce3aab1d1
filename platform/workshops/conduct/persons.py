"""What workshops keep of a person, and how they leave them: places are given back."""

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, or_, select, update

from core.i18n import N_
from core.persons import Erasure, Happening, Person, PersonalRecords, Row
from core.unit_of_work import Reading, UnitOfWork
from workshops.conduct import joining
from workshops.conduct.giving_back import give_back
from workshops.conduct.told import words_of
from workshops.model.action_states import COURSE_NAMES, Course
from workshops.model.invitation_states import NAMES as INVITATION_NAMES
from workshops.model.invitation_states import InvitationState
from workshops.model.reflection_tables import CheckOut, JointAction, Undertaking
from workshops.model.registration_states import REGISTRATION_NAMES, RegistrationState
from workshops.model.tables import Cohort, Invitation, Nomination, Registration, Workshop


def tell(work: Reading, person: Person) -> Sequence[Row]:
    """Invitations, places and what was written there; whom they named, and who named them."""
    return [
        *_places(work, person),
        *words_of(work, person),
        *_invitations(work, person),
        *_nominations(work, person),
    ]


def past(work: Reading, person: Person) -> Iterable[Happening]:
    """Invitations, places, and what they took on."""
    session = work.session
    asked = select(Invitation, Workshop).join(Workshop, Workshop.id == Invitation.workshop_id)
    sent = Invitation.state != InvitationState.PREPARED, Invitation.member_id == person.id
    for invitation, workshop in session.execute(asked.where(*sent)):
        what = N_("Invited to “%(workshop)s”", workshop=workshop.title)
        stands = INVITATION_NAMES[InvitationState(invitation.state)]
        yield Happening(invitation.changed_at, what, stands, _page(workshop))
    had = select(Registration, Workshop).join(Workshop, Workshop.id == Registration.workshop_id)
    for place, workshop in session.execute(had.where(Registration.member_id == person.id)):
        what = N_("A place in “%(workshop)s”", workshop=workshop.title)
        stands = REGISTRATION_NAMES[RegistrationState(place.state)]
        yield Happening(place.joined_at, what, stands, _page(workshop))
    yield from _taken_on(work, person)
    yield from _named(work, person)


def _taken_on(work: Reading, person: Person) -> Iterable[Happening]:
    """That they took something on; what it is, is for those who were there."""
    taken = (
        select(Undertaking.state, JointAction.created_at, Workshop)
        .join(JointAction, JointAction.id == Undertaking.action_id)
        .join(Registration, Registration.id == Undertaking.registration_id)
        .join(Workshop, Workshop.id == JointAction.workshop_id)
    )
    for state, at, workshop in work.session.execute(
        taken.where(Registration.member_id == person.id)
    ):
        what = N_("Took something on in “%(workshop)s”", workshop=workshop.title)
        yield Happening(at, what, COURSE_NAMES[Course(state)], _page(workshop))


def _named(work: Reading, person: Person) -> Iterable[Happening]:
    """Whom they named for a workshop, and that they were named."""
    about = or_(Nomination.email_key.in_(person.keys), Nomination.by_id == person.id)
    rows = select(Nomination, Workshop).join(Workshop, Workshop.id == Nomination.workshop_id)
    for one, workshop in work.session.execute(rows.where(about)):
        words = (
            N_("Named %(who)s for “%(workshop)s”", who=one.email, workshop=workshop.title)
            if one.by_id == person.id
            else N_("Was named for “%(workshop)s”", workshop=workshop.title)
        )
        yield Happening(one.created_at, words, page=_page(workshop))


def _page(workshop: Workshop) -> str:
    return f"/organise/workshops/{workshop.public_id}/people"


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


RECORDS = PersonalRecords("workshops", N_("Workshops"), tell, erase, joining.join, past)
