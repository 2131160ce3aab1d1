"""The columns of other systems' exports, and what their cells say, in our own words. Pure.

From real files of Mailchimp, Google Forms and Contacts, Outlook, Ghost, Substack, listmonk, Brevo,
MailerLite and Buttondown, and from how people in Finland name a column.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache

from babel import Locale
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from core.characters import composed
from core.i18n import DEFAULT_LANGUAGE, LANGUAGES, row_of, time_zones
from members.profile import ROLES, countries

SYNONYMS: dict[str, str] = {
    "email": "email, e-mail, email address, e-mail address, mail, e-mail 1 - value, "
    "e-mail 1 value, emailaddress, subscriber, subscriber email, address email, "
    "sähköposti, sähköpostiosoite, sahkoposti, sahkopostiosoite, s-posti, meili, sposti, "
    "e-mail-adresse, e-postadress, e-post, username email, your email, your email address, "
    "primary email, contact email, work email, business email, sähköpostisi, "
    "sähköpostiosoitteesi, oma sähköposti, correo electrónico, courriel",
    "name": "name, full name, display name, nimi, koko nimi, namn, your name, nimesi, "
    "your full name, first and last name, etu- ja sukunimi, etunimi ja sukunimi",
    "first name": "first name, firstname, fname, given name, etunimi, etunimet, förnamn, "
    "kutsumanimi",
    "last name": "last name, lastname, lname, surname, family name, sukunimi, efternamn",
    "language": "language, lang, locale, kieli, språk, preferred language, äidinkieli, "
    "asiointikieli, language preference, preferred languages, kielivalinta",
    "role": "role, rooli, job title, tehtävä, ammatti, occupation, position",
    "level": "level, taso, koulutusaste, level of education, school level",
    "country": "country, country code, cc, country/region, maa, land, home country, "
    "business country/region, home country/region, country name, kotimaa, asuinmaa",
    "timezone": "timezone, time zone, tz, aikavyöhyke",
    "labels": "labels, label, tags, tag, groups, group membership, categories, tunnisteet, "
    "ryhmät, ryhmä, luokat, segments, lists",
    "state": "state, status, subscription status, subscription state, member status, "
    "subscriber status, tila, tilaus, email status, contact status, subscription, mailing status, "
    "email marketing status, tilauksen tila",
    "topics": "topics",
    "left topics": "left topics",
    "joined": "joined, joined at, joined on, join date, date joined, member since, signup date, "
    "sign-up date, liittynyt, liittymispäivä, liittymispvm, jäsen alkaen, tilannut, medlem sedan",
    "consented": "consented",
    "wants mail": "subscribed to emails, subscribed, email subscription status, newsletter, "
    "uutiskirje, uutiskirjeen, opt in, opt-in, optin, accepts marketing, email opt in, "
    "is subscribed, is active, active, email consent, marketing consent, email marketing",
    "refuses mail": "email disabled, unsubscribed, blacklisted, email blacklisted, opted out, "
    "opt out, bounced, do not email, do not contact, do not mail, blocklisted, email blocklisted, "
    "blocked, email opt out, email opted out, has opted out of email, opted out of email, "
    "complained, hard bounced, suppressed, is unsubscribed, unsubscribed from emails, "
    "spam complaint, marked as spam, deleted, archived",
    "left at": "unsub time, unsubscribed at, deleted at, clean time, unsubscribe date, "
    "cleaned at, bounced at, unsubscribed date, date unsubscribed",
}

LEAVING = ("state", "wants mail", "refuses mail", "left at")
"""Of these a file may have several columns; each of them may say that somebody left."""

_NOTHING = {
    "",
    "0",
    "false",
    "f",
    "no",
    "n",
    "off",
    "none",
    "null",
    "nil",
    "nan",
    "na",
    "never",
    "e",
}
_NO_WORDS = {"no", "not", "ei", "en", "nein", "nej", "non", "never", "dont"}
_LEFT = (
    "unsub", "notsub", "nonsub", "optout", "optedout", "bounce", "blocklist", "blacklist",
    "blocked", "complain", "spam", "junk", "clean", "suppress", "remove", "delete", "archive",
    "inactive", "disabled", "cancel", "unconfirmed", "revoked", "withdrawn", "poist", "perut",
    "peruu",
    "perun", "estet", "inaktiiv", "eitilaa", "eitilannut", "eroan", "lopett", "avregistr",
)  # fmt: skip
"""What the words of other systems for "does not want mail any more" begin with, or hold."""


_IN_BRACKETS = re.compile(r"\([^()]{0,80}\)|\[[^\[\]]{0,80}\]")


def _plain(text: str) -> str:
    """Letters and digits only, without case and accents."""
    folded = composed(text.casefold(), "NFKD")
    return "".join(char for char in folded if char.isalnum())


@cache
def _fields() -> dict[str, str]:
    return {_plain(name): field for field, names in SYNONYMS.items() for name in names.split(", ")}


def field_of(header: str) -> str:
    """The field that a column holds, or nothing if we do not know it."""
    plain = _plain(header)
    for name in (plain, _plain(_IN_BRACKETS.sub("", header))):
        if name in _fields():
            return _fields()[name]
    # "Haluan uutiskirjeen", "I want the newsletter": a question that may be answered with no.
    return "wants mail" if "uutiskirje" in plain or "newsletter" in plain else ""


def has_left(cells: Mapping[str, str]) -> bool:
    """Whether a row says that this person had left, or wanted no mail, where it comes from.

    One column that says so is enough, whatever the others say; several stand below each other.
    """
    return (
        any(map(_says_left, _said(cells, "state")))
        or any(map(_says_no, _said(cells, "wants mail")))
        or any(map(_refuses, _said(cells, "refuses mail")))
        or any(not _is_nothing(said) for said in _said(cells, "left at"))
    )


def _said(cells: Mapping[str, str], field: str) -> list[str]:
    return cells[field].split("\n") if field in cells else []


def _is_nothing(said: str) -> bool:
    """Whether a cell is empty, in any of the ways in which systems write that."""
    plain = _plain(said)
    return plain in _NOTHING or not plain.strip("0")


def _says_no(said: str) -> bool:
    if _has_never_left(said):
        return False
    return _is_nothing(said) or _begins_with_no(said) or _says_left(said)


def _refuses(said: str) -> bool:
    """Whatever does not say no: also a day on which it was."""
    return not (_is_nothing(said) or _begins_with_no(said) or _has_never_left(said))


def _begins_with_no(said: str) -> bool:
    words = said.casefold().replace("’", "").replace("'", "").split()
    return words[0].strip(",.!") in _NO_WORDS


def _has_never_left(said: str) -> bool:
    """As Brevo says it: "never unsubscribed"."""
    return _plain(said).startswith("neverun")


def _says_left(said: str) -> bool:
    plain = _plain(said)
    return not _has_never_left(said) and any(word in plain for word in _LEFT)


def day_of(said: str) -> datetime | None:
    """A day, or a moment, as lists write it: `2026-11-24`, `24.11.2026`; None if it is unclear.

    `11/12/2026` is one day in one country and another in the next.
    """
    found = _FINNISH_DAY.fullmatch(said.strip())
    written = "-".join((found[3], found[2].zfill(2), found[1].zfill(2))) if found else said.strip()
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment if EARLIEST <= moment.year <= LATEST else None


_FINNISH_DAY = re.compile(r"(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})")
EARLIEST, LATEST = 1970, 2200


def name_of(cells: Mapping[str, str]) -> str:
    """The whole name; of first and last name, what there is."""
    parts = (cells.get("first name", ""), cells.get("last name", ""))
    return cells.get("name", "") or " ".join(filter(None, parts))


@cache
def _languages() -> dict[str, str]:
    known = {code: code for code in LANGUAGES}
    for code in LANGUAGES:
        known |= dict.fromkeys(row_of(code).in_lists, code)
        locale = Locale.parse(row_of(code).locale.partition("_")[0])
        spoken = (*_NEIGHBOURS, *(row_of(other).locale for other in LANGUAGES))
        known |= {(locale.get_display_name(other) or "").casefold(): code for other in spoken}
    return known


def language_of(said: str) -> str | None:
    """Our code for a language: `fi`, `FI`, `fi-FI`, `suomi`, `Finnish`; None if it is not ours."""
    word = said.strip().casefold().replace("_", "-")
    ways = (word, _IN_BRACKETS.sub("", word).strip(), *re.split(r"[-(/;, ]", word)[:1])
    return next((_languages()[way] for way in ways if way in _languages()), None)


_NEIGHBOURS = ("sv", "de", "et", "lv", "lt", "nb", "da", "is", "pl", "nl", "fr", "es", "it", "pt")
"""Languages in which people write the name of their country."""


@cache
def _countries() -> dict[str, str]:
    known = {"uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "great britain": "GB",
             "usa": "US", "u.s.a.": "US", "united states of america": "US", "englanti": "GB",
             "holland": "NL", "czech republic": "CZ", "fin": "FI", "swe": "SE", "est": "EE",
             "gbr": "GB", "deu": "DE"}  # fmt: skip
    codes = countries(DEFAULT_LANGUAGE).keys()
    for language in (*_NEIGHBOURS, *(row_of(code).locale for code in LANGUAGES)):
        names = Locale.parse(language).territories
        known |= {names[code].casefold(): code for code in codes if code in names}
    return known | {code.casefold(): code for code in countries(DEFAULT_LANGUAGE)}


def country_of(said: str) -> str | None:
    """The two letters of a country: `FI`, `Finland`, `suomi`, `UK`; None if we know none."""
    word = _IN_BRACKETS.sub("", said).strip().casefold()
    return _countries().get(word) or _countries().get(word.removeprefix("the "))


_ZONE_WORDS = {"eet": "Europe/Helsinki", "eest": "Europe/Helsinki", "cet": "Europe/Berlin",
               "cest": "Europe/Berlin", "wet": "Europe/Lisbon", "gmt": "Europe/London",
               "bst": "Europe/London", "utc": "UTC", "est": "America/New_York",
               "edt": "America/New_York", "pst": "America/Los_Angeles"}  # fmt: skip


@cache
def _zones() -> dict[str, str]:
    cities: dict[str, str] = {}
    for name in sorted(time_zones(), reverse=True):
        if not name.startswith("Etc/"):  # whose signs are turned round
            cities[name.rpartition("/")[2].replace("_", " ").casefold()] = name
    windows = {name.casefold(): zone for name, zone in WINDOWS_TO_OLSON.items()}
    return cities | windows | {name.casefold(): name for name in time_zones()} | _ZONE_WORDS


def zone_of(said: str) -> str | None:
    """A time zone's name: `Europe/Helsinki`, `Helsinki`, `EET`, `UTC+2`; None if we know none."""
    word = said.strip().casefold()
    if word in _zones():
        return _zones()[word]
    offset, _, minutes = word.removeprefix("utc").removeprefix("gmt").strip().partition(":")
    if minutes.strip("0"):
        return None  # no zone of whole hours
    if offset[1:].strip("0") == "" and offset[:1] in ("+", "-", "±", "−") and offset[1:]:
        return "UTC"
    is_offset = len(offset) <= 3 and offset[:1] in ("+", "-", "−") and offset[1:].isdecimal()
    if is_offset and 0 < int(offset[1:]) <= 12:
        # The signs of these names are turned round: `Etc/GMT-2` is two hours ahead.
        return f"Etc/GMT{'-' if offset[0] == '+' else '+'}{int(offset[1:])}"
    return None


