"""The rows of a list of people, each read into what we know of people, or refused with a reason."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from core.address_lists import clean_address, name_without_address
from core.addresses import Address, parse_address, typo_hint
from core.errors import Refusal
from core.i18n import DEFAULT_LANGUAGE, N_, Message
from members import tables
from members.columns import country_of, day_of, has_left, language_of, name_of, role_of, zone_of
from members.consent import TOPICS
from members.states import MemberState
from members.subscribing import check_name
from members.tables import Table

LONGEST_WORD = 40
MOST_NAMED = 10_000
"""So many rows are named of each kind; the others are counted."""


@dataclass(frozen=True)
class Row:
    """One row that can be imported."""

    number: int
    address: Address
    name: str
    language: str
    role: str
    level: str
    country: str
    time_zone: str
    labels: tuple[str, ...]
    topics: tuple[str, ...]
    """What to subscribe to."""
    left: tuple[str, ...] = ()
    """What was left, by our own export."""
    is_confirmed: bool = True
    joined_at: datetime | None = None
    consented_at: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def ends_as(self) -> str:
        """What the report counts it as, if nobody has its address yet."""
        if not self.is_confirmed:
            return "unconfirmed"
        return "new" if self.topics else "left elsewhere"


class Counted(Protocol):
    """A row of which it is known what becomes of it."""

    @property
    def row(self) -> "Row": ...
    @property
    def ends_as(self) -> str: ...
    @property
    def is_known(self) -> bool: ...
    @property
    def news(self) -> tuple[str, ...]: ...
    @property
    def differences(self) -> list[Message]: ...


@dataclass
class Report:
    """How many rows ended how; those that could not be read, and what was left out of others."""

    counts: Counter[str] = field(default_factory=Counter)
    invalid: list[tuple[int, Refusal]] = field(default_factory=list)
    notes: list[tuple[int, Message]] = field(default_factory=list)
    unused: tuple[str, ...] = ()
    """The columns that nothing was taken from."""
    news: Counter[str] = field(default_factory=Counter)
    """What is new of those whom we know, by its name."""
    doubled: list[int] = field(default_factory=list)
    languages: Counter[str] = field(default_factory=Counter)
    roles: Counter[str] = field(default_factory=Counter)
    """How the rows were understood."""
    typos: list[tuple[int, str]] = field(default_factory=list)
    """Addresses that were perhaps meant otherwise: the row, and what."""

    def refuse(self, line: int, refusal: Refusal) -> None:
        """One row that cannot be read; of very many the first are named."""
        self.counts["invalid"] += 1
        if len(self.invalid) < MOST_NAMED:
            self.invalid.append((line, refusal))

    def double(self, line: int) -> None:
        """One row whose address came before."""
        self.counts["duplicates"] += 1
        if len(self.doubled) < MOST_NAMED:
            self.doubled.append(line)

    def add_unreadable(self, other: "Report") -> None:
        """What another has found before anything was judged."""
        self.counts.update(other.counts)
        self.invalid += other.invalid
        self.notes += other.notes
        self.doubled += other.doubled
        self.unused = other.unused

    def count(self, judged: Counted) -> None:
        """One row more."""
        self.counts[judged.ends_as] += 1
        self.languages[judged.row.language] += 1
        self.roles[judged.row.role] += 1
        self.notes += [(judged.row.number, words) for words in judged.differences]
        if judged.is_known:
            self.news.update(judged.news)
        elif hint := typo_hint(judged.row.address):
            self.typos.append((judged.row.number, hint))


@dataclass(frozen=True)
class Import:
    """What an import is for: which topic, and where the consent was given."""

    source: str
    topics: tuple[str, ...]
    language: str = DEFAULT_LANGUAGE
    """Of those of whom the list says none: what the community speaks first."""
    label: str = ""
    """What is put on all of them."""
    mends: bool = False
    """Whether a mistyped address is taken for the one that was probably meant."""


def checked(table: Table, into: Import, report: Report) -> Iterator[Row]:
    """The rows that can be imported, each address once; the others go into the report."""
    seen: set[str] = set()
    for given in table.rows:
        try:
            if given.problem is not None:
                raise given.problem
            row = _row(given, table.is_ours, into, report)
        except Refusal as refusal:
            report.refuse(given.line, refusal)
            continue
        if row.address.key in seen:
            report.double(row.number)
            continue
        seen.add(row.address.key)
        if has_left(given.cells):
            report.counts["left elsewhere"] += 1
            continue
        yield row


def _row(given: tables.Row, is_ours: bool, into: Import, report: Report) -> Row:
    cells = given.cells
    address = parse_address(clean_address(cells.get("email", "")))
    if into.mends and (meant := typo_hint(address)) is not None:
        address = parse_address(meant)
    row = Row(
        number=given.line,
        address=address,
        name=check_name(name_without_address(name_of(cells))),
        language=_language(given, into, report),
        role=role_of(cells.get("role", "")),
        level=cells.get("level", ""),
        country="",
        time_zone="",
        labels=_labels(f"{cells.get('labels', '')};{into.label}"),
        topics=into.topics,
    )
    row = replace(row, **_optional(given, row, report), joined_at=_joined(given, report))
    return _as_it_was(row, cells, into) if is_ours else row


def _language(given: tables.Row, into: Import, report: Report) -> str:
    """What a row says, where we speak it; a letter in another language is better than none."""
    said = given.cells.get("language", "").strip()
    language = language_of(said) if said else into.language
    if language is None:
        values = {"said": said[:60], "language": into.language}
        report.notes.append((given.line, Message(_NOT_OURS.source, values)))
    return language or into.language


_NOT_OURS = N_("We write no letters in “%(said)s”; theirs come in %(language)s.")
"""Its language is a code, which whoever shows it says in words."""


_NO_DAY = N_("“%(said)s” is no day that we can read: 24.11.2026 or 2026-11-24.")


def _joined(given: tables.Row, report: Report) -> datetime | None:
    said = given.cells.get("joined", "").strip()
    moment = day_of(said) if said else None
    if said and moment is None:
        report.notes.append((given.line, Message(_NO_DAY.source, {"said": said[:40]})))
    return moment


def _optional(given: tables.Row, row: Row, report: Report) -> dict[str, Any]:
    """What may be missing: a word that nobody understands is left out, and the report says so."""
    found: dict[str, Any] = {}
    readers = (("country", "country", country_of), ("timezone", "time_zone", zone_of))
    for column, attribute, read in readers:
        said = given.cells.get(column, "")
        value = read(said) if said else ""
        if value is None:
            words = N_("“%(said)s” was left out: we do not know it.", said=said[:60])
            report.notes.append((given.line, words))
        found[attribute] = value or ""
    for attribute in ("role", "level"):
        said = getattr(row, attribute)
        if len(said) > LONGEST_WORD:
            words = N_("“%(said)s” was shortened to 40 characters.", said=said[:60])
            report.notes.append((given.line, words))
        found[attribute] = said[:LONGEST_WORD].strip()
    return found


def _labels(said: str) -> tuple[str, ...]:
    """Labels between commas, semicolons or `:::`, in quotation marks or not; ours keep commas."""
    words = said.replace(":::", ";").replace(",", ";").split(";")
    plain = (word.strip(' "*').strip()[:60] for word in words)
    return tuple(dict.fromkeys(word for word in plain if word))


def _as_it_was(row: Row, cells: Mapping[str, str], into: Import) -> Row:
    """What our own export says about somebody: nothing is added to what they had agreed to."""
    if cells.get("state") not in (MemberState.CONFIRMED, MemberState.PENDING):
        return row
    times = (pair.partition("=") for pair in cells.get("consented", "").split())
    moments = {topic: at for topic, _, said in times if (at := day_of(said))}
    is_confirmed = cells["state"] == MemberState.CONFIRMED
    topics = tuple(t for t in TOPICS if is_confirmed and t in cells.get("topics", "").split())
    left = tuple(t for t in TOPICS if t in cells.get("left topics", "").split())
    return replace(
        row,
        topics=topics,
        left=left or (() if topics or not is_confirmed else into.topics),
        is_confirmed=is_confirmed,
        joined_at=day_of(cells.get("joined", "")),
        consented_at=moments,
    )
