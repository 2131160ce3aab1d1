"""Markdown as the text part of a mail: as somebody would have typed it, in lines of 72.

Every link is written out whole and never broken; headings are underlined; lists, quotations,
tables and footnotes keep their shape.
"""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from core.markdown import parse
from core.text import strip_marks

WIDTH = 72
NARROWEST = 20
"""However deep a quotation is nested, a line holds so many characters."""


def to_text(markdown: str, language: str, base_url: str, top: int = 0) -> str:
    """The same words as plain text."""
    tree = SyntaxTreeNode(parse(markdown, language, base_url, top))
    lines = _blocks(tree.children, WIDTH)
    return strip_marks("\n".join(lines).strip("\n")) + "\n"


def _blocks(nodes: Sequence[SyntaxTreeNode], width: int, is_tight: bool = False) -> list[str]:
    """The lines of some blocks, with an empty one between them."""
    lines: list[str] = []
    for node in nodes:
        if lines and not is_tight:
            lines.append("")
        lines += _block(node, max(width, NARROWEST))
    return lines


def _block(node: SyntaxTreeNode, width: int) -> list[str]:
    match node.type:
        case "heading":
            return _heading(node, width)
        case "paragraph":
            return _paragraph(node, width)
        case "fence" | "code_block":
            return [f"    {line}" for line in node.content.rstrip("\n").split("\n")]
        case "hr":
            return ["* * *"]
        case "blockquote":
            quoted = _blocks(node.children, width - 2)
            return [f"> {line}".rstrip() for line in quoted]
        case "bullet_list" | "ordered_list" | "footnote_block":
            return _list(node, width)
        case "table":
            return _table(node, width)
    return _blocks(node.children, width)


def _heading(node: SyntaxTreeNode, width: int) -> list[str]:
    lines = _paragraph(node, width)
    return [*lines, ("=" if node.tag == "h2" else "-") * max(map(len, lines), default=1)]


def _paragraph(node: SyntaxTreeNode, width: int) -> list[str]:
    """Its lines, folded between words; a line break that was meant stays."""
    folded: list[str] = []
    for line in _words(node).split("\n"):
        folded += _folded(line, width)
    return folded


def _folded(line: str, width: int) -> list[str]:
    return textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) or [""]


def _words(node: SyntaxTreeNode) -> str:
    """The words of a paragraph, a heading or a cell."""
    return "".join(_inline_text(child.token.children or ()) for child in node.children if
                   child.type == "inline" and child.token)  # fmt: skip


def _list(node: SyntaxTreeNode, width: int) -> list[str]:
    number = int(str(node.attrs.get("start", 1)))
    lines: list[str] = []
    for count, item in enumerate(node.children, number):
        marks = {"ordered_list": f"{count}. ", "footnote_block": f"[{count}] "}
        mark = marks.get(node.type, "- ")
        tight = all(child.hidden for child in item.children if child.type == "paragraph")
        if lines and not tight:
            lines.append("")
        inner = _blocks(item.children, width - len(mark), is_tight=tight) or [""]
        lines += [
            f"{mark}{inner[0]}".rstrip(),
            *(f"{' ' * len(mark)}{x}".rstrip() for x in inner[1:]),
        ]
    return lines


def _table(node: SyntaxTreeNode, width: int) -> list[str]:
    """In columns where it is narrow enough, else row by row with the column's heading."""
    rows = [
        [_words(cell) for cell in row.children] for part in node.children for row in part.children
    ]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=False)]
    if sum(widths) + 2 * len(widths) <= width:
        shown = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=False)).rstrip()
                 for row in rows]  # fmt: skip
        return [shown[0], "  ".join("-" * w for w in widths), *shown[1:]]
    lines: list[str] = []
    for row in rows[1:]:
        pairs = [f"{head}: {cell}" for head, cell in zip(rows[0], row, strict=False) if cell]
        folded = [line for pair in pairs for line in _folded(pair, width)]
        lines += [*([""] if lines else []), *folded]
    return lines


@dataclass
class _OpenLink:
    href: str
    start: int


def _inline_text(children: Sequence[Token]) -> str:
    parts: list[str] = []
    links: list[_OpenLink] = []
    for child in children:
        if child.type == "link_open":
            links.append(_OpenLink(str(child.attrs["href"]), len(parts)))
        elif child.type == "link_close":
            link = links.pop()
            parts[link.start :] = _link("".join(parts[link.start :]), link.href, child)
        else:
            parts.append(_piece(child))
    return "".join(parts)


def _piece(child: Token) -> str:
    marks = {"softbreak": " ", "hardbreak": "\n"}
    if child.type == "footnote_ref":
        return f"[{child.meta['id'] + 1}]"
    return marks.get(child.type, child.content)


def _link(words: str, href: str, closing: Token) -> Iterator[str]:
    """The words with their address; the address alone where the words are the address."""
    address = href.removeprefix("mailto:") if "?" not in href else href
    is_typed = closing.info == "auto" or words.strip() in ("", href, address)
    yield address if is_typed else f"{words} ({address})"
