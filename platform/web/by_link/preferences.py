"""Preferences from any mail's link, without signing in: topics, language, name, a pause."""

from dataclasses import replace
from datetime import date

from starlette.responses import Response

from core.errors import Refusal, unknown_language
from core.i18n import LANGUAGES, N_, time_zones
from core.unit_of_work import Reading, UnitOfWork
from members import leaving
from members.consent import TOPIC_TEXTS, TOPICS
from members.leaving import Preferences
from members.models import Member
from members.profile import LEVELS, ROLES, Profile, check_profile, countries
from members.subscribing import check_name
from web.by_link.leaving import masked
from web.visit import Visit
from workshops.reflection import attendance


def show(visit: Visit) -> Response:
    """What one gets, and how to change it."""
    token = visit.param("token")
    with visit.reading() as work:
        member = leaving.preferences_member(work.session, work.tokens, token)
        if member is None:
            return visit.page("broken-link.html", status=404)
        return page(visit, work, member, f"/preferences/{token}")


def save(visit: Visit) -> Response:
    """Keep the changes and show them."""
    token = visit.param("token")
    with visit.unit_of_work() as work:
        member = leaving.preferences_member(work.session, work.tokens, token)
        if member is None:
            return visit.page("broken-link.html", status=404)
        return keep(visit, work, member, f"/preferences/{token}")


def save_about(visit: Visit) -> Response:
    """Keep only what the short form after confirming asks: role, level, country."""
    token = visit.param("token")
    with visit.unit_of_work() as work:
        member = leaving.preferences_member(work.session, work.tokens, token)
        if member is None:
            return visit.page("broken-link.html", status=404)
        visit.speak(member.language)
        try:
            leaving.save_profile(member, _profile(visit, member))
        except Refusal as refusal:
            error = {"field": refusal.field, "sentence": visit.say(refusal)}
            return page(visit, work, member, f"/preferences/{token}", error=error)
        return page(visit, work, member, f"/preferences/{token}", is_saved=True)


def about_choices(language: str) -> dict[str, object]:
    """What the fields about somebody's work offer."""
    return {"roles": ROLES, "levels": LEVELS, "countries": countries(language)}


def keep(visit: Visit, work: UnitOfWork, member: Member, action: str) -> Response:
    """Keep what the form says; with what was typed and one sentence if it cannot be."""
    try:
        wanted = _wanted(visit, work, member)
    except Refusal as refusal:
        error = {"field": refusal.field, "sentence": visit.say(refusal)}
        return page(visit, work, member, action, error=error)
    had_topics = bool(leaving.topics_of(work.session, member.id))
    leaving.save_preferences(work, member, wanted, visit.origin)
    work.session.flush()
    attendance.issue_to(work, member)
    visit.speak(member.language)
    has_left = had_topics and not wanted.topics
    return page(visit, work, member, action, is_saved=True, has_left=has_left)


def page(
    visit: Visit,
    work: Reading,
    member: Member,
    action: str,
    *,
    is_saved: bool = False,
    has_left: bool = False,
    error: dict[str, str | None] | None = None,
) -> Response:
    """The preferences of a member, under a path that may change them."""
    if error is None:
        visit.speak(member.language)
    return visit.page(
        "site/preferences.html",
        status=422 if error else 200,
        action=action,
        address=masked(member.email),
        values=_typed(visit, work, member) if error else _kept(work, member),
        topics=TOPIC_TEXTS,
        zones=sorted(time_zones()),
        today=visit.now.date(),
        **about_choices(visit.language),
        is_saved=is_saved,
        has_left=has_left,
        error=error,
    )


def _kept(work: Reading, member: Member) -> dict[str, object]:
    return {
        "topics": leaving.topics_of(work.session, member.id),
        "language": member.language,
        "name": member.name,
        "time_zone": member.time_zone,
        "paused_until": member.paused_until.isoformat() if member.paused_until else "",
        "role": member.role,
        "level": member.level,
        "country": member.country,
    }


def _typed(visit: Visit, work: Reading, member: Member) -> dict[str, object]:
    form, kept = visit.form, _kept(work, member)
    typed = {name: form.get(name, value) for name, value in kept.items()}
    if "language" in form:  # the whole form, in which an empty box means: not ticked
        typed["topics"] = set(form.all("topics"))
    return typed


def _profile(visit: Visit, member: Member) -> Profile:
    form = visit.form
    kept = leaving.profile_of(member)
    # A form of another page may not have these fields: then nothing was said about them.
    wanted = {name: form[name] for name in ("role", "level", "country") if name in form}
    return check_profile(replace(kept, **wanted), kept)


def _wanted(visit: Visit, work: UnitOfWork, member: Member) -> Preferences:
    form = visit.form
    if form["language"] not in LANGUAGES:
        raise unknown_language(form["language"], "language")
    if form["time_zone"] and form["time_zone"] not in time_zones():
        raise Refusal(N_("Please choose a time zone from the list."), "time_zone")
    return Preferences(
        topics=[topic for topic in TOPICS if topic in form.all("topics")],
        language=form["language"],
        name=check_name(form["name"]),
        time_zone=form["time_zone"],
        paused_until=_day(form["paused_until"], work.now.date()),
        profile=_profile(visit, member),
    )


def _day(typed: str, today: date) -> date | None:
    if not typed.strip():
        return None
    try:
        day = date.fromisoformat(typed.strip())
    except ValueError:
        raise Refusal(N_("Please write the day as 2026-12-31."), "paused_until") from None
    if day > today.replace(year=today.year + 2, day=min(today.day, 28)):
        raise Refusal(N_("A pause can be two years long at the most."), "paused_until")
    return day if day > today else None
