"""How far an issue has got: a page, and the numbers for the script that keeps it current."""

import json
import time
from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta
from functools import partial

import anyio
import anyio.to_thread
from starlette.responses import Response, StreamingResponse

from core.i18n import N_
from core.unit_of_work import Reading
from mail import obstacles, reasons, tally
from mail.models import Mailing
from mail.states import DELIVERY_NAMES, DeliveryState, MailingState
from members import describing
from members.finding import Search
from members.segments import EVERYBODY
from newsletters import sending
from newsletters.models import Issue
from newsletters.states import IssueState
from web.organiser.issues import find
from web.visit import Visit
from workshops.invitation.facts import FACTS

A_WHILE = timedelta(minutes=15)
STREAM_SECONDS = 8.0
"""A server that is told to stop waits ten seconds for what is under way."""
LOOK_SECONDS = 1.0
AGAIN_MS = 500
GOING = (MailingState.RELEASED, "about to go")
ALWAYS_SHOWN = (
    DeliveryState.QUEUED,
    DeliveryState.SENT,
    DeliveryState.FAILED,
    DeliveryState.UNKNOWN,
)
"""What the page of progress counts even while there are none."""


def progress(visit: Visit) -> Response:
    """How far sending got, in words and numbers."""
    with visit.reading() as work:
        issue = find(visit, work)
        if issue.state == IssueState.DRAFT:
            return visit.redirect(f"/organise/issues/{issue.id}")
        mailings = sending.mailings_of(work.session, issue)
        counts = sending.status(work.session, issue)
        phase = sending.phase_of(mailings, counts, work.now)
        is_settled = phase in ("unclear", MailingState.FINISHED)
        return visit.page(
            "organiser/progress.html",
            issue=issue,
            mailings=mailings,
            counts=counts,
            phase=phase,
            is_going=phase == MailingState.RELEASED,
            is_paused=phase == MailingState.PAUSED,
            is_cancelled=phase == MailingState.CANCELLED,
            reasons=_why_it_waits(work, mailings),
            names=DELIVERY_NAMES,
            always_shown=ALWAYS_SHOWN,
            may_be_taken_back=sending.may_be_taken_back(work.session, issue, work.now),
            joined_since=_joined_since(work, issue, counts) if is_settled else 0,
            said=visit.query("said"),
            readers=_readers_in_words(visit, work, issue),
            is_later=issue.sent_at is not None and issue.sent_at > work.now + A_WHILE,
            is_preparing=any(one.frozen_at is None for one in mailings),
        )


def _readers_in_words(visit: Visit, work: Reading, issue: Issue) -> str:
    if issue.segment is None or issue.segment == EVERYBODY:
        return visit.text(N_("all readers"))
    search = Search("", issue.segment)
    return describing.sentence(work.session, search, FACTS, visit.language)


def _joined_since(work: Reading, issue: Issue, counts: dict[str, int]) -> int | None:
    """How many joined since; of a long list not counted just for looking (None)."""
    return sending.joined_since(work, issue) if counts["total"] <= tally.LONG else None


def _why_it_waits(work: Reading, mailings: Sequence[Mailing]) -> list[reasons.Reason]:
    """What stands in its way; of what has gone out, only what somebody is to look at."""
    found = reasons.standing(work.session, [one.id for one in mailings])
    ended = (MailingState.FINISHED, MailingState.CANCELLED)
    is_over = all(one.state in ended for one in mailings)
    return [one for one in found if one.kind in obstacles.LOOKED_AT] if is_over else found


def progress_json(visit: Visit) -> Response:
    """The same numbers for the script that keeps the page current, where it cannot be told."""
    with visit.reading() as work:
        return visit.json(_numbers(work, find(visit, work)))


def events(visit: Visit) -> Response:
    """The same numbers as they change, told by the server (Server-sent events, HTML 9.2).

    A stream ends before a server that stops would have to wait for it; the browser begins another.
    """
    with visit.reading() as work:
        find(visit, work)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_told(visit), media_type="text/event-stream", headers=headers)


async def _told(visit: Visit) -> AsyncGenerator[str]:
    ends, said = time.monotonic() + STREAM_SECONDS, ""
    yield f"retry: {AGAIN_MS}\n\n"
    while time.monotonic() < ends:
        numbers = await anyio.to_thread.run_sync(partial(_looked_at, visit))
        told = json.dumps(numbers)
        if told != said:
            said = told
            yield f"data: {told}\n\n"
        if numbers["phase"] not in GOING:
            return
        await anyio.sleep(LOOK_SECONDS)


def _looked_at(visit: Visit) -> dict[str, object]:
    with visit.reading() as work:
        return _numbers(work, find(visit, work))


def _numbers(work: Reading, issue: Issue) -> dict[str, object]:
    mailings = sending.mailings_of(work.session, issue)
    counts = sending.status(work.session, issue)
    phase = sending.phase_of(mailings, counts, work.now)
    return {**counts, "phase": phase, "waits": len(_why_it_waits(work, mailings))}
