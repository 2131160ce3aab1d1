"""Markdown to clean HTML, for pages and with inline styles for mail; what it may hold, and where.

What somebody writes is never trusted: raw HTML in Markdown is shown as text, what is too long or
too intricate to be parsed in time is shown as it was typed, and the result goes through nh3 with an
explicit allow-list. A link leads somewhere whole, or it is no link.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from core.errors import Refusal
from core.i18n import DEFAULT_LANGUAGE, N_, Message, row_of
from core.palettes import CLAY, Palette
from core.text import strip_marks
from core.typed_links import TypedLinks

TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p",
    "pre", "s", "strong", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "title"}, "ol": {"start"},
    "td": {"align", "class"}, "th": {"align", "class"},
}  # fmt: skip
SCHEMES = {"https", "http", "mailto", "tel"}

MAIL_STYLES = {
    "a": "color:{accent};text-decoration:underline;overflow-wrap:anywhere",
    "blockquote": "margin:0 0 20px;padding:2px 0 2px 18px;border-left:3px solid {line}",
    "code": "font-family:Menlo,Consolas,monospace;font-size:15px",
    "h2": "margin:32px 0 12px;font-size:24px;line-height:1.25;font-weight:bold",
    "h3": "margin:28px 0 10px;font-size:20px;line-height:1.3;font-weight:bold",
    "h4": "margin:24px 0 8px;font-size:18px;line-height:1.3;font-weight:bold",
    "h5": "margin:24px 0 8px;font-size:17px;line-height:1.3;font-weight:bold",
    "h6": "margin:24px 0 8px;font-size:17px;line-height:1.3;font-weight:normal;font-style:italic",
    "hr": "margin:32px 0;border:0;border-top:1px solid {line}",
    "li": "margin:0 0 8px",
    "ol": "margin:0 0 20px;padding-left:26px",
    "p": "margin:0 0 20px",
    "pre": "margin:0 0 20px;white-space:pre-wrap;overflow-wrap:anywhere",
    "table": "margin:0 0 20px;border-collapse:collapse;width:100%;font-size:16px",
    "td": "padding:8px 10px 8px 0;border-bottom:1px solid {line};vertical-align:top",
    "th": "padding:8px 10px 8px 0;border-bottom:2px solid {line};vertical-align:bottom",
    "ul": "margin:0 0 20px;padding-left:26px",
}

MOST_CHARACTERS = 80_000
MOST_OF_A_MARK = {
    "[": 4000, "!": 8000, '"': 8000, "'": 8000, "*": 16_000, "_": 16_000, "~": 16_000, "`": 16_000,
    "<": 8000, "&": 8000, "@": 2000, "://": 1000, "www.": 500, "|": 16_000, ">": 16_000,
    "\n": 8000,
}  # fmt: skip
"""Parsing takes the square of some of these; so many are parsed in about half a second."""


@cache
def parser(language: str) -> MarkdownIt:
    """CommonMark with tables, strike-through, footnotes, typed links, and a language's quotes."""
    options = {"html": False, "typographer": True, "linkify": True,
               "quotes": row_of(language).quotes}  # fmt: skip
    made = MarkdownIt("commonmark", options)
    made.enable(["strikethrough", "table", "linkify", "smartquotes"])
    made.use(footnote_plugin, inline=False)
    made.linkify = TypedLinks()
    for name, html in _FOOTNOTES.items():
        made.add_render_rule(name, html)
    return made


# Without anchors: many mail programs lose their place at one.
_FOOTNOTES = {
    "footnote_ref": lambda _self, tokens, at, *_: f"<sup>{tokens[at].meta['id'] + 1}</sup>",
    "footnote_block_open": lambda *_: "<hr>\n<ol>\n",
    "footnote_block_close": lambda *_: "</ol>\n",
    "footnote_open": lambda *_: "<li>",
    "footnote_close": lambda *_: "</li>\n",
    "footnote_anchor": lambda *_: "",
}


