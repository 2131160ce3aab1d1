"""The tables of newsletters."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import NEVER_REUSED, Base, JsonOf, one_of
from members.segments import Segment
from newsletters.states import IssueState


class Issue(Base):
    """One newsletter. It gets its number when it is sent."""

    __tablename__ = "issue"
    __table_args__ = (
        UniqueConstraint("number"),
        one_of("state", IssueState),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(10))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None]
    """The organiser who changed its words last. No foreign key: the issue outlives them."""
    greeting: Mapped[str] = mapped_column(String(10), default="name", server_default="name")
    """How a letter begins: see `newsletters.greeting`."""
    byline: Mapped[str] = mapped_column(String(120), default="", server_default="")
    """Who writes it, as readers know them."""
    sent_at: Mapped[datetime | None]
    chosen: Mapped[str] = mapped_column(String(80), default="", server_default="")
    """Of a draft: which of its readers are to get it, as `newsletters.choosing` says it."""
    segment: Mapped[Segment | None] = mapped_column(JsonOf(Segment))
    """Of its readers, those to whom it was sent."""
    is_listed: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Whether the archive and the feed tell of it; whoever has its address reads it anyway."""
    corrected_at: Mapped[datetime | None]
    """When its page was last changed after it had been sent."""
    discarded_at: Mapped[datetime | None]
    """When a draft was put away; it can be taken out again for a while."""
    texts: Mapped[list["IssueText"]] = relationship(
        order_by="IssueText.language", cascade="all, delete-orphan", lazy="selectin"
    )

    def shown_in(self, language: str) -> "IssueText | None":
        """The text in `language`, or in another one if that says nothing."""
        written = [text for text in self.texts if text.subject or text.body.strip()]
        return next((one for one in written if one.language == language), next(iter(written), None))

    def text_in(self, language: str) -> "IssueText | None":
        """The text in `language`, if it is written."""
        return next((text for text in self.texts if text.language == language), None)


class IssueText(Base):
    """An issue in one language, as Markdown, and the mailing that carried it."""

    __tablename__ = "issue_text"

    issue_id: Mapped[int] = mapped_column(
        ForeignKey("issue.id", ondelete="CASCADE"), primary_key=True
    )
    language: Mapped[str] = mapped_column(String(5), primary_key=True)
    subject: Mapped[str] = mapped_column(Text)
    preheader: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text, default="")
    """The body as a page shows it: made once, when it is saved; empty in rows of older versions."""
    mailing_id: Mapped[int | None] = mapped_column(ForeignKey("mailing.id"))

    @property
    def heading(self) -> str:
        """What stands above the text: its title, or its subject where it has none."""
        return self.title or self.subject
