"""One search for letters, the library and open workshops, with what was found marked."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from starlette.responses import Response

from core.excerpts import Piece, excerpt, marked, words_missing
from core.i18n import N_
from core.unit_of_work import Reading
from core.word_index import words_of
from library import collections, items
from library.items import Query
from library.kinds import KIND_NAMES, ItemKind
from library.models import Collection, Item
from library.searching import without_marks
from library.transcribing import what_is_said
from library.transcripts import Line, line_with
from newsletters.blocks import words_for_all
from newsletters.models import Issue, IssueText
from newsletters.searching import found_letters
from web.forms import Typed, line
from web.pages import say_length
from web.visit import Visit
from workshops.planning.announcing import announceable

MOST = 10
"""Of each kind; the rest is behind a link."""
MOST_GUESSED, LONGEST_GUESSED = 4, 25
"""Words that we look for others like, and letters of each: it takes a while."""


@dataclass(frozen=True)
class Asked(Typed):
    """What somebody looks for."""

    q: Annotated[str, line(200)]


@dataclass(frozen=True)
class Hit:
    """Something that was found: its title and a line from it, each in marked pieces."""

    url: str
    kicker: str
    language: str
    title: Sequence[Piece]
    words: Sequence[Piece]


def show(visit: Visit) -> Response:
    """What was found, or what else could be meant."""
    q = Asked.of(visit.asked).q
    with visit.reading() as work:
        letters = [_letter(visit, one, q) for one in found_letters(work, q, MOST)]
        found = [*_collections(visit, work, q), *_items(visit, work, q)]
        workshops = _workshops(visit, work, q)
        nothing = q and not (letters or found or workshops)
        meant = _meant(visit, work, q) if nothing else []
        topics = items.topics_in_use(work.session, visit.viewer is not None, 12)
    return visit.page(
        "site/search.html",
        q=q,
        letters=letters,
        found=found[:MOST],
        has_more=len(found) > MOST,
        workshops=workshops,
        meant=meant,
        topics=topics,
    )


def _letter(visit: Visit, issue: Issue, q: str) -> Hit:
    """In the language of the visit, unless the words stand in another one."""
    wanted = words_of(q)
    fits = [one for one in issue.texts if _has(_said(one), wanted)]
    text = next((one for one in fits if one.language == visit.language), None)
    text = text or next(iter(fits or issue.texts))
    return Hit(
        visit.url(f"/newsletter/{issue.number}"),
        N_("No. %(number)s", number=issue.number).text(visit.language),
        text.language,
        marked(text.heading, q),
        excerpt(_plain(f"{text.preheader} {words_for_all(text.body)}"), q),
    )


def _said(text: IssueText) -> str:
    return f"{text.title} {text.subject} {text.preheader} {words_for_all(text.body)}"


def _items(visit: Visit, work: Reading, q: str) -> list[Hit]:
    if not words_of(q):
        return []
    found = items.search(work.session, Query(words=q), visit.viewer is not None).items
    missing = {one.id: words_missing(_written(one), q) for one in found[: MOST + 1]}
    heard = [one.id for one in found[:MOST] if one.is_recording and missing.get(one.id)]
    said = what_is_said(work.session, heard) if heard else {}
    return [
        _item(visit, one, q, line_with(said.get(one.id, []), missing[one.id]))
        for one in found[: MOST + 1]
    ]


def _collections(visit: Visit, work: Reading, q: str) -> list[Hit]:
    wanted = words_of(q)
    if not wanted:
        return []
    return [
        Hit(
            visit.url(f"/library/collections/{one.slug}"),
            N_("Collection").text(visit.language),
            one.language,
            marked(one.title, q),
            excerpt(f"{one.summary} {without_marks(one.body_html)}", q),
        )
        for one in _shown(visit, work)
        if _has(f"{one.title} {one.summary} {without_marks(one.body_html)}", wanted)
    ]


def _shown(visit: Visit, work: Reading) -> list[Collection]:
    is_member = visit.viewer is not None
    return [counted.collection for counted in collections.shown(work.session, is_member)]


def _item(visit: Visit, item: Item, q: str, said: tuple[int, Line] | None) -> Hit:
    """With a line of its text; or of what is said in it, where the words stand only there."""
    return Hit(
        visit.url(f"/library/{item.slug}") + (f"#said-{said[0]}" if said else ""),
        KIND_NAMES[ItemKind(item.kind)].text(visit.language),
        item.language,
        marked(item.title, q),
        _spoken(said[1], q) if said else excerpt(_below_title(item), q),
    )


def _spoken(line: Line, q: str) -> list[Piece]:
    """When it is said, who says it, and what."""
    before = [say_length(line.at) if line.at is not None else "", line.who]
    led = [Piece(f"{' '.join(filter(None, before))}: ")] if any(before) else []
    return [*led, *excerpt(line.words, q)]


def _written(item: Item) -> str:
    return f"{item.title} {_below_title(item)}"


def _below_title(item: Item) -> str:
    return f"{item.summary} {item.byline} {without_marks(item.body_html)}"


def _workshops(visit: Visit, work: Reading, q: str) -> list[Hit]:
    wanted = words_of(q)
    if not wanted:
        return []
    audience = "members" if visit.viewer is not None else "anyone"
    return [
        Hit(
            visit.url(f"/workshops/{one.public_id}"),
            one.frame.text(visit.language),
            one.language,
            marked(one.title, q),
            excerpt(one.focus, q),
        )
        for one in announceable(work.session, visit.now, audience)
        if _has(f"{one.title} {one.focus}", wanted)
    ]


def _has(text: str, wanted: Sequence[str]) -> bool:
    """Whether a text has every word, the last letters of which may be missing."""
    return not words_missing(text, " ".join(wanted))


def _meant(visit: Visit, work: Reading, q: str) -> list[str]:
    """Words that are like those that were typed, out of titles and topics."""
    typed = words_of(q)[:MOST_GUESSED]
    known = items.words_in_use(work.session, visit.viewer is not None)
    like = [
        difflib.get_close_matches(word, known, 1, 0.75) if 3 < len(word) < LONGEST_GUESSED else []
        for word in typed
    ]
    if not any(like):
        return []
    better = " ".join(found[0] if found else word for found, word in zip(like, typed, strict=True))
    return [better] if better != " ".join(typed) else []


def _plain(markdown: str) -> str:
    """The words of a letter without the marks between them."""
    return " ".join(markdown.replace("#", " ").replace("*", "").replace(">", " ").split())