def role_of(said: str) -> str:
    """Our word for a role where it is one of ours, else what was written."""
    word = " ".join(said.casefold().split())
    for key, name in ROLES.items():
        names = [name.text(language).casefold() for language in LANGUAGES]
        parts = (part for one in names for part in _OR.split(one))
        if word in {key, *names, *parts} or word in CALLED.get(key, ()):
            return key
    return said.strip()


_OR = re.compile(r" (?:or|tai|eller) ")
"""Between the words of a role that has two: each of them is meant alone, too."""


CALLED: Mapping[str, frozenset[str]] = {
    "teacher": frozenset((
        "opettaja", "luokanopettaja", "varhaiskasvatuksen opettaja", "esiopettaja",
        "opinto-ohjaaja", "early childhood teacher", "guidance counsellor",
         "aineenopettaja", "erityisopettaja", "lehtori",
        "tuntiopettaja", "class teacher", "subject teacher", "special education teacher",
        "lecturer", "lärare",
        "klasslärare", "ämneslärare", "speciallärare", "lektor", "õpetaja", "lehrer", "lehrerin",
    )),
    "school-leader": frozenset((
        "rehtori", "koulun johtaja", "apulaisrehtori",
        "vararehtori", "koulunjohtaja", "johtajaopettaja",
        "päiväkodin johtaja", "principal", "head teacher", "headteacher", "headmaster",
        "deputy head", "vice principal", "rektor", "biträdande rektor", "direktor", "schulleiter",
        "schulleiterin", "koolijuht",
    )),
    "student-teacher": frozenset((
        "opiskelija", "opettajaopiskelija", "opettajaksi opiskeleva", "student", "trainee teacher",
        "lärarstudent", "studerande",
    )),
    "teacher-educator": frozenset((
        "opettajankouluttaja", "tutkija", "yliopistonlehtori", "professori", "kouluttaja",
        "teacher educator", "researcher", "professor", "lärarutbildare", "forskare",
    )),
    "decision-maker": frozenset((
        "päättäjä", "poliitikko", "sivistysjohtaja", "opetustoimenjohtaja", "virkamies",
        "politician", "decision maker", "director of education", "politiker", "beslutsfattare",
    )),
}  # fmt: skip
"""What lists call our roles; what none of them is stays the word that it was."""
