"""The tables of what a workshop leaves: check-ins and check-outs, learning points, actions."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import NEVER_REUSED, Base, one_of
from workshops.model.action_states import ActionKind, Course


class CheckIn(Base):
    """What somebody brings in today; seen during the session, deleted a day later."""

    __tablename__ = "check_in"

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True
    )
    words: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class CheckOut(Base):
    """What somebody takes along: what they learned, and whom they will involve."""

    __tablename__ = "check_out"

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True
    )
    learned: Mapped[str] = mapped_column(Text)
    involves: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class DoubleLoopAnswer(Base):
    """An answer to "should we be doing this at all?". It has no name, and only a day."""

    __tablename__ = "double_loop_answer"
    __table_args__ = (Index("ix_double_loop_answer_workshop_id", "workshop_id"),)

    id: Mapped[str] = mapped_column(String(12), primary_key=True)
    """Random, so that not even the order tells who wrote it."""
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id", ondelete="CASCADE"))
    words: Mapped[str] = mapped_column(Text)
    on: Mapped[date] = mapped_column(Date)


class PrivateNote(Base):
    """A facilitator's own notes; deleted thirty days after the workshop."""

    __tablename__ = "private_note"

    workshop_id: Mapped[int] = mapped_column(
        ForeignKey("workshop.id", ondelete="CASCADE"), primary_key=True
    )
    member_id: Mapped[int] = mapped_column(
        ForeignKey("member.id", ondelete="CASCADE"), primary_key=True
    )
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class LearningPoint(Base):
    """Something that a workshop learned."""

    __tablename__ = "learning_point"
    __table_args__ = (Index("ix_learning_point_workshop_id", "workshop_id"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id", ondelete="CASCADE"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class Agreement(Base):
    """A participant who agrees to a learning point, and whether it may leave the group."""

    __tablename__ = "agreement"

    point_id: Mapped[int] = mapped_column(
        ForeignKey("learning_point.id", ondelete="CASCADE"), primary_key=True
    )
    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True
    )
    may_share: Mapped[bool]
    at: Mapped[datetime]


class JointAction(Base):
    """Something that somebody will do: a request, a promise or a declaration."""

    __tablename__ = "joint_action"
    __table_args__ = (
        one_of("kind", ActionKind),
        Index("ix_joint_action_workshop_id", "workshop_id"),
        Index("ix_joint_action_due_on", "due_on"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id", ondelete="CASCADE"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"))
    kind: Mapped[str] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date] = mapped_column(Date)
    created_at: Mapped[datetime]


class Undertaking(Base):
    """Somebody who took an action on themselves, and what became of it."""

    __tablename__ = "undertaking"
    __table_args__ = (
        one_of("state", Course),
        Index("ix_undertaking_registration_id", "registration_id"),
    )

    action_id: Mapped[int] = mapped_column(
        ForeignKey("joint_action.id", ondelete="CASCADE"), primary_key=True
    )
    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True
    )
    state: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(Text, default="")
    reminded: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[datetime]
