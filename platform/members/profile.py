"""What a member may say about their work: role, level of education, country. All of it optional."""

from dataclasses import dataclass
from functools import cache

from babel import Locale

from core.errors import Refusal
from core.i18n import DEFAULT_LANGUAGE, N_, Message, row_of

ROLES: dict[str, Message] = {
    "teacher": N_("Teacher"),
    "school-leader": N_("School leader"),
    "student-teacher": N_("Student teacher"),
    "teacher-educator": N_("Teacher educator or researcher"),
    "decision-maker": N_("Decision maker or politician"),
    "other-role": N_("Something else"),
}

LEVELS: dict[str, Message] = {
    "early-childhood": N_("Early childhood education"),
    "primary": N_("Primary school"),
    "lower-secondary": N_("Lower secondary school"),
    "upper-secondary": N_("Upper secondary school"),
    "vocational": N_("Vocational education"),
    "higher": N_("University or university of applied sciences"),
    "adult": N_("Adult education"),
    "several": N_("Several of these"),
}


@dataclass(frozen=True)
class Profile:
    """A member's work, in the keys of the tables above; empty where nothing was said."""

    role: str = ""
    level: str = ""
    country: str = ""


def check_profile(wanted: Profile, kept: Profile) -> Profile:
    """`wanted`, if its words are ours. Raises Refusal naming the field.

    A word that is kept already may stay: imports bring words that no list of ours has.
    """
    if wanted.role not in {"", kept.role, *ROLES}:
        raise Refusal(N_("Please choose a role from the list."), "role")
    if wanted.level not in {"", kept.level, *LEVELS}:
        raise Refusal(N_("Please choose a level of education from the list."), "level")
    if wanted.country not in {"", kept.country, *countries(DEFAULT_LANGUAGE)}:
        raise Refusal(N_("Please choose a country from the list."), "country")
    return wanted


@cache
def countries(language: str) -> dict[str, str]:
    """Two-letter codes and names of countries in `language`, sorted as its readers would."""
    names = {
        code: name
        for code, name in Locale.parse(row_of(language).locale).territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES
    }
    return dict(sorted(names.items(), key=lambda pair: _sort_key(pair[1], language)))


_NO_COUNTRIES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}
"""What Unicode lists among the countries without being one."""


def _sort_key(name: str, language: str) -> str:
    """Letters that stand after z in a language are written with what follows `z`."""
    after = {letter: chr(ord("{") + n) for n, letter in enumerate(row_of(language).after_z)}
    return "".join(after.get(c, c) for c in name.casefold())
