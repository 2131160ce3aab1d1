"""What the calendar part of a mail says."""

import email
from datetime import UTC
from email.policy import default

from icalendar import Calendar

from mail.outbox import OutboxMail


def calendar_of(mail: OutboxMail) -> tuple[str, Calendar]:
    """The calendar part of a mail: the method of its MIME type, and what is in it."""
    message = email.message_from_string(mail.source, policy=default)
    [part] = [p for p in message.walk() if p.get_content_type() == "text/calendar"]
    method = str(part.get_param("method"))
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return method, Calendar.from_ical(content)


def event_of(mail: OutboxMail) -> dict[str, str]:
    """What a mail's calendar part says, in words."""
    method, calendar = calendar_of(mail)
    assert method == str(calendar["METHOD"])
    [event] = calendar.walk("VEVENT")
    return {
        "method": method,
        "uid": str(event["UID"]),
        "sequence": str(event["SEQUENCE"]),
        "starts": event.decoded("DTSTART").astimezone(UTC).isoformat(),
        "wall": event.decoded("DTSTART").strftime("%H:%M"),
        "status": str(event["STATUS"]),
    }
