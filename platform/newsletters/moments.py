"""The moment at which a letter goes: a day and an hour as they are on the wall, in a named zone."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core.errors import Refusal
from core.i18n import N_, time_zones
from workshops.model.wall_time import WallTime, meaning_of, moment_of

LATEST = timedelta(days=120)


def moment_typed(day: str, hour: str, zone: str, now: datetime) -> datetime:
    """The moment that somebody typed. Raises Refusal naming the field.

    An hour that the clocks jump over is none; of one that comes twice nobody says which.
    """
    if zone not in time_zones():
        raise Refusal(N_("Please choose a time zone from the list."), "zone")
    local = _local(day, hour)
    meaning = meaning_of(local, zone)
    if meaning is WallTime.NONE:
        raise Refusal(
            N_("There is no such hour: the clocks are put forward then. Choose another."), "hour"
        )
    if meaning is WallTime.TWO:
        raise Refusal(
            N_("This hour comes twice: the clocks are put back then. Choose another."), "hour"
        )
    moment = moment_of(local, zone)
    if moment <= now:
        raise Refusal(N_("This moment is over. Choose a later one."), "day")
    if moment > now + LATEST:
        raise Refusal(N_("A letter can wait for four months at the most."), "day")
    return moment


def _local(day: str, hour: str) -> datetime:
    try:
        return datetime.fromisoformat(f"{day.strip()}T{hour.strip().replace('.', ':')}")
    except ValueError:
        raise Refusal(N_("Please write day and hour as 2026-12-31 and 18:00."), "day") from None


def on_the_wall(moment: datetime, zone: str) -> tuple[str, str]:
    """Day and hour of a moment, as a form takes them."""
    local = moment.astimezone(ZoneInfo(zone))
    return local.date().isoformat(), f"{local:%H:%M}"
