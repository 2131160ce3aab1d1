"""Putting blocks into a text, moving them and taking them out. Pure."""

import hashlib
from collections.abc import Sequence

from newsletters.blocks import BlockKind, blocks_of

END = -1
"""Behind everything."""


def parts_of(body: str) -> list[str]:
    """The source of each block, in their order; texts are taken apart at their headings."""
    lines = body.splitlines()
    starts = [block.line - 1 for block in blocks_of(body)]
    ends = [*starts[1:], len(lines)]
    whole = ["\n".join(lines[start:end]) for start, end in zip(starts, ends, strict=False)]
    return [part for source in whole for part in _at_headings(source)]


def _at_headings(source: str) -> list[str]:
    """A text from one heading to the next, so that a section can be moved as a whole."""
    if blocks_of(source)[:1] and blocks_of(source)[0].kind is not BlockKind.TEXT:
        return [source.strip("\n")]
    parts: list[list[str]] = [[]]
    is_code = False
    for line in source.splitlines():
        is_code ^= line.lstrip().startswith(("```", "~~~"))
        if line.startswith("#") and not is_code and any(one.strip() for one in parts[-1]):
            parts.append([])
        parts[-1].append(line)
    return [text for part in parts if (text := "\n".join(part).strip("\n")).strip()]


def joined(parts: Sequence[str]) -> str:
    """A text of its parts."""
    return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"


def put_in(body: str, line: str, at: int = END) -> str:
    """The text with a block more: after the paragraph in which the character `at` is."""
    if at < 0 or at >= len(body.rstrip()):
        return joined([body, line])
    end = body.find("\n\n", at)
    end = len(body) if end < 0 else end
    return joined([body[:end], line, body[end:]])


def in_paragraph(body: str, number: int) -> int:
    """A place in the paragraph of that number; the end if there are fewer, or it is below zero."""
    at = 0
    for _ in range(max(number, 0)):
        at = body.find("\n\n", at) + 2
        if at < 2:
            return END
    return at if number >= 0 else END


def mark_of(part: str) -> str:
    """What a part is known by, wherever it has moved to."""
    return hashlib.sha256(part.encode()).hexdigest()[:10]


def moved(body: str, mark: str, by: int) -> str:
    """The text with one part so many places further down; up where it is below zero.

    Raises LookupError if no part has that mark any more.
    """
    parts, at = _found(body, mark)
    parts.insert(min(max(at + by, 0), len(parts) - 1), parts.pop(at))
    return joined(parts)


def without(body: str, mark: str) -> str:
    """The text without one part. Raises LookupError if no part has that mark any more."""
    parts, at = _found(body, mark)
    return joined([*parts[:at], *parts[at + 1 :]])


def _found(body: str, mark: str) -> tuple[list[str], int]:
    parts = parts_of(body)
    marks = [mark_of(part) for part in parts]
    if mark not in marks:
        raise LookupError(mark)
    return parts, marks.index(mark)
