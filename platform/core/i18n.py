"""Words in every language: English is the source text, the others are gettext catalogues.

The catalogues are read from their `.po` files at first use, so there is no compiled copy
that could be stale.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from gettext import GNUTranslations, NullTranslations
from types import MappingProxyType
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, negotiate_locale
from babel.dates import format_date, format_time, get_datetime_format
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.units import format_unit

from core.languages import ROWS, Language
from core.places import catalogues

LANGUAGES = tuple(row.code for row in ROWS)
"""The codes of the languages of the community, the default one first."""

DEFAULT_LANGUAGE = LANGUAGES[0]
_ROWS = {row.code: row for row in ROWS}


def row_of(language: str) -> Language:
    """What is known of a language of ours; of the default one for any other."""
    return _ROWS.get(language, ROWS[0])


def prefix_of(language: str) -> str:
    """How the addresses of its pages begin: `/fi`; nothing for the default language."""
    return "" if language == DEFAULT_LANGUAGE else f"/{language}"


@cache
def translations(language: str) -> NullTranslations:
    """The catalogue of `language`; the source text itself for English."""
    if language == DEFAULT_LANGUAGE:
        return NullTranslations()
    path = catalogues() / language / "LC_MESSAGES" / "staffroom.po"
    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def gettext(language: str, text: str) -> str:
    """`text` in `language`."""
    return translations(language).gettext(text)


def ngettext(language: str, one: str, many: str, number: int) -> str:
    """Whichever of both is right for a number of things, in `language`, which may have more."""
    return translations(language).ngettext(one, many, number)


def known_language(language: str | None) -> str:
    """`language` if we speak it, else the default one."""
    return language if language in LANGUAGES else DEFAULT_LANGUAGE


def negotiate(accept_language: str, offered: Sequence[str] = LANGUAGES) -> str:
    """The best of some of our languages for an Accept-Language header; the first if none fits."""
    found = negotiate_locale(_by_weight(accept_language), offered, sep="-")
    return found if found is not None and found in offered else offered[0]


def _by_weight(accept_language: str) -> list[str]:
    """The languages of a header, the most wanted first, without those that are refused."""
    wanted: list[tuple[float, str]] = []
    for part in accept_language[:500].split(","):
        name, _, parameters = part.partition(";")
        said = parameters.strip().removeprefix("q=")
        try:
            weight = float(said) if said else 1.0
        except ValueError:
            weight = 0.0
        if name.strip() and weight > 0:
            wanted.append((weight, name.strip().lower()))
    return [name for _, name in sorted(wanted, key=lambda pair: -pair[0])]


def language_name(language: str, in_language: str) -> str:
    """The name of a language in a language: `suomi`, `Finnish`."""
    shown_in = row_of(in_language).locale
    return _locale_named(language).get_display_name(shown_in) or language


def _locale_named(language: str) -> Locale:
    """The locale that bears a language's name: `en`, where dates are those of `en_GB`."""
    return Locale.parse(row_of(language).locale.partition("_")[0])


def say_date(moment: datetime, language: str, zone: str = "UTC") -> str:
    """A day in words: `22 November 2026`, `22. marraskuuta 2026`."""
    local = moment.astimezone(ZoneInfo(zone))
    return format_date(local, "long", locale=row_of(language).locale)


def say_size(size: int, language: str) -> str:
    """How large a file is, as people say it: `3.4 MB`, in Finnish `3,4 Mt`."""
    unit, share = ("megabyte", size / 1e6) if size >= 1e6 else ("kilobyte", max(size / 1e3, 1))
    rounded = round(share, 1) if share < 10 else round(share)
    return str(
        format_unit(rounded, f"digital-{unit}", length="short", locale=row_of(language).locale)
    )


def say_day(day: date, language: str) -> str:
    """A day that is none of any zone, in words."""
    return format_date(day, "long", locale=row_of(language).locale)


def say_moment(moment: datetime, language: str, zone: str = "UTC") -> str:
    """A day and a time in words, in a named zone."""
    local = moment.astimezone(ZoneInfo(zone))
    locale = row_of(language).locale
    both = str(get_datetime_format("medium", locale=locale))
    day = format_date(local, "medium", locale=locale)
    return both.replace("{1}", day).replace("{0}", format_time(local, "short", locale=locale))


def say_time(moment: datetime, language: str, zone: str = "UTC") -> str:
    """A time of day in a named zone."""
    local = moment.astimezone(ZoneInfo(zone))
    return format_time(local, "short", locale=row_of(language).locale)


@cache
def time_zones() -> frozenset[str]:
    """The names of all time zones that people use; finding them takes a look at 600 files.

    Without those that no place bears: `localtime` and `Factory` have no name in any language.
    """
    return frozenset(
        name
        for name in available_timezones()
        if ("/" in name or name == "UTC") and not name.startswith(("posix/", "right/"))
    )


@cache
def zones_to_choose() -> tuple[str, ...]:
    """The time zones that a form offers: those with a place; the others can be typed."""
    named = (name for name in time_zones() if "/" in name and not name.startswith("Etc/"))
    return tuple(sorted(named))


@dataclass(frozen=True)
class Message:
    """A sentence for a person, not yet in a language. Mark its text with `N_` for extraction."""

    source: str
    values: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    many: str = ""
    """The same of several things, where it counts some: how many is the value `num`."""

    def counting(self, number: int) -> "Message":
        """The same of so many things."""
        return replace(self, values=MappingProxyType({**self.values, "num": number}))

    def text(self, language: str = DEFAULT_LANGUAGE) -> str:
        """The sentence in `language`, with its values filled in."""
        sentence = self._sentence(language)
        said = {name: _said(value, language) for name, value in self.values.items()}
        return sentence % said if said else sentence

    def _sentence(self, language: str) -> str:
        if not self.many:
            return gettext(language, self.source)
        return ngettext(language, self.source, self.many, int(str(self.values["num"])))


def _said(value: object, language: str) -> object:
    """A value in a sentence: another sentence, and a day, are said in the same language."""
    if isinstance(value, Message):
        return value.text(language)
    if isinstance(value, date) and not isinstance(value, datetime):
        return say_day(value, language)
    return value


def N_(source: str, **values: object) -> Message:  # noqa: N802 - gettext's own name for it
    """A sentence for the catalogue, kept until the language is known."""
    return Message(source, MappingProxyType(values))


def NN_(one: str, many: str) -> Message:  # noqa: N802 - as above
    """A sentence about some number of things, kept until number and language are known."""
    return Message(one, many=many)
