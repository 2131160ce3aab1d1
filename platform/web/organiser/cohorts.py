"""Choosing people to invite, seeing who is left out and why, and letting the invitations go."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from functools import partial
from typing import Annotated
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.errors import Refusal
from core.i18n import LANGUAGES, N_, known_language
from core.unit_of_work import Reading, UnitOfWork
from members import saved_segments
from members.segments import Segment
from web.forms import CheckedDay, Form, Id, Text, Ticked, Typed, choice
from web.middleware import LETTER_POLICY
from web.organiser.one_workshop import found
from web.organiser.people import refused_page
from web.organiser.selecting import Selected, segment_of
from web.visit import Visit
from workshops.invitation import (
    choosing,
    cohorts,
    sending,
)
from workshops.invitation.choosing import Chosen
from workshops.invitation.cohorts import Terms
from workshops.model.cohort_states import CohortState
from workshops.model.invitation_states import NAMES
from workshops.model.stages import Stage
from workshops.model.tables import Cohort, Workshop
from workshops.registration import counting

MOST_SHOWN = 500


@dataclass(frozen=True)
class Way(Typed):
    """How people are chosen: a filter, a saved segment, a list, or an earlier workshop."""

    way: Text
    their_language: Annotated[str, choice(LANGUAGES)]
    earlier: Text
    people: Text
    segment: Id


@dataclass(frozen=True)
class AnswerBy(Typed):
    """The last day on which an invitation is answered."""

    answer_by: CheckedDay


@dataclass(frozen=True)
class ShownDay(Typed):
    """The same day, as it was typed."""

    answer_by: Text


@dataclass(frozen=True)
class Offered(Typed):
    """The terms of an invitation, but for its last day."""

    holds_places: Ticked
    note: Text


@dataclass(frozen=True)
class Released(Typed):
    """The number that is typed before anything goes out."""

    typed: Text


@dataclass(frozen=True)
class LeftOut(Typed):
    """Whose invitation is taken off."""

    invitation: Id


def prepare(visit: Visit) -> Response:
    """Choose people by a filter, a list, a file or an earlier time; nothing goes out."""

    def act(work: UnitOfWork, workshop: Workshop) -> Cohort:
        chosen = _chosen(visit, work, workshop)
        terms = cohorts.default_terms(workshop, work.now)
        return cohorts.prepare(work, workshop, chosen.people, terms, visit.my_id, chosen.left_out)

    find, refused = partial(found, visit), partial(refused_page, visit)
    return visit.act(find, act, then=_cohort_path, refused=refused)


def show_cohort(visit: Visit) -> Response:
    """Who will be invited and who not, and why; the terms; and the button, with the number."""
    with visit.reading() as work:
        workshop = found(visit, work)
        return _cohort_page(visit, work, workshop, _cohort(visit, work, workshop))


def change_terms(visit: Visit) -> Response:
    """Change until when they answer, whether places wait, and the note."""
    return _with_cohort(
        visit,
        lambda work, workshop, cohort: cohorts.change_terms(
            work, workshop, cohort, _terms(visit, workshop)
        ),
    )


def give_more_time(visit: Visit) -> Response:
    """Let those who were invited answer until another day."""

    def act(work: UnitOfWork, workshop: Workshop, cohort: Cohort) -> None:
        cohorts.give_more_time(work, workshop, cohort, answer_by_of(visit.form, workshop))

    return _with_cohort(visit, act)


def release(visit: Visit) -> Response:
    """Let the invitations go, once the number has been typed."""

    def act(work: UnitOfWork, workshop: Workshop, cohort: Cohort) -> None:
        if "note" in visit.form and cohort.state == CohortState.PREPARED:
            # What stands on the page is what goes out, saved or not.
            cohorts.change_terms(work, workshop, cohort, _terms(visit, workshop))
        cohorts.release(work, workshop, cohort, Released.of(visit.form).typed, visit.my_id)

    return _with_cohort(visit, act)


def drop(visit: Visit) -> Response:
    """Give a batch up before it went out."""
    with visit.unit_of_work() as work:
        workshop = found(visit, work)
        cohort = cohorts.find(work.session, workshop.id, visit.number("id"))
        if cohort is not None:
            cohorts.drop(work, cohort, visit.my_id)
    return visit.redirect(f"/organise/workshops/{workshop.public_id}/people")


def leave_out(visit: Visit) -> Response:
    """Take one person off a batch that has not gone out."""
    number = LeftOut.of(visit.form).invitation
    return _with_cohort(
        visit, lambda work, _workshop, cohort: cohorts.leave_out(work, cohort, number)
    )


def preview(visit: Visit) -> Response:
    """The invitation as it would be mailed."""
    with visit.reading() as work:
        workshop = found(visit, work)
        language = known_language(visit.param("language"))
        html = sending.preview(work, workshop, _cohort(visit, work, workshop), language)
    policy = {"Content-Security-Policy": LETTER_POLICY}
    return Response(html, media_type="text/html", headers=policy)


def send_test(visit: Visit) -> Response:
    """Mail the invitation to oneself."""
    return _with_cohort(
        visit, lambda work, workshop, cohort: sending.send_test(work, workshop, cohort, visit.my_id)
    )


def _chosen(visit: Visit, work: UnitOfWork, workshop: Workshop) -> Chosen:
    typed, uploads = Way.of(visit.form), visit.form.uploads
    # Whoever we know reads their own; for the others the cohort says it, or the workshop.
    language = typed.their_language or workshop.language
    if typed.way == "earlier":
        return choosing.from_earlier(work.session, typed.earlier)
    if typed.way == "list" and uploads:
        return choosing.from_file(work, uploads[0].content, language)
    if typed.way == "list":
        return choosing.from_text(work, typed.people, language)
    return choosing.by_segment(work.session, _segment(visit, work, typed), work.now.date())


def _segment(visit: Visit, work: Reading, typed: Way) -> Segment:
    """The filter of the form, or the saved one that it names. Raises Refusal."""
    if typed.way != "segment":
        return segment_of(Selected.of(visit.form))
    saved = saved_segments.find(work.session, typed.segment)
    if saved is None:
        raise Refusal(N_("Please choose a segment from the list."), "segment")
    return saved.asks


def _terms(visit: Visit, workshop: Workshop) -> Terms:
    typed = Offered.of(visit.form)
    return Terms(answer_by_of(visit.form, workshop), typed.holds_places, typed.note)


def answer_by_of(form: Form, workshop: Workshop) -> datetime:
    """The end of a day where the workshop is. Raises Refusal naming the field."""
    day = AnswerBy.of(form).answer_by
    if day is None:
        raise Refusal(N_("Please write the day as 2026-12-31."), "answer_by")
    end = datetime.combine(day, time(23, 59), ZoneInfo(workshop.zone))
    if workshop.starts_at is not None and day == workshop.schedule.local_day:
        return min(end, workshop.starts_at)  # on its own day: until it begins
    return end


def _with_cohort(visit: Visit, act: Callable[[UnitOfWork, Workshop, Cohort], object]) -> Response:
    def both(work: Reading) -> tuple[Workshop, Cohort]:
        workshop = found(visit, work)
        return workshop, _cohort(visit, work, workshop)

    return visit.act(
        both,
        lambda work, both: act(work, *both),
        then=lambda both, _: _cohort_path(*both),
        refused=lambda work, both, refusal: _cohort_page(visit, work, *both, refusal),
    )


def _cohort(visit: Visit, work: Reading, workshop: Workshop) -> Cohort:
    cohort = cohorts.find(work.session, workshop.id, visit.number("id"))
    if cohort is None:
        raise HTTPException(404)
    return cohort


def _cohort_path(workshop: Workshop, cohort: Cohort) -> str:
    return f"/organise/workshops/{workshop.public_id}/cohorts/{cohort.id}"


def _cohort_page(
    visit: Visit,
    work: Reading,
    workshop: Workshop,
    cohort: Cohort,
    refusal: Refusal | None = None,
) -> Response:
    rows = cohorts.rows(work.session, cohort.id)
    has_terms, typed = "note" in visit.form, Offered.of(visit.form)
    answer_by = f"{cohort.answer_by.astimezone(ZoneInfo(workshop.zone)):%Y-%m-%d}"
    return visit.page(
        "organiser/cohort.html",
        status=422 if refusal else 200,
        workshop=workshop,
        cohort=cohort,
        rows=rows[:MOST_SHOWN],
        count=len(rows),
        left_out=cohorts.left_out_of(cohort),
        reasons_out=cohorts.reasons_out(cohort),
        states=NAMES,
        answer_by=ShownDay.of(visit.form).answer_by or answer_by,
        note=typed.note if has_terms else cohort.note,
        holds_places=typed.holds_places if has_terms else cohort.holds_places,
        free=max(0, workshop.capacity - counting.held(work.session, workshop.id, work.now)),
        is_ready=workshop.stage not in (Stage.DRAFT, Stage.POSTPONED, Stage.CANCELLED),
        error=visit.wrong(refusal),
    )
