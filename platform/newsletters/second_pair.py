"""A second pair of eyes: where the setting asks for it, nobody sends what they wrote themselves."""

from sqlalchemy import ColumnElement, or_, true

from core.audit import audit
from core.errors import Refusal
from core.i18n import N_
from core.unit_of_work import Reading, UnitOfWork
from mail.keys import delivery_key
from mail.posting import post
from members.organisers import who_may
from members.roles import Permission
from newsletters import emails
from newsletters.models import Issue


def needs_another(work: Reading, issue: Issue, by: int | None) -> bool:
    """Whether somebody else has to send it: who changed it last does not look at it anew.

    On the machine itself nobody knows who it is, so nothing is sent from there.
    """
    return work.settings.second_pair_of_eyes and by in (None, issue.changed_by)


def still_another(work: Reading, by: int | None) -> ColumnElement[bool]:
    """The same, asked of the row in the moment in which it is sent."""
    if not work.settings.second_pair_of_eyes:
        return true()
    return or_(Issue.changed_by.is_(None), Issue.changed_by != by)


def check(work: Reading, issue: Issue, by: int | None) -> None:
    """Raises Refusal where the setting asks for another pair of eyes."""
    if needs_another(work, issue, by):
        raise Refusal(
            N_("You changed this issue last, so somebody else looks at it and sends it.")
            if by
            else N_("A second pair of eyes is wanted here: please send it on the site.")
        )


def ask_to_send(work: UnitOfWork, issue: Issue, by: int) -> int:
    """Ask the others who may send it, by mail; once for each version. Returns how many."""
    others = [one for one in who_may(work.session, Permission.SEND_ISSUES) if one.id != by]
    for one in others:
        key = delivery_key("please-send", issue.id, f"{issue.version}-{issue.chosen}-{one.id}")
        post(work, emails.please_send(work, one, issue), one.recipient, key)
    audit(work, by, "ask to send", "issue", issue.id)
    return len(others)
