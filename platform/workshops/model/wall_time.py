"""Wall time and zone are the truth: which moment that is, and whether there is one. Pure."""

from datetime import UTC, datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo


class WallTime(Enum):
    """What a wall time means in its zone."""

    ONE = "one"
    """There is exactly one such moment."""
    NONE = "none"
    """The clocks jump over it."""
    TWO = "two"
    """It comes twice in that night; somebody has to say which."""


LATEST_OFFER = timedelta(hours=48)
SHORTEST_OFFER = timedelta(hours=2)
NIGHT_BEGINS = time(22)
NIGHT_ENDS = time(8)


def meaning_of(local: datetime, zone: str) -> WallTime:
    """Whether a wall time exists in its zone, once or twice."""
    early = local.replace(tzinfo=ZoneInfo(zone), fold=0).utcoffset()
    late = local.replace(tzinfo=ZoneInfo(zone), fold=1).utcoffset()
    assert early is not None  # noqa: S101 - a zone knows its offset
    assert late is not None  # noqa: S101
    if early == late:
        return WallTime.ONE
    return WallTime.NONE if early < late else WallTime.TWO


def moment_of(local: datetime, zone: str, is_second: bool = False) -> datetime:
    """The moment of a wall time; `is_second` chooses between two."""
    return local.replace(tzinfo=ZoneInfo(zone), fold=int(is_second)).astimezone(UTC)


def offer_until(
    now: datetime, starts_at: datetime, zone: str, stop: datetime | None = None
) -> datetime:
    """Until when an offered place is kept: a third of what is left, 2 to 48 hours, never at night.

    An offer that would end in the night of the person's zone ends in the morning after, unless
    offers stop before (at the start, if `stop` says nothing else); then in the evening before, if
    that is not too soon.
    """
    latest = stop or starts_at
    wait = min(max((starts_at - now) / 3, SHORTEST_OFFER), LATEST_OFFER)
    until = min(now + wait, latest)
    local = until.astimezone(ZoneInfo(zone))
    if NIGHT_ENDS <= local.time() < NIGHT_BEGINS:
        return until
    morning = _at(local if local.time() < NIGHT_ENDS else local + timedelta(days=1), NIGHT_ENDS)
    if morning < latest:
        return morning
    evening = _at(local - timedelta(days=1) if local.time() < NIGHT_ENDS else local, NIGHT_BEGINS)
    return evening if evening - now >= SHORTEST_OFFER else until


def _at(local: datetime, hour: time) -> datetime:
    return datetime.combine(local.date(), hour, local.tzinfo).astimezone(UTC)
