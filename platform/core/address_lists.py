"""Lists of people as they are pasted: from mail programs, spreadsheets, documents and notes.

Pure. Whatever is not understood comes back as a row of its own with its text: nobody is lost, and
no name ever holds somebody else's address.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header

from core.characters import composed
from core.text import one_line

LONGEST_NAME = 80


@dataclass(frozen=True)
class Listed:
    """One entry: the line it stood in, its text, and what was understood of it."""

    line: int
    text: str
    email: str = ""
    name: str = ""


# What copying brings along and nobody sees: joiners, marks of direction, soft hyphens, a BOM.
# (Not the characters that turn a text round: what has them was not typed by its owner.)
_UNSEEN = dict.fromkeys([0xAD, 0x200B, 0x2060, 0xFEFF, 0x200E, 0x200F])
# Sinhala, Persian and families of emoji are written with joiners; Latin letters never.
_BEYOND_LATIN = "[\u0300-\U0010ffff]"
_STRAY_JOINER = re.compile(f"(?<!{_BEYOND_LATIN})[\u200c\u200d]|[\u200c\u200d](?!{_BEYOND_LATIN})")
# "A. Virtanen" begins with an initial, "a. Virtanen" with a letter that counts.
_BULLET = re.compile(
    r"^\s{0,40}(?:[-*+•·‣▪◦–—>]{1,3}|\(?\d{1,5}[.)]|\(?[a-zA-Z]\)|[a-z]\.)\s{1,40}"
)
_FIELD = re.compile(
    r"^(?:to|cc|bcc|from|reply-to|vastaanottaja|kopio|piilokopio|lähettäjä):\s*", re.IGNORECASE
)
# Bounded on both sides, so that reading is linear whatever is pasted.
_ADDRESS = re.compile(r"""[^\s<>()\[\],;:"“”„«»‹›?]{1,64}@[^\s<>()\[\],;:"“”„«»‹›?]{1,255}""")
_ENDS = ".,;:!?'’`"
_OPENS = {"<": ">", "(": ")", "[": "]"}
_QUOTES = '"“”„'
_PAIRS = ('""', "“”", "””", "„“", "„”", "«»", "‹›", "''", "‘’", "’’", "()", "[]")
_NO_NAMES = re.compile(
    r"^(?:e-?mail|mail|address|sähköposti|s-posti|osoite|ja|sekä|and|och|or|tai|via|&|\+)?$",
    re.IGNORECASE,
)
"""Words that stand beside addresses and are nobody's name."""


def clean(text: str) -> str:
    """Text as it was meant: composed letters, plain spaces, nothing that cannot be seen."""
    if text.isascii() and text.isprintable():
        return text
    whole = _STRAY_JOINER.sub("", composed(text).translate(_UNSEEN))
    return "".join(" " if c != "\t" and unicodedata.category(c) == "Zs" else c for c in whole)


def clean_address(typed: str) -> str:
    """An address without what copying put around it: `mailto:`, brackets, a full stop."""
    text = clean(typed).strip().removeprefix("<").removesuffix(">").strip()
    if text[:7].lower() == "mailto:":
        text = text[7:].partition("?")[0]
    return text.strip().rstrip(_ENDS)


def has_address(text: str) -> bool:
    """Whether an e-mail address stands in some text."""
    return _ADDRESS.search(text) is not None


def name_without_address(text: str) -> str:
    """A name in one line, as somebody wrote it; nothing where it holds an address."""
    name = one_line(clean(_decoded(text))).strip()
    return "" if has_address(name) else name


def _name_beside(text: str) -> str:
    """The name that stands beside an address in a list, without what only separates the two."""
    name = name_without_address(text).strip(" ,;:<>|–—").removeprefix("-").removesuffix(" -")
    name = _unquoted(name.strip())
    return "" if _NO_NAMES.match(name) else name


def _unquoted(name: str) -> str:
    """Without quotation marks or brackets around the whole of it, or one that is left alone."""
    if len(name) > 1 and name[0] + name[-1] in _PAIRS and _is_around(name):
        return name[1:-1].strip()
    for edge in (name[:1], name[-1:]):
        if edge and edge in _QUOTES + "()[]" and _is_alone(name, edge):
            name = name.strip(edge).strip()
    return name


def _is_around(name: str) -> bool:
    """Whether the marks at both ends belong together: the next one within opens, or is none."""
    at = next((n for n, char in enumerate(name[1:-1], 1) if char in (name[0], name[-1])), 0)
    return at == 0 or name[at - 1] == " "


def _is_alone(name: str, edge: str) -> bool:
    pair = next((pair for pair in ("()", "[]") if edge in pair), "")
    if pair:
        return name.count(pair[0]) != name.count(pair[1])
    return sum(name.count(quote) for quote in _QUOTES) % 2 == 1


def _decoded(text: str) -> str:
    """Words as a mail's header has them (RFC 2047), in letters."""
    if "=?" not in text:
        return text
    try:
        return str(make_header(decode_header(text)))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return text


def read_list(typed: str) -> Iterator[Listed]:
    """Every entry of a pasted list, in order."""
    for number, raw in enumerate(
        clean(typed).replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1
    ):
        line = _FIELD.sub("", _BULLET.sub("", raw, count=1).strip(), count=1)
        if not line.strip(' ,;"\t'):
            continue
        if "\t" in line:
            yield from _of_cells(number, line)
        else:
            yield from _of_line(number, line)


