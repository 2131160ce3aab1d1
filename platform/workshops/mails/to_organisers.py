"""The mails about a workshop to those who organise or lead it."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.i18n import N_, Message
from core.text import one_line
from core.unit_of_work import UnitOfWork
from mail.links import Links
from mail.posting import Email
from members.models import Member
from workshops.mails.emails import about, organisers_page, simple_email, when_lines
from workshops.model.method import DUTIES
from workshops.model.tables import Workshop

ORGANISES = N_("You get this because you organise workshops in this community.")
FACILITATES = N_("You get this because you are asked to facilitate this workshop.")


def asked_to_facilitate(work: UnitOfWork, workshop: Workshop, member: Member) -> Email:
    """The duties, and where to accept them."""
    links = Links.of(work.settings, work.tokens)
    context = {
        **about(workshop),
        "duties": [duty.text(member.language) for duty in DUTIES],
        "whens": when_lines(workshop, member),
        "accept_url": links.to("/organise/workshops", member.language),
    }
    return simple_email("asked-to-facilitate", member, FACILITATES, context)


def facilitators_digest(
    work: UnitOfWork,
    workshop: Workshop,
    member: Member,
    answers: Sequence[object],
    coming: int,
    *,
    is_last: bool,
) -> Email:
    """Two days before, and once more shortly before: who comes, and what they wrote."""
    context = {
        **about(workshop),
        "answers": list(answers),
        "coming": coming,
        "is_last": is_last,
        "whens": when_lines(workshop, member),
        "room_url": organisers_page(work, workshop, member, "/room"),
    }
    reason = N_("You get this because you facilitate this workshop.")
    return simple_email("facilitators-digest", member, reason, context)


def who_was_there(work: UnitOfWork, workshop: Workshop, member: Member, count: int) -> Email:
    """To the facilitator: say who was there, so that they get their certificates."""
    context = {
        **about(workshop),
        "count": count,
        "room_url": organisers_page(work, workshop, member, "/room"),
    }
    return simple_email("who-was-there", member, FACILITATES, context)


@dataclass(frozen=True)
class Asked:
    """A workshop, and how many people wait for a decision there."""

    workshop: Workshop
    count: int


def people_ask(work: UnitOfWork, asked: Sequence[Asked], member: Member) -> Email:
    """Who asks, or was named, in each workshop. Names nobody: the pages do."""
    lines = [
        {
            "title": one_line(one.workshop.title),
            "count": one.count,
            "url": organisers_page(work, one.workshop, member, "/people"),
        }
        for one in asked
    ]
    return simple_email("people-ask", member, ORGANISES, {"asked": lines})


def somebody_asks(work: UnitOfWork, workshop: Workshop, member: Member) -> Email:
    """A request or a nomination waits for an organiser. Names nobody: the page does."""
    context = {
        **about(workshop),
        "people_url": organisers_page(work, workshop, member, "/people"),
    }
    return simple_email("somebody-asks", member, ORGANISES, context)


def host_gave_up(work: UnitOfWork, workshop: Workshop, member: Member) -> Email:
    """To organisers: who leads it or sits in the hotseat does not come. The page says who."""
    context = {
        **about(workshop),
        "whens": when_lines(workshop, member),
        "people_url": organisers_page(work, workshop, member, "/people"),
    }
    return simple_email("host-gave-up", member, ORGANISES, context)


def nobody_leads(work: UnitOfWork, workshop: Workshop, member: Member) -> Email:
    """To organisers: who was to lead it does not help to run the community any more."""
    context = {
        **about(workshop),
        "whens": when_lines(workshop, member),
        "plan_url": organisers_page(work, workshop, member, ""),
    }
    return simple_email("nobody-leads", member, ORGANISES, context)


def not_told(
    work: UnitOfWork, workshop: Workshop, member: Member, what: Message, count: int
) -> Email:
    """To organisers: people have not been told of something, because nobody has let it go."""
    context = {
        **about(workshop),
        "what": what.text(member.language),
        "count": count,
        "whens": when_lines(workshop, member),
        "change_url": organisers_page(work, workshop, member, "/change"),
    }
    return simple_email("not-told", member, ORGANISES, context)
