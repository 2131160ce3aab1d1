"""What is typed as an address becomes a link: with its scheme, `www.`, or with an `@`.

Not `some.name`: in a language without a space after a stop that is no address.
"""

import re
from collections.abc import Iterator

from linkify_it import LinkifyIt
from linkify_it.main import Match

_ENDS_A_LINK = re.compile("[\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a\u200b\u00ad\u3002\u300d]")
"""What never stands in an address of the web, but often directly after one."""
MOST_LINKS = 1500
_AFTER_A_LINK = "’‘…:"
_MAIL = re.compile(
    r"(?<![\w.%+@/=&-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}"
    r"@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_]{2,24}(?![\w@])"
)


class TypedLinks(LinkifyIt):  # type: ignore[misc]
    """linkify-it, with an end to links where quotation marks end, and mail addresses anywhere."""

    def __init__(self) -> None:
        super().__init__(options={"fuzzy_link": False, "fuzzy_ip": False, "fuzzy_email": False})
        self.add("//", None).add("ftp:", None)
        self.add("www.", {"validate": _length_of_www, "normalize": _with_https})

    def pretest(self, text: str) -> bool:
        """Whether there may be one."""
        return "@" in text or bool(super().pretest(text))

    def test(self, text: str) -> bool:
        """Whether there is one."""
        return bool(self.match(text))

    def match(self, text: str) -> list[Match] | None:
        """All of them, in order, none within another."""
        if text.count("://") + text.count("www.") > MOST_LINKS:
            return None  # looking for them takes the square of their number
        found = [_cut(one) for one in super().match(text) or ()]
        taken = [(one.index, one.last_index) for one in found]
        found += [one for one in _mails(text) if not _is_within(one, taken)]
        return sorted(found, key=lambda one: int(one.index)) or None

    def match_at_start(self, text: str) -> Match | None:
        """The one with which a text begins."""
        found = super().match_at_start(text)
        return _cut(found) if found else None


def _cut(match: Match) -> Match:
    raw = _ENDS_A_LINK.split(match.raw, maxsplit=1)[0].rstrip(_AFTER_A_LINK)
    lost = len(match.raw) - len(raw)
    if lost:
        match.last_index -= lost
        match.raw = match.text = raw
        match.url = match.url[: len(match.url) - lost]
    return match


def _mails(text: str) -> Iterator[Match]:
    for found in _MAIL.finditer(text):
        match = Match(text, "mailto:", found.start(), found.end())
        match.url = f"mailto:{match.raw}"
        yield match


def _is_within(match: Match, taken: list[tuple[int, int]]) -> bool:
    return any(begin < match.last_index and match.index < end for begin, end in taken)


def _length_of_www(finder: LinkifyIt, text: str, at: int) -> int:
    found = finder.match_at_start(f"http://www.{text[at : at + 2000]}")
    return len(found.raw) - len("http://www.") if found else 0


def _with_https(_finder: LinkifyIt, match: Match) -> None:
    match.url = f"https://{match.url}"