def _of_cells(number: int, line: str) -> Iterator[Listed]:
    """A row copied from a spreadsheet: the name stands in the cells beside the address."""
    cells = [cell.strip() for cell in line.split("\t")]
    at = [n for n, cell in enumerate(cells) if has_address(cell)]
    if not at or any(len(_ADDRESS.findall(cells[n])) != 1 for n in at):
        for cell in filter(None, cells):
            yield from _of_line(number, cell)
        return
    is_first = at[0] == 0
    for turn, here in enumerate(at):
        before = at[turn - 1] + 1 if turn else 0
        after = at[turn + 1] if turn + 1 < len(at) else len(cells)
        beside = cells[here + 1 : after] if is_first else cells[before:here]
        text = line if len(at) == 1 else "\t".join((*beside, cells[here]))
        yield from _of_cell(number, text, cells[here], _name_in(beside))


def _of_cell(number: int, text: str, cell: str, name: str) -> Iterator[Listed]:
    """The one address of a cell; what else stands in it is a row of its own."""
    pieces = (piece for part in _split(cell, ";") for piece in _joined_names(_split(part, ",")))
    for entry in (entry for piece in pieces for entry in _of_part(number, piece)):
        if entry.email:
            yield Listed(number, text, entry.email, entry.name or name)
        else:
            yield entry


def _name_in(cells: list[str]) -> str:
    """The name in the cells of a row: one cell with the whole of it, or two with its halves."""
    words = [cell for cell in cells if cell and not any(c.isdigit() for c in cell)]
    if words and " " in words[0]:
        return _name_beside(words[0])
    return _name_beside(" ".join(words[:2]))


def _of_line(number: int, line: str) -> Iterator[Listed]:
    """One line: entries between semicolons, or else commas."""
    parts = _split(line, ";")
    if len(parts) == 1:
        parts = _joined_names(_split(line, ","))
    if (one := _named_beside(parts)) is not None:
        name, address = one
        yield Listed(number, line.strip(), clean_address(address), name)
        return
    for part in parts:
        entries = list(_of_part(number, part))
        if len(entries) == 1 and not entries[0].email and "," in part:
            entries = [one for piece in _split(part, ",") for one in _of_part(number, piece)]
        yield from entries


def _joined_names(parts: list[str]) -> list[str]:
    """`Virtanen, Anna <a@b.fi>`, alone in its line, is one person whose name has a comma."""
    alone = len(parts) == 2 and not has_address(parts[0]) and "<" in parts[1]
    return [", ".join(part.strip() for part in parts)] if alone else parts


def _named_beside(parts: list[str]) -> tuple[str, str] | None:
    """`Anna;a@b.fi`, alone in its line, is one person: the name, and the address."""
    if len(parts) != 2 or has_address(parts[0]) or not _ADDRESS.fullmatch(parts[1].strip()):
        return None
    name = _name_beside(parts[0])
    return (name, parts[1].strip()) if name else None


def _split(line: str, separator: str) -> list[str]:
    """The parts between separators that stand outside of quotes and brackets."""
    parts, start, in_quotes, closing = [], 0, False, ""
    last = {opens: line.rfind(closes) for opens, closes in _OPENS.items()}
    for at, char in enumerate(line):
        if char in _QUOTES and line[at - 1 : at] != "\\":
            in_quotes = not in_quotes
        elif not in_quotes and char in _OPENS and not closing and last[char] > at:
            closing = _OPENS[char]
        elif char == closing:
            closing = ""
        elif char == separator and not in_quotes and not closing:
            parts.append(line[start:at])
            start = at + 1
    if in_quotes:  # a quotation mark that is none, as in inches: it binds nothing
        return [part for part in line.split(separator) if part.strip(" ,;")]
    return [part for part in (*parts, line[start:]) if part.strip(" ,;")]


def _of_part(number: int, part: str) -> Iterator[Listed]:
    """The people in one part: usually one, or addresses with only spaces between them."""
    found = [match for match in _ADDRESS.finditer(part) if not _is_in_name(part, match)]
    if not found:
        yield Listed(number, part.strip())
        return
    end = 0
    for at, match in enumerate(found):
        following = found[at + 1].start() if at + 1 < len(found) else len(part)
        before, after = part[end : match.start()], part[match.end() : following]
        name, used = _name_around(before, after, is_last=at + 1 == len(found))
        end = match.end() + used
        text = part.strip() if len(found) == 1 else f"{before}{match[0]}".strip()
        yield Listed(number, text, clean_address(_without_scheme(match[0])), name)


def _name_around(before: str, after: str, *, is_last: bool) -> tuple[str, int]:
    """The name before an address, or in brackets or alone after it; and how much of that it was."""
    if name := _name_beside(_bare(before)):
        return name, 0
    comment = after.lstrip(" >»›")
    if comment.startswith("("):
        return _name_beside(comment[1:].partition(")")[0]), after.find(")") + 1
    if is_last and "?" not in after[:1]:
        return _name_beside(comment.lstrip("-:")), 0
    return "", 0


def _without_scheme(address: str) -> str:
    return re.sub(r"^mailto:", "", address.lstrip("'‘"), flags=re.IGNORECASE)


def _bare(before: str) -> str:
    """The words before an address, without `mailto:`, brackets and escaped quotation marks."""
    words = re.sub(r"mailto:\s*$", "", before.rstrip(" <«‹"), flags=re.IGNORECASE)
    return words.rstrip(" <«‹:(").replace('\\"', '"').strip(" ,;>")


def _is_in_name(part: str, match: re.Match[str]) -> bool:
    """Whether this address only names the one in brackets that follows: `"a@b.fi" <c@d.fi>`."""
    rest = part[match.end() : match.end() + 300].lstrip(" \"'”’)")
    address = match[0].strip("'‘’").lower()
    if rest.startswith("<") and rest[1:].lstrip().lower().startswith(address):
        return True
    is_quoted = match[0][:1] in "'‘" or part[match.start() - 1 : match.start()] in tuple(_QUOTES)
    return is_quoted and "<" in part[match.end() : match.end() + 300]
