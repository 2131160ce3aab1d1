"""When a workshop is, in words: the person's own zone first, the workshop's second. Pure."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_timezone_location

from core.i18n import row_of, say_moment, say_time, time_zones
from workshops.model.wall_time import moment_of

JOIN_OPENS = timedelta(minutes=30)
"""Before the start; from then on confirmed people see the button, until as long after the end."""


def zone_words(zone: str, language: str) -> str:
    """A time zone as people call it, by its city."""
    try:
        return str(get_timezone_location(zone, locale=row_of(language).locale, return_city=True))
    except LookupError:
        return zone  # better its plain name than no page at all


def when_in(starts_at: datetime, ends_at: datetime, zone: str, language: str) -> str:
    """`Wednesday, 17 March 2027, 18:00–19:30 (Helsinki)`."""
    local = starts_at.astimezone(ZoneInfo(zone))
    day = format_date(local, "full", locale=row_of(language).locale)
    begins, ends = say_time(starts_at, language, zone), say_time(ends_at, language, zone)
    return f"{day}, {begins}–{ends} ({zone_words(zone, language)})"


def whens(
    starts_at: datetime, ends_at: datetime, own_zone: str, zone: str, language: str
) -> list[str]:
    """When it is in somebody's own zone, and then where the workshop is, if that differs."""
    zones = _zones(starts_at, own_zone, zone)
    return [when_in(starts_at, ends_at, one, language) for one in zones]


def moments(moment: datetime, own_zone: str, zone: str, language: str) -> list[str]:
    """A moment in somebody's own zone, and then where the workshop is, if that differs."""
    return [
        f"{say_moment(moment, language, one)} ({zone_words(one, language)})"
        for one in _zones(moment, own_zone, zone)
    ]


def days_before(moment: datetime, zone: str, days: int) -> datetime:
    """The same hour on the wall, some days before: a reminder keeps its hour when clocks change."""
    local = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return moment_of(local - timedelta(days=days), zone)


def may_join(starts_at: datetime | None, ends_at: datetime | None, now: datetime) -> bool:
    """Whether the room is open."""
    if starts_at is None or ends_at is None:
        return False
    return starts_at - JOIN_OPENS <= now <= ends_at + JOIN_OPENS


def _zones(moment: datetime, own_zone: str, zone: str) -> list[str]:
    first = own_zone if own_zone in time_zones() else zone
    return [first] if _offset(moment, first) == _offset(moment, zone) else [first, zone]


def _offset(moment: datetime, zone: str) -> timedelta | None:
    return moment.astimezone(ZoneInfo(zone)).utcoffset()