def to_html(
    markdown: str, language: str = DEFAULT_LANGUAGE, base_url: str = "", top: int = 0
) -> str:
    """Clean HTML for a page. Links that begin with `/` are those of `base_url`.

    `top` is the level of the highest heading where the text is a part of a longer one.
    """
    return _clean(parse(markdown, language, base_url, top), language, {}, "class")


def to_mail_html(
    markdown: str, language: str, base_url: str, colours: Palette = CLAY, top: int = 0
) -> str:
    """Clean HTML for a mail, with the styles of the letter written into each element."""
    tokens = parse(markdown, language, base_url, top)
    return _clean(tokens, language, _styles(colours), "align")


def style_for_mail(html: str, colours: Palette) -> str:
    """Clean HTML that was made for a page, with the styles of the letter."""
    return nh3.clean(html, **{**_CLEANING, "set_tag_attribute_values": _styles(colours)})


def _styles(colours: Palette) -> dict[str, dict[str, str]]:
    tones = {"accent": colours.light.accent, "line": colours.light.line}
    return {tag: {"style": style.format(**tones)} for tag, style in MAIL_STYLES.items()}


def is_empty(markdown: str) -> bool:
    """Whether there is nothing in it that a reader would see."""
    return not nh3.clean(to_html(markdown), tags=set()).strip()


def is_intricate(markdown: str) -> bool:
    """Whether it is longer, or has more marks, than can be parsed in time."""
    return len(markdown) > MOST_CHARACTERS or any(
        markdown.count(mark) > most for mark, most in MOST_OF_A_MARK.items()
    )


def check_markdown(markdown: str, field: str = "body", first_line: int = 1) -> None:
    """Raises Refusal, naming the line, if it is too intricate or a link leads nowhere.

    `first_line` is the number of its first line where it stands.
    """
    if is_intricate(markdown):
        raise Refusal(
            N_("This text has more brackets, stars or other marks than we can read."), field
        )
    for line, words, target in dead_links(markdown):
        raise Refusal(dead_link_message(line + first_line - 1, words, target), field)


def dead_link_message(line: int, words: str, target: str) -> Message:
    """The sentence about a link that nobody could follow."""
    return N_(
        "Line %(line)s: the link “%(words)s” leads nowhere (%(target)s). Write its whole "
        "address, such as https://example.org/page.",
        line=line,
        words=words[:60],
        target=target[:60] or "–",
    )


def dead_links(markdown: str) -> Iterator[tuple[int, str, str]]:
    """Line, words and target of every link that leads nowhere."""
    line = 1
    for token in parser(DEFAULT_LANGUAGE).parse(markdown):
        line = token.map[0] + 1 if token.map else line
        children, at = token.children or [], line
        yield from _broken_links(token, line)
        for number, child in enumerate(children):
            at += child.type in ("softbreak", "hardbreak")
            target = str(child.attrs.get("href", child.attrs.get("src", "")))
            if child.type in ("link_open", "image") and not whole_address(target, "https://base"):
                yield at, child.content or words_of(children[number + 1 :]), target


_BROKEN_LINK = re.compile(
    r"\[([^\[\]\n]{1,200})\]\(\s{0,9}((?:https?:|www\.|mailto:|tel:|/)[^()<>\n\"']{0,500})\)"
)


def _broken_links(token: Token, line: int) -> Iterator[tuple[int, str, str]]:
    """What was meant as a link, but has a space in its address and so is none."""
    if token.type != "inline":
        return
    code = [child.content for child in token.children or () if child.type == "code_inline"]
    for found in _BROKEN_LINK.finditer(token.content):
        words, target = found[1], found[2].strip()
        if " " in target and not any(found[0] in one for one in code):
            yield line + token.content.count("\n", 0, found.start()), words, target


def words_of(children: Iterable[Token]) -> str:
    """The words up to the end of a link."""
    words = []
    for child in children:
        if child.type == "link_close":
            break
        words.append(child.content)
    return "".join(words)


