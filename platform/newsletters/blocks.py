"""The blocks of a letter, as they stand in its Markdown. Pure.

A letter is Markdown. What Markdown has is written as everywhere: headings, quotations, `---`, and a
picture in a line of its own, `![What it shows](name.jpg)`; two such lines are two pictures beside
each other. What it has not is a line of its own too:

    ::library[](slug)        a recording, material or text of the library, as a card
    ::article[](slug)        the whole text of a member
    ::workshop[](public id)  a workshop, in the letters of those who may know of it
    ::question[What …?]      the question of the month; answers arrive at the desk
    ::button[Words](https://…)
    ::contents               what is in this letter
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from core.errors import Refusal
from core.i18n import N_, Message


class BlockKind(StrEnum):
    """What a block is."""

    TEXT = "text"
    PICTURES = "pictures"
    LIBRARY = "library"
    ARTICLE = "article"
    WORKSHOP = "workshop"
    QUESTION = "question"
    BUTTON = "button"
    CONTENTS = "contents"


BLOCK_NAMES: dict[BlockKind, Message] = {
    BlockKind.TEXT: N_("Text"),
    BlockKind.PICTURES: N_("Picture"),
    BlockKind.LIBRARY: N_("Card"),
    BlockKind.ARTICLE: N_("Whole text"),
    BlockKind.WORKSHOP: N_("Workshop"),
    BlockKind.QUESTION: N_("The question of the month"),
    BlockKind.BUTTON: N_("Button"),
    BlockKind.CONTENTS: N_("In this letter"),
}
WRITTEN_OUT = (
    BlockKind.LIBRARY, BlockKind.ARTICLE, BlockKind.WORKSHOP, BlockKind.QUESTION,
    BlockKind.BUTTON, BlockKind.CONTENTS,
)  # fmt: skip
NEED_TARGET = (BlockKind.LIBRARY, BlockKind.ARTICLE, BlockKind.WORKSHOP, BlockKind.BUTTON)
NEED_WORDS = (BlockKind.QUESTION, BlockKind.BUTTON)
_LINE = re.compile(r"::(?P<kind>[a-z]+)(?:\[(?P<words>.*?)\])?(?:\((?P<target>[^()\s]*)\))?\s*")
_PICTURE = re.compile(r"!\[(?P<words>[^\]\n]*)\]\((?P<target>[^()\s]+)\)\s*")
_FENCE = re.compile(r" {0,3}(```|~~~)")


@dataclass(frozen=True)
class Picture:
    """A picture in its line: what it shows, and its file."""

    alt: str
    file: str
    line: int


@dataclass(frozen=True)
class Block:
    """One block: of a text its Markdown, of pictures each of them, of others words and target."""

    kind: BlockKind
    line: int
    markdown: str = ""
    pictures: tuple[Picture, ...] = ()
    words: str = ""
    target: str = ""


def blocks_of(body: str) -> list[Block]:
    """The blocks of a text, in their order. What is no block of ours stays the text that it is."""
    found: list[Block] = []
    for line, kind, lines in _grouped(body.splitlines()):
        if kind is BlockKind.TEXT:
            markdown = "\n".join(lines).strip("\n")
            found += [Block(kind, line, markdown)] if markdown.strip() else []
        elif kind is BlockKind.PICTURES:
            found.append(Block(kind, line, pictures=tuple(_pictures(lines, line))))
        else:
            found.append(_written_out(lines[0], line))
    return found


def words_for_all(body: str) -> str:
    """What of a text everybody may read: its own words, questions, and what pictures show.

    A card may be of something that only some may know of: what stands in its line is left out.
    """
    words: list[str] = []
    for block in blocks_of(body):
        if block.kind is BlockKind.TEXT:
            words.append(block.markdown)
        elif block.kind is BlockKind.QUESTION:
            words.append(block.words)
        words += [picture.alt for picture in block.pictures]
    return "\n".join(words)


def _grouped(lines: list[str]) -> Iterator[tuple[int, BlockKind, list[str]]]:
    """Runs of lines of one kind, each with the number of its first."""
    run: list[str] = []
    kind, first, fence = BlockKind.TEXT, 1, ""
    for number, line in enumerate(lines, 1):
        is_one = not fence
        fence = _fence_after(fence, line)
        now = _kind_of(line) if is_one and not fence else BlockKind.TEXT
        if run and (now is not kind or now in WRITTEN_OUT):
            yield first, kind, run
            run, first = [], number
        kind, run = now, [*run, line]
    if run:
        yield first, kind, run


def _fence_after(fence: str, line: str) -> str:
    """The fence of code that is open after a line."""
    found = _FENCE.match(line)
    if not fence:
        return found[1] if found else ""
    return "" if found and found[1] == fence else fence


def _kind_of(line: str) -> BlockKind:
    if _PICTURE.fullmatch(line):
        return BlockKind.PICTURES
    found = _LINE.fullmatch(line)
    if found and found["kind"] in set(WRITTEN_OUT):
        return BlockKind(found["kind"])
    return BlockKind.TEXT


def _pictures(lines: list[str], first: int) -> Iterator[Picture]:
    for number, line in enumerate(lines, first):
        found = _PICTURE.fullmatch(line)
        assert found is not None  # noqa: S101 - it is how they were grouped
        yield Picture(found["words"].strip(), found["target"], number)


def _written_out(line: str, number: int) -> Block:
    found = _LINE.fullmatch(line)
    assert found is not None  # noqa: S101 - it is how they were grouped
    words, target = (found["words"] or "").strip(), found["target"] or ""
    return Block(BlockKind(found["kind"]), number, words=words, target=target)


def has_blocks(body: str) -> bool:
    """Whether there is anything in it besides text."""
    return any(block.kind is not BlockKind.TEXT for block in blocks_of(body))


def texts_of(body: str) -> Iterator[Block]:
    """Its texts alone, each with the number of its first line."""
    return (block for block in blocks_of(body) if block.kind is BlockKind.TEXT)


def workshops_in(body: str) -> list[str]:
    """The public ids of the workshops that it tells of."""
    return [block.target for block in blocks_of(body) if block.kind is BlockKind.WORKSHOP]


def items_in(body: str) -> list[str]:
    """The slugs of what it tells of the library."""
    kinds = (BlockKind.LIBRARY, BlockKind.ARTICLE)
    return [block.target for block in blocks_of(body) if block.kind in kinds]


def check_blocks(body: str, first_line: int = 1) -> None:
    """Raises Refusal naming the line of what looks like a block and is none, or says too little."""
    for number, line in enumerate(body.splitlines(), first_line):
        if line.startswith("::") and _kind_of(line) is BlockKind.TEXT:
            raise Refusal(
                N_(
                    "Line %(line)s: “%(words)s” is no block. Known are %(known)s.",
                    line=number,
                    words=line[:40],
                    known=", ".join(f"::{kind}" for kind in WRITTEN_OUT),
                ),
                "body",
            )
    for block in blocks_of(body):
        lacks_target = block.kind in NEED_TARGET and not block.target
        if lacks_target or (block.kind in NEED_WORDS and not block.words):
            raise Refusal(
                N_(
                    "Line %(line)s: the block “%(kind)s” is not complete.",
                    line=block.line + first_line - 1,
                    kind=f"::{block.kind}",
                ),
                "body",
            )


def line_of(kind: BlockKind, target: str = "", words: str = "") -> str:
    """A block as it is written."""
    plain = words.replace("[", "(").replace("]", ")").replace("\n", " ").strip()
    if kind is BlockKind.PICTURES:
        return f"![{plain}]({target})"
    if kind is BlockKind.CONTENTS:
        return f"::{kind}"
    return f"::{kind}[{plain}]" + (f"({target})" if target else "")
