"""Sending invitations: one mailing for each language, one link for each person."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import product

from sqlalchemy import select

from core.database import among
from core.i18n import LANGUAGES, N_
from core.unit_of_work import Reading, UnitOfWork
from mail.keys import delivery_key
from mail.links import Links, PersonalValue
from mail.personal import complete, fill
from mail.posting import Share, deliver_to, post, render_email, write_mailing
from mail.states import MailClass, MailingState
from members.models import Member
from members.names import first_name
from members.states import MemberState
from workshops.mails import emails, links
from workshops.model.tables import Cohort, Invitation, Nomination, Workshop

GREETING = N_("Hello %(name)s,")
GREETING_ALONE = N_("Hello,")
A_TEST = N_("This is a test of an invitation that has not been sent.")


def send_to(
    work: UnitOfWork,
    workshop: Workshop,
    cohort: Cohort,
    invitations: Iterable[Invitation],
    template: str,
    event: Sequence[int | str] = (),
    state: MailingState = MailingState.RELEASED,
) -> list[int]:
    """Mail everybody in their own language; the same event twice reaches nobody twice.

    `event` is what makes it another mail than the last one with this template. Returns the
    mailings.
    """
    by_member = {invitation.member_id: invitation for invitation in invitations}
    ids = list(by_member)
    members = work.session.scalars(select(Member).where(among(Member.id, ids))).all()
    mailings = []
    named = named_by_others(work, workshop)
    for language, is_named in product(LANGUAGES, (False, True)):
        theirs = [member for member in members if member.language == language]
        mine = [one for one in theirs if _is_named(one, named) is is_named]
        if mine:
            reason = emails.NAMED if is_named else emails.INVITED
            email = emails.invitation(workshop, cohort, language, template, reason)
            mailing_id = write_mailing(work, email, state)
            shares = list(_shares(workshop, mine, by_member, (template, *event)))
            deliver_to(work, mailing_id, shares)
            mailings.append(mailing_id)
    return mailings


def named_by_others(work: Reading, workshop: Workshop) -> set[str]:
    """The addresses that we have from somebody else: they learn that, and from whom (Art. 14)."""
    named = Nomination.workshop_id == workshop.id, ~Nomination.wants_a_place
    return set(work.session.scalars(select(Nomination.email_key).where(*named)))


def _is_named(member: Member, named: set[str]) -> bool:
    """Whether we have the address of somebody from others only."""
    return member.state == MemberState.PENDING and member.email_key in named


def preview(work: Reading, workshop: Workshop, cohort: Cohort, language: str) -> str:
    """The mail as HTML, as somebody without a name would get it."""
    rendered = render_email(work, emails.invitation(workshop, cohort, language))
    return fill(rendered.html, complete(_sample(work, workshop, None, language)))


def send_test(work: UnitOfWork, workshop: Workshop, cohort: Cohort, member_id: int) -> None:
    """Mail the invitation to whoever prepares it, marked as a test; its button answers nothing."""
    member = work.session.get_one(Member, member_id)
    email = emails.invitation(workshop, cohort, member.language)
    test = replace(
        email, mail_class=MailClass.SERVICE, topic=None, subject_mark="[TEST] ", reason=A_TEST
    )
    moment = int(work.now.timestamp()) // 10
    values = _sample(work, workshop, member, member.language)
    to = member.recipient
    post(work, test, to, delivery_key("invitation-test", cohort.id, member.id, moment), values)


def _sample(
    work: Reading, workshop: Workshop, member: Member | None, language: str
) -> dict[str, str]:
    page = Links.of(work.settings, work.tokens).to(
        f"/organise/workshops/{workshop.public_id}/people", language
    )
    lines = emails.when_lines(workshop, member) if member else emails.own_lines(workshop, language)
    return {
        "greeting": greeting_of(member) if member else GREETING_ALONE.text(language),
        "when": " · ".join(lines),
        "invitation_url": page,
        "preferences_url": page,
        "unsubscribe_url": page,
        "address": member.email if member else "",
    }


def greeting_of(member: Member) -> str:
    """How a mail begins: as a letter does, with the first name where there is one."""
    first = first_name(member.name)
    named = GREETING.text(member.language).replace("%(name)s", first)
    return named if first else GREETING_ALONE.text(member.language)


def _shares(
    workshop: Workshop,
    members: Iterable[Member],
    by_member: dict[int, Invitation],
    event: tuple[str, *tuple[int | str, ...]],
) -> Iterator[Share]:
    for member in members:
        invitation = by_member[member.id]
        values: dict[str, PersonalValue] = {
            "greeting": greeting_of(member),
            "when": " · ".join(emails.when_lines(workshop, member)),
            "invitation_url": links.answering(invitation, member),
        }
        key = delivery_key(*event, invitation.id, invitation.round)
        yield Share(member.recipient, key, values)
