"""Sending an issue: who will get it before the button, and how far it got after."""

from collections.abc import Callable
from functools import partial

from starlette.responses import Response

from core.errors import Refusal
from core.unit_of_work import UnitOfWork
from mail.states import DELIVERY_NAMES, DeliveryState, MailingState
from newsletters import issues, second_pair
from newsletters.models import Issue
from newsletters.states import IssueState
from web.organiser.issues import find, refused
from web.visit import Visit

ALWAYS_SHOWN = (
    DeliveryState.QUEUED,
    DeliveryState.SENT,
    DeliveryState.FAILED,
    DeliveryState.UNKNOWN,
)
"""What the page of progress counts even while there are none."""


def review(visit: Visit) -> Response:
    """Exactly who would get it now, and the button."""
    with visit.reading() as work:
        issue = find(visit, work)
        if issue.state == IssueState.SENT:
            return visit.redirect(f"/organise/issues/{issue.id}/progress")
        try:
            issues.check_ready(issue)
        except Refusal as refusal:
            return refused(visit, refusal)
        return visit.page(
            "organiser/send.html",
            issue=issue,
            audience=issues.audience_of(work, issue),
            written=issues.languages_of(issue),
            needs_another=second_pair.needs_another(work, issue, visit.viewer_id),
            asked=visit.query("asked"),
        )


def send(visit: Visit) -> Response:
    """Send it, once: a second press shows the progress of the first."""
    number = visit.number("id")
    with visit.reading() as work:
        is_draft = find(visit, work).state == IssueState.DRAFT
    try:
        if is_draft:
            with visit.unit_of_work() as work:
                issues.send(work, number, visit.version or None, by=visit.viewer_id)
    except Refusal as refusal:
        return refused(visit, refusal)
    return visit.redirect(f"/organise/issues/{number}/progress")


def ask_to_send(visit: Visit) -> Response:
    """Ask the others to look at it and to send it."""
    number = visit.number("id")

    def ask(work: UnitOfWork, issue: Issue) -> int:
        issues.check_ready(issue)
        return second_pair.ask_to_send(work, issue, visit.my_id)

    return visit.act(
        partial(find, visit),
        ask,
        then=lambda _, asked: f"/organise/issues/{number}/send?asked={asked}",
        refused=lambda _work, _issue, refusal: refused(visit, refusal),
    )


def progress(visit: Visit) -> Response:
    """How far sending got, in words and numbers."""
    with visit.reading() as work:
        issue = find(visit, work)
        if issue.state == IssueState.DRAFT:
            return visit.redirect(f"/organise/issues/{issue.id}")
        mailings = issues.mailings_of(work.session, issue)
        phase = phase_of({mailing.state for mailing in mailings})
        return visit.page(
            "organiser/progress.html",
            issue=issue,
            counts=issues.status(work.session, issue),
            phase=phase,
            **{f"is_{state}": phase == state for state in MailingState},
            names=DELIVERY_NAMES,
            always_shown=ALWAYS_SHOWN,
            notes=[mailing for mailing in mailings if mailing.note],
            problems=issues.problems_of(work.session, issue),
        )


def progress_json(visit: Visit) -> Response:
    """The same numbers for the script that keeps the page current."""
    with visit.reading() as work:
        issue = find(visit, work)
        mailings = issues.mailings_of(work.session, issue)
        counts = issues.status(work.session, issue)
    return visit.json({**counts, "phase": phase_of({mailing.state for mailing in mailings})})


def pause(visit: Visit) -> Response:
    """Pause the sending of an issue; what has gone out has gone out."""
    return _change(visit, issues.pause)


def resume(visit: Visit) -> Response:
    """Go on with the sending of a paused issue."""
    return _change(visit, issues.resume)


def cancel(visit: Visit) -> Response:
    """Cancel what has not gone out of an issue."""
    return _change(visit, issues.cancel)


def count_unknown(visit: Visit) -> Response:
    """Take what is unknown for accepted."""
    return _change(visit, partial(issues.decide_unknown, send_again=False))


def repeat_unknown(visit: Visit) -> Response:
    """Send what is unknown again: whoever got it gets it twice."""
    return _change(visit, partial(issues.decide_unknown, send_again=True))


def phase_of(states: set[str]) -> str:
    """One word for where an issue's mailings stand together."""
    for state in (MailingState.PAUSED, MailingState.RELEASED, MailingState.CANCELLED):
        if state in states:
            return str(state)
    return str(MailingState.FINISHED)


def _change(visit: Visit, act: Callable[[UnitOfWork, Issue, int | None], None]) -> Response:
    with visit.unit_of_work() as work:
        issue: Issue = find(visit, work)
        act(work, issue, visit.viewer_id)
    return visit.redirect(f"/organise/issues/{issue.id}/progress")
