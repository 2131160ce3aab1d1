"""One person: what is kept about them, and what they ask for on the telephone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.responses import Response

from contributions import guests
from core.audit import audit
from core.errors import Refusal
from core.i18n import N_, Message
from core.persons import Erasure, Person, erase_all, join_all, tell_all
from core.unit_of_work import Reading, UnitOfWork
from mail import suppressing
from members import address_change, joining, own_links
from members.models import Member, Organiser
from members.persons import find_person, person_of
from members.roles import Role
from web.everything import as_json
from web.forms import TheirAddress, Ticked, Typed
from web.organiser.portrait import portrait
from web.visit import Visit
from workshops.invitation import invitations

PEOPLE = "/organise/people"
OWNERS_ONLY = N_("This person helps to run the community, so only an owner may do this.")
NOBODY = N_("Nobody has this address.")
DONE: Mapping[str, Message] = {
    "corrected": N_("Done: from now on we write to the new address."),
    "mailed": N_("Done: the link is on its way to them."),
    "joined": N_("Done: both records are one."),
    "again": N_("Done: mail goes there again."),
    "known": N_("Done: it is corrected."),
    "paused": N_("Done."),
    "off": N_("Done: they are taken off."),
    "asked": N_("Done: the question is on its way to them."),
    "written": N_("Done: your words are on their way to them."),
    "noted": N_("Noted."),
    "unnoted": N_("The note is gone."),
    "labelled": N_("Labelled."),
    "unlabelled": N_("The label is off."),
    "added": N_("Written down: they are asked by mail whether it is right."),
    "let-in": N_("Written down: they are in."),
    "here": N_("They were here already: this is their page."),
}


@dataclass(frozen=True)
class Other(Typed):
    """Another address: to write to from now on, or of a second record."""

    email: TheirAddress


@dataclass(frozen=True)
class Sure(Typed):
    """That somebody knows what they do."""

    is_sure: Ticked
    keep_byline: Ticked


def show(visit: Visit) -> Response:
    """What an organiser needs who helps one person, and what can be done."""
    with visit.reading() as work:
        return page(visit, work, find(visit, work))


def export(visit: Visit) -> Response:
    """All of it as a file, by an owner, for who asks for it and can open no link."""
    with visit.unit_of_work() as work:
        person = find(visit, work)
        audit(work, visit.viewer_id, "export", "member", person.id)
        told = tell_all(work, person, visit.installation.persons)
    return as_json(told, f"person-{person.id}.json")


def mail_link(visit: Visit) -> Response:
    """Mail them the link to all of it: only they see what others wrote for their eyes."""

    def act(work: UnitOfWork, person: Person) -> None:
        own_links.mail_data_link(work, work.session.get_one(Member, person.id))

    return act_on(visit, act, "mailed")


def write_again(visit: Visit) -> Response:
    """Write again to an address that did not exist: somebody knows that it does now."""

    def act(work: UnitOfWork, person: Person) -> None:
        if suppressing.lift(work, member_of(work, person).email_ascii):
            audit(work, visit.viewer_id, "write again", "member", person.id)

    return act_on(visit, act, "again")


def correct(visit: Visit) -> Response:
    """Write another address for them; the old one is told."""

    def act(work: UnitOfWork, person: Person) -> None:
        member = work.session.get_one(Member, person.id)
        awaited = invitations.is_awaited(work.now) | guests.WAITS
        address = Other.of(visit.form).email
        address_change.correct(work, member, address, visit.my_id, awaited)

    return act_on(visit, act, "corrected")


def join(visit: Visit) -> Response:
    """Make one record of two."""

    def act(work: UnitOfWork, person: Person) -> None:
        other = find_person(work.session, Other.of(visit.form).email.key)
        if other is None:
            raise Refusal(NOBODY, "email")
        _check_sure(visit, N_("Please tick that both are the same person."))
        joining.check_joinable(work, person, other)
        join_all(work, person, other, visit.installation.persons)
        joining.note(work, person, other, visit.my_id)

    return act_on(visit, act, "joined")


def erase(visit: Visit) -> Response:
    """Erase them, as they asked."""

    def act(work: UnitOfWork, person: Person) -> None:
        _check_sure(visit, N_("Please tick that you know it cannot be undone."))
        how = Erasure(Sure.of(visit.form).keep_byline, visit.my_id)
        erase_all(work, person, how, visit.installation.persons)

    return act_on(visit, act, "erased")


def _check_sure(visit: Visit, otherwise: Message) -> None:
    if not Sure.of(visit.form).is_sure:
        raise Refusal(otherwise, "is_sure")


def act_on(
    visit: Visit,
    act: Callable[[UnitOfWork, Person], None],
    said: str,
    *,
    is_harmless: bool = False,
    before: Callable[[Reading, Person], None] | None = None,
) -> Response:
    """Do it, if it is harmless, or this person is not one whom only an owner may change."""

    def guarded(work: UnitOfWork, person: Person) -> None:
        is_free = is_harmless or visit.me.role is Role.OWNER
        if not is_free and work.session.get(Organiser, person.id) is not None:
            raise Refusal(OWNERS_ONLY)
        act(work, person)

    def then(person: Person, _: None) -> str:
        return f"{PEOPLE}?said=erased" if said == "erased" else f"{PEOPLE}/{person.id}?said={said}"

    return visit.act(
        lambda work: find(visit, work),
        guarded,
        then=then,
        refused=lambda work, person, refusal: page(visit, work, person, refusal),
        before=before,
    )


def find(visit: Visit, work: Reading) -> Person:
    """Who the page is about. Raises HTTPException."""
    member = work.session.get(Member, visit.number("id"))
    if member is None:
        raise HTTPException(404)
    return person_of(work.session, member)


def member_of(work: Reading, person: Person) -> Member:
    """Their record."""
    return work.session.get_one(Member, person.id)


def page(visit: Visit, work: Reading, person: Person, refusal: Refusal | None = None) -> Response:
    """Their page; with what was refused."""
    return visit.page(
        "organiser/person.html",
        status=422 if refusal else 200,
        said=DONE.get(visit.query("said")),
        typed=visit.form if refusal else None,
        other=visit.query("other")[:254],
        form=visit.path.rsplit("/", 1)[-1] if refusal else "",
        error=visit.wrong(refusal),
        **portrait(visit, work, person, member_of(work, person)),
    )
