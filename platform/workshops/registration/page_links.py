"""The link to one's own page: whose it is, how long it is good, and a new one for its owner."""

from datetime import date, timedelta

from sqlalchemy import select

from core.tokens import BrokenToken, Purpose
from core.unit_of_work import Reading, UnitOfWork
from mail.keys import delivery_key
from mail.posting import post
from members.models import Member
from members.own_links import as_number, check_version
from workshops.mails import emails
from workshops.mails.links import AS_LONG_AS_IT_EXISTS
from workshops.model.tables import Registration, Workshop

KEPT = timedelta(days=14)
"""After the follow-up: so long the link is good."""


class LinkEnded(Exception):
    """The link to somebody's own page was good once; its owner can have a new one."""


def find(work: Reading, token: str) -> tuple[Registration, Workshop] | None:
    """Whose own page a link opens; None if it is gone. Raises BrokenToken, or LinkEnded."""
    found = find_even_if_ended(work, token)
    if found is not None and work.now.date() > _good_until(work, token, found[1]):
        raise LinkEnded
    return found


def find_even_if_ended(work: Reading, token: str) -> tuple[Registration, Workshop] | None:
    """The same for a link that may have ended. Raises BrokenToken or ReplacedToken."""
    number, _, version = _parts(work, token)
    row = work.session.execute(
        select(Registration, Workshop, Member)
        .join(Workshop, Workshop.id == Registration.workshop_id)
        .join(Member, Member.id == Registration.member_id)
        .where(Registration.id == number)
    ).one_or_none()
    if row is None:
        return None
    registration, workshop, owner = row
    check_version(owner, version)
    return registration, workshop


def _parts(work: Reading, token: str) -> tuple[int, int, int]:
    """A registration, the last day (0: none of its own), and a version. Raises BrokenToken.

    Links of before the versions have none, and some no day.
    """
    parts = [as_number(part) for part in work.tokens.read(Purpose.PLACE, token)]
    if len(parts) > 3:
        raise BrokenToken
    number, day, version = (*parts, *(AS_LONG_AS_IT_EXISTS, 1)[len(parts) - 1 :])
    return number, day, version


def _good_until(work: Reading, token: str, workshop: Workshop) -> date:
    """The last day of a link: its own, or two weeks after the follow-up."""
    _, own_day, _ = _parts(work, token)
    if own_day != AS_LONG_AS_IT_EXISTS:
        return date.fromordinal(own_day)
    last = workshop.follow_up_on or (
        workshop.ends_at.date() if workshop.ends_at else date.max - KEPT
    )
    return last + KEPT


def renew(work: UnitOfWork, workshop: Workshop, registration: Registration) -> None:
    """Mail a new link to one's own page, to its owner. Asking twice in a day sends one."""
    member = work.session.get_one(Member, registration.member_id)
    email = emails.page_link(workshop, member, registration, work.now.date() + KEPT)
    key = delivery_key("page-link", registration.id, f"{work.now:%Y%m%d%H}")
    post(work, email, member.recipient, key)
