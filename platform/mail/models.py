"""The tables of the ledger: mailings, deliveries, what stands in their way, and what SES tells."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.database import NEVER_REUSED, Base, one_of
from mail.states import OPEN, TROUBLED, DeliveryState, MailingState
from mail.trouble import Trouble

# Written with OR, because SQLite proves only so that `state = 'queued'` is within it.
_OPEN = text(" OR ".join(f"state = '{state}'" for state in OPEN))
_TROUBLED = text(" OR ".join(f"state = '{state}'" for state in TROUBLED))
_RELEASED = text("state = 'released'")
_UNREAD = text("read_at IS NULL")
_HAS_KEY = text("dedup_key IS NOT NULL")
_HAS_MESSAGE = text("message_id IS NOT NULL")


class Mailing(Base):
    """One piece of content in one language: what is stored is what is sent.

    Subject, html and text may hold `{{name}}` for the few values that differ from person to
    person; every other brace in them has been neutralised (see `mail.personal`).
    """

    __tablename__ = "mailing"
    __table_args__ = (
        one_of("state", MailingState),
        Index(
            "ix_mailing_open",
            "mail_class",
            "priority",
            "id",
            sqlite_where=_RELEASED,
            postgresql_where=_RELEASED,
        ),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    mail_class: Mapped[str] = mapped_column(String(12))
    topic: Mapped[str | None] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(5))
    subject: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    calendar: Mapped[str] = mapped_column(Text, default="", server_default="")
    """An iCalendar object that goes along; empty for most mails."""
    sections: Mapped[dict[str, dict[str, str]]] = mapped_column(
        JSON, default=dict, server_default="{}"
    )
    """What is not in everybody's copy: html and text by name; a delivery says which it has."""
    headers: Mapped[dict[str, Any]] = mapped_column(JSON)
    sender: Mapped[str] = mapped_column(Text)
    reply_to: Mapped[str] = mapped_column(Text)
    priority: Mapped[int]
    always: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether not even a complaint silences it: its owner asked for it just now."""
    repeatable: Mapped[bool]
    """Whether a second copy is harmless (a sign-in link), so an unknown one is sent again."""
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    begins_at: Mapped[datetime | None]
    """Nothing goes out before: somebody may still take it back."""
    frozen_at: Mapped[datetime | None]
    """When it was settled who gets it; None while that is still to be done."""
    begun_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    tally: Mapped[dict[str, int] | None] = mapped_column(JSON)
    """How many deliveries are in each state, counted now and then for long lists."""
    tallied_at: Mapped[datetime | None]


class Delivery(Base):
    """One mailing to one address, and what became of it."""

    __tablename__ = "delivery"
    __table_args__ = (
        one_of("state", DeliveryState),
        UniqueConstraint("mailing_id", "address"),
        Index(
            "uq_delivery_dedup_key",
            "dedup_key",
            unique=True,
            sqlite_where=_HAS_KEY,
            postgresql_where=_HAS_KEY,
        ),
        # Small however long the history grows: only what is open is in it.
        Index(
            "ix_delivery_open",
            "state",
            "mailing_id",
            "id",
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_delivery_recipient_id", "recipient_id"),
        # What somebody should look at; a few rows, however much went well.
        Index(
            "ix_delivery_trouble",
            "state",
            "mailing_id",
            sqlite_where=_TROUBLED,
            postgresql_where=_TROUBLED,
        ),
        Index(
            "ix_delivery_message_id",
            "message_id",
            sqlite_where=_HAS_MESSAGE,
            postgresql_where=_HAS_MESSAGE,
        ),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    mailing_id: Mapped[int] = mapped_column(ForeignKey("mailing.id"))
    recipient_id: Mapped[int | None]
    """The member's id; no foreign key, because the ledger knows nothing of members."""
    address: Mapped[str] = mapped_column(String(254))
    values: Mapped[dict[str, Any]] = mapped_column(JSON)
    dedup_key: Mapped[str | None] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int]
    attempt: Mapped[str | None] = mapped_column(String(32))
    reserved_by: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    message_id: Mapped[str | None] = mapped_column(String(120))
    error: Mapped[str] = mapped_column(Text)
    bounce: Mapped[str] = mapped_column(String(12), default="", server_default="")
    """Of what bounced: for good, for now, or nobody knows."""
    called_at: Mapped[datetime | None]
    """When the last call for it began."""
    heard_at: Mapped[datetime | None]
    """When SES first told of it, after the call."""
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class Suppression(Base):
    """An address that gets no more mail; only its HMAC is kept, so erasure can leave it."""

    __tablename__ = "suppression"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    reason: Mapped[str] = mapped_column(String(40))
    scope: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[datetime]


class Obstacle(Base):
    """What stands in the way of one road that mail takes, since when, and when it is tried again.

    A row is there only as long as something is in the way.
    """

    __tablename__ = "obstacle"
    __table_args__ = (one_of("kind", Trouble),)

    road: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """A mailing's id, or one of the roads of `mail.obstacles`."""
    kind: Mapped[str] = mapped_column(String(12))
    code: Mapped[str] = mapped_column(String(60))
    words: Mapped[str] = mapped_column(Text)
    """What was said by whoever stands in the way."""
    since: Mapped[datetime]
    tries: Mapped[int]
    next_try_at: Mapped[datetime | None]
    """None: a person goes on."""
    told_at: Mapped[datetime | None]


class Gate(Base):
    """The one row that says whether mail may leave at all, and whether the ledger is the newest.

    `mark` grows whenever mail is taken out; a witness outside of the database keeps the highest
    (see `mail.gate`).
    """

    __tablename__ = "mail_gate"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    mark: Mapped[int]
    seen_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_why: Mapped[str] = mapped_column(String(12))
    told_at: Mapped[datetime | None]
    confirmations_from: Mapped[datetime | None]
    """Confirmations before this are not counted: an organiser has looked at them."""


class AccountNote(Base):
    """What SES last said about the account; one row."""

    __tablename__ = "mail_account"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime]


class MailEvent(Base):
    """What SES told, as it came; read afterwards."""

    __tablename__ = "mail_event"
    __table_args__ = (
        UniqueConstraint("notice"),
        Index("ix_mail_event_unread", "id", sqlite_where=_UNREAD, postgresql_where=_UNREAD),
        Index("ix_mail_event_delivery_id", "delivery_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    notice: Mapped[str] = mapped_column(String(100))
    """The id that SNS gave it: the same notice may come twice."""
    source: Mapped[str] = mapped_column(String(10))
    body: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    meaning: Mapped[str] = mapped_column(String(12))
    delivery_id: Mapped[int | None]
