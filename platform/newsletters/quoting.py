"""What of a letter stands on the first page: a sentence from it, and how long one reads."""

import re

from core.plain_text import to_text
from core.text import one_line
from newsletters.models import IssueText

WORDS_A_MINUTE = 200
LONGEST = 320


def quotation_of(text: IssueText, base_url: str) -> str:
    """The first quotation of a letter; nothing if nobody is quoted."""
    for lines in _quoted(text.body):
        words = one_line(to_text("\n".join(lines), text.language, base_url))
        if words:
            return _short(words)
    return ""


def _quoted(body: str) -> list[list[str]]:
    """Lines of Markdown that bear the mark of a quotation, those that follow each other as one."""
    found: list[list[str]] = [[]]
    for line in body.splitlines():
        if line.startswith(">"):
            found[-1].append(line.lstrip("> "))
        elif found[-1]:
            found.append([])
    return [lines for lines in found if lines]


def _short(words: str) -> str:
    """As many sentences as there is room for; of one that is too long, its beginning."""
    if len(words) <= LONGEST:
        return words
    whole = re.match(rf"(?s).{{40,{LONGEST}}}[.!?…][”’]?(?=\s)", words)
    return whole[0] if whole else words[: LONGEST - 1].rpartition(" ")[0] + "…"


def minutes_of(text: IssueText) -> int:
    """How long it takes to read, at the least a minute."""
    return max(1, round(len(text.body.split()) / WORDS_A_MINUTE))
