"""Whether the links of a letter lead anywhere, tried as a reader's click would."""

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from core.i18n import Message
from library.fetched import FetchProblem
from library.fetching import Fetcher
from newsletters.models import Issue

SECONDS = 4.0
AT_ONCE = 8
MOST = 60
_LINK = re.compile(r"https?://[^\s<>\"'()\[\]]+", re.IGNORECASE)
_AFTER = ".,;:!?*_"


@dataclass(frozen=True)
class Tried:
    """A link, where it stands, and what is wrong with it; nothing if it leads somewhere."""

    language: str
    line: int
    url: str
    problem: Message | None = None


def links_of(issue: Issue, base_url: str) -> list[Tried]:
    """The links to elsewhere in all languages, each once."""
    found = {one.url: one for one in _links(issue) if not one.url.startswith(base_url)}
    return list(found.values())[:MOST]


def _links(issue: Issue) -> Iterator[Tried]:
    for text in issue.texts:
        for number, line in enumerate(text.body.splitlines(), 1):
            for link in _LINK.findall(line):
                yield Tried(text.language, number, link.rstrip(_AFTER))


def tried(fetcher: Fetcher, links: Sequence[Tried]) -> list[Tried]:
    """What came of each, several at once: the slowest decides how long it takes."""
    quick = replace(fetcher, deadline=SECONDS)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda one: _tried(quick, one), links))


def _tried(fetcher: Fetcher, link: Tried) -> Tried:
    try:
        fetcher.reach(link.url)
    except FetchProblem as problem:
        return replace(link, problem=problem.message)
    return link
