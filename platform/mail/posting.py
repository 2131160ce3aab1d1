"""Putting messages into the ledger. Nothing leaves the house that did not come through here."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, insert, literal, true, update

from core.community import Community
from core.covers import Frame, address_of
from core.database import insert_if_new, look_over
from core.i18n import Message
from core.jobs import BULK, SERVICE, Job
from core.mailboxes import Mailbox, phrase
from core.unit_of_work import Reading, UnitOfWork
from mail.keys import DeliveryKey
from mail.links import Links, PersonalValue
from mail.models import Delivery, Mailing
from mail.personal import SINCE
from mail.rendering import Rendered, render
from mail.states import DeliveryState, MailClass, MailingState

LANES = 4
"""How many workers may share one mailing."""
LANE_SIZE = 500
EVERY_LANE = LANES * LANE_SIZE
DELIVER_SERVICE = Job("worker.jobs.deliver_service", SERVICE)


def deliver_mailing(mailing_id: int, lane: int = 0) -> Job:
    """The wake-up for one mailing; several lanes let several workers share it."""
    return Job("worker.jobs.deliver_mailing", BULK, (mailing_id, lane))


def lanes(mailing_id: int, waiting: int) -> list[Job]:
    """As many wake-ups for one mailing as there is work to share."""
    return [deliver_mailing(mailing_id, n) for n in range(min(LANES, -(-waiting // LANE_SIZE)))]


@dataclass(frozen=True)
class Email:
    """One message to write: which template, in which language, with what in it, and why it came."""

    template: str
    language: str
    reason: Message
    context: Mapping[str, object] = field(default_factory=dict)
    mail_class: MailClass = MailClass.SERVICE
    topic: str | None = None
    repeatable: bool = False
    always: bool = False
    """Not even a complaint silences it: its owner asked for it just now."""
    is_unasked: bool = False
    """Anybody's form may have caused it: it says how to have none of these any more."""
    archive: str = ""
    """The page on which all mailings of this kind are read, if there is one."""
    priority: int = 100
    subject_mark: str = ""
    drawn_for: str = ""
    """What the drawing above it stands for, if there is one: see `core.covers`."""
    written_by: str = ""
    """The person who wrote it: inboxes show their name before that of the community."""
    calendar: str = ""
    values: Mapping[str, PersonalValue] = field(default_factory=dict)
    """What is this person's own; see `mail.personal`."""
    personal: Collection[str] = ()
    """The names of what each of many people brings along."""
    sections: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What is not in everybody's copy: html and text by name, under a place of that name."""


@dataclass(frozen=True)
class Recipient:
    """Whom a message goes to: an address that SES takes, and the member it belongs to."""

    address: str
    member_id: int | None = None


def post(
    work: UnitOfWork,
    email: Email,
    to: Recipient,
    key: DeliveryKey,
    values: Mapping[str, PersonalValue] | None = None,
    state: MailingState = MailingState.RELEASED,
) -> int | None:
    """Queue one service mail. Returns the mailing's id, or None if its key was used before.

    The key is made of stable ids (see `mail.keys`), so asking twice sends once. A mail that is
    *held* goes out when a person releases it (see `mail.holding`).
    """
    mailing_id = write_mailing(work, email, state)
    row = _one(work, mailing_id, to, key, {**email.values, **(values or {})})
    added = insert_if_new(work.session, Delivery).values(**row).returning(Delivery.id)
    if work.session.execute(added).one_or_none() is None:
        work.session.execute(delete(Mailing).where(Mailing.id == mailing_id))
        return None
    work.wake(DELIVER_SERVICE)
    return mailing_id


def write_mailing(
    work: UnitOfWork,
    email: Email,
    state: MailingState,
    begins_at: datetime | None = None,
    *,
    is_frozen: bool = True,
) -> int:
    """Render a message and store it. Returns the mailing's id.

    Where it is not frozen, it waits until it is settled who gets it (see `freeze`).
    """
    rendered = render_email(work, email)
    row = {
        "kind": email.template,
        "mail_class": email.mail_class,
        "topic": email.topic,
        "language": email.language,
        "subject": f"{email.subject_mark}{rendered.subject}",
        "html": rendered.html,
        "text": rendered.text,
        "calendar": email.calendar,
        "sections": {name: dict(section) for name, section in email.sections.items()},
        "headers": standing_headers(work.community, email),
        "sender": _sender(work.community, email).header,
        "reply_to": work.community.answers_to,
        "priority": email.priority,
        "always": email.always,
        "repeatable": email.repeatable,
        "state": state,
        "created_at": work.now,
        "released_at": work.now if state is MailingState.RELEASED else None,
        "begins_at": begins_at,
        "frozen_at": work.now if is_frozen else None,
    }
    inserted = work.session.execute(insert(Mailing).values(**row).returning(Mailing.id))
    return inserted.scalar_one()


