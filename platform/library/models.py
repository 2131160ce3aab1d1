"""The tables of the library: feeds, items, their topics, and the words they are found by."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.database import NEVER_REUSED, Base, one_of
from library.kinds import Boundary
from library.states import FeedState, ItemState


class Feed(Base):
    """A podcast, channel or blog of the community, and how it was when we last looked."""

    __tablename__ = "feed"
    __table_args__ = (
        UniqueConstraint("url"),
        one_of("state", FeedState),
        Index("ix_feed_due", "state", "next_at"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(String(2000))
    site_url: Mapped[str] = mapped_column(String(2000))
    title: Mapped[str] = mapped_column(String(300))
    language: Mapped[str] = mapped_column(String(5))
    publishes_itself: Mapped[bool]
    state: Mapped[str] = mapped_column(String(10))
    etag: Mapped[str] = mapped_column(Text, default="")
    last_modified: Mapped[str] = mapped_column(Text, default="")
    digest: Mapped[str] = mapped_column(String(64), default="")
    """Of the last body: servers that know no conditional requests send the same again."""
    moved_to: Mapped[str] = mapped_column(Text, default="")
    moved_times: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(Text, default="")
    """Why the last look failed: a source sentence of the catalogue."""
    problem_values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    skipped: Mapped[int] = mapped_column(default=0)
    added_at: Mapped[datetime]
    next_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]
    good_at: Mapped[datetime | None]

    @property
    def is_active(self) -> bool:
        """Whether we look at it."""
        return self.state == FeedState.ACTIVE

    @property
    def is_paused(self) -> bool:
        """Whether an organiser wants no new looks."""
        return self.state == FeedState.PAUSED

    @property
    def is_gone(self) -> bool:
        """Whether its server says that it is gone for good."""
        return self.state == FeedState.GONE


class Item(Base):
    """One thing in the library, with a page of its own."""

    __tablename__ = "library_item"
    __table_args__ = (
        UniqueConstraint("slug"),
        UniqueConstraint("feed_id", "identity"),
        UniqueConstraint("source"),
        one_of("state", ItemState),
        Index(
            "ix_library_item_published",
            "published_at",
            "id",
            sqlite_where=text("state = 'published'"),
            postgresql_where=text("state = 'published'"),
        ),
        Index("ix_library_item_state", "state", "id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(10))
    boundary: Mapped[str] = mapped_column(String(10))
    language: Mapped[str] = mapped_column(String(5))
    title: Mapped[str] = mapped_column(String(300))
    summary: Mapped[str] = mapped_column(Text)
    body_html: Mapped[str] = mapped_column(Text)
    """Clean HTML; it is cleaned again when it is shown."""
    byline: Mapped[str] = mapped_column(String(300))
    licence: Mapped[str] = mapped_column(String(20))
    url: Mapped[str] = mapped_column(String(2000), default="")
    media_url: Mapped[str] = mapped_column(String(2000), default="")
    media_type: Mapped[str] = mapped_column(String(100), default="")
    seconds: Mapped[int | None]
    season: Mapped[int | None]
    episode: Mapped[int | None]
    picture_url: Mapped[str] = mapped_column(String(2000), default="")
    picture: Mapped[str] = mapped_column(String(60), default="")
    """The stored file that we made of the picture; pages never show the original."""
    picture_tries: Mapped[int] = mapped_column(default=0)
    feed_id: Mapped[int | None] = mapped_column(ForeignKey("feed.id"))
    identity: Mapped[str | None] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64), default="")
    source: Mapped[str | None] = mapped_column(String(40))
    """What of ours it was made from, such as `contribution:17`."""
    used_in: Mapped[int | None]
    """The number of the issue that told about it."""
    dated_at: Mapped[datetime]
    has_date: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    """Whether its feed says when it came out; without that no date is shown."""
    published_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    @property
    def is_for_anyone(self) -> bool:
        """Whether people who are no members may see it."""
        return self.boundary == Boundary.ANYONE


class ItemTopic(Base):
    """A word that organisers, or a feed, put on an item."""

    __tablename__ = "library_item_topic"
    __table_args__ = (Index("ix_library_item_topic_topic", "topic", "item_id"),)

    item_id: Mapped[int] = mapped_column(
        ForeignKey("library_item.id", ondelete="CASCADE"), primary_key=True
    )
    topic: Mapped[str] = mapped_column(String(60), primary_key=True)


WORDS = Table(
    "library_words",
    Base.metadata,
    # SQLite's own name for the number of a row in a full-text table.
    Column("rowid", Integer, primary_key=True, autoincrement=False),
    Column("words", Text, nullable=False),
)
"""The words of each item. A full-text (FTS5) table on SQLite, a GIN index on PostgreSQL."""
