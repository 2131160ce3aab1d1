"""The tables of contributions: the thing itself, its authors, files, texts, words exchanged."""

from datetime import datetime

from sqlalchemy import (
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from contributions.co_author_states import CoAuthorState
from contributions.kinds import Content, Kind
from contributions.states import SETTLED, State
from core.database import NEVER_REUSED, Base, JsonOf, one_of


class Contribution(Base):
    """Something that somebody sends in. `version` rises with every change of text or state."""

    __tablename__ = "contribution"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("author_id", "form_key"),
        one_of("state", State),
        Index("ix_contribution_state", "state", "submitted_at"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(10))
    form_key: Mapped[str] = mapped_column(String(40))
    """Made with the form, so that sending it twice makes one."""
    kind: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(16))
    version: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(5))
    content: Mapped[Content] = mapped_column(JsonOf(Content))
    html: Mapped[str] = mapped_column(Text, default="")
    """What would be published, made once, when it is saved; empty in rows of older versions."""
    revision: Mapped[int]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"))
    editor_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"))
    is_guest: Mapped[bool]
    """A visitor's: delivered once the address is confirmed."""
    source: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    state_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]

    @property
    def is_draft(self) -> bool:
        """Whether only its author sees it."""
        return self.state == State.DRAFT

    @property
    def has_question(self) -> bool:
        """Whether the editors wait for an answer."""
        return self.state == State.QUESTION_ASKED

    @property
    def is_accepted(self) -> bool:
        """Whether the editors want it."""
        return self.state == State.ACCEPTED

    @property
    def is_published(self) -> bool:
        """Whether it stands in the library."""
        return self.state == State.PUBLISHED

    @property
    def is_settled(self) -> bool:
        """Whether nobody decides about it any more."""
        return self.state in SETTLED

    @property
    def is_interviewee(self) -> bool:
        """Whether it names a person, who is asked first."""
        return self.kind == Kind.INTERVIEWEE


class CoAuthor(Base):
    """Somebody who wrote it too, and whether they say so themselves."""

    __tablename__ = "contribution_co_author"
    __table_args__ = (
        UniqueConstraint("contribution_id", "member_id"),
        one_of("state", CoAuthorState),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"))
    """None once the person is gone: an invitation that nobody answered still holds publication."""
    state: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(80))
    invited_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]

    @property
    def is_invited(self) -> bool:
        """Whether they have not answered yet."""
        return self.state == CoAuthorState.INVITED

    @property
    def is_accepted(self) -> bool:
        """Whether they say that they wrote it too."""
        return self.state == CoAuthorState.ACCEPTED


class ContributionFile(Base):
    """A file that belongs to a contribution."""

    __tablename__ = "contribution_file"

    contribution_id: Mapped[int] = mapped_column(
        ForeignKey("contribution.id", ondelete="CASCADE"), primary_key=True
    )
    file_id: Mapped[int] = mapped_column(
        ForeignKey("stored_file.id", ondelete="CASCADE"), primary_key=True
    )


class ContributionText(Base):
    """The text as it was at one time, by its author or an editor."""

    __tablename__ = "contribution_text"

    contribution_id: Mapped[int] = mapped_column(
        ForeignKey("contribution.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[Content] = mapped_column(JsonOf(Content))
    is_editors: Mapped[bool]
    member_id: Mapped[int | None]
    at: Mapped[datetime]


class ContributionMessage(Base):
    """A question, its answer, or a note among editors that the author never sees."""

    __tablename__ = "contribution_message"
    __table_args__ = (
        UniqueConstraint("contribution_id", "member_id", "form_key"),
        Index("ix_contribution_message_contribution_id", "contribution_id", "id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))
    member_id: Mapped[int | None]
    text: Mapped[str] = mapped_column(Text)
    form_key: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]


class Leaning(Base):
    """Which way an editor leans; seen by the others after they have said theirs."""

    __tablename__ = "contribution_leaning"

    contribution_id: Mapped[int] = mapped_column(
        ForeignKey("contribution.id", ondelete="CASCADE"), primary_key=True
    )
    member_id: Mapped[int] = mapped_column(
        ForeignKey("member.id", ondelete="CASCADE"), primary_key=True
    )
    leaning: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class HeldLetter(Base):
    """A decision that waits to be read and released: what an editor may still change in it."""

    __tablename__ = "contribution_held_letter"
    __table_args__ = (Index("ix_contribution_held_letter_contribution_id", "contribution_id"),)

    mailing_id: Mapped[int] = mapped_column(
        ForeignKey("mailing.id", ondelete="CASCADE"), primary_key=True
    )
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id", ondelete="CASCADE"))
    member_id: Mapped[int]
    letter: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(Text)
