"""The outbox: mail that stays on this machine, one `.eml` file each, to be read in the browser."""

import email
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from pathlib import Path

from mail.composing import compose
from mail.outcomes import Outcome, Verdict
from mail.transport import LARGEST_CALL, Allowance, Message, Parcel
from mail.wire import WIRE

RATE = 500.0
OUTBOX_FILES = "*.eml"
_BARE_LINK = re.compile(r"https?://[^\s<>\"]+")


class Outbox:
    """Writes messages as files instead of sending them, with the same substitution as SES."""

    def __init__(self, folder: Path, rate: float | None = None) -> None:
        self._folder = folder
        self._rate = rate or RATE

    @property
    def most_at_once(self) -> int:
        """Files are written one by one, but a batch shares its commits."""
        return LARGEST_CALL

    def allowance(self) -> Allowance:
        """As much as the disk takes, at an even pace."""
        return Allowance(self._rate)

    def look(self) -> Allowance:
        """The same: a disk that is full says so when it is written to."""
        return self.allowance()

    def send_one(self, message: Message, parcel: Parcel, attempt: str) -> Outcome:
        """Write one file. Its name comes from the delivery and attempt, so a repeat overwrites."""
        name = f"{parcel.delivery_id:09d}-{attempt[:12]}.eml"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            _write(self._folder / name, compose(message, parcel, attempt).as_bytes(policy=WIRE))
        except OSError as error:
            return Outcome(Verdict.UNREACHABLE, f"the outbox cannot be written: {error.strerror}")
        except ValueError as error:
            return Outcome(Verdict.REFUSED, f"the mail cannot be written: {error}")
        return Outcome(Verdict.ACCEPTED, message_id=name.removesuffix(".eml"))

    def send_many(self, message: Message, parcels: Sequence[Parcel], attempt: str) -> list[Outcome]:
        """Write one file for each person."""
        return [self.send_one(message, parcel, attempt) for parcel in parcels]


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, even when the power goes."""
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


@dataclass(frozen=True)
class OutboxMail:
    """One mail of the outbox, as its reader sees it."""

    name: str
    to: str
    sender: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]
    links: list[str]
    source: str
    written: float


def mails(folder: Path, limit: int, address: str = "") -> Iterator[OutboxMail]:
    """The newest mails first, at most `limit`, of one address if given."""
    found = 0
    for path in sorted(folder.glob(OUTBOX_FILES), reverse=True):
        one = read(path)
        if not address or address.casefold() in one.to.casefold():
            found += 1
            yield one
        if found >= limit:
            return


def find(folder: Path, name: str) -> OutboxMail | None:
    """The mail of that name, or None."""
    if not re.fullmatch(r"[0-9]+-[0-9a-f]+", name):
        return None
    path = folder / f"{name}.eml"
    return read(path) if path.exists() else None


def read(path: Path) -> OutboxMail:
    """A stored mail taken apart."""
    raw = path.read_bytes()
    mail = email.message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)  # noqa: S101 - the policy makes it one
    text, html = _part(mail, "plain"), _part(mail, "html")
    return OutboxMail(
        name=path.stem,
        to=str(mail["To"]),
        sender=str(mail["From"]),
        subject=str(mail["Subject"]),
        text=text,
        html=html,
        headers={name: str(value) for name, value in mail.items()},
        links=links_in(html, text),
        source=raw.decode("utf-8", "replace"),
        written=path.stat().st_mtime,
    )


def _part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    return str(body.get_content()) if body is not None else ""


def links_in(html: str, text: str) -> list[str]:
    """Every link of a mail, each once, in the order of the HTML part and then of the text."""
    collector = _Links()
    collector.feed(html)
    return list(dict.fromkeys([*collector.found, *_BARE_LINK.findall(text)]))


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.extend(value for name, value in attrs if name == "href" and value)
