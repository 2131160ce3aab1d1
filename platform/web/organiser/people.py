"""Whom a workshop concerns: cohorts, invitations, places, requests and nominations."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.errors import Refusal
from core.i18n import LANGUAGES, N_, known_language
from core.unit_of_work import UnitOfWork
from members.profile import LEVELS, ROLES, countries
from web.middleware import LETTER_POLICY
from web.organiser.workshops import found, me
from web.visit import Visit
from workshops.invitation import (
    by_organisers,
    choosing,
    cohorts,
    nominations,
    overview,
    sending,
)
from workshops.invitation.choosing import Chosen, Wanted
from workshops.invitation.cohorts import Terms
from workshops.model.cohort_states import CohortState
from workshops.model.hosts import HOST_NAMES, hosts_of
from workshops.model.invitation_states import NAMES, UNANSWERED, InvitationState
from workshops.model.method import Frame
from workshops.model.registration_states import REGISTRATION_NAMES, RegistrationState
from workshops.model.stages import HAPPENING, PHASE_NAMES, PLANNED, STAGE_NAMES, Stage
from workshops.model.tables import Cohort, Invitation, Registration, Workshop
from workshops.planning import planning
from workshops.planning.planning import EARLIEST_YEAR, LATEST_YEAR
from workshops.reflection import attendance
from workshops.registration import counting, kept_places, registering

MOST_SHOWN = 500

Act = Callable[[UnitOfWork, Workshop], object]


def show(visit: Visit) -> Response:
    """Everybody whom a workshop concerns."""
    with visit.reading() as work:
        return _page(visit, work, found(visit, work))


def prepare(visit: Visit) -> Response:
    """Choose people by a filter, a list, a file or an earlier time; nothing goes out."""
    try:
        with visit.unit_of_work() as work:
            workshop = found(visit, work)
            chosen = _chosen(visit, work, workshop)
            terms = cohorts.default_terms(workshop, work.now)
            cohort = cohorts.prepare(
                work, workshop, chosen.people, terms, me(visit), chosen.left_out
            )
            return visit.redirect(_cohort_path(workshop, cohort))
    except Refusal as refusal:
        return _refused(visit, refusal)


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
        cohorts.give_more_time(
            work, workshop, cohort, answer_by_of(visit.form["answer_by"], workshop)
        )

    return _with_cohort(visit, act)


def release(visit: Visit) -> Response:
    """Let the invitations go, once the number has been typed."""

    def act(work: UnitOfWork, workshop: Workshop, cohort: Cohort) -> None:
        if "note" in visit.form and cohort.state == CohortState.PREPARED:
            # What stands on the page is what goes out, saved or not.
            cohorts.change_terms(work, workshop, cohort, _terms(visit, workshop))
        cohorts.release(work, workshop, cohort, visit.form["typed"], me(visit))

    return _with_cohort(visit, act)


def drop(visit: Visit) -> Response:
    """Give a batch up before it went out."""
    with visit.unit_of_work() as work:
        workshop = found(visit, work)
        cohort = cohorts.find(work.session, workshop.id, visit.number("id"))
        if cohort is not None:
            cohorts.drop(work, cohort, me(visit))
        return visit.redirect(f"/organise/workshops/{workshop.public_id}/people")


def leave_out(visit: Visit) -> Response:
    """Take one person off a batch that has not gone out."""
    number = visit.form.number("invitation")
    return _with_cohort(
        visit, lambda work, _workshop, cohort: cohorts.leave_out(work, cohort, number)
    )


def revoke(visit: Visit) -> Response:
    """Take an unanswered invitation back."""
    return _act(
        visit,
        lambda work, workshop: by_organisers.revoke(
            work, _invitation(visit, work, workshop), me(visit)
        ),
    )


def send_again(visit: Visit) -> Response:
    """Send a new link, perhaps to a corrected address."""

    def act(work: UnitOfWork, workshop: Workshop) -> None:
        invitation = _invitation(visit, work, workshop)
        by_organisers.send_again(work, invitation, visit.form["email"], me(visit))

    return _act(visit, act)


def approve(visit: Visit) -> Response:
    """Give somebody who asked a place."""
    return _act(
        visit,
        lambda work, workshop: registering.approve(
            work, workshop, _registration(visit, work, workshop), me(visit)
        ),
    )


def refuse(visit: Visit) -> Response:
    """Tell somebody who asked that there is no place."""
    return _act(
        visit,
        lambda work, workshop: registering.refuse(
            work, workshop, _registration(visit, work, workshop), me(visit)
        ),
    )


def give_place(visit: Visit) -> Response:
    """Give a free place to somebody who waits."""
    return _act(
        visit,
        lambda work, workshop: registering.give_place(
            work, workshop, _registration(visit, work, workshop), me(visit)
        ),
    )


def correct_certificate(visit: Visit) -> Response:
    """Write another name on a certificate."""
    return _act(
        visit,
        lambda work, workshop: attendance.correct_name(
            work, workshop, _registration(visit, work, workshop), visit.form["name"], me(visit)
        ),
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
        visit, lambda work, workshop, cohort: sending.send_test(work, workshop, cohort, me(visit))
    )


def remove(visit: Visit) -> Response:
    """Take somebody off the list."""
    return _act(
        visit,
        lambda work, workshop: registering.remove(
            work, workshop, _registration(visit, work, workshop), me(visit)
        ),
    )


def invite_nominated(visit: Visit) -> Response:
    """Invite somebody who was named, or who asked."""
    number = visit.number("id")
    return _act(visit, lambda work, workshop: nominations.invite(work, workshop, number, me(visit)))


def put_away(visit: Visit) -> Response:
    """Do not invite somebody who was named."""
    number = visit.number("id")
    return _act(
        visit, lambda work, workshop: nominations.put_away(work, workshop, number, me(visit))
    )


def _chosen(visit: Visit, work: UnitOfWork, workshop: Workshop) -> Chosen:
    form, way = visit.form, visit.form["way"]
    # Whoever we know reads their own; for the others the cohort says it, or the workshop.
    language = form["their_language"] if form["their_language"] in LANGUAGES else workshop.language
    if way == "earlier":
        return choosing.from_earlier(work.session, form["earlier"])
    if way == "list":
        if form.uploads:
            return choosing.from_file(work, form.uploads[0].content, language)
        return choosing.from_text(work, form["people"], language)
    wanted = Wanted(
        language=form["language"],
        role=form["role"],
        level=form["level"],
        country=form["country"],
        label=form["label"],
        took_part_in=form["took_part_in"],
    )
    return choosing.by_filter(work.session, wanted)


def _terms(visit: Visit, workshop: Workshop) -> Terms:
    form = visit.form
    return Terms(
        answer_by_of(form["answer_by"], workshop), bool(form["holds_places"]), form["note"]
    )


def answer_by_of(typed: str, workshop: Workshop) -> datetime:
    """The end of a day where the workshop is. Raises Refusal naming the field."""
    try:
        day = datetime.fromisoformat(typed.strip()[:10])
        if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
            raise ValueError
        end = day.replace(hour=23, minute=59, tzinfo=ZoneInfo(workshop.zone))
        if (
            workshop.starts_at is not None
            and day.date() == workshop.starts_at.astimezone(end.tzinfo).date()
        ):
            return min(end, workshop.starts_at)  # on its own day: until it begins
        return end
    except (ValueError, OverflowError):
        raise Refusal(N_("Please write the day as 2026-12-31."), "answer_by") from None


def _with_cohort(visit: Visit, act: Callable[[UnitOfWork, Workshop, Cohort], object]) -> Response:
    try:
        with visit.unit_of_work() as work:
            workshop = found(visit, work)
            cohort = _cohort(visit, work, workshop)
            act(work, workshop, cohort)
            return visit.redirect(_cohort_path(workshop, cohort))
    except Refusal as refusal:
        with visit.reading() as work:
            workshop = found(visit, work)
            return _cohort_page(visit, work, workshop, _cohort(visit, work, workshop), refusal)


def _act(visit: Visit, act: Act) -> Response:
    try:
        with visit.unit_of_work() as work:
            workshop = found(visit, work)
            act(work, workshop)
            return visit.redirect(f"/organise/workshops/{workshop.public_id}/people")
    except Refusal as refusal:
        return _refused(visit, refusal)


def _refused(visit: Visit, refusal: Refusal) -> Response:
    with visit.reading() as work:
        return _page(visit, work, found(visit, work), refusal)


def _cohort(visit: Visit, work: UnitOfWork, workshop: Workshop) -> Cohort:
    cohort = cohorts.find(work.session, workshop.id, visit.number("id"))
    if cohort is None:
        raise HTTPException(404)
    return cohort


def _invitation(visit: Visit, work: UnitOfWork, workshop: Workshop) -> Invitation:
    invitation = work.session.get(Invitation, visit.number("id"))
    if invitation is None or invitation.workshop_id != workshop.id:
        raise HTTPException(404)
    return invitation


def _registration(visit: Visit, work: UnitOfWork, workshop: Workshop) -> Registration:
    registration = work.session.get(Registration, visit.number("id"))
    if registration is None or registration.workshop_id != workshop.id:
        raise HTTPException(404)
    return registration


def _cohort_path(workshop: Workshop, cohort: Cohort) -> str:
    return f"/organise/workshops/{workshop.public_id}/cohorts/{cohort.id}"


def _cohort_page(
    visit: Visit,
    work: UnitOfWork,
    workshop: Workshop,
    cohort: Cohort,
    refusal: Refusal | None = None,
) -> Response:
    rows = cohorts.rows(work.session, cohort.id)
    has_terms = "note" in visit.form
    answer_by = f"{cohort.answer_by.astimezone(ZoneInfo(workshop.zone)):%Y-%m-%d}"
    return visit.page(
        "organiser/cohort.html",
        status=422 if refusal else 200,
        workshop=workshop,
        cohort=cohort,
        rows=rows[:MOST_SHOWN],
        count=len(rows),
        left_out=cohorts.left_out_of(cohort),
        states=NAMES,
        answer_by=visit.form["answer_by"] or answer_by,
        note=visit.form["note"] if has_terms else cohort.note,
        holds_places=bool(visit.form["holds_places"]) if has_terms else cohort.holds_places,
        free=max(0, workshop.capacity - counting.held(work.session, workshop.id, work.now)),
        is_ready=workshop.stage not in (Stage.DRAFT, Stage.POSTPONED, Stage.CANCELLED),
        error={"field": refusal.field, "sentence": visit.say(refusal)} if refusal else None,
    )


def _page_number(visit: Visit, name: str) -> int:
    typed = visit.query(name)
    return max(1, int(typed)) if typed.isascii() and typed.isdecimal() and len(typed) < 4 else 1


def _page(
    visit: Visit, work: UnitOfWork, workshop: Workshop, refusal: Refusal | None = None
) -> Response:
    session = work.session
    return visit.page(
        "organiser/people.html",
        status=422 if refusal else 200,
        workshop=workshop,
        stage_name=PHASE_NAMES.get(workshop.phase(work.now), STAGE_NAMES[Stage(workshop.stage)]),
        is_past=workshop.starts_at is not None and workshop.starts_at <= work.now,
        cohorts=cohorts.of_workshop(session, workshop.id),
        invited=overview.invited(session, workshop.id, _page_number(visit, "invited")),
        answers=overview.counts(session, workshop.id),
        unanswered=UNANSWERED,
        state=InvitationState,
        states=NAMES,
        places=overview.registered(session, workshop.id, _page_number(visit, "places")),
        place=RegistrationState,
        place_names=REGISTRATION_NAMES,
        held=counting.held(session, workshop.id, work.now),
        hosts=hosts_of(workshop),
        host_names=HOST_NAMES,
        is_seat_empty=workshop.frame == Frame.HOTSEAT and workshop.seat_id is None,
        hosts_unreachable=kept_places.unreachable(work, workshop),
        hosts_away=kept_places.without_place(session, workshop)
        if workshop.stage in HAPPENING
        else [],
        nominations=nominations.waiting(session, workshop.id),
        unwritable=[
            (registration.id, visit.text(why))
            for registration, why in attendance.unwritable(session, workshop)
        ],
        can_give=workshop.stage in HAPPENING
        and workshop.ends_at is not None
        and work.now < workshop.ends_at,
        labels=choosing.labels(session),
        earlier=_earlier(session, workshop),
        held_before=[one for one in _earlier(session, workshop) if _was_held(one, work.now)],
        roles=ROLES,
        levels=LEVELS,
        countries=countries(visit.language),
        typed=visit.form if refusal else None,
        now=work.now,
        error={"field": refusal.field, "sentence": visit.say(refusal)} if refusal else None,
    )


def _earlier(session: Session, workshop: Workshop) -> list[Workshop]:
    """The others to which people were invited."""
    return [one for one in planning.planned(session)
            if one.id != workshop.id and one.title and one.stage not in PLANNED]  # fmt: skip


def _was_held(workshop: Workshop, now: datetime) -> bool:
    return workshop.ends_at is not None and workshop.ends_at < now
