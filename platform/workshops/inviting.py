"""Sending invitations: one mailing for each language, one link for each person."""

from collections.abc import Iterable, Iterator

from sqlalchemy import select

from core.database import among
from core.i18n import LANGUAGES, N_
from core.unit_of_work import UnitOfWork
from mail.posting import Recipient, Share, deliver_to, write_mailing
from mail.states import MailingState
from members.models import Member
from workshops import emails
from workshops.models import Cohort, Invitation, Workshop

GREETING = N_("Hello %(name)s,")
GREETING_ALONE = N_("Hello,")


def send_to(
    work: UnitOfWork,
    it: Workshop,
    cohort: Cohort,
    invitations: Iterable[Invitation],
    event: str,
    state: MailingState = MailingState.RELEASED,
) -> list[int]:
    """Mail everybody in their own language; the same event twice reaches nobody twice.

    `event` begins with the template, and is part of what makes a mail the same one. Returns the
    mailings.
    """
    by_member = {invitation.member_id: invitation for invitation in invitations}
    ids = list(by_member)
    members = work.session.scalars(select(Member).where(among(Member.id, ids))).all()
    mailings = []
    for language in LANGUAGES:
        mine = [member for member in members if member.language == language]
        if mine:
            email = emails.invitation(it, cohort, language, event.partition(":")[0])
            mailing_id = write_mailing(work, email, state)
            shares = list(_shares(it, mine, by_member, event))
            deliver_to(work, mailing_id, shares)
            mailings.append(mailing_id)
    return mailings


def greeting_of(member: Member) -> str:
    """How a mail begins."""
    named = GREETING.text(member.language).replace("%(name)s", member.name)
    return named if member.name else GREETING_ALONE.text(member.language)


def _shares(
    it: Workshop, members: Iterable[Member], by_member: dict[int, Invitation], event: str
) -> Iterator[Share]:
    for member in members:
        invitation = by_member[member.id]
        # The link itself is made when the mail leaves, so that the database never holds it.
        values = {
            "greeting": greeting_of(member),
            "when": " · ".join(emails.when_lines(it, member)),
            "invitation": f"{invitation.id}-{invitation.round}",
        }
        key = f"{event}:{invitation.id}:{invitation.round}"
        yield Share(Recipient(member.email_ascii, member.id), key, values)
