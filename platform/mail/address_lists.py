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

from mail.personal import one_line

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
_UNSEEN = dict.fromkeys([0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x200E, 0x200F])  # fmt: skip
_BULLET = re.compile(r"^\s{0,40}(?:[-*+•·‣▪◦–—>]{1,3}|\(?\d{1,5}[.)]|\(?[a-zA-Z][.)])\s{1,40}")
_FIELD = re.compile(
    r"^(?:to|cc|bcc|from|reply-to|vastaanottaja|kopio|piilokopio|lähettäjä):\s*", re.IGNORECASE
)
# Bounded on both sides, so that reading is linear whatever is pasted.
_ADDRESS = re.compile(r"""[^\s<>()\[\],;:"“”]{1,64}@[^\s<>()\[\],;:"“”]{1,255}""")
_ENDS = ".,;:!?'’`"
_OPENS = {"<": ">", "(": ")", "[": "]"}


def clean(text: str) -> str:
    """Text as it was meant: composed letters, plain spaces, nothing that cannot be seen."""
    composed = unicodedata.normalize("NFC", text).translate(_UNSEEN)
    return "".join(" " if c != "\t" and unicodedata.category(c) == "Zs" else c for c in composed)


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
    """A name in one line; nothing where it holds an address."""
    name = one_line(clean(_decoded(text))).strip(' "“”,;<>[]–—-')
    for pair in ("()", "''"):
        if name[:1] + name[-1:] == pair or name.count(pair[0]) != name.count(pair[1]):
            name = name.strip(pair).strip(" []–—-")
    return "" if has_address(name) else name


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
    for number, raw in enumerate(clean(typed).replace("\r", "\n").split("\n"), 1):
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
    if len(at) != 1 or len(_ADDRESS.findall(cells[at[0]])) != 1:
        for cell in filter(None, cells):
            yield from _of_line(number, cell)
        return
    [own] = _of_line(number, cells[at[0]])
    beside = cells[max(0, at[0] - 2) : at[0]] if at[0] else cells[1:3]
    words = [cell for cell in beside if cell and not any(c.isdigit() for c in cell)]
    yield Listed(number, line, own.email, own.name or name_without_address(" ".join(words)))


def _of_line(number: int, line: str) -> Iterator[Listed]:
    """One line: entries between semicolons, or else commas."""
    parts = _split(line, ";")
    if len(parts) == 1:
        parts = _joined_names(_split(line, ","))
    for part in parts:
        entries = list(_of_part(number, part))
        if len(entries) == 1 and not entries[0].email and "," in part:
            entries = [one for piece in _split(part, ",") for one in _of_part(number, piece)]
        yield from entries


def _joined_names(parts: list[str]) -> list[str]:
    """`Virtanen, Anna <a@b.fi>`, alone in its line, is one person whose name has a comma."""
    alone = len(parts) == 2 and not has_address(parts[0]) and "<" in parts[1]
    return [", ".join(part.strip() for part in parts)] if alone else parts


def _split(line: str, separator: str) -> list[str]:
    """The parts between separators that stand outside of quotes and brackets."""
    parts, start, in_quotes, closing = [], 0, False, ""
    last = {opens: line.rfind(closes) for opens, closes in _OPENS.items()}
    for at, char in enumerate(line):
        if char == '"' and line[at - 1 : at] != "\\":
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
        comment = after.lstrip(" >")
        name = name_without_address(_bare(before))
        if not name and comment.startswith("("):
            name = name_without_address(comment[1:].partition(")")[0])
            end = match.end() + after.find(")") + 1
        else:
            end = match.end()
        text = part.strip() if len(found) == 1 else f"{before}{match[0]}".strip()
        yield Listed(number, text, clean_address(_without_scheme(match[0])), name)


def _without_scheme(address: str) -> str:
    return re.sub(r"^mailto:", "", address.lstrip("'‘"), flags=re.IGNORECASE)


def _bare(before: str) -> str:
    """The words before an address, without `mailto:`, brackets and escaped quotation marks."""
    words = before.rstrip(" <").removesuffix("mailto:").rstrip(" <:").replace('\\"', '"')
    return words.strip(" ,;>")


def _is_in_name(part: str, match: re.Match[str]) -> bool:
    """Whether this address only names the one in brackets that follows: `"a@b.fi" <a@b.fi>`."""
    rest = part[match.end() : match.end() + 300].lstrip(" \"'”’)")
    own = match[0].strip("'‘’").lower()
    return rest.startswith("<") and rest[1:].lstrip().lower().startswith(own)
