"""The tables of people: one person, one record."""

from datetime import date, datetime

from sqlalchemy import (
    Date,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.database import NEVER_REUSED, Base, one_of
from core.word_index import plain_words_of
from mail.posting import Recipient
from members.roles import Role
from members.states import MemberState, SubscriptionState


class Member(Base):
    """A person. *pending* until the address is confirmed; nothing but that mail goes out before."""

    __tablename__ = "member"
    __table_args__ = (
        UniqueConstraint("email_key"),
        one_of("state", MemberState),
        Index(
            "ix_member_pending",
            "created_at",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
        Index("ix_member_folded", "folded", "id"),
        Index("ix_member_role", "role"),
        Index("ix_member_level", "level"),
        Index("ix_member_country", "country"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    email_ascii: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(80), default="")
    """As they say, or as an organiser does."""
    typed_name: Mapped[str] = mapped_column(String(80), default="", server_default="")
    """As somebody typed it who may be anybody: in no mail, and theirs once they confirm."""
    folded: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Their name and address as plain words, to be found and ordered by (see `members.finding`)."""
    language: Mapped[str] = mapped_column(String(5))
    state: Mapped[str] = mapped_column(String(10))
    token_version: Mapped[int] = mapped_column(default=1)
    links_version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    """Every lasting link of theirs carries it; another number ends them all."""
    role: Mapped[str] = mapped_column(String(40), default="")
    level: Mapped[str] = mapped_column(String(40), default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    time_zone: Mapped[str] = mapped_column(String(40), default="")
    paused_until: Mapped[date | None] = mapped_column(Date)
    source: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]

    @property
    def recipient(self) -> Recipient:
        """Whom a mail goes to that goes to this member."""
        return Recipient(self.email_ascii, self.id)

    @property
    def is_confirmed(self) -> bool:
        """Whether somebody has shown that the address is theirs."""
        return self.state == MemberState.CONFIRMED


def folded(called: str, email: str) -> str:
    """Who somebody is, in plain words: the name first, so that it is their place in a list."""
    return " ".join(plain_words_of(f"{called} {email}"))


@event.listens_for(Member, "before_insert")
@event.listens_for(Member, "before_update")
def _fold(_mapper: object, _connection: object, member: Member) -> None:
    """Whoever writes by a statement of their own says it there."""
    member.folded = folded(member.name or member.typed_name or "", member.email)


class MemberLabel(Base):
    """An organiser's own word about a member."""

    __tablename__ = "member_label"
    __table_args__ = (Index("ix_member_label_label", "label", "member_id"),)

    member_id: Mapped[int] = mapped_column(
        ForeignKey("member.id", ondelete="CASCADE"), primary_key=True
    )
    label: Mapped[str] = mapped_column(String(60), primary_key=True)


class Subscription(Base):
    """Whether a member wants mail on a topic."""

    __tablename__ = "subscription"
    __table_args__ = (
        one_of("state", SubscriptionState),
        Index(
            "ix_subscription_subscribed",
            "topic",
            "member_id",
            sqlite_where=text("state = 'subscribed'"),
            postgresql_where=text("state = 'subscribed'"),
        ),
    )

    member_id: Mapped[int] = mapped_column(
        ForeignKey("member.id", ondelete="CASCADE"), primary_key=True
    )
    topic: Mapped[str] = mapped_column(String(20), primary_key=True)
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(Text, default="")
    was_left: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Of what waits to be confirmed: that it had been left before, and is again if it is not."""
    changed_at: Mapped[datetime]


class ConsentEvent(Base):
    """Evidence, only ever added to: who agreed to which words, where, when, and how it ended."""

    __tablename__ = "consent_event"
    __table_args__ = (
        Index("ix_consent_event_member_id", "member_id", "id"),
        Index("ix_consent_event_act", "act", "at", "member_id"),
        Index(
            "ix_consent_event_requested",
            "at",
            sqlite_where=text("act = 'requested'"),
            postgresql_where=text("act = 'requested'"),
        ),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    topic: Mapped[str] = mapped_column(String(20))
    act: Mapped[str] = mapped_column(String(12))
    text_version: Mapped[str] = mapped_column(String(40))
    text_hash: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(5))
    source: Mapped[str] = mapped_column(String(200))
    network: Mapped[str] = mapped_column(String(60))
    request_id: Mapped[int | None]
    """Of a confirmation: the event that it confirms."""
    mailing_id: Mapped[int | None]
    at: Mapped[datetime]


class AddressChange(Base):
    """Another address that somebody asked for: from which to which, and what became of it."""

    __tablename__ = "address_change"
    __table_args__ = (NEVER_REUSED,)

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    old_email: Mapped[str] = mapped_column(String(254))
    new_email: Mapped[str] = mapped_column(String(254))
    asked_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]


class SignUpRequest(Base):
    """A sign-up as it came, until the worker looks at it a moment later."""

    __tablename__ = "sign_up_request"
    __table_args__ = (NEVER_REUSED,)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(5))
    topics: Mapped[str] = mapped_column(String(60))
    source: Mapped[str] = mapped_column(String(200))
    network: Mapped[str] = mapped_column(String(60))
    stamp: Mapped[str] = mapped_column(String(64))
    """A hash of the stamp of the form; empty if it had none."""
    work: Mapped[int]
    """How many bits of work its browser did for the stamp."""
    is_trapped: Mapped[bool]
    at: Mapped[datetime]
    taken_until: Mapped[datetime | None]
    """Until when a worker looks at it, and no other does."""


class UnkeptSignUps(Base):
    """How many blocked sign-ups of one network and day were not kept, beyond its share."""

    __tablename__ = "unkept_sign_ups"

    network: Mapped[str] = mapped_column(String(60), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    count: Mapped[int]


class BlockedSignUp(Base):
    """A sign-up that caused no mail, kept for a week so that an organiser may let it in."""

    __tablename__ = "blocked_sign_up"
    __table_args__ = (
        UniqueConstraint("email_key"),
        Index("ix_blocked_sign_up_network", "network", "at"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(5))
    topics: Mapped[str] = mapped_column(String(60))
    source: Mapped[str] = mapped_column(String(200))
    network: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]


class JoinedMember(Base):
    """A record that became part of another: the links of its letters still take away."""

    __tablename__ = "joined_member"
    __table_args__ = (Index("ix_joined_member_kept_id", "kept_id"),)

    old_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kept_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    links_version: Mapped[int]
    """That of its links when it was joined."""


class ErasedAddress(Base):
    """A fingerprint of an address that was erased, so that no old list brings it back."""

    __tablename__ = "erased_address"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime]


class Organiser(Base):
    """A member who runs the community, and in which role."""

    __tablename__ = "organiser"
    __table_args__ = (one_of("role", Role),)

    member_id: Mapped[int] = mapped_column(
        ForeignKey("member.id", ondelete="CASCADE"), primary_key=True
    )
    role: Mapped[str] = mapped_column(String(12))
    added_at: Mapped[datetime]
    role_since: Mapped[datetime]
    """A week later, some roles count only with a second factor."""
    hears_at_once: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Of what comes to the desk, by mail; everybody else once a day."""


class SignInRequest(Base):
    """A way in that was asked for: a link and a code, usable once, within minutes.

    `browser_hash` is the browser that asked; it is empty for a link printed on the console.
    An address gets a row whoever has it, and the worker looks for its member, so that nobody can
    tell the difference.
    """

    __tablename__ = "sign_in_request"
    __table_args__ = (
        Index("ix_sign_in_request_expires_at", "expires_at"),
        Index(
            "ix_sign_in_request_waiting",
            "id",
            sqlite_where=text("address != ''"),
            postgresql_where=text("address != ''"),
        ),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    address: Mapped[str] = mapped_column(String(254), default="", server_default="")
    """As it was typed, until the worker has looked for its member a moment later."""
    is_held_back: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Too many were asked for: this one lets nobody in, and is written down."""
    browser_hash: Mapped[str] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(default=0)
    makes_owner: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInSession(Base):
    """A signed-in browser. Only a hash of its token is kept."""

    __tablename__ = "sign_in_session"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        Index("ix_sign_in_session_member_id", "member_id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(String(64))
    device: Mapped[str] = mapped_column(String(80), default="", server_default="")
    """Which browser on what, as it named itself; empty if it did not."""
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    proved_at: Mapped[datetime]
    """When it last showed who its owner is: by a mail, or by more."""
    factor_at: Mapped[datetime | None]
    """When it last showed a second factor."""
    proofs: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """How often; a challenge is good for the next one only."""
    expires_at: Mapped[datetime]
