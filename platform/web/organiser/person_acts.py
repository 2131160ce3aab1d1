"""What an organiser does for one person: small things, as they ask for them or one sees them."""

from dataclasses import dataclass
from typing import Annotated

from starlette.responses import Response

from core.addresses import parse_address
from core.errors import Refusal
from core.i18n import N_
from core.persons import Person
from core.unit_of_work import Reading, UnitOfWork
from members import by_organisers, labelling, notes
from members.consent import TOPICS
from members.models import Member
from members.profile import Profile
from web.forms import CheckedDay, Id, Language, Text, Typed, line
from web.limits import check_unasked
from web.organiser.person import act_on, find, member_of, page
from web.organiser.portrait import INVITES
from web.visit import Visit
from workshops.invitation import cohorts
from workshops.invitation.cohorts import default_terms
from workshops.model.tables import Cohort, Workshop
from workshops.planning import planning

EVERYTHING = "everything"


@dataclass(frozen=True)
class Known(Typed):
    """What is known of somebody, corrected."""

    name: Annotated[str, line(200)]
    language: Language
    role: Text
    level: Text
    country: Text
    seen: Text
    """What it was when the form was shown."""


@dataclass(frozen=True)
class Rest(Typed):
    """Until when somebody wants no mail."""

    until: CheckedDay


@dataclass(frozen=True)
class Words(Typed):
    """A note, a label, a topic that is left, or a letter: each form has its own of these."""

    note: Text
    number: Id
    new_label: Text
    label: Text
    topic: Text
    subject: Text
    text: Text
    workshop: Text


def correct_known(visit: Visit) -> Response:
    """Correct name, language, and what is known of their work."""

    def act(work: UnitOfWork, person: Person) -> None:
        typed = Known.of(visit.form)
        profile = Profile(typed.role, typed.level, typed.country)
        facts = by_organisers.Facts(typed.name, typed.language, profile)
        by_organisers.correct(work, member_of(work, person), facts, typed.seen, visit.my_id)

    return act_on(visit, act, "known")


def pause(visit: Visit) -> Response:
    """Let them rest until a day, or go on."""

    def act(work: UnitOfWork, person: Person) -> None:
        until = Rest.of(visit.form).until
        by_organisers.pause(work, member_of(work, person), until, visit.my_id)

    return act_on(visit, act, "paused")


def take_off(visit: Visit) -> Response:
    """Take them off a topic, as they asked."""

    def act(work: UnitOfWork, person: Person) -> None:
        topic = Words.of(visit.form).topic
        for one in TOPICS if topic == EVERYTHING else (topic,):
            by_organisers.take_off(work, member_of(work, person), one, visit.my_id)

    return act_on(visit, act, "off")


def ask_again(visit: Visit) -> Response:
    """Mail the confirming link once more; no more often than a visitor may."""

    def may(_: Reading, person: Person) -> None:
        check_unasked(visit, "ask-again", parse_address(person.email), field="")

    def act(work: UnitOfWork, person: Person) -> None:
        by_organisers.ask_again(work, member_of(work, person), visit.my_id)

    return act_on(visit, act, "asked", before=may)


def write(visit: Visit) -> Response:
    """Mail them a few words of one's own."""

    def act(work: UnitOfWork, person: Person) -> None:
        typed = Words.of(visit.form)
        letter, by = by_organisers.Letter(typed.subject, typed.text), visit.me.member
        by_organisers.write_to(work, member_of(work, person), letter, by)

    return act_on(visit, act, "written")


def note(visit: Visit) -> Response:
    """Write something down about them, for the other organisers."""

    def act(work: UnitOfWork, person: Person) -> None:
        notes.write(work, person.id, Words.of(visit.form).note, visit.my_id)

    return act_on(visit, act, "noted", is_harmless=True)


def forget_note(visit: Visit) -> Response:
    """Take a note away."""

    def act(work: UnitOfWork, person: Person) -> None:
        notes.forget(work, person.id, Words.of(visit.form).number, visit.my_id)

    return act_on(visit, act, "unnoted", is_harmless=True)


def bring_note_back(visit: Visit) -> Response:
    """Take that back."""

    def act(work: UnitOfWork, person: Person) -> None:
        notes.bring_back(work, person.id, Words.of(visit.form).number, visit.my_id)

    return act_on(visit, act, "noted", is_harmless=True)


def label(visit: Visit) -> Response:
    """Put a label on them."""

    def act(work: UnitOfWork, person: Person) -> None:
        new = Words.of(visit.form).new_label
        labelling.put_on(work, Member.id == person.id, new, visit.my_id)

    return act_on(visit, act, "labelled", is_harmless=True)


def take_label_off(visit: Visit) -> Response:
    """Take a label off them."""

    def act(work: UnitOfWork, person: Person) -> None:
        old = Words.of(visit.form).label
        labelling.take_off(work, Member.id == person.id, old, visit.my_id)

    return act_on(visit, act, "unlabelled", is_harmless=True)


def invite(visit: Visit) -> Response:
    """Prepare an invitation to a workshop for them; it goes once somebody has looked at it."""

    def act(work: UnitOfWork, person: Person) -> Cohort:
        workshop = planning.find(work.session, Words.of(visit.form).workshop)
        if workshop is None or workshop.stage not in INVITES:
            raise Refusal(N_("Please choose a workshop from the list."), "workshop")
        waiting = cohorts.prepared_for(work.session, workshop.id, person.id)
        if waiting is not None:
            return waiting  # pressed twice, or by a colleague
        who, terms = {person.id: person.name or person.email}, default_terms(workshop, work.now)
        return cohorts.prepare(work, workshop, who, terms, visit.my_id)

    def then(_: Person, cohort: Cohort) -> str:
        with visit.reading() as work:
            workshop = work.session.get_one(Workshop, cohort.workshop_id)
            return f"/organise/workshops/{workshop.public_id}/cohorts/{cohort.id}"

    return visit.act(
        lambda work: find(visit, work),
        act,
        then=then,
        refused=lambda work, person, refusal: page(visit, work, person, refusal),
    )
