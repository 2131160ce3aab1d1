"""Sending an issue: who will get it before the button, and how far it got after."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from starlette.responses import Response

from core.errors import Refusal
from core.i18n import N_
from core.unit_of_work import Reading, UnitOfWork
from mail.states import DELIVERY_NAMES
from members import describing
from members.finding import Search
from members.segments import Segment
from newsletters import afterwards, checking, choosing, issues, moments, second_pair, sending
from newsletters.models import Issue
from newsletters.states import IssueState
from web.forms import Count, Form, Text, Ticked, Typed
from web.organiser.issues import find, refused
from web.organiser.selecting import query_of
from web.visit import Visit
from workshops.invitation.facts import FACTS

NOBODY = Segment(labels=frozenset(("",)))
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Audience(Typed):
    """Who gets it, nothing for all readers; and what that asked for when it was looked at."""

    segment: Text
    asks: Text


@dataclass(frozen=True)
class Going(Typed):
    """When it goes, and that somebody has looked at what was found."""

    when: Text
    day: Text
    hour: Text
    zone: Text
    anyway: Ticked
    number: Count


def _as_seen(work: Reading, issue: Issue, form: Form) -> Segment:
    """Who was chosen, if it is what somebody looked at. Raises Refusal."""
    segment, typed = choosing.segment_of(work, issue), Audience.of(form)
    if typed.segment != issue.chosen or (issue.chosen and typed.asks != query_of(segment)):
        raise Refusal(N_("The segment was changed after you looked at it. Please look again."))
    return segment


def choose(visit: Visit) -> Response:
    """Say who of the readers is to get it."""
    chosen = Audience.of(visit.form).segment
    return visit.act(
        partial(find, visit),
        lambda work, issue: issues.choose_readers(work, issue.id, chosen),
        then=lambda issue, _: f"/organise/issues/{issue.id}/send#readers",
        refused=lambda _work, _issue, refusal: refused(visit, refusal),
    )


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
        try:
            segment = choosing.segment_of(work, issue)
        except Refusal as refusal:
            return _page(visit, work, issue, NOBODY, refusal)
        return _page(visit, work, issue, segment)


def _page(
    visit: Visit,
    work: Reading,
    issue: Issue,
    segment: Segment,
    refusal: Refusal | None = None,
) -> Response:
    """What is looked at before the button; after a refusal with what was typed."""
    typed = Going.of(visit.form)
    audience = issues.audience_of(work, issue, segment)
    found = checking.findings(work, issue, audience.by_own_language)
    zone = work.settings.time_zone
    day, hour = moments.on_the_wall(work.now + A_DAY, zone)
    return visit.page(
        "organiser/send.html",
        status=422 if refusal else 200,
        issue=issue,
        audience=audience,
        found=found,
        is_stopped=any(one.stops for one in found),
        warns=any(not one.stops for one in found),
        typed_above=sending.TYPED_ABOVE,
        going={"when": typed.when, "day": typed.day or day, "hour": typed.hour or hour,
               "zone": typed.zone or zone, "anyway": typed.anyway},
        error=visit.wrong(refusal),
        segment=issue.chosen,
        asks=query_of(segment),
        segments=[(one.value, visit.text(one.words)) for one in choosing.choices(work)],
        sentence=describing.sentence(work.session, Search("", segment), FACTS, visit.language),
        written=issues.languages_of(issue),
        needs_another=second_pair.needs_another(work, issue, visit.viewer_id),
        asked=visit.query("asked"),
    )  # fmt: skip


def send(visit: Visit) -> Response:
    """Send it, once: a second press shows the progress of the first."""
    number = visit.number("id")
    with visit.reading() as work:
        is_draft = find(visit, work).state == IssueState.DRAFT
    try:
        if is_draft:
            with visit.unit_of_work() as work:
                issue = find(visit, work)
                segment = _as_seen(work, issue, visit.form)
                at = _as_asked(work, issue, segment, Going.of(visit.form))
                version = visit.version or None
                sending.send(work, number, version, segment, by=visit.viewer_id, at=at)
    except Refusal as refusal:
        return _once_more(visit, refusal)
    return visit.redirect(f"/organise/issues/{number}/progress")


def _as_asked(work: Reading, issue: Issue, segment: Segment, typed: Going) -> datetime | None:
    """When it goes; None for now. Raises Refusal if something is still to be said or looked at."""
    audience = issues.audience_of(work, issue, segment)
    found = checking.findings(work, issue, audience.by_own_language)
    if any(not one.stops for one in found) and not typed.anyway:
        raise Refusal(N_("Please look at what was found, and tick that it may go so."), "anyway")
    if audience.total > sending.TYPED_ABOVE and typed.number != audience.total:
        words = N_("Please write the number of people: %(number)s.", number=audience.total)
        raise Refusal(words, "number")
    if typed.when != "later":
        return None
    return moments.moment_typed(typed.day, typed.hour, typed.zone, work.now)


def _once_more(visit: Visit, refusal: Refusal) -> Response:
    """The same page with what is wrong; in the editor what is wrong with the letter itself."""
    if refusal.field not in Going.__annotations__:
        return refused(visit, refusal)
    with visit.reading() as work:
        issue = find(visit, work)
        segment = choosing.segment_of(work, issue)
        return _page(visit, work, issue, segment, refusal)


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


def what_became(visit: Visit) -> Response:
    """What became of it, with the issues before it beside."""
    with visit.reading() as work:
        issue = find(visit, work)
        if issue.state == IssueState.DRAFT:
            return visit.redirect(f"/organise/issues/{issue.id}")
        found = afterwards.beside_earlier(work, issue)
        return visit.page(
            "organiser/afterwards.html",
            issue=issue,
            figures=found,
            mine=found[-1],
            most=max(1, *(one.total for one in found)),
            languages_of=afterwards.by_language(work, issue),
            names=DELIVERY_NAMES,
        )


def pause(visit: Visit) -> Response:
    """Pause the sending of an issue; what has gone out has gone out."""
    return _change(visit, sending.pause)


def resume(visit: Visit) -> Response:
    """Go on with the sending of a paused issue."""
    return _change(visit, sending.resume)


def cancel(visit: Visit) -> Response:
    """Cancel what has not gone out of an issue."""
    return _change(visit, sending.cancel)


def count_unknown(visit: Visit) -> Response:
    """Take what is unknown for accepted."""
    return _change(visit, sending.count_unknown)


def repeat_unknown(visit: Visit) -> Response:
    """Send what is unknown again: whoever got it gets it twice."""
    return _change(visit, sending.repeat_unknown)


def retry_failed(visit: Visit) -> Response:
    """Send what failed again."""
    return _change(visit, sending.retry_failed)


def send_to_joined(visit: Visit) -> Response:
    """Send it also to those who joined since."""
    return _change(visit, sending.send_to_joined)


def take_back(visit: Visit) -> Response:
    """Take it back before it goes out, and go on writing."""
    number = visit.number("id")
    return visit.act(
        partial(find, visit),
        lambda work, issue: sending.take_back(work, issue, visit.viewer_id),
        then=lambda _issue, _none: f"/organise/issues/{number}",
        refused=lambda _work, _issue, _refusal: visit.redirect(
            f"/organise/issues/{number}/progress?said=goes"
        ),
    )


def _change(visit: Visit, act: Callable[[UnitOfWork, Issue, int | None], None]) -> Response:
    with visit.unit_of_work() as work:
        issue: Issue = find(visit, work)
        act(work, issue, visit.viewer_id)
    return visit.redirect(f"/organise/issues/{issue.id}/progress")
