"""Transcripts and chapters of recordings: fetched where a feed says where they are, or typed."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.confined import TooMuch, Unfit, take_apart
from core.database import insert_if_new
from core.errors import Refusal, Unavailable
from core.i18n import N_
from core.jobs import UPKEEP, Job
from core.unit_of_work import UnitOfWork
from library.entries import Entry
from library.fetched import FetchProblem
from library.fetching import Fetcher
from library.models import Item, Transcript
from library.searching import find_anew
from library.transcripts import Chapter, Line, NoChapter, chapters_typed, lines_kept, lines_of

FETCH_TRANSCRIPTS = Job("worker.jobs.fetch_transcripts", UPKEEP)
A_ROUND = 10
MOST_TRIES = 3
WRITTEN = 100
"""Stands for tries where an organiser wrote it: nothing is fetched over it."""

OpenWork = Callable[[], AbstractContextManager[UnitOfWork]]


@dataclass(frozen=True)
class Wanted:
    """What is to be fetched for a recording."""

    item_id: int
    transcript_url: str
    chapters_url: str


def note_beside(work: UnitOfWork, pairs: Iterable[tuple[int, Entry]]) -> None:
    """Remember where a feed says that transcripts and chapters are; a new address counts anew."""
    for item_id, entry in pairs:
        if entry.transcript_url or entry.chapters_url:
            _note(work, item_id, entry)


def _note(work: UnitOfWork, item_id: int, entry: Entry) -> None:
    said = {"transcript_url": entry.transcript_url, "chapters_url": entry.chapters_url}
    row = {"item_id": item_id, "lines": [], "chapters": [], "tries": 0, **said}
    work.session.execute(insert_if_new(work.session, Transcript).values(**row))
    differs = (Transcript.transcript_url != entry.transcript_url) | (
        Transcript.chapters_url != entry.chapters_url
    )
    # What somebody wrote here themselves stays theirs.
    is_fetched = Transcript.tries < WRITTEN
    anew = update(Transcript).where(Transcript.item_id == item_id, differs, is_fetched)
    work.session.execute(anew.values(**said, tries=0, fetched_at=None))


def fetch_due(open_work: OpenWork, fetcher: Fetcher) -> int:
    """Fetch what is missing, some at a time. Returns how many were tried."""
    with open_work() as work:
        wanted = _claim(work)
        if len(wanted) == A_ROUND:
            work.wake(FETCH_TRANSCRIPTS)
    for one in wanted:
        lines = _fetched(fetcher, one.transcript_url, "transcript")
        chapters = _fetched(fetcher, one.chapters_url, "chapters")
        with open_work() as work:
            _keep(work, one.item_id, lines, chapters)
    return len(wanted)


def _keep(
    work: UnitOfWork, item_id: int, lines: list[object] | None, chapters: list[object] | None
) -> None:
    """Keep each that came; what did not come is tried again."""
    came = {"lines": lines, "chapters": chapters}
    kept: dict[str, object] = {name: value for name, value in came.items() if value is not None}
    if len(kept) == len(came):
        kept["fetched_at"] = work.now
    if kept:
        its = update(Transcript).where(Transcript.item_id == item_id, Transcript.tries < WRITTEN)
        work.session.execute(its.values(**kept))
        find_anew(work.session, [item_id])


def _claim(work: UnitOfWork) -> list[Wanted]:
    missing = (
        select(Transcript.item_id)
        .where(Transcript.fetched_at.is_(None), Transcript.tries < MOST_TRIES)
        .order_by(Transcript.item_id.desc())
        .limit(A_ROUND)
    )
    rows = work.session.execute(
        update(Transcript)
        .where(Transcript.item_id.in_(missing))
        .values(tries=Transcript.tries + 1)
        .returning(Transcript.item_id, Transcript.transcript_url, Transcript.chapters_url)
        .execution_options(synchronize_session=False)
    )
    return [Wanted(*row) for row in rows]


def _fetched(fetcher: Fetcher, url: str, what: str) -> list[object] | None:
    """What was found there; None if it is to be tried again."""
    if not url:
        return []
    try:
        body = fetcher.fetch(url).body
        facts = take_apart("library.transcripts:read_here", body, what=what).facts
    except (FetchProblem, Unavailable):
        return None
    except (Unfit, TooMuch):
        return []
    return list(facts["chapters" if what == "chapters" else "lines"])


def find(session: Session, item_id: int) -> Transcript | None:
    """What is known of what is said in a recording."""
    return session.get(Transcript, item_id)


def what_is_said(session: Session, item_ids: Iterable[int]) -> dict[int, list[Line]]:
    """What is said in each of some recordings, where it is known."""
    its = select(Transcript.item_id, Transcript.lines).where(Transcript.item_id.in_(item_ids))
    return {item_id: lines_kept(lines) for item_id, lines in session.execute(its)}


def write(work: UnitOfWork, item_id: int, transcript: str, chapters: str) -> None:
    """Keep what an organiser typed or pasted: WebVTT, SubRip or plain words; times and titles.

    Raises Refusal naming the field if nothing can be read of what was typed.
    """
    lines, parts = lines_of(transcript), _chapters(work, item_id, chapters)
    if transcript.strip() and not lines:
        raise Refusal(N_("Nothing that is said can be read from this."), "transcript")
    row = {"item_id": item_id, "transcript_url": "", "chapters_url": "", "tries": WRITTEN}
    kept = {"lines": _plain(lines), "chapters": _plain(parts), "fetched_at": work.now}
    work.session.execute(insert_if_new(work.session, Transcript).values(**row, **kept))
    its = update(Transcript).where(Transcript.item_id == item_id)
    work.session.execute(its.values(**kept, tries=WRITTEN))
    find_anew(work.session, [item_id])


def _chapters(work: UnitOfWork, item_id: int, typed: str) -> list[Chapter]:
    try:
        parts = chapters_typed(typed)
    except NoChapter as line:
        words = N_("“%(line)s” is no chapter. Please write each in a line: 12:30 What we heard.",
                   line=str(line))  # fmt: skip
        raise Refusal(words, "chapters") from None
    length = work.session.get_one(Item, item_id).seconds
    if length and (late := next((one for one in parts if one.at > length), None)):
        words = N_("“%(title)s” begins after the end of the recording.", title=late.title)
        raise Refusal(words, "chapters")
    return parts


def _plain(found: Sequence[Line] | Sequence[Chapter]) -> list[dict[str, object]]:
    return [dict(vars(one)) for one in found]
