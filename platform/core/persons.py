"""What the house keeps of one person: to be told to them, to be erased, to be joined.

Each part of the house brings its own records; whoever wants all of them goes through the table.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import InstrumentedAttribute, aliased

from core.addresses import Address
from core.i18n import Message
from core.unit_of_work import Reading, UnitOfWork

Row = dict[str, Any]
"""One thing, in words and numbers that JSON has."""


@dataclass(frozen=True)
class Person:
    """Who it is about, by everything that our tables know them by."""

    id: int
    email: str
    email_ascii: str
    email_key: str
    name: str
    former: tuple[Address, ...] = ()
    """Addresses that were theirs until lately, and are nobody else's now."""

    @property
    def keys(self) -> frozenset[str]:
        """Every key that an address of theirs has in our tables."""
        return frozenset((self.email_key, *(one.key for one in self.former)))

    @property
    def addresses(self) -> frozenset[str]:
        """Every address of theirs as mail goes to it."""
        return frozenset((self.email_ascii, *(one.ascii for one in self.former)))

    def is_named_in(self, text: str) -> bool:
        """Whether a text says their address or name, as whole words: Ann is not in planning."""
        written = (self.email, self.name, *self.addresses, *(one.shown for one in self.former))
        said = (re.escape(one) for one in written if one)
        whole = rf"(?<![\w.+-])(?:{'|'.join(said)})(?![\w@-])"
        return re.search(whole, text, re.IGNORECASE) is not None


@dataclass(frozen=True)
class Erasure:
    """How somebody goes: whether their name stays on what is published, and who erases them."""

    keeps_byline: bool
    by: int | None


@dataclass(frozen=True)
class Happening:
    """Something that happened between somebody and us, for the organisers' timeline."""

    at: datetime
    what: Message
    how_it_stands: Message | None = None
    page: str = ""
    """A page of ours on which there is more."""


@dataclass(frozen=True)
class PersonalRecords:
    """What one part of the house keeps of people. `erase` and `join` are complete for its part."""

    name: str
    title: Message
    tell: Callable[[Reading, Person], Sequence[Row]]
    erase: Callable[[UnitOfWork, Person, Erasure], None]
    join: Callable[[UnitOfWork, Person, Person], None]
    """Give the first what is of the second, who is the same person."""
    past: Callable[[Reading, Person], Iterable[Happening]]
    """What happened, as far as organisers need it to help; nothing that others wrote for other
    eyes."""


def tell_all(work: Reading, person: Person, records: Sequence[PersonalRecords]) -> dict[str, Any]:
    """Everything, by part."""
    return {one.name: list(one.tell(work, person)) for one in records}


def past_of(
    work: Reading, person: Person, records: Sequence[PersonalRecords]
) -> list[tuple[str, Happening]]:
    """What happened, by the names of its parts, the newest first."""
    found = [(one.name, happening) for one in records for happening in one.past(work, person)]
    return sorted(found, key=lambda pair: pair[1].at, reverse=True)


def erase_all(
    work: UnitOfWork, person: Person, how: Erasure, records: Sequence[PersonalRecords]
) -> None:
    """Everything, part by part, the highest floor first. Raises Refusal if somebody may not go."""
    for one in records:
        one.erase(work, person, how)


def join_all(
    work: UnitOfWork, kept: Person, other: Person, records: Sequence[PersonalRecords]
) -> None:
    """Two records of one person become one, part by part. Raises Refusal if that cannot be."""
    for one in records:
        one.join(work, kept, other)


def give(
    work: UnitOfWork,
    owner: InstrumentedAttribute[Any],
    kept: int,
    other: int,
    *once: InstrumentedAttribute[Any],
) -> None:
    """Give the owner `kept` the rows that are of the owner `other`.

    `once` are the columns that one owner has once (the owner's own: one row at all): of two such
    rows that of `kept` stays, and the other goes.
    """
    given = update(owner.class_).where(owner == other).values({owner: kept})
    if once:
        has = aliased(owner.class_)
        same = [getattr(has, one.key) == one for one in once if one.key != owner.key]
        theirs = getattr(has, owner.key) == kept
        given = given.where(~select(has).where(theirs, *same).correlate(owner.class_).exists())
    work.session.execute(given.execution_options(synchronize_session=False))
    if once:
        left = delete(owner.class_).where(owner == other)
        work.session.execute(left.execution_options(synchronize_session=False))
    work.session.expire_all()
