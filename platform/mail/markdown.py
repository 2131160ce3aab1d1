"""Markdown to clean HTML, for pages, and with inline styles for mail, and to readable plain text.

What an organiser writes is never trusted: raw HTML in Markdown is shown as text, and the result
goes through nh3 with an explicit allow-list.
"""

from collections.abc import Mapping
from functools import cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from mail.personal import strip_marks

TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "s",
    "strong", "ul",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}}
SCHEMES = {"https", "http", "mailto"}

MAIL_STYLES = {
    "a": "color:#9a3b1f;text-decoration:underline;overflow-wrap:anywhere",
    "blockquote": "margin:0 0 20px;padding:2px 0 2px 18px;border-left:3px solid #d9c9ae",
    "code": "font-family:Menlo,Consolas,monospace;font-size:15px",
    "h2": "margin:32px 0 12px;font-size:24px;line-height:1.25;font-weight:bold",
    "h3": "margin:28px 0 10px;font-size:20px;line-height:1.3;font-weight:bold",
    "h4": "margin:24px 0 8px;font-size:18px;line-height:1.3;font-weight:bold",
    "hr": "margin:32px 0;border:0;border-top:1px solid #d9c9ae",
    "li": "margin:0 0 8px",
    "ol": "margin:0 0 20px;padding-left:26px",
    "p": "margin:0 0 20px",
    "pre": "margin:0 0 20px;white-space:pre-wrap;overflow-wrap:anywhere",
    "ul": "margin:0 0 20px;padding-left:26px",
}


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "typographer": True})
    return parser.enable(["strikethrough", "replacements", "smartquotes"])


def to_html(markdown: str) -> str:
    """Clean HTML for a page."""
    return _clean(markdown, {})


def to_mail_html(markdown: str) -> str:
    """Clean HTML for a mail, with the styles of the letter written into each element."""
    return _clean(markdown, {tag: {"style": style} for tag, style in MAIL_STYLES.items()})


def to_text(markdown: str) -> str:
    """The same words as plain text: Markdown reads well, its links are written out."""
    blocks = _parser().parse(_demoted(markdown))
    return strip_marks("\n".join(_text_lines(blocks)).strip()) + "\n"


def is_empty(markdown: str) -> bool:
    """Whether there is nothing in it that a reader would see."""
    return not nh3.clean(to_html(markdown), tags=set()).strip()


def _clean(markdown: str, styles: Mapping[str, dict[str, str]]) -> str:
    clean = nh3.clean(
        _parser().render(_demoted(markdown)),
        tags=TAGS,
        attributes={**ATTRIBUTES},
        set_tag_attribute_values={**styles},
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer",
    )
    return strip_marks(clean)  # an entity in Markdown may have become one


def _demoted(markdown: str) -> str:
    """`# Heading` becomes a second-level one: the first level is the title of the issue."""
    lines = [f"#{line}" if line.startswith("# ") else line for line in markdown.splitlines()]
    return "\n".join(lines)


def _text_lines(tokens: list[Token]) -> list[str]:
    lines: list[str] = []
    prefixes: list[str] = []
    numbers: list[int] = []
    for token in tokens:
        if token.type == "inline":
            lines += _indented(_inline_text(token.children or []), prefixes)
        elif token.type == "fence" or token.type == "code_block":
            lines += [f"    {line}" for line in token.content.splitlines()] + [""]
        elif token.type == "hr":
            lines += ["* * *", ""]
        else:
            _nest(token, prefixes, numbers)
            if token.type in ("paragraph_close", "heading_close") and not token.hidden:
                lines.append("")
            if token.type in ("bullet_list_close", "ordered_list_close"):
                lines.append("")
    return lines


def _nest(token: Token, prefixes: list[str], numbers: list[int]) -> None:
    """Keep the prefixes of quotes and list items that are open."""
    if token.type == "blockquote_open":
        prefixes.append("> ")
    elif token.type == "ordered_list_open":
        numbers.append(int(token.attrs.get("start", 1)))
    elif token.type == "bullet_list_open":
        numbers.append(-1)
    elif token.type == "list_item_open":
        prefixes.append(f"{numbers[-1]}. " if numbers[-1] >= 0 else "- ")
        numbers[-1] += 1 if numbers[-1] >= 0 else 0
    elif token.type in ("bullet_list_close", "ordered_list_close"):
        numbers.pop()
    elif token.type in ("blockquote_close", "list_item_close"):
        prefixes.pop()


def _indented(text: str, prefixes: list[str]) -> list[str]:
    first = "".join(prefixes)
    rest = "".join(p if p == "> " else " " * len(p) for p in prefixes)
    lines = [f"{first if n == 0 else rest}{line}" for n, line in enumerate(text.split("\n"))]
    for n, prefix in enumerate(prefixes):
        prefixes[n] = prefix if prefix == "> " else " " * len(prefix)
    return lines


def _inline_text(children: list[Token]) -> str:
    parts: list[str] = []
    targets: list[tuple[str, int]] = []
    for child in children:
        if child.type == "link_open":
            targets.append((str(child.attrs.get("href", "")), len(parts)))
        elif child.type == "link_close":
            href, start = targets.pop()
            said = "".join(parts[start:])
            if href.removeprefix("mailto:") != said:
                parts.append(f" ({href})")
        elif child.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif child.type == "image":
            parts.append(child.content)
        else:
            parts.append(child.content)
    return "".join(parts)
