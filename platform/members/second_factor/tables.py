"""The tables of second factors. None of them holds a secret: those are made by our key."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database import NEVER_REUSED, Base


class Authenticator(Base):
    """An app that shows six digits. Until its first code was typed, it counts for nothing."""

    __tablename__ = "authenticator"
    __table_args__ = (Index("ix_authenticator_member_id", "member_id"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    salt: Mapped[str] = mapped_column(String(40))
    begun_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(default=0)
    """The half minute whose code was used last: none counts twice, nor one before it."""


class Passkey(Base):
    """A key that a device, a browser or a stick keeps; we have its public half."""

    __tablename__ = "passkey"
    __table_args__ = (
        UniqueConstraint("credential"),
        Index("ix_passkey_member_id", "member_id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    credential: Mapped[str] = mapped_column(String(1400))
    """Its name, in URL-safe base64; at most 1,023 bytes (WebAuthn, 4)."""
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    device: Mapped[str] = mapped_column(String(80))
    """The browser in which it was made."""
    added_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class RecoveryCodes(Base):
    """Ten codes on paper, each good once. `used` has one bit for each that is."""

    __tablename__ = "recovery_codes"

    member_id: Mapped[int] = mapped_column(
        ForeignKey("member.id", ondelete="CASCADE"), primary_key=True
    )
    salt: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime]
    used: Mapped[int] = mapped_column(default=0)
