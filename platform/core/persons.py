"""What the house keeps of one person: to be told to them, and to be erased.

Each part of the house brings its own records; whoever wants all of them goes through the table.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

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

    def is_named_in(self, text: str) -> bool:
        """Whether a text says their address or name, as whole words: Ann is not in planning."""
        said = (re.escape(one) for one in (self.email, self.email_ascii, self.name) if one)
        whole = rf"(?<![\w.+-])(?:{'|'.join(said)})(?![\w@-])"
        return re.search(whole, text, re.IGNORECASE) is not None


@dataclass(frozen=True)
class Erasure:
    """How somebody goes: whether their name stays on what is published, and who erases them."""

    keeps_byline: bool
    by: int | None


@dataclass(frozen=True)
class PersonalRecords:
    """What one part of the house keeps of people. `erase` is complete for its part."""

    name: str
    title: Message
    tell: Callable[[Reading, Person], Sequence[Row]]
    erase: Callable[[UnitOfWork, Person, Erasure], None]


def tell_all(work: Reading, person: Person, records: Sequence[PersonalRecords]) -> dict[str, Any]:
    """Everything, by part."""
    return {one.name: list(one.tell(work, person)) for one in records}


def erase_all(
    work: UnitOfWork, person: Person, how: Erasure, records: Sequence[PersonalRecords]
) -> None:
    """Everything, part by part, the highest floor first. Raises Refusal if somebody may not go."""
    for one in records:
        one.erase(work, person, how)