def freeze(work: UnitOfWork, mailing_id: int, people: Select[int, str, Any]) -> int:
    """Make one delivery for each row of `people` (member id, address, values), in one statement.

    Returns how many are new. Harmless to repeat: nobody gets two of one mailing.
    """
    source = people.add_columns(
        literal(mailing_id),
        literal(str(DeliveryState.QUEUED)),
        literal(0),
        literal(""),
        literal(work.now, Delivery.created_at.type),
        literal(work.now, Delivery.changed_at.type),
    )
    names = ["recipient_id", "address", "values", "mailing_id", "state", "attempts", "error"]
    statement = insert_if_new(work.session, Delivery)
    # SQLite takes the ON of ON CONFLICT for one of a join, where the SELECT has no WHERE.
    source = source.where(true())
    return work.change(statement.from_select([*names, "created_at", "changed_at"], source))


def close_audience(work: UnitOfWork, mailing_id: int) -> None:
    """It is settled who gets a mailing: it may go."""
    open_one = update(Mailing).where(Mailing.id == mailing_id, Mailing.frozen_at.is_(None))
    work.session.execute(open_one.values(frozen_at=work.now, tallied_at=None))
    look_over(work.session, Delivery)
    for job in lanes(mailing_id, EVERY_LANE):
        work.wake(job)


@dataclass(frozen=True)
class Share:
    """One person's share of a mailing to many: who, and the values that are theirs."""

    to: Recipient
    key: DeliveryKey
    values: Mapping[str, PersonalValue]


def deliver_to(work: UnitOfWork, mailing_id: int, shares: Sequence[Share]) -> int:
    """Make one delivery for each share, in one statement; a key that was used makes none."""
    rows = [_one(work, mailing_id, share.to, share.key, share.values) for share in shares]
    if not rows:
        return 0
    added = insert_if_new(work.session, Delivery).returning(Delivery.id)
    count = len(work.session.scalars(added, rows).all())
    for job in lanes(mailing_id, count):
        work.wake(job)
    return count


def _sender(community: Community, email: Email) -> Mailbox:
    ours = community.sender
    return replace(ours, name=f"{email.written_by}, {ours.name}") if email.written_by else ours


def standing_headers(community: Community, email: Email) -> dict[str, str]:
    """The headers that are the same for every recipient of a message."""
    headers = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
    if email.mail_class is MailClass.SERVICE:
        return headers
    if email.archive:
        headers["List-Archive"] = f"<{community.settings.base_url}{email.archive}>"
    return headers | {
        "List-Id": f"{phrase(community.name)} <{email.topic}.{community.settings.host}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Precedence": "bulk",
    }


def render_email(work: Reading, email: Email) -> Rendered:
    """A message as it would be stored now."""
    links = Links.of(work.settings, work.tokens)
    context = {
        "community": work.community.name,
        "tones": work.community.palette.light,
        "dark": work.community.palette.dark,
        "logo": work.community.logo,
        "pictures_url": links.to("/pictures/"),
        "cover_url": links.to(_cover(work.community, email)) if email.drawn_for else "",
        "home_url": links.to("/", email.language),
        "privacy_url": links.to("/privacy", email.language),
        "reason": email.reason.text(email.language),
        "is_list_mail": email.mail_class is not MailClass.SERVICE,
        "says_since": SINCE in email.personal,
        "is_unasked": email.is_unasked,
        **email.context,
    }
    return render(
        email.template, email.language, context, {*email.values, *email.personal, *email.sections}
    )


def _cover(community: Community, email: Email) -> str:
    return address_of(email.drawn_for, community.palette, Frame.WIDE, "png")


def _one(
    work: UnitOfWork,
    mailing_id: int,
    to: Recipient,
    key: DeliveryKey,
    values: Mapping[str, PersonalValue],
) -> dict[str, object]:
    return {
        "mailing_id": mailing_id,
        "recipient_id": to.member_id,
        "address": to.address,
        "values": {name: _stored(value) for name, value in values.items()},
        "dedup_key": key,
        "state": DeliveryState.QUEUED,
        "attempts": 0,
        "error": "",
        "created_at": work.now,
        "changed_at": work.now,
    }


def _stored(value: PersonalValue) -> object:
    return value if isinstance(value, str) else value.to_json()
