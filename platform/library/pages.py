"""Which feeds a web page names (`<link rel=alternate>`): read in the child, as all foreign text."""

from html.parser import HTMLParser
from urllib.parse import urljoin

from core.confined import Parts

FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json",
              "application/json", "text/xml", "application/xml")  # fmt: skip
NO_FEEDS = ("/comments/feed", "comments/default", "/wp-json/", "/oembed")
"""What pages name beside their feeds: comments, and the ways of machines."""
LONGEST_PAGE = 1_000_000
MOST_FEEDS = 20


def is_page(body: bytes) -> bool:
    """Whether an answer is a web page."""
    start = body[:4000].lower()
    return b"<html" in start or b"<!doctype html" in start or b"<head" in start


def read_here(content: bytes, url: str) -> Parts:
    """The feeds that a page names, each with its title: for the child alone."""
    finder = _LinkFinder()
    finder.feed(content[:LONGEST_PAGE].decode("utf-8", "replace"))
    named: dict[str, str] = {}
    for href, title in finder.found:
        try:
            named.setdefault(
                urljoin(urljoin(url, finder.base), href), " ".join(title.split())[:200]
            )
        except ValueError:
            continue
    return Parts({"feeds": list(named.items())[:MOST_FEEDS]})


class _LinkFinder(HTMLParser):
    """Collects the feeds that a page names, but not those of its comments."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.base = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "base" and not self.base:
            self.base = said.get("href", "")
        is_alternate = "alternate" in said.get("rel", "").lower().split()
        kind = said.get("type", "").partition(";")[0].strip().lower()
        href = said.get("href", "")
        is_feed = kind in FEED_TYPES and not any(part in href.lower() for part in NO_FEEDS)
        if tag == "link" and is_alternate and is_feed and href:
            self.found.append((said["href"], said.get("title", "")))
