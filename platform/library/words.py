"""Foreign HTML as clean HTML and as plain words."""

import html
import re
from functools import lru_cache

import nh3

from core.characters import scrub

LONGEST_WORD = 60
LONGEST_CLEAN = 20_000
LONGEST_SUMMARY = 600
LONGEST_PLAIN = 20_000
TAGS = {
    "a", "b", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "i", "li", "ol", "p",
    "pre", "strong", "ul",
}  # fmt: skip


@lru_cache(maxsize=64)
def _cleaner(base: str) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
        url_relative=("rewrite_with_base", base) if base else "deny",
    )


_NO_TAGS = nh3.Cleaner(tags=set(), clean_content_tags={"script", "style"})
_BREAKS = re.compile(r"<(?:br|/p|/div|/li|/h\d)[^<>]*>", re.IGNORECASE)


def clean_html(dirty: str, base: str = "") -> str:
    """HTML from a stranger, reduced to plain text marks and links. Safe to do twice.

    Relative links become whole ones of `base`; without a base they are taken out.
    """
    clean = scrub(_cleaner(base).clean(dirty)).strip()
    if len(clean) <= max(LONGEST_CLEAN, 2 * len(dirty)):
        return clean
    # Thousands of relative links, each made whole with a long address: the words alone, then.
    return f"<p>{html.escape(plain_text(dirty))}</p>"


def plain_text(dirty: str) -> str:
    """The words of some HTML in one line; of very long ones, the first."""
    dirty = without_stray_marks(dirty[:LONGEST_PLAIN])
    bare = _NO_TAGS.clean(_BREAKS.sub(" ", dirty)) if "<" in dirty else dirty
    words = _MARKS.sub("", scrub(html.unescape(bare)))
    return " ".join(words.split())


_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,19})((?:\s[^<>]{0,2000})?/?)>|<")
_KNOWN_TAGS = frozenset(
    "a abbr address article aside audio b blockquote br button caption center cite code col dd "
    "del details div dl dt em embed fieldset figcaption figure font footer form h1 h2 h3 h4 h5 "
    "h6 header hr i iframe img input ins kbd label li link main mark meta nav object ol p param "
    "picture pre q s script section small source span strike strong style sub summary sup svg "
    "table tbody td tfoot th thead time title tr tt u ul var video wbr".split()
)


def without_stray_marks(text: str) -> str:
    """A `<` that begins no mark-up is a sign: `If x<y then` is a title, not a broken tag.

    A lone `<main>` in words is one too, for nobody closes it.
    """
    closed = {name.lower() for slash, name, _ in _TAG.findall(text) if slash}
    alone = {"br", "hr", "img", "wbr", "input", "link", "meta", "source", "col", "param", "embed"}

    def kept(found: re.Match[str]) -> str:
        name = (found[2] or "").lower()
        is_mark = name in _KNOWN_TAGS and (name in closed or name in alone or name in ("p", "li"))
        return found[0] if is_mark else found[0].replace("<", "&lt;")

    return _TAG.sub(kept, text)


_MARKS = re.compile("[\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def shortened(dirty: str) -> str:
    """The words of some HTML, cut between two of them."""
    words = plain_text(dirty)
    if len(words) <= LONGEST_SUMMARY:
        return words
    cut = words[:LONGEST_SUMMARY]
    whole, _, rest = cut.rpartition(" ")
    # Chinese, Japanese and Thai have no spaces between words.
    return f"{whole} …" if len(rest) < LONGEST_WORD else f"{cut}…"


def paragraphs(content: str) -> str:
    """Plain text, as YouTube's descriptions are, keeps its lines."""
    if "<" in content:
        return content
    return "".join(f"<p>{'<br>'.join(p.splitlines())}</p>" for p in content.split("\n\n") if p)
