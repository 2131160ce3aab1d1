"""Whom a workshop concerns: cohorts, invitations, places, requests and nominations."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.errors import Refusal
from core.i18n import LANGUAGES, N_, known_language
from core.unit_of_work import UnitOfWork
from members.profile import LEVELS, ROLES, countries
from web.middleware import LETTER_POLICY
from web.organiser.workshops import found, me
from web.visit import Visit
from workshops.invitation import choosing, cohorts, invitations, nominations, overview, sending
from workshops.invitation.choosing import Chosen, Wanted
from workshops.invitation.cohorts import Terms
from workshops.model.hosts import HOST_NAMES, hosts_of
from workshops.model.invitation_states import NAMES, UNANSWERED, InvitationState
from workshops.model.registration_states import PLACE_NAMES, Place
from workshops.model.stages import HAPPENING, PHASE_NAMES, STAGE_NAMES, Stage
from workshops.model.tables import Cohort, Invitation, Registration, Workshop
from workshops.planning import planning
from workshops.planning.planning import EARLIEST_YEAR, LATEST_YEAR
from workshops.reflection import attendance
from workshops.registration import kept_places, registering, seats

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
            it = found(visit, work)
            chosen = _chosen(visit, work, it)
            terms = cohorts.default_terms(it, work.now)
            cohort = cohorts.prepare(work, it, chosen.people, terms, me(visit), chosen.left_out)
            return visit.redirect(_cohort_path(it, cohort))
    except Refusal as refusal:
        return _refused(visit, refusal)


def show_cohort(visit: Visit) -> Response:
    """Who will be invited and who not, and why; the terms; and the button, with the number."""
    with visit.reading() as work:
        it = found(visit, work)
        return _cohort_page(visit, work, it, _cohort(visit, work, it))


def change_terms(visit: Visit) -> Response:
    """Change until when they answer, whether places wait, and the note."""
    return _with_cohort(
        visit, lambda work, it, cohort: cohorts.change_terms(work, it, cohort, _terms(visit, it))
    )


def give_more_time(visit: Visit) -> Response:
    """Let those who were invited answer until another day."""

    def act(work: UnitOfWork, it: Workshop, cohort: Cohort) -> None:
        cohorts.give_more_time(work, it, cohort, answer_by_of(visit.form["answer_by"], it))

    return _with_cohort(visit, act)


def release(visit: Visit) -> Response:
    """Let the invitations go, once the number has been typed."""

    def act(work: UnitOfWork, it: Workshop, cohort: Cohort) -> None:
        if "note" in visit.form and cohort.state == "prepared":
            # What stands on the page is what goes out, saved or not.
            cohorts.change_terms(work, it, cohort, _terms(visit, it))
        cohorts.release(work, it, cohort, visit.form["typed"], me(visit))

    return _with_cohort(visit, act)


def drop(visit: Visit) -> Response:
    """Give a batch up before it went out."""
    with visit.unit_of_work() as work:
        it = found(visit, work)
        cohort = cohorts.find(work.session, it.id, visit.number("id"))
        if cohort is not None:
            cohorts.drop(work, cohort, me(visit))
        return visit.redirect(f"/organise/workshops/{it.public_id}/people")


def leave_out(visit: Visit) -> Response:
    """Take one person off a batch that has not gone out."""
    number = visit.form.number("invitation")
    return _with_cohort(visit, lambda work, _it, cohort: cohorts.leave_out(work, cohort, number))


def revoke(visit: Visit) -> Response:
    """Take an unanswered invitation back."""
    return _act(
        visit, lambda work, it: invitations.revoke(work, _invitation(visit, work, it), me(visit))
    )


def send_again(visit: Visit) -> Response:
    """Send a new link, perhaps to a corrected address."""

    def act(work: UnitOfWork, it: Workshop) -> None:
        invitation = _invitation(visit, work, it)
        invitations.send_again(work, invitation, visit.form["email"], me(visit))

    return _act(visit, act)


def approve(visit: Visit) -> Response:
    """Give somebody who asked a place."""
    return _act(
        visit,
        lambda work, it: registering.approve(work, it, _registration(visit, work, it), me(visit)),
    )


def refuse(visit: Visit) -> Response:
    """Tell somebody who asked that there is no place."""
    return _act(
        visit,
        lambda work, it: registering.refuse(work, it, _registration(visit, work, it), me(visit)),
    )


def give_place(visit: Visit) -> Response:
    """Give a free place to somebody who waits."""
    return _act(
        visit,
        lambda work, it: registering.give_place(
            work, it, _registration(visit, work, it), me(visit)
        ),
    )


def correct_certificate(visit: Visit) -> Response:
    """Write another name on a certificate."""
    return _act(
        visit,
        lambda work, it: attendance.correct_name(
            work, it, _registration(visit, work, it), visit.form["name"], me(visit)
        ),
    )


def preview(visit: Visit) -> Response:
    """The invitation as it would be mailed."""
    with visit.reading() as work:
        it = found(visit, work)
        language = known_language(visit.param("language"))
        html = sending.preview(work, it, _cohort(visit, work, it), language)
    policy = {"Content-Security-Policy": LETTER_POLICY}
    return Response(html, media_type="text/html", headers=policy)


def send_test(visit: Visit) -> Response:
    """Mail the invitation to oneself."""
    return _with_cohort(
        visit, lambda work, it, cohort: sending.send_test(work, it, cohort, me(visit))
    )


def remove(visit: Visit) -> Response:
    """Take somebody off the list."""
    return _act(
        visit,
        lambda work, it: registering.remove(work, it, _registration(visit, work, it), me(visit)),
    )


def invite_nominated(visit: Visit) -> Response:
    """Invite somebody who was named, or who asked."""
    number = visit.number("id")
    return _act(visit, lambda work, it: nominations.invite(work, it, number, me(visit)))


def put_away(visit: Visit) -> Response:
    """Do not invite somebody who was named."""
    number = visit.number("id")
    return _act(visit, lambda work, it: nominations.put_away(work, it, number, me(visit)))


def _chosen(visit: Visit, work: UnitOfWork, it: Workshop) -> Chosen:
    form, way = visit.form, visit.form["way"]
    # Whoever we know reads their own; for the others the cohort says it, or the workshop.
    language = form["their_language"] if form["their_language"] in LANGUAGES else it.language
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


def _terms(visit: Visit, it: Workshop) -> Terms:
    form = visit.form
    return Terms(answer_by_of(form["answer_by"], it), bool(form["holds_places"]), form["note"])


def answer_by_of(typed: str, it: Workshop) -> datetime:
    """The end of a day where the workshop is. Raises Refusal naming the field."""
    try:
        day = datetime.fromisoformat(typed.strip()[:10])
        if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
            raise ValueError
        end = day.replace(hour=23, minute=59, tzinfo=ZoneInfo(it.zone))
        if it.starts_at is not None and day.date() == it.starts_at.astimezone(end.tzinfo).date():
            return min(end, it.starts_at)  # on its own day: until it begins
        return end
    except (ValueError, OverflowError):
        raise Refusal(N_("Please write the day as 2026-12-31."), "answer_by") from None


def _with_cohort(visit: Visit, act: Callable[[UnitOfWork, Workshop, Cohort], object]) -> Response:
    try:
        with visit.unit_of_work() as work:
            it = found(visit, work)
            cohort = _cohort(visit, work, it)
            act(work, it, cohort)
            return visit.redirect(_cohort_path(it, cohort))
    except Refusal as refusal:
        with visit.reading() as work:
            it = found(visit, work)
            return _cohort_page(visit, work, it, _cohort(visit, work, it), refusal)


def _act(visit: Visit, act: Act) -> Response:
    try:
        with visit.unit_of_work() as work:
            it = found(visit, work)
            act(work, it)
            return visit.redirect(f"/organise/workshops/{it.public_id}/people")
    except Refusal as refusal:
        return _refused(visit, refusal)


def _refused(visit: Visit, refusal: Refusal) -> Response:
    with visit.reading() as work:
        return _page(visit, work, found(visit, work), refusal)


def _cohort(visit: Visit, work: UnitOfWork, it: Workshop) -> Cohort:
    cohort = cohorts.find(work.session, it.id, visit.number("id"))
    if cohort is None:
        raise HTTPException(404)
    return cohort


def _invitation(visit: Visit, work: UnitOfWork, it: Workshop) -> Invitation:
    invitation = work.session.get(Invitation, visit.number("id"))
    if invitation is None or invitation.workshop_id != it.id:
        raise HTTPException(404)
    return invitation


def _registration(visit: Visit, work: UnitOfWork, it: Workshop) -> Registration:
    own = work.session.get(Registration, visit.number("id"))
    if own is None or own.workshop_id != it.id:
        raise HTTPException(404)
    return own


def _cohort_path(it: Workshop, cohort: Cohort) -> str:
    return f"/organise/workshops/{it.public_id}/cohorts/{cohort.id}"


def _cohort_page(
    visit: Visit, work: UnitOfWork, it: Workshop, cohort: Cohort, refusal: Refusal | None = None
) -> Response:
    rows = cohorts.rows(work.session, cohort.id)
    has_terms = "note" in visit.form
    answer_by = f"{cohort.answer_by.astimezone(ZoneInfo(it.zone)):%Y-%m-%d}"
    return visit.page(
        "organiser/cohort.html",
        status=422 if refusal else 200,
        it=it,
        cohort=cohort,
        rows=rows[:MOST_SHOWN],
        count=len(rows),
        left_out=cohorts.left_out_of(cohort),
        states=NAMES,
        answer_by=visit.form["answer_by"] or answer_by,
        note=visit.form["note"] if has_terms else cohort.note,
        holds_places=bool(visit.form["holds_places"]) if has_terms else cohort.holds_places,
        free=max(0, it.capacity - seats.held(work.session, it.id, work.now)),
        is_ready=it.stage not in (Stage.DRAFT, Stage.POSTPONED, Stage.CANCELLED),
        error={"field": refusal.field, "sentence": visit.say(refusal)} if refusal else None,
    )


def _page_number(visit: Visit, name: str) -> int:
    typed = visit.query(name)
    return max(1, int(typed)) if typed.isascii() and typed.isdecimal() and len(typed) < 4 else 1


def _page(visit: Visit, work: UnitOfWork, it: Workshop, refusal: Refusal | None = None) -> Response:
    session = work.session
    return visit.page(
        "organiser/people.html",
        status=422 if refusal else 200,
        it=it,
        stage_name=PHASE_NAMES.get(it.phase(work.now), STAGE_NAMES[Stage(it.stage)]),
        is_past=it.starts_at is not None and it.starts_at <= work.now,
        cohorts=cohorts.of_workshop(session, it.id),
        invited=overview.invited(session, it.id, _page_number(visit, "invited")),
        answers=overview.counts(session, it.id),
        unanswered=UNANSWERED,
        state=InvitationState,
        states=NAMES,
        places=overview.registered(session, it.id, _page_number(visit, "places")),
        place=Place,
        place_names=PLACE_NAMES,
        held=seats.held(session, it.id, work.now),
        hosts=hosts_of(it),
        host_names=HOST_NAMES,
        hosts_away=kept_places.without_place(session, it) if it.stage in HAPPENING else [],
        nominations=nominations.waiting(session, it.id),
        unwritable=[(own.id, visit.text(why)) for own, why in attendance.unwritable(session, it)],
        can_give=it.stage in HAPPENING and it.ends_at is not None and work.now < it.ends_at,
        labels=choosing.labels(session),
        earlier=[one for one in planning.planned(session) if one.id != it.id and one.title],
        roles=ROLES,
        levels=LEVELS,
        countries=countries(visit.language),
        typed=visit.form if refusal else None,
        now=work.now,
        error={"field": refusal.field, "sentence": visit.say(refusal)} if refusal else None,
    )
