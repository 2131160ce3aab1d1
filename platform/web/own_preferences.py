"""Everything that people set about themselves: signed in, or by a link that was mailed just now."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from starlette.responses import Response

from core.errors import Refusal
from core.i18n import N_
from core.unit_of_work import Reading, UnitOfWork
from members import leaving
from members.consent import TOPIC_TEXTS, TOPICS
from members.leaving import Preferences
from members.models import Member
from members.profile import LEVELS, ROLES, Profile, check_profile, countries
from members.subscribing import check_name
from members.subscriptions import topics_of
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


Find = Callable[[Reading], Member]


def show(visit: Visit, find: Find, path: str) -> Response:
    """What one gets and has said of oneself, and how to change it."""
    with visit.reading() as work:
        return _page(visit, work, find(work), path)


def save(visit: Visit, find: Find, path: str) -> Response:
    """Keep the changes and show them."""
    return visit.act(
        find,
        lambda work, member: _keep(visit, work, member),
        then=lambda _, said: f"{path}?said={said}",
        refused=lambda work, member, refusal: _page(visit, work, member, path, refusal),
    )


def save_about(visit: Visit, find: Find, path: str) -> Response:
    """Keep only what the short form after confirming asks: role, level, country."""
    return visit.act(
        find,
        lambda _, member: leaving.save_profile(member, _profile(visit, member)),
        then=lambda *_: f"{path}?said={SAVED}",
        refused=lambda work, member, refusal: _page(visit, work, member, path, refusal),
    )


def about_choices(language: str) -> dict[str, object]:
    """What the fields about somebody's work offer."""
    return {"roles": ROLES, "levels": LEVELS, "countries": countries(language)}


def pause_of(day: date | None, today: date) -> date | None:
    """The day on which a pause ends; None if it has ended. Raises Refusal if it is too far off."""
    if day is None:
        return None
    if day > today.replace(year=today.year + 2, day=min(today.day, 28)):
        raise Refusal(N_("A pause can be two years long at the most."), "paused_until")
    return day if day > today else None


def _keep(visit: Visit, work: UnitOfWork, member: Member) -> str:
    """Keep what the form says; in a word, what has become of it. Raises Refusal."""
    wanted = _wanted(visit, work, member)
    had_topics = bool(topics_of(work.session, member.id))
    leaving.save_preferences(work, member, wanted, visit.origin)
    work.session.flush()
    attendance.issue_to(work, member)
    visit.switch(member.language)
    return LEFT if had_topics and not wanted.topics else SAVED


def _page(
    visit: Visit, work: Reading, member: Member, path: str, refusal: Refusal | None = None
) -> Response:
    """The preferences of a member, as they are or as they were typed."""
    said = visit.query("said")
    visit.speak(member.language)
    return visit.page(
        "member/preferences.html",
        status=422 if refusal else 200,
        action=path,
        address=member.email,
        values=_typed(visit, work, member) if refusal else _kept(work, member),
        topics=TOPIC_TEXTS,
        today=visit.now.date(),
        **about_choices(visit.language),
        languages=tuple(dict.fromkeys((*visit.languages, member.language))),
        is_saved=said in (SAVED, LEFT),
        has_left=said == LEFT,
        error=visit.wrong(refusal),
    )


def _kept(work: Reading, member: Member) -> dict[str, object]:
    return {
        "topics": topics_of(work.session, member.id),
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
        paused_until=pause_of(typed.paused_until, work.now.date()),
        profile=_profile(visit, member),
    )
