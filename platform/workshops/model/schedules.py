"""When a workshop is: wall time and zone are the truth, the moments follow from them. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

SECOND = "+2"
"""After a wall time that comes twice: the second of the two."""


@dataclass(frozen=True)
class WallStart:
    """When it begins as somebody typed it: wall time, zone, and which of two such moments."""

    local: str
    zone: str
    is_second: bool | None = None
    """None while nobody has said which of two."""


@dataclass(frozen=True)
class Schedule:
    """The wall time of a workshop (`2026-11-22T18:00`) and its zone, and from when until when."""

    local_start: str
    zone: str
    starts_at: datetime | None
    ends_at: datetime | None

    @classmethod
    def of(cls, start: WallStart, starts_at: datetime | None, minutes: int) -> "Schedule":
        """What somebody typed, the moment that was meant by it, and for how long."""
        local = start.local + (SECOND if start.is_second else "")
        ends_at = starts_at + timedelta(minutes=minutes) if starts_at else None
        return cls(local, start.zone, starts_at, ends_at)

    @property
    def start(self) -> WallStart:
        """The wall time as it was typed."""
        is_second = self.local_start.endswith(SECOND)
        return WallStart(self.local_start.removesuffix(SECOND), self.zone, is_second)

    @property
    def local_day(self) -> date | None:
        """The day on which it begins, where it is."""
        if self.starts_at is None:
            return None
        return self.starts_at.astimezone(ZoneInfo(self.zone)).date()
