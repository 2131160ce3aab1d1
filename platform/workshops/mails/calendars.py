"""Calendar files: what goes along with a mail, what is downloaded, and a personal feed (RFC 5545).

A file may end up in a shared calendar, so it holds no link that opens anything for anybody.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vText

from core.characters import scrub
from core.community import Community
from core.settings import Settings
from mail.links import Links
from workshops.model.tables import Workshop

ZONE_SHOWN = timedelta(days=400)
"""How far a file tells of a zone's changes before and after: a century of them helps nobody."""


class Method(StrEnum):
    """What a calendar is to do with a file."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"
    PUBLISH = "PUBLISH"


@dataclass(frozen=True)
class Attendee:
    """The one person to whom a file is mailed."""

    address: str
    name: str


@dataclass(frozen=True)
class Entry:
    """One workshop as a calendar sees it; of two, the one with the higher `sequence` counts."""

    workshop: Workshop
    sequence: int
    is_cancelled: bool = False


def mailed(
    community: Community, links: Links, entry: Entry, to: Attendee, now: datetime, language: str
) -> str:
    """What goes along with a mail: exactly one attendee, who has said yes already."""
    method = Method.CANCEL if entry.is_cancelled else Method.REQUEST
    event = _event(community, links, entry, now, language)
    event.add("organizer", _organiser(community), encode=False)
    event.add("attendee", _attendee(to, entry.is_cancelled), encode=False)
    return _written(method, [event], _moments([entry]))


def published(
    community: Community, links: Links, entries: Iterable[Entry], now: datetime, language: str
) -> str:
    """For downloads and feeds: nobody's address is in it."""
    shown = [entry for entry in entries if entry.workshop.starts_at is not None]
    events = [_event(community, links, entry, now, language) for entry in shown]
    return _written(Method.PUBLISH, events, _moments(shown), community.name)


def uid_of(settings: Settings, workshop: Workshop) -> str:
    """What a calendar knows a workshop by, whatever else changes."""
    return f"workshop-{workshop.public_id}@{settings.host}"


def _event(community: Community, links: Links, entry: Entry, now: datetime, language: str) -> Event:
    workshop = entry.workshop
    assert workshop.starts_at is not None  # noqa: S101 - without a time there is nothing to put in
    assert workshop.ends_at is not None  # noqa: S101
    zone = ZoneInfo(workshop.zone)
    url = links.to(f"/workshops/{workshop.public_id}", language)
    event = Event()
    event.add("uid", uid_of(community.settings, workshop))
    event.add("dtstamp", now)
    event.add("dtstart", workshop.starts_at.astimezone(zone))
    event.add("dtend", workshop.ends_at.astimezone(zone))
    event.add("summary", _plain(workshop.title))
    event.add("description", f"{_plain(workshop.plan.focus)}\n\n{url}")
    event.add("url", url)
    event.add("sequence", entry.sequence)
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    return event


def _organiser(community: Community) -> vCalAddress:
    address = vCalAddress(f"mailto:{community.mailbox.address}")
    address.params["CN"] = vText(_quotable(community.name))
    return address


def _attendee(to: Attendee, is_cancelled: bool) -> vCalAddress:
    address = vCalAddress(f"mailto:{to.address}")
    address.params["PARTSTAT"] = vText("DECLINED" if is_cancelled else "ACCEPTED")
    address.params["RSVP"] = vText("FALSE")
    if to.name:
        address.params["CN"] = vText(_quotable(to.name))
    return address


def _written(method: Method, events: list[Event], moments: list[datetime], name: str = "") -> str:
    calendar = Calendar()
    calendar.add("prodid", "-//Staffroom//Workshops//EN")
    calendar.add("version", "2.0")
    calendar.add("method", str(method))
    if name:
        calendar.add("x-wr-calname", _plain(name))
    for event in events:
        calendar.add_component(event)
    if moments:
        first, last = min(moments) - ZONE_SHOWN, max(moments) + ZONE_SHOWN
        calendar.add_missing_timezones(first.date(), last.date())
    for part in calendar.walk("VTIMEZONE"):
        part.pop("COMMENT", None)
    return str(calendar.to_ical().decode())


def _moments(entries: Iterable[Entry]) -> list[datetime]:
    return list(_starts(entries))


def _starts(entries: Iterable[Entry]) -> Iterator[datetime]:
    for entry in entries:
        if entry.workshop.starts_at is not None:
            yield entry.workshop.starts_at


def _plain(text: str) -> str:
    """In one line, without what a calendar could take for a line of its own."""
    return " ".join(scrub(text).split())


def _quotable(text: str) -> str:
    """A parameter's value may hold no quotation mark at all (RFC 5545, 3.2)."""
    return _plain(text).replace('"', "’")
