"""Tables of people as files: decoded, cut into rows, their columns told apart. Pure.

Nothing is guessed from the rows. The delimiter is the one of the header line, the quotation mark is
`"` and doubled within: that is how every spreadsheet writes (RFC 4180), and a guess that takes
names into account puts one person's address into another's name.
"""

import csv
import io
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from core.address_lists import clean, has_address
from core.characters import scrub
from core.errors import Refusal
from core.i18n import N_
from members.columns import LEAVING, field_of

DELIMITERS = ",;\t|"
LONGEST_HEADER = 20_000
_QUOTED = "quoted"
LONGEST_CELL = 1_000_000
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True)
class Row:
    """One row: the line where it begins, and its cells by field (see `members.columns`).

    `problem` says why it cannot be read.
    """

    line: int
    cells: dict[str, str]
    problem: Refusal | None = None


@dataclass(frozen=True)
class Table:
    """The rows of a file, one by one, and the columns that nobody uses."""

    rows: Iterator[Row]
    unused: tuple[str, ...]
    is_ours: bool
    """Whether it is our own export, whose `state` and `topics` mean what they say."""


@dataclass(frozen=True)
class Sheet:
    """A file cut into rows, its columns told apart; the rows are read once."""

    header: tuple[str, ...]
    """The names of the columns, or the first row where nothing names them."""
    fields: tuple[str, ...]
    """The field of each column (see `members.columns`); empty where it is used for nothing."""
    has_header: bool
    lines: Iterator[tuple[int, list[str], Refusal | None]]

    @property
    def is_ours(self) -> bool:
        """Whether it is our own export, whose `state` and `topics` mean what they say."""
        return {"state", "topics"} <= set(self.fields)

    def table(self) -> Table:
        """Its rows by field. Raises Refusal if no column holds addresses."""
        if "email" not in self.fields:
            raise Refusal(N_("The file needs a header line with a column “email”."), "email")
        pairs = zip(self.header, self.fields, strict=True)
        unused = tuple(name.strip() for name, field in pairs if not field and name.strip())
        return Table(
            _rows(self.lines, self.fields), unused if self.has_header else (), self.is_ours
        )

    def read_as(self, fields: Sequence[str]) -> "Sheet":
        """With other columns, as somebody corrected them; too few or too many are left alone."""
        fitting = (*fields[: len(self.header)], *self.fields[len(fields) :])
        if not self.has_header and self._is_heading("email", fitting):
            next(self.lines, None)
            return replace(self, fields=fitting, has_header=True)
        return replace(self, fields=fitting)

    def _is_heading(self, field: str, fields: Sequence[str]) -> bool:
        """Whether the first row has no address where the others have theirs."""
        at = fields.index(field) if field in fields else -1
        return at >= 0 and not has_address(self.header[at])


def read_table(content: bytes) -> Table:
    """A file of people. Raises Refusal if it is no text, or names no column of addresses."""
    return read_sheet(content).table()


def read_sheet(content: bytes) -> Sheet:
    """A file as columns and rows. Raises Refusal if it is no text."""
    if content.startswith(WORKBOOKS):
        raise Refusal(
            N_("This is a workbook. Save it as CSV (in Excel: File, Save as, CSV UTF-8), please."),
            "file",
        )
    text, said = _without_mark(decode(content))
    csv.field_size_limit(LONGEST_CELL)
    reading = _cells(text, said or _delimiter(text), 1 if said else 0)
    first = next(((line, cells) for line, cells, _ in reading if any(cells)), (1, []))
    fields, has_header = _fields(first[1])
    again: list[tuple[int, list[str], Refusal | None]] = [] if has_header else [(*first, None)]
    lines = itertools.chain(again, reading)
    return Sheet(tuple(first[1]), tuple(fields), has_header, lines)


def table_of(rows: Iterable[tuple[int, dict[str, str]]]) -> Table:
    """A table that is made here: numbered rows of cells by field."""
    return Table((Row(number, cells) for number, cells in rows), (), False)


