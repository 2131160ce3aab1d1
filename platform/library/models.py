"""The tables of the library: feeds, items, topics, collections, and the words they are found by."""

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
from library.kinds import Boundary, ItemKind
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
        Index("ix_library_item_standing", "state", "removed_at", "removed_from", "link_failures"),
        Index("ix_library_item_newest", "published_at", "id"),
        Index("ix_library_item_file", "file"),
        Index("ix_library_item_cover", "cover"),
        Index("ix_library_item_picture", "picture"),
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
    body: Mapped[str] = mapped_column(Text, default="", server_default="")
    """The Markdown that it was made from, where an organiser wrote it."""
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
    cover: Mapped[str] = mapped_column(String(60), default="", server_default="")
    """The stored picture that an organiser brought: it wins."""
    file: Mapped[str] = mapped_column(String(60), default="", server_default="")
    """The name of the stored file that it is about: slides, a document, a recording of ours."""
    pages: Mapped[int | None]
    """Of the file, where it has any."""
    year: Mapped[int | None]
    """In which it was made, where somebody said so."""
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
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    """Counts what organisers changed: of two at once, the second looks again."""
    removed_at: Mapped[datetime | None]
    """When an organiser took it out for good; for thirty days it can be put back."""
    removed_from: Mapped[str] = mapped_column(String(10), default="", server_default="")
    """The state that it comes back to."""
    link_problem: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Why its link did not open when it was tried last: a source sentence of the catalogue."""
    link_values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    link_failures: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often in a row it did not open: once says nothing."""
    link_tried_at: Mapped[datetime | None]

    @property
    def shown_picture(self) -> str:
        """The stored picture that stands for it; none: it is drawn."""
        return self.cover or self.picture

    @property
    def is_from_feed(self) -> bool:
        """Whether its words come from a feed, which keeps them up to date."""
        return self.feed_id is not None

    @property
    def is_from_member(self) -> bool:
        """Whether somebody sent it in: its words are theirs."""
        return (self.source or "").startswith("contribution:")

    @property
    def is_ours(self) -> bool:
        """Whether organisers wrote it, so that they may change its words."""
        return not (self.is_from_feed or self.is_from_member)

    @property
    def is_recording(self) -> bool:
        """Whether it is heard or seen."""
        return self.kind == ItemKind.RECORDING

    @property
    def is_removed(self) -> bool:
        """Whether an organiser took it out; it may come back yet."""
        return self.removed_at is not None

    @property
    def is_published(self) -> bool:
        """Whether it is shown."""
        return self.state == ItemState.PUBLISHED

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has said yet that it may be shown."""
        return self.state == ItemState.WAITING

    @property
    def is_for_anyone(self) -> bool:
        """Whether people who are no members may see it."""
        return self.boundary == Boundary.ANYONE


class Transcript(Base):
    """What is said in a recording, and its chapters; or where its feed says that they are."""

    __tablename__ = "library_transcript"

    item_id: Mapped[int] = mapped_column(
        ForeignKey("library_item.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    transcript_url: Mapped[str] = mapped_column(String(2000), default="")
    chapters_url: Mapped[str] = mapped_column(String(2000), default="")
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    chapters: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    tries: Mapped[int] = mapped_column(default=0)
    fetched_at: Mapped[datetime | None]


class ItemTopic(Base):
    """A word that organisers, or a feed, put on an item."""

    __tablename__ = "library_item_topic"
    __table_args__ = (Index("ix_library_item_topic_topic", "topic", "item_id"),)

    item_id: Mapped[int] = mapped_column(
        ForeignKey("library_item.id", ondelete="CASCADE"), primary_key=True
    )
    topic: Mapped[str] = mapped_column(String(60), primary_key=True)


class Collection(Base):
    """Things of the library that belong together: a page of its own, with a text and an order."""

    __tablename__ = "library_collection"
    __table_args__ = (UniqueConstraint("slug"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(100))
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    """Markdown."""
    body_html: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(5))
    boundary: Mapped[str] = mapped_column(String(10))
    is_shown: Mapped[bool]
    cover: Mapped[str] = mapped_column(String(60))
    position: Mapped[int]
    """Where it stands among the others, the lowest first."""
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]

    @property
    def is_for_anyone(self) -> bool:
        """Whether people who are no members may see it."""
        return self.boundary == Boundary.ANYONE


class CollectionItem(Base):
    """One thing in a collection, and where it stands there."""

    __tablename__ = "library_collection_item"
    __table_args__ = (Index("ix_library_collection_item_item_id", "item_id"),)

    collection_id: Mapped[int] = mapped_column(
        ForeignKey("library_collection.id", ondelete="CASCADE"), primary_key=True
    )
    item_id: Mapped[int] = mapped_column(
        ForeignKey("library_item.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int]


WORDS = Table(
    "library_words",
    Base.metadata,
    # SQLite's own name for the number of a row in a full-text table.
    Column("rowid", Integer, primary_key=True, autoincrement=False),
    Column("words", Text, nullable=False),
)
"""The words of each item. A full-text (FTS5) table on SQLite, a GIN index on PostgreSQL."""
