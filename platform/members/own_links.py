"""One's own links: each lasting one carries a version of its owner, who can make them all new.

A link out of a letter may take away, never add: letters are forwarded. Whoever wants more is
signed in, or asks for a fresh link, which goes to their mailbox and is good for an hour.
"""

from collections.abc import Sequence

from sqlalchemy import update

from core.audit import audit
from core.tokens import BrokenToken, Purpose, ReplacedToken
from core.unit_of_work import Reading, UnitOfWork
from mail.keys import delivery_key
from mail.posting import post
from members import emails
from members.models import JoinedMember, Member

THING = "member"
TAKES_AWAY = (Purpose.LEAVE, Purpose.PREFERENCES)
"""What the letters to an address can do that was joined with another since."""
LONGEST_ID = 18
"""Digits that every database can hold."""


class GoneMember(BrokenToken):
    """The token is ours, and its owner is not here any more."""


def owner_of(work: Reading, purpose: Purpose, token: str) -> tuple[Member | None, list[str]]:
    """Whose link it is, who may be gone, and what it says of anything else.

    Its parts are an id, whatever the purpose wants, and the version. Raises BrokenToken,
    ExpiredToken, or ReplacedToken.
    """
    number, *more = work.tokens.read(purpose, token)
    member = work.session.get(Member, as_number(number))
    said, version = _parted(more)
    if member is not None:
        check_version(member, version)
    elif purpose in TAKES_AWAY:
        member = _joined_into(work, as_number(number), version)
    return member, said


def _joined_into(work: Reading, old_id: int, version: str) -> Member | None:
    """Whose record that of a link is part of by now. Raises ReplacedToken."""
    joined = work.session.get(JoinedMember, old_id)
    if joined is None:
        return None
    if as_number(version) != joined.links_version:
        raise ReplacedToken
    return work.session.get(Member, joined.kept_id)


def _parted(more: Sequence[str]) -> tuple[list[str], str]:
    """What a token says, and its version: links of before the versions have none."""
    return (list(more[:-1]), more[-1]) if more and more[-1].isdecimal() else (list(more), "1")


def check_version(member: Member, version: int | str) -> None:
    """Raises ReplacedToken if the owner has had their links made new since."""
    if as_number(str(version)) != member.links_version:
        raise ReplacedToken


def renew_links(work: UnitOfWork, member: Member, by: int | None) -> None:
    """Make all lasting links of a member new: those in older mails open nothing any more."""
    number = Member.links_version
    work.session.execute(
        update(Member).where(Member.id == member.id).values(links_version=number + 1)
    )
    joined = update(JoinedMember).where(JoinedMember.kept_id == member.id)
    work.change(joined.values(links_version=JoinedMember.links_version + 1))
    audit(work, by, "renew links", THING, member.id)
    work.session.refresh(member)


def mail_fresh_link(work: UnitOfWork, member: Member) -> None:
    """Mail its owner a link by which everything can be changed, for an hour. Once in ten minutes.

    Whoever pressed the button: only the mailbox learns more.
    """
    key = delivery_key("fresh-link", member.id, f"{work.now:%Y%m%d%H}{work.now.minute // 10}")
    post(work, emails.fresh_link(member), member.recipient, key)


def mail_data_link(work: UnitOfWork, member: Member) -> None:
    """Mail a member the link to what is kept about them. Once in ten minutes."""
    key = delivery_key("data-link", member.id, f"{work.now:%Y%m%d%H}{work.now.minute // 10}")
    post(work, emails.data_link(member), member.recipient, key)


def owner_of_replaced(work: Reading, purpose: Purpose, token: str) -> Member | None:
    """Whoever a replaced link belonged to. Raises BrokenToken."""
    number = as_number(work.tokens.read(purpose, token)[0])
    joined = work.session.get(JoinedMember, number)
    return work.session.get(Member, joined.kept_id if joined is not None else number)


def as_number(text: str) -> int:
    """An id of a token. Raises BrokenToken."""
    if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST_ID):
        raise BrokenToken
    return int(text)
