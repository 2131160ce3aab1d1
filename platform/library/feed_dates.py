"""The dates of feeds as they are: with zones in letters, of no calendar, far ahead, or none."""

import calendar
import re
import time
from datetime import UTC, datetime, timedelta
from email.utils import mktime_tz, parsedate_tz
from typing import Any

from library.recordings import text_of

FAR_AHEAD = timedelta(days=366)
OLDEST = datetime(1995, 1, 1, tzinfo=UTC)
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER = re.compile(r"-?\d{5,}")
_ZONES = {"EET": "+0200", "EEST": "+0300", "CET": "+0100", "CEST": "+0200", "WET": "+0000",
          "WEST": "+0100", "BST": "+0100", "MSK": "+0300", "IST": "+0530"}  # fmt: skip


def with_zone_in_letters(said: str) -> Any:
    """A date of a feed whose zone is in letters that no standard has, as in Finland: EET."""
    words = said.split()
    if not words or words[-1].upper() not in _ZONES:
        return None
    parsed = parsedate_tz(" ".join([*words[:-1], _ZONES[words[-1].upper()]]))
    return time.gmtime(mktime_tz(parsed)) if parsed else None


def moment_of(raw: dict[str, Any], name: str, now: datetime) -> datetime | None:
    """A date of an entry; None if there is none, or none that a calendar has.

    (feedparser reads the thirtieth of February, and the zeros of a database, as some other day.)
    """
    # dict.get, because feedparser's own gives the one for the other, and warns.
    said, parsed = text_of(dict.get(raw, name)).strip(), dict.get(raw, f"{name}_parsed")
    if parsed is None or not _is_a_day(said):
        return None
    try:
        moment = datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return _clamped(moment, now)


def _is_a_day(said: str) -> bool:
    if _NUMBER.fullmatch(said):  # seconds since somewhere, or a day without a dash
        return False
    if not _ISO_DAY.match(said):
        return True
    try:
        return bool(datetime.fromisoformat(said[:10]))
    except ValueError:
        return False


def iso_moment(said: str, now: datetime) -> datetime | None:
    """A date of a JSON feed; None if there is none, or none that a calendar has."""
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        return None
    return _clamped(moment if moment.tzinfo else moment.replace(tzinfo=UTC), now)


def _clamped(moment: datetime, now: datetime) -> datetime | None:
    """Nothing is newer than now; before there were feeds, or far ahead, it is a mistake."""
    return min(moment, now) if OLDEST <= moment <= now + FAR_AHEAD else None