def whole_address(target: str, base_url: str) -> str:
    """Where a link of a letter leads, or nothing if nobody could follow it."""
    if target.startswith("//"):
        target = f"https:{target}"
    elif target.startswith("www."):
        target = f"https://{target}"
    elif target.startswith("/"):
        return f"{base_url}{target}"
    try:
        parts = urlsplit(target)
    except ValueError:
        return ""
    if parts.scheme in ("http", "https"):
        return target if parts.hostname else ""
    is_right = {"mailto": "@" in parts.path, "tel": any(c.isdigit() for c in parts.path)}
    return target if is_right.get(parts.scheme, False) else ""


def highest_heading(markdown: str) -> int:
    """The level of its highest heading; 0 if it has none."""
    if is_intricate(markdown):
        return 0
    tokens = parser(DEFAULT_LANGUAGE).parse(markdown)
    return min((int(one.tag[1]) for one in tokens if one.type == "heading_open"), default=0)


def parse(markdown: str, language: str, base_url: str, top: int = 0) -> list[Token]:
    """The tokens of a text, with its headings below ours and its links whole."""
    if is_intricate(markdown):
        return MarkdownIt("zero").parse(markdown)
    tokens = parser(language).parse(markdown)
    _shift_headings(tokens, top)
    for token in tokens:
        if token.children:
            token.children = list(_inline(token.children, base_url))
    return tokens


def _shift_headings(tokens: Iterable[Token], top: int) -> None:
    """The highest heading of a text is of the second level: the first is the title of the page."""
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    shift = 2 - (top or min((int(token.tag[1]) for token in headings), default=2))
    for token in headings:
        token.tag = f"h{min(max(int(token.tag[1]) + shift, 2), 6)}"


def _inline(children: Iterable[Token], base_url: str) -> Iterator[Token]:
    is_dead: list[bool] = []
    for child in children:
        if child.type == "link_open":
            child.attrs["href"] = whole_address(str(child.attrs["href"]), base_url)
            is_dead.append(not child.attrs["href"])
            if is_dead[-1]:
                continue
        elif child.type == "link_close" and is_dead.pop():
            continue
        elif child.type == "image":
            yield from _picture(child, base_url, is_in_link=bool(is_dead))
            continue
        elif child.type == "text":
            child.content = _LEFT_OUT.sub("’", _dashes(child.content))
        yield child


def _picture(image: Token, base_url: str, is_in_link: bool) -> Iterator[Token]:
    """A picture on another site is a link with its description: readers are not told on."""
    target = whole_address(str(image.attrs["src"]), base_url)
    words = Token("text", "", 0, content=_alt_text(image) or target)
    if not target or is_in_link:
        yield words
    else:
        yield Token("link_open", "a", 1, attrs={"href": target})
        yield words
        yield Token("link_close", "a", -1)


def _alt_text(image: Token) -> str:
    """The description of a picture as it is read: without its marks and entities."""
    return "".join(_alt_text(child) or child.content for child in image.children or ())


_EN_DASH = re.compile(r"(?<!-)--(?!-)")
_LEFT_OUT = re.compile(r"[‘'](?=\d\ds?\b)|‘(?=n’|tis\b|twas\b|em\b)")
"""An apostrophe for what is left out, as in the ’90s, which looks like an opening quote."""


def _dashes(text: str) -> str:
    """What typewriters could not: dashes and dots. Nothing else: `(c)` may be a list's third."""
    if ("--" not in text and "..." not in text) or "://" in text:
        return text
    return _EN_DASH.sub("–", text.replace("---", "—")).replace("...", "…")


_CLEANING: dict[str, Any] = {
    "tags": TAGS,
    "attributes": {**ATTRIBUTES},
    "url_schemes": SCHEMES,
    "url_relative": "deny",
    "link_rel": "noopener noreferrer",
}


def _clean(
    tokens: list[Token], language: str, styles: Mapping[str, dict[str, str]], aligned_by: str
) -> str:
    for token in tokens:
        style = str(token.attrs.pop("style", ""))
        if style:  # only cells of tables have one
            token.attrs[aligned_by] = style.partition(":")[2]
    made = parser(language)
    rendered = made.renderer.render(tokens, made.options, {})
    clean = nh3.clean(rendered, **{**_CLEANING, "set_tag_attribute_values": {**styles}})
    return strip_marks(clean)  # an entity in Markdown may have become one
