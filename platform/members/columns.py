"""The columns of other systems' exports, and what their cells say, in our own words. Pure.

From real files of Mailchimp, Google Forms and Contacts, Outlook, Ghost, Substack, listmonk, Brevo,
MailerLite and Buttondown, and from how people in Finland name a column.
"""

import unicodedata
from collections.abc import Mapping
from functools import cache

from babel import Locale

from core.i18n import LANGUAGES, time_zones
from members.profile import ROLES, countries

SYNONYMS: dict[str, str] = {
    "email": "email, e-mail, email address, e-mail address, mail, e-mail 1 - value, "
    "e-mail 1 value, emailaddress, subscriber, subscriber email, address email, "
    "sähköposti, sähköpostiosoite, sahkoposti, sahkopostiosoite, s-posti, meili, sposti, "
    "e-mail-adresse, e-postadress, e-post, username email",
    "name": "name, full name, display name, nimi, koko nimi, namn, your name, nimesi",
    "first name": "first name, firstname, fname, given name, etunimi, etunimet, förnamn, "
    "kutsumanimi",
    "last name": "last name, lastname, lname, surname, family name, sukunimi, efternamn",
    "language": "language, lang, locale, kieli, språk, preferred language, äidinkieli, "
    "asiointikieli",
    "role": "role, rooli, job title, tehtävä, ammatti, occupation, position",
    "level": "level, taso, koulutusaste, level of education, school level",
    "country": "country, country code, cc, country/region, maa, land, home country, "
    "business country/region, home country/region",
    "timezone": "timezone, time zone, tz, aikavyöhyke",
    "labels": "labels, label, tags, tag, groups, group membership, categories, tunnisteet, "
    "ryhmät, ryhmä, luokat, segments, lists",
    "state": "state, status, subscription status, subscription state, member status, "
    "subscriber status, tila, tilaus",
    "topics": "topics",
    "left topics": "left topics",
    "joined": "joined",
    "consented": "consented",
    "wants mail": "subscribed to emails, subscribed, email subscription status, newsletter, "
    "uutiskirje, uutiskirjeen, opt in, opt-in, optin, accepts marketing, email opt in",
    "refuses mail": "email disabled, unsubscribed, blacklisted, email blacklisted, opted out, "
    "opt out, bounced, do not email",
    "left at": "unsub time, unsubscribed at, deleted at, clean time, unsubscribe date, "
    "cleaned at, bounced at, unsubscribed date, date unsubscribed",
}

_YES = {"true", "yes", "y", "1", "kyllä", "k", "on", "x", "ja", "subscribed", "never unsubscribed"}
_NO = {"", "false", "no", "n", "0", "ei", "e", "off", "nej", "en halua", "unsubscribed"}
LEFT_STATES = {
    "unsubscribed", "unsubscribe", "blocklisted", "blacklisted", "cleaned", "bounced",
    "complained", "removed", "disabled", "inactive", "deleted", "archived", "spam", "junk",
    "suppressed", "opted out", "poistunut", "peruttu", "perunut",
}  # fmt: skip


def _plain(text: str) -> str:
    """Letters and digits only, without case and accents."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in folded if char.isalnum())


@cache
def _fields() -> dict[str, str]:
    return {_plain(name): field for field, names in SYNONYMS.items() for name in names.split(", ")}


def field_of(header: str) -> str:
    """The field that a column holds, or nothing if we do not know it."""
    plain = _plain(header)
    if plain in _fields():
        return _fields()[plain]
    # "Haluan uutiskirjeen", "I want the newsletter": a question that may be answered with no.
    return "wants mail" if "uutiskirje" in plain or "newsletter" in plain else ""


def has_left(cells: Mapping[str, str]) -> bool:
    """Whether a row says that this person had left, or wanted no mail, where it comes from."""
    return (
        cells.get("state", "").strip().casefold() in LEFT_STATES
        or cells.get("wants mail", "yes").strip().casefold() in _NO
        or cells.get("refuses mail", "").strip().casefold() in _YES
        or bool(cells.get("left at", "").strip())
    )


def name_of(cells: Mapping[str, str]) -> str:
    """The whole name; of first and last name, what there is."""
    parts = (cells.get("first name", ""), cells.get("last name", ""))
    return cells.get("name", "") or " ".join(filter(None, parts))


@cache
def _languages() -> dict[str, str]:
    known = {code: code for code in LANGUAGES} | {"eng": "en", "fin": "fi"}
    for code in LANGUAGES:
        for spoken in ("en", "fi", "sv", "de", "fr"):
            name = Locale.parse(code).get_display_name(spoken) or ""
            known[name.casefold()] = code
    return known


def language_of(said: str) -> str | None:
    """Our code for a language: `fi`, `FI`, `fi-FI`, `suomi`, `Finnish`; None if it is not ours."""
    word = said.strip().casefold().replace("_", "-")
    return _languages().get(word) or _languages().get(word.partition("-")[0])


@cache
def _countries() -> dict[str, str]:
    known = {"uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "great britain": "GB",
             "usa": "US", "u.s.a.": "US", "united states of america": "US", "englanti": "GB",
             "holland": "NL", "czech republic": "CZ", "fin": "FI", "swe": "SE", "est": "EE",
             "gbr": "GB", "deu": "DE"}  # fmt: skip
    for language in ("sv", "de", *LANGUAGES):
        known |= {name.casefold(): code for code, name in countries(language).items()}
    return known | {code.casefold(): code for code in countries("en")}


def country_of(said: str) -> str | None:
    """The two letters of a country: `FI`, `Finland`, `suomi`, `UK`; None if we know none."""
    return _countries().get(said.strip().casefold())


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
    return cities | {name.casefold(): name for name in time_zones()} | _ZONE_WORDS


def zone_of(said: str) -> str | None:
    """A time zone's name: `Europe/Helsinki`, `Helsinki`, `EET`, `UTC+2`; None if we know none."""
    word = said.strip().casefold()
    if word in _zones():
        return _zones()[word]
    offset = word.removeprefix("utc").removeprefix("gmt").strip().partition(":")[0]
    if offset[:1] in ("+", "-", "−") and offset[1:].isdecimal() and 0 < int(offset[1:]) <= 12:
        # The signs of these names are turned round: `Etc/GMT-2` is two hours ahead.
        return f"Etc/GMT{'-' if offset[0] == '+' else '+'}{int(offset[1:])}"
    return None


def role_of(said: str) -> str:
    """Our word for a role where it is one of ours, else what was written."""
    for key, name in ROLES.items():
        words = {key, *(name.text(language).casefold() for language in LANGUAGES)}
        if said.strip().casefold() in words:
            return key
    return said.strip()
