"""Two records that may be of one person: the same name, or two writings of one mailbox.

They are shown, never joined by themselves; a pair that is two people is shown no more.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import combinations

from sqlalchemy import ForeignKey, Text, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.addresses import Address, limit_key
from core.audit import audit
from core.database import Base, among, insert_if_new
from core.i18n import N_, Message
from core.unit_of_work import UnitOfWork
from members.models import Member

MOST, MOST_NAMES = 100, 2000
COMMONEST = 4
"""A name that more people share says nothing."""
THING = "member"


class Why(StrEnum):
    """Why two records may be of one person."""

    MAILBOX = "mailbox"
    NAME = "name"


WHY_NAMES: dict[Why, Message] = {
    Why.MAILBOX: N_("two writings of one mailbox"),
    Why.NAME: N_("the same name"),
}


class NotTwins(Base):
    """Two records of which an organiser has said that they are two people."""

    __tablename__ = "not_twins"

    first_id: Mapped[int] = mapped_column(
        ForeignKey("member.id", ondelete="CASCADE"), primary_key=True
    )
    second_id: Mapped[int] = mapped_column(
        ForeignKey("member.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    at: Mapped[datetime]


@dataclass(frozen=True)
class Twins:
    """Two members, the older record first."""

    first: Member
    second: Member
    why: Why


def find(session: Session) -> list[Twins]:
    """Pairs that somebody should look at; those of one mailbox first."""
    pairs: dict[tuple[int, int], Why] = {}
    for why, groups in ((Why.MAILBOX, _by_mailbox(session)), (Why.NAME, _by_name(session))):
        for group in groups:
            for pair in _pairs(group):
                pairs.setdefault(pair, why)
    for known in session.execute(select(NotTwins.first_id, NotTwins.second_id)).all():
        pairs.pop((known.first_id, known.second_id), None)
    return _shown(session, list(pairs.items())[:MOST])


def _pairs(group: Sequence[int]) -> Iterator[tuple[int, int]]:
    return combinations(sorted(group), 2)


def _shown(session: Session, pairs: list[tuple[tuple[int, int], Why]]) -> list[Twins]:
    ids = [number for pair, _ in pairs for number in pair]
    members = {m.id: m for m in session.scalars(select(Member).where(among(Member.id, ids)))}
    return [Twins(members[a], members[b], why) for (a, b), why in pairs]


def _by_name(session: Session) -> Iterable[list[int]]:
    """Those who share a name of two words or more."""
    name = func.lower(Member.name)
    shared = (
        select(name.label("name"))
        .where(Member.name.like("% %"))
        .group_by(name)
        .having(func.count().between(2, COMMONEST))
        .order_by(name)
        .limit(MOST_NAMES)
        .subquery()
    )
    rows = select(Member.id, name).join(shared, shared.c.name == name).order_by(Member.id)
    return _grouped((said, number) for number, said in session.execute(rows))


def _by_mailbox(session: Session) -> Iterable[list[int]]:
    """Those whose addresses a mail server takes for one: a tag after a plus, dots at Gmail."""
    gmail = (Member.email_key.like(f"%@{one}") for one in ("gmail.com", "googlemail.com"))
    odd = select(Member.id, Member.email_key).where(or_(Member.email_key.like("%+%"), *gmail))
    found = [(_mailbox(key), number) for number, key in session.execute(odd)]
    plain = select(Member.email_key, Member.id)
    mailboxes = sorted({mailbox for mailbox, _ in found})
    plain = plain.where(among(Member.email_key, mailboxes, Text))
    also = [(key, number) for key, number in session.execute(plain)]
    return _grouped({*found, *also})


def _mailbox(key: str) -> str:
    plain = limit_key(Address(key, key, key))
    return plain.replace("@googlemail.com", "@gmail.com")


def _grouped(pairs: Iterable[tuple[str, int]]) -> list[list[int]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for key, number in pairs:
        groups[key].append(number)
    return [group for group in groups.values() if len(group) > 1]


def are_two(work: UnitOfWork, first: int, second: int, by: int | None) -> None:
    """Write down that they are two people. A second time changes nothing."""
    a, b = sorted((first, second))
    there = work.session.scalars(select(Member.id).where(Member.id.in_([a, b]))).all()
    if len(there) < 2:
        return
    row = insert_if_new(work.session, NotTwins).values(first_id=a, second_id=b, at=work.now)
    if work.session.execute(row.returning(NotTwins.first_id)).one_or_none() is not None:
        audit(work, by, "two people", THING, a, {"other": b})
