"""What people type: the one place where it becomes numbers, days, choices, and lines of text.

A field that is missing is empty. What cannot be read is nothing, unless a method says that it
refuses; then the refusal names the field. Which fields a form has, is declared once: as a frozen
dataclass that is `Typed`, beside the view that reads it.
"""

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, BinaryIO, ClassVar, Self, TypeVar

from core.addresses import Address, parse_address
from core.errors import Refusal, unknown_language
from core.i18n import LANGUAGES, N_, time_zones
from core.text import one_line, plain_lines
from core.uploads import LARGEST
from workshops.planning.planning import EARLIEST_YEAR, LATEST_YEAR

LONGEST_NUMBER = 9
"""Digits of an id: every database can hold it."""
LONGEST_COUNT = 5
"""Digits of how many, or of which page."""

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True)
class Upload:
    """A file as it came: its name is whatever the sender says. It lies on the disk."""

    name: str
    file: BinaryIO

    @property
    def content(self) -> bytes:
        """Its bytes; of one that is larger than we take, one more than that."""
        return self.read(LARGEST + 1)

    def read(self, most: int) -> bytes:
        """So many of its bytes at the most."""
        self.file.seek(0)
        return self.file.read(most)


@dataclass(frozen=True)
class Form:
    """The fields of a form, or of an address, as text."""

    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)
    uploads: Sequence[Upload] = ()

    def __getitem__(self, name: str) -> str:
        values = self.fields.get(name)
        return values[-1] if values else ""

    def __contains__(self, name: str) -> bool:
        return name in self.fields

    def get(self, name: str, missing: object) -> object:
        """A field, or `missing` where the form has none."""
        return self[name] if name in self.fields else missing

    def all(self, name: str) -> list[str]:
        """Every value of a field that may come more than once."""
        return list(self.fields.get(name, ()))

    def ticked(self, name: str) -> bool:
        """Whether a box was ticked, or a button pressed."""
        return bool(self[name])

    def words(self, name: str) -> frozenset[str]:
        """Every value of a field that says something."""
        return frozenset(filter(None, self.all(name)))

    def line(self, name: str, longest: int) -> str:
        """Text in one line."""
        return one_line(self[name])[:longest]

    def lines(self, name: str, longest: int) -> str:
        """Text in many lines."""
        return plain_lines(self[name])[:longest]

    def number(self, name: str) -> int:
        """An id; 0 for anything else."""
        return _number(self[name], LONGEST_NUMBER)

    def numbers(self, name: str) -> list[int]:
        """Every id of a field that may come more than once."""
        return [_number(typed, LONGEST_NUMBER) for typed in self.all(name)]

    def count(self, name: str, least: int = 0) -> int:
        """How many, or which page; `least` for anything else."""
        return max(least, _number(self[name], LONGEST_COUNT))

    def day(self, name: str) -> date | None:
        """A day; None for anything else."""
        try:
            found = date.fromisoformat(self[name].strip())
        except ValueError:
            return None
        return found if EARLIEST_YEAR <= found.year <= LATEST_YEAR else None

    def checked_day(self, name: str) -> date | None:
        """A day; None if nothing was typed. Raises Refusal for what is no day."""
        found = self.day(name)
        if found is None and self[name].strip():
            raise Refusal(N_("Please write the day as 2026-12-31."), name)
        return found

    def choice(self, name: str, allowed: Collection[str], otherwise: str = "") -> str:
        """One of the words that are allowed; `otherwise` for anything else."""
        return self[name] if self[name] in set(map(str, allowed)) else otherwise

    def one_of(self, name: str, kind: type[Choice], otherwise: Choice) -> Choice:
        """One of the values of an enum; `otherwise` for anything else."""
        return kind(self[name]) if self[name] in set(kind) else otherwise

    def language(self, name: str, otherwise: str) -> str:
        """One of our languages; `otherwise` for anything else."""
        return self.choice(name, LANGUAGES, otherwise)

    def checked_language(self, name: str) -> str:
        """One of our languages. Raises Refusal for anything else."""
        if self[name] not in LANGUAGES:
            raise unknown_language(self[name], name)
        return self[name]

    def zone(self, name: str) -> str:
        """A time zone, or none. Raises Refusal for what is none of the list."""
        typed = self[name].strip()
        if typed and typed not in time_zones():
            raise Refusal(N_("Please choose a time zone from the list."), name)
        return typed

    def own_address(self, name: str) -> Address:
        """The address of who types it. Raises Refusal."""
        return parse_address(self[name])

    def their_address(self, name: str) -> Address:
        """The address of somebody else. Raises Refusal."""
        if not self[name].strip():
            raise Refusal(N_("Please write their e-mail address."), name)
        return parse_address(self[name])


def _number(typed: str, longest: int) -> int:
    text = typed.strip()
    is_one = text.isascii() and text.isdecimal() and len(text) <= longest
    return int(text) if is_one else 0


Reader = Callable[[Form, str], Any]


class Typed:
    """A form as a frozen dataclass: the annotation of each field says how it is read."""

    _readers: ClassVar[Mapping[str, Reader]] = {}

    def __init_subclass__(cls) -> None:
        """Every annotation ends with the reader of its field."""
        annotations = inspect.get_annotations(cls)
        cls._readers = {name: kind.__metadata__[-1] for name, kind in annotations.items()}

    @classmethod
    def of(cls, form: Form) -> Self:
        """What was typed. Raises Refusal, naming the field, where a reader refuses."""
        return cls(**{name: read(form, name) for name, read in cls._readers.items()})


def line(longest: int) -> Reader:
    """How a line of so many characters is read."""
    return lambda form, name: form.line(name, longest)


def lines(longest: int) -> Reader:
    """How lines of so many characters in all are read."""
    return lambda form, name: form.lines(name, longest)


def choice(allowed: Collection[str], otherwise: str = "") -> Reader:
    """How one of the words that are allowed is read."""
    return lambda form, name: form.choice(name, allowed, otherwise)


Text = Annotated[str, Form.__getitem__]
"""As it was typed."""
Texts = Annotated[list[str], Form.all]
Words = Annotated[frozenset[str], Form.words]
Ticked = Annotated[bool, Form.ticked]
Id = Annotated[int, Form.number]
Ids = Annotated[list[int], Form.numbers]
Count = Annotated[int, Form.count]
Page = Annotated[int, lambda form, name: form.count(name, 1)]
"""Which page of a list; the first for anything else."""
Day = Annotated[date | None, Form.day]
CheckedDay = Annotated[date | None, Form.checked_day]
Language = Annotated[str, Form.checked_language]
Zone = Annotated[str, Form.zone]
TheirAddress = Annotated[Address, Form.their_address]
OwnAddress = Annotated[Address, Form.own_address]
