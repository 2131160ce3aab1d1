"""Preferences from any mail's link, without signing in: topics, language, name, a pause."""

from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from starlette.responses import Response

from core.errors import Refusal
from core.i18n import N_
from core.tokens import BrokenToken
from core.unit_of_work import Reading, UnitOfWork
from members import leaving
from members.consent import TOPIC_TEXTS, TOPICS
from members.leaving import Preferences
from members.models import Member
from members.profile import LEVELS, ROLES, Profile, check_profile, countries
from members.subscribing import check_name
from web.by_link.leaving import masked
from web.forms import CheckedDay, Language, Text, Texts, Typed, Zone
from web.visit import Visit
from workshops.reflection import attendance

SAVED, LEFT = "saved", "left"


@dataclass(frozen=True)
class Ticks(Typed):
    """The topics that are ticked."""

    topics: Texts


@dataclass(frozen=True)
class Wanted(Typed):
    """The rest of the form."""

    language: Language
    name: Text
    time_zone: Zone
    paused_until: CheckedDay


@dataclass(frozen=True)
class Work(Typed):
    """What the short form after confirming asks."""

    role: Text
    level: Text
    country: Text


def show(visit: Visit) -> Response:
    """What one gets, and how to change it."""
    with visit.reading() as work:
        return page(visit, work, _member(visit, work))


def save(visit: Visit) -> Response:
    """Keep the changes and show them."""
    return visit.act(
        partial(_member, visit),
        partial(_keep, visit),
        then=lambda _, said: f"{_path(visit)}?said={said}",
        refused=partial(page, visit),
    )


def save_about(visit: Visit) -> Response:
    """Keep only what the short form after confirming asks: role, level, country."""
    return visit.act(
        partial(_member, visit),
        lambda _, member: leaving.save_profile(member, _profile(visit, member)),
        then=lambda *_: f"{_path(visit)}?said=saved",
        refused=partial(page, visit),
    )


def _member(visit: Visit, work: Reading) -> Member:
    """Whose preferences a link opens. Raises BrokenToken."""
    member = leaving.preferences_member(work.session, work.tokens, visit.param("token"))
    if member is None:
        raise BrokenToken
    visit.speak(member.language)
    return member


def _path(visit: Visit) -> str:
    return f"/preferences/{visit.param('token')}"


def about_choices(language: str) -> dict[str, object]:
    """What the fields about somebody's work offer."""
    return {"roles": ROLES, "levels": LEVELS, "countries": countries(language)}


def _keep(visit: Visit, work: UnitOfWork, member: Member) -> str:
    """Keep what the form says; in a word, what has become of it. Raises Refusal."""
    wanted = _wanted(visit, work, member)
    had_topics = bool(leaving.topics_of(work.session, member.id))
    leaving.save_preferences(work, member, wanted, visit.origin)
    work.session.flush()
    attendance.issue_to(work, member)
    visit.speak(member.language)
    return LEFT if had_topics and not wanted.topics else SAVED


def page(visit: Visit, work: Reading, member: Member, refusal: Refusal | None = None) -> Response:
    """The preferences of a member, as they are or as they were typed."""
    said = visit.query("said")
    return visit.page(
        "site/preferences.html",
        status=422 if refusal else 200,
        action=_path(visit),
        address=masked(member.email),
        values=_typed(visit, work, member) if refusal else _kept(work, member),
        topics=TOPIC_TEXTS,
        today=visit.now.date(),
        **about_choices(visit.language),
        is_saved=said in (SAVED, LEFT),
        has_left=said == LEFT,
        error=visit.wrong(refusal),
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
        typed["topics"] = set(Ticks.of(form).topics)
    return typed


def _profile(visit: Visit, member: Member) -> Profile:
    kept = leaving.profile_of(member)
    # A form of another page may not have these fields: then nothing was said about them.
    said = {name: typed for name, typed in vars(Work.of(visit.form)).items() if name in visit.form}
    return check_profile(replace(kept, **said), kept)


def _wanted(visit: Visit, work: UnitOfWork, member: Member) -> Preferences:
    typed, ticks = Wanted.of(visit.form), Ticks.of(visit.form)
    return Preferences(
        topics=[topic for topic in TOPICS if topic in ticks.topics],
        language=typed.language,
        name=check_name(typed.name),
        time_zone=typed.time_zone,
        paused_until=_pause(typed.paused_until, work.now.date()),
        profile=_profile(visit, member),
    )


def _pause(day: date | None, today: date) -> date | None:
    """The day on which a pause ends; None if it has ended."""
    if day is None:
        return None
    if day > today.replace(year=today.year + 2, day=min(today.day, 28)):
        raise Refusal(N_("A pause can be two years long at the most."), "paused_until")
    return day if day > today else None
