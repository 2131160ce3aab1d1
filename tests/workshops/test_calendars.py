"""Calendar files, read back by two parsers; and the wall clocks of five cities."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import vobject
from icalendar import Calendar
from sqlalchemy import select

from core.community import Community
from core.installation import Installation
from mail.links import Links
from members.models import Member
from tests.support import hosts
from tests.support.people import BEGIN, Browser
from workshops.mails import calendars
from workshops.mails.calendars import Attendee, Entry
from workshops.model.plans import Plan
from workshops.model.tables import Workshop
from workshops.model.times import days_before, moments, when_in, whens
from workshops.model.wall_time import WallTime, meaning_of, moment_of

ZONES = ("Europe/Helsinki", "Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Apia")
NASTY = 'Ä;title, with "quotes"\\n\r\nATTENDEE:mailto:x@evil.example\x07 ' + "långt " * 40
EUROPE_CHANGES = (datetime(2027, 3, 28), datetime(2027, 10, 31))  # noqa: DTZ001 - wall times
AMERICA_CHANGES = (datetime(2027, 3, 14), datetime(2027, 11, 7))  # noqa: DTZ001
every_zone = pytest.mark.parametrize("zone", ZONES)


def _workshop(zone: str, local: datetime, title: str = "The first minute") -> Workshop:
    starts = moment_of(local, zone)
    return Workshop(
        public_id="abcdefgh", title=title, zone=zone, plan=Plan(focus=NASTY), calendar_rev=3,
        starts_at=starts, ends_at=starts + timedelta(minutes=90), stage="inviting",
    )  # fmt: skip


def _mailed(installation: Installation, workshop: Workshop, *, is_cancelled: bool = False) -> str:
    links = Links.of(installation.settings, installation.tokens)
    to = Attendee("mia@example.org", 'Mia "M"; Ä,\r\nX')
    entry = Entry(workshop, 4, is_cancelled)
    return calendars.mailed(Community(installation.settings), links, entry, to, BEGIN, "en")


@every_zone
@pytest.mark.parametrize("day", [*EUROPE_CHANGES, *AMERICA_CHANGES])
@pytest.mark.parametrize("hour", [8, 18, 23])
def test_two_parsers_read_the_same_moment_on_the_days_when_clocks_change(
    installation: Installation, zone: str, day: datetime, hour: int
) -> None:
    local = day.replace(hour=hour)
    text = _mailed(installation, _workshop(zone, local))
    [event] = Calendar.from_ical(text).walk("VEVENT")
    starts = event.decoded("DTSTART")
    assert starts.replace(tzinfo=None) == local
    assert starts.astimezone(UTC) == moment_of(local, zone)
    other = vobject.readOne(text).vevent.dtstart.value
    assert other.replace(tzinfo=None) == local
    assert other.astimezone(UTC) == moment_of(local, zone)
    assert f"TZID={zone}:" in text, "a name that every calendar knows"
    assert f"TZID:{zone}" in text, "and how that zone's clocks go"


@every_zone
def test_what_is_mailed_is_strict_and_holds_one_person_and_no_secret(
    installation: Installation, zone: str
) -> None:
    workshop = _workshop(zone, datetime(2027, 4, 14, 18), NASTY)  # noqa: DTZ001
    for is_cancelled, method in ((False, "REQUEST"), (True, "CANCEL")):
        text = _mailed(installation, workshop, is_cancelled=is_cancelled)
        lines = text.split("\r\n")
        assert "\n" not in "".join(lines)
        assert all(len(line.encode()) <= 75 for line in lines)
        assert text.count("\r\nATTENDEE") == 1
        assert f"METHOD:{method}" in lines
        unfolded = text.replace("\r\n ", "")
        assert "PARTSTAT=ACCEPTED" in unfolded or is_cancelled
        assert "RSVP=FALSE" in unfolded
        assert "evil.example" in unfolded, "the words are kept"
        assert "\nATTENDEE:mailto:x@evil" not in unfolded, "but as words"
        assert "\x07" not in text
        assert not re.search(r"/(?:i|w|calendar)/", unfolded)
        [event] = Calendar.from_ical(text).walk("VEVENT")
        assert str(event["UID"]) == "workshop-abcdefgh@testserver.localhost"
        assert event.decoded("SEQUENCE") == 4
        assert event.decoded("DTSTAMP").utcoffset() == timedelta(0)


def test_what_is_published_names_nobody(installation: Installation) -> None:
    links = Links.of(installation.settings, installation.tokens)
    entries = [
        Entry(_workshop(zone, datetime(2027, 4, 14, 18)), 1)  # noqa: DTZ001
        for zone in ZONES
    ]
    text = calendars.published(Community(installation.settings), links, entries, BEGIN, "fi")
    assert "\r\nATTENDEE" not in text
    assert "\r\nORGANIZER" not in text
    assert "METHOD:PUBLISH" in text
    assert len(Calendar.from_ical(text).walk("VEVENT")) == 5
    assert len(Calendar.from_ical(text).walk("VTIMEZONE")) == 5
    empty = calendars.published(Community(installation.settings), links, [], BEGIN, "en")
    assert Calendar.from_ical(empty).walk("VEVENT") == []


@every_zone
def test_a_reminder_keeps_its_hour_on_the_wall(zone: str) -> None:
    for day in (*EUROPE_CHANGES, *AMERICA_CHANGES):
        for after in range(1, 4):
            starts = moment_of(day.replace(hour=18) + timedelta(days=after), zone)
            for before in (1, 2, 7):
                local = days_before(starts, zone, before).astimezone(ZoneInfo(zone))
                assert local.hour == 18
                wanted = (day + timedelta(days=after - before)).date()
                assert local.date() == wanted


def test_in_the_weeks_when_only_america_has_changed_both_times_are_right() -> None:
    starts = moment_of(datetime(2027, 3, 17, 18), "Europe/Helsinki")  # noqa: DTZ001
    ends = starts + timedelta(minutes=90)
    lines = whens(starts, ends, "America/New_York", "Europe/Helsinki", "en")
    assert lines == [
        "Wednesday, 17 March 2027, 12:00–13:30 (New York)",
        "Wednesday, 17 March 2027, 18:00–19:30 (Helsinki)",
    ]
    later = moment_of(datetime(2027, 4, 14, 18), "Europe/Helsinki")  # noqa: DTZ001
    assert "11:00" in when_in(later, later, "America/New_York", "en")
    finnish = whens(starts, ends, "Pacific/Apia", "Europe/Helsinki", "fi")
    assert finnish[0].startswith("torstai 18. maaliskuuta 2027"), "there it is the next day"
    assert whens(starts, ends, "Europe/Helsinki", "Europe/Helsinki", "en") == lines[1:]
    assert whens(starts, ends, "", "Europe/Helsinki", "en") == lines[1:], "unknown: the workshop's"
    assert len(moments(starts, "Asia/Kolkata", "Europe/Helsinki", "en")) == 2


@pytest.mark.parametrize(
    ("local", "zone", "meaning"),
    [
        ("2027-03-28T03:30", "Europe/Helsinki", WallTime.NONE),
        ("2027-03-28T01:30", "Europe/London", WallTime.NONE),
        ("2027-03-14T02:30", "America/New_York", WallTime.NONE),
        ("2011-12-30T12:00", "Pacific/Apia", WallTime.NONE),
        ("2027-10-31T03:30", "Europe/Helsinki", WallTime.TWO),
        ("2027-11-07T01:30", "America/New_York", WallTime.TWO),
        ("2027-03-28T03:30", "Asia/Kolkata", WallTime.ONE),
    ],
)
def test_what_a_wall_time_means(local: str, zone: str, meaning: WallTime) -> None:
    assert meaning_of(datetime.fromisoformat(local), zone) is meaning


def test_a_feed_of_ones_own_follows_what_happens(visitor: Browser) -> None:
    from core.tokens import Purpose
    from workshops.conduct import conducting
    from workshops.invitation import invitations

    installation = visitor.installation
    workshop = hosts.ready(installation)
    hosts.invite(installation, workshop, "mia@example.org")
    with installation.reading() as work:
        awaited = set(work.session.scalars(invitations.awaited_members(work.now)))
        [mia] = work.session.scalars(select(Member.id).where(Member.email == "mia@example.org"))
        assert mia in awaited
    feed = f"/calendar/{installation.tokens.sign(Purpose.CALENDAR, mia)}"
    assert "BEGIN:VEVENT" not in visitor.get(feed).text
    token = installation.tokens.sign(Purpose.INVITE, 1, 1)
    visitor.post(f"/i/{token}", {"answer": "yes", "rules": "1"})
    before = visitor.get(feed).text
    assert "SUMMARY:The first minute" in before
    assert "meet.example" not in before
    with installation.unit_of_work() as work:
        kept = work.session.get_one(Workshop, workshop.id)
        conducting.cancel(work, kept, hosts.organiser_id(work))
    after = visitor.get(feed).text
    assert "STATUS:CANCELLED" in after
    sequences = [int(re.findall(r"SEQUENCE:(\d+)", text)[0]) for text in (before, after)]
    assert sequences[0] < sequences[1]
    assert visitor.get("/calendar/x").status == 404
