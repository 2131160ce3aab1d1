"""The home page and what stands about us."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from community import arranging, who
from community.parts import find_all
from community.texts import ABOUT, HOME, WHO, Spoken, parts_of, spoken_from
from contributions import questions
from core.unit_of_work import Reading
from library.items import Query, search
from library.kinds import BOUNDARY_NAMES, KIND_NAMES, ItemKind
from library.models import Item
from members.readership import Readership, readership
from newsletters import routine
from newsletters.archive import sent_issues
from newsletters.models import Issue, IssueText
from newsletters.quoting import minutes_of, quotation_of
from web.site.subscribing import empty_form
from web.visit import Visit
from workshops.model.times import whens
from workshops.planning.announcing import Announcement, announceable

RECORDINGS = 3
SHARED = 3
SAID = (HOME, ABOUT, WHO)
NOTHING_ELSE: Mapping[str, Spoken] = {}
COUNTED_FOR = 600.0
"""Seconds: nobody sees one reader more or less."""


@dataclass(frozen=True)
class LatestLetter:
    """The newest letter, in the language of the visit if it has that one."""

    issue: Issue
    text: IssueText
    quotation: str
    minutes: int


def show(visit: Visit, instead: Mapping[str, Spoken] = NOTHING_ELSE) -> Response:
    """What this community is, the sign-up, and the blocks below it in the community's order.

    `instead` are texts that are being written, by their names.
    """
    with visit.reading() as work:
        parts = (*parts_of(SAID, visit.language), arranging.PART, who.PART, routine.PART)
        kept = find_all(work, parts)
        said = {**spoken_from(work, SAID, visit.language, kept), **instead}
        texts = {name: (one.heading, one.html(work)) for name, one in said.items()}
        recordings, shared = _of_the_library(visit, work)
        question = questions.current(work.session)
        return visit.page(
            "site/home.html",
            letter=_latest(visit, work),
            recordings=recordings,
            shared=shared,
            question=question,
            answer_count=questions.count_shown(work.session, question.id) if question else 0,
            workshop=_next_workshop(visit, work),
            kinds=KIND_NAMES,
            boundaries=BOUNDARY_NAMES,
            texts=texts,
            people=who.shown(kept[who.PART]),
            often=routine.OFTEN_NAMES.get(str(kept[routine.PART].value.get(routine.EVERY, ""))),
            readership=_readership(visit, work),
            blocks=[one.name for one in arranging.arranged(kept[arranging.PART].value)
                    if not one.is_hidden],
            is_look=bool(instead),
            **empty_form(visit),
        )  # fmt: skip


def about(visit: Visit, instead: Mapping[str, Spoken] = NOTHING_ELSE) -> Response:
    """What a learning conversation is, and who is behind this."""
    with visit.reading() as work:
        kept = find_all(work, (*parts_of((ABOUT, WHO), visit.language), who.PART))
        said = {**spoken_from(work, (ABOUT, WHO), visit.language, kept), **instead}
        people = who.shown(kept[who.PART])
        texts = {name: (one.heading, one.html(work)) for name, one in said.items()}
    return visit.page("site/about.html", texts=texts, people=people, is_look=bool(instead))


def _of_the_library(visit: Visit, work: Reading) -> tuple[Sequence[Item], Sequence[Item]]:
    """The newest recordings, and the newest of everything else; first in the visitor's language."""
    is_member = visit.viewer is not None
    recordings = search(work.session, Query(kind=ItemKind.RECORDING), is_member).items
    newest = search(work.session, Query(), is_member).items
    others = [item for item in newest if not item.is_recording]
    return _readable_first(visit, recordings)[:RECORDINGS], _readable_first(visit, others)[:SHARED]


def _readable_first(visit: Visit, newest: Sequence[Item]) -> list[Item]:
    return sorted(newest, key=lambda item: item.language != visit.language)


def _latest(visit: Visit, work: Reading) -> LatestLetter | None:
    issue = next(iter(sent_issues(work, limit=1)), None)
    if issue is None:
        return None
    text = issue.text_in(visit.language) or issue.texts[0]
    base_url = visit.installation.settings.base_url
    return LatestLetter(issue, text, quotation_of(text, base_url), minutes_of(text))


@dataclass(frozen=True)
class NextWorkshop:
    """The workshop that begins next, of those that somebody may know of."""

    told: Announcement
    when: Sequence[str]


def _next_workshop(visit: Visit, work: Reading) -> NextWorkshop | None:
    audience = "members" if visit.viewer is not None else "anyone"
    one = next(iter(announceable(work.session, visit.now, audience)), None)
    if one is None:
        return None
    zone = visit.viewer.member.time_zone if visit.viewer else ""
    return NextWorkshop(one, whens(one.starts_at, one.ends_at, zone, one.zone, visit.language))


def _readership(visit: Visit, work: Reading) -> Readership:
    """Counted again after ten minutes, by each process for itself."""
    state = visit.request.app.state
    counted, since = getattr(state, "readership", (Readership(), float("-inf")))
    if time.monotonic() - since < COUNTED_FOR:
        return counted
    counted = readership(work.session)
    state.readership = (counted, time.monotonic())
    return counted
