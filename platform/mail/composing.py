"""A whole message for one person, part by part: for the outbox, and for mail with a calendar."""

import re
from email.message import EmailMessage
from email.utils import formatdate

from mail.personal import fill
from mail.transport import Message, Parcel
from mail.wire import WIRE

CALENDAR_FILE = "invite.ics"
_METHOD = re.compile(r"^METHOD:([A-Z]+)\r?$", re.MULTILINE)


def compose(message: Message, parcel: Parcel, attempt: str) -> EmailMessage:
    """The message that one person gets, with its values filled in.

    SES writes Date and Message-ID anew; everybody else who gets the message needs them.
    """
    mail = EmailMessage(policy=WIRE)
    mail["Date"] = formatdate()
    mail["Message-ID"] = _message_id(message, parcel, attempt)
    mail["From"] = message.sender
    mail["To"] = parcel.address
    mail["Subject"] = fill(message.subject, parcel.values)
    if message.reply_to:
        mail["Reply-To"] = message.reply_to
    for name, value in {**message.headers, **parcel.headers}.items():
        mail[name] = value
    mail.set_content(fill(message.text, parcel.values))
    mail.add_alternative(fill(message.html, parcel.values), subtype="html")
    if message.calendar:
        _add_calendar(mail, message.calendar)
    return mail


def _message_id(message: Message, parcel: Parcel, attempt: str) -> str:
    domain = message.sender.rstrip(">").rpartition("@")[2]
    return f"<{parcel.delivery_id}.{attempt}@{domain}>"


def _add_calendar(mail: EmailMessage, calendar: str) -> None:
    """As an alternative, which calendars act upon, and as a file for all the others (RFC 6047)."""
    found = _METHOD.search(calendar)
    method = found[1] if found else "PUBLISH"
    content = calendar.encode()
    mail.add_alternative(content, maintype="text", subtype="calendar",
                         params={"method": method, "charset": "utf-8"})  # fmt: skip
    mail.add_attachment(content, maintype="application", subtype="ics", filename=CALENDAR_FILE)
