"""Days that a letter names: those that are over, and those whose weekday is another. Pure.

Days are read as people write them: `3 December 2026`, `Thursday 3 December`, `3.12.2026`,
`torstaina 3.12.`, `3. joulukuuta`. One without a year is the next that comes, or lately was.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from babel.dates import format_date, get_day_names, get_month_names

from core.i18n import row_of

LATELY = timedelta(days=60)
"""A day without a year that was so long ago, or less, is meant as past; else as next year's."""


@dataclass(frozen=True)
class NamedDay:
    """A day as it stands in a text."""

    line: int
    words: str
    day: date
    weekday: int | None


@cache
def _pattern(language: str) -> re.Pattern[str]:
    months = "|".join(sorted(_months(language), key=len, reverse=True))
    days = "|".join(sorted(_weekdays(language), key=len, reverse=True))
    return re.compile(
        rf"(?:\b(?P<weekday>{days})(?:na|nä)?,?\s+(?:the\s+)?)?"
        rf"\b(?P<day>\d{{1,2}})(?:\.\s?(?P<number>\d{{1,2}})\.(?P<near>\d{{4}})?"
        rf"|(?:st|nd|rd|th|\.)?\s+(?:of\s+)?(?P<month>{months})\b(?:,?\s+(?P<year>\d{{4}}))?)",
        re.IGNORECASE,
    )


@cache
def _months(language: str) -> dict[str, int]:
    """Names of months as they stand in dates, and alone: `joulukuuta` and `joulukuu`."""
    locale = row_of(language).locale
    return {
        str(name).casefold(): number
        for context in ("format", "stand-alone")
        for number, name in get_month_names("wide", context, locale).items()
    }


@cache
def _weekdays(language: str) -> dict[str, int]:
    locale = row_of(language).locale
    return {
        str(name).casefold(): number
        for context in ("format", "stand-alone")
        for number, name in get_day_names("wide", context, locale).items()
    }


def named_days(text: str, language: str, today: date) -> Iterator[NamedDay]:
    """Every day that a text names; what is no day of any month is none."""
    for number, line in enumerate(text.splitlines(), 1):
        for found in _pattern(language).finditer(line):
            day = _day_of(found, language, today)
            if day is not None:
                said = (found["weekday"] or "").casefold()
                yield NamedDay(number, found[0].strip(), day, _weekday_of(said, language))


def _weekday_of(said: str, language: str) -> int | None:
    names = _weekdays(language)
    return names.get(said, names.get(said.removesuffix("na").removesuffix("nä")))


def _day_of(found: re.Match[str], language: str, today: date) -> date | None:
    month = int(found["number"] or 0) or _months(language).get((found["month"] or "").casefold(), 0)
    year = int(found["near"] or found["year"] or 0)
    try:
        if year:
            return date(year, month, int(found["day"]))
        this_year = date(today.year, month, int(found["day"]))
        is_near = this_year >= today - LATELY
        return this_year if is_near else this_year.replace(year=today.year + 1)
    except ValueError:
        return None  # the thirtieth of February


def past(text: str, language: str, today: date) -> Iterator[tuple[int, str]]:
    """Lines and words of the days that are over."""
    for one in named_days(text, language, today):
        if one.day < today:
            yield one.line, one.words


def wrong_weekdays(text: str, language: str, today: date) -> Iterator[tuple[int, str, str]]:
    """Lines and words of days whose weekday is another, and that weekday."""
    for one in named_days(text, language, today):
        if one.weekday is not None and one.weekday != one.day.weekday():
            yield one.line, one.words, format_date(one.day, "cccc", row_of(language).locale)
