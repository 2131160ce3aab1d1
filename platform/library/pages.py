"""Which feeds a web page names (`<link rel=alternate>`): read in the child, as all foreign text."""

from html.parser import HTMLParser
from urllib.parse import urljoin

from core.confined import Parts

FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json",
              "application/json")  # fmt: skip
LONGEST_PAGE = 1_000_000
MOST_FEEDS = 20


def is_page(body: bytes) -> bool:
    """Whether an answer is a web page."""
    return b"<html" in body[:4000].lower()


def read_here(content: bytes, url: str) -> Parts:
    """The feeds that a page names, each with its title: for the child alone."""
    finder = _LinkFinder()
    finder.feed(content[:LONGEST_PAGE].decode("utf-8", "replace"))
    named: dict[str, str] = {}
    for href, title in finder.found:
        try:
            named.setdefault(urljoin(url, href), " ".join(title.split())[:200])
        except ValueError:
            continue
    return Parts({"feeds": list(named.items())[:MOST_FEEDS]})


class _LinkFinder(HTMLParser):
    """Collects the feeds that a page names, but not those of its comments."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        is_alternate = "alternate" in said.get("rel", "").lower().split()
        kind = said.get("type", "").partition(";")[0].strip().lower()
        if tag == "link" and is_alternate and kind in FEED_TYPES and said.get("href"):
            self.found.append((said["href"], said.get("title", "")))