def decode(content: bytes) -> str:
    """The text of a file: UTF-8 or UTF-16, with or without a mark, else Windows-1252."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    if _is_utf_16(content[:200]):
        return content.decode("utf-16-le" if content[1:2] == b"\x00" else "utf-16-be", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _is_utf_16(start: bytes) -> bool:
    """Whether every second byte is zero, as UTF-16 writes Latin letters; a stray one is none."""
    return max(start[::2].count(0), start[1::2].count(0)) > len(start) // 4


def _without_mark(text: str) -> tuple[str, str]:
    """Without Excel's own first line, `sep=;`, and the delimiter that it says, if there is one."""
    first, end, rest = text.lstrip("\ufeff").replace("\x00", "").partition("\n")
    said = first.strip("\r\"' ")
    if end and said.lower().startswith("sep="):
        return rest, said[4:5] or ("\t" if "\t" in first else ",")
    return first + end + rest, ""


def _delimiter(text: str) -> str:
    """What separates the cells of the header line, looked for outside of quotation marks.

    The one that makes a column of addresses, and of those the most frequent.
    """
    outside = ""
    for at, piece in enumerate(text.lstrip("\r\n")[:LONGEST_HEADER].split('"')):
        if at % 2:
            outside += _QUOTED if field_of(clean(piece)) != "email" else "email"
            continue
        before, end, _ = piece.partition("\n")
        outside += before
        if end:
            break
    counts = Counter(char for char in outside if char in DELIMITERS)
    makes = {d: any(field_of(clean(c)) == "email" for c in outside.split(d)) for d in counts}
    return max(DELIMITERS, key=lambda char: (makes.get(char, False), counts[char]))


def _cells(
    text: str, delimiter: str, skipped: int
) -> Iterator[tuple[int, list[str], Refusal | None]]:
    """Each row with its number, as a spreadsheet counts; one that cannot be read says why."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    row = skipped
    while True:
        row += 1
        try:
            yield row, [scrub(cell) for cell in next(lines)], None
        except StopIteration:
            return
        except csv.Error as error:
            yield row, [], _unreadable(row, str(error))


def _unreadable(row: int, why: str) -> Refusal:
    if "unexpected end" in why:
        return Refusal(
            N_("A quotation mark is opened here and never closed; nothing after it was read.")
        )
    return Refusal(N_("Line %(line)s cannot be read: %(why)s.", line=row, why=why))


def _fields(header: Sequence[str]) -> tuple[list[str], bool]:
    """The field of each column, each field once; and whether the first line is a header at all."""
    fields = [field_of(clean(name)) for name in header]
    exact = {clean(name).strip().casefold() for name in header}
    if "email" in exact:  # our own word wins over others for the same
        fields = ["" if f == "email" and clean(n).strip().casefold() != "email" else f
                  for f, n in zip(fields, header, strict=True)]  # fmt: skip
    seen: set[str] = set()
    for at, field in enumerate(fields):
        fields[at] = "" if field in seen and field not in LEAVING else field
        seen.add(field)
    if "email" in seen:
        return fields, True
    return _guessed(header), False


def _guessed(first: Sequence[str]) -> list[str]:
    """The fields of a file without a header: the address, and a name where only one can be it."""
    at = [n for n, cell in enumerate(first) if has_address(cell)]
    if len(at) != 1:
        return [""] * len(first)
    fields = [""] * len(first)
    fields[at[0]] = "email"
    if len(first) == 2:
        fields[1 - at[0]] = "name"
    return fields


def _rows(
    reading: Iterator[tuple[int, list[str], Refusal | None]], fields: Sequence[str]
) -> Iterator[Row]:
    for line, cells, problem in reading:
        if problem is not None:
            yield Row(line, {}, problem)
        elif any(cell.strip() for cell in cells):
            yield _row(line, cells, fields)


def _row(line: int, cells: list[str], fields: Sequence[str]) -> Row:
    if any(cell.strip() for cell in cells[len(fields) :]):
        words = N_(
            "This row has %(found)s cells, but the header has %(wanted)s: a name with a comma "
            "needs quotation marks.",
            found=len(cells),
            wanted=len(fields),
        )
        return Row(line, {}, Refusal(words))
    found: dict[str, str] = {}
    for field, cell in zip(fields, cells, strict=False):
        if field in found:  # several columns may say that somebody left
            found[field] += f"\n{_meant(cell)}"
        elif field:
            found[field] = _meant(cell)
    return Row(line, found)


def _meant(cell: str) -> str:
    """A cell as it was before somebody's export kept a spreadsheet from running it."""
    text = clean(cell).strip()
    return text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@") else text
