"""The acts on the library's shelves, in words for the audit."""

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit import AuditWords, Kind, told
from core.i18n import N_
from library.models import Collection as Group
from library.models import Feed, Item

_ACTS = {
    ("library_item", "publish"): N_("Put something into the library"),
    ("library_item", "show"): N_("Showed something in the library again"),
    ("library_item", "hide"): N_("Hid something in the library"),
    ("library_item", "bring"): N_("Brought a file into the library"),
    ("library_item", "change"): N_("Changed something in the library"),
    ("library_item", "replace"): N_("Replaced a file of the library"),
    ("library_item", "remove"): N_("Removed something from the library"),
    ("library_item", "put-back"): N_("Put something back into the library"),
    ("library_item", "topic"): N_("Gave something in the library a topic"),
    ("library_item", "collection"): N_("Added something to a collection"),
    ("library_item", "boundary"): N_("Changed who may see something in the library"),
    ("library_item", "licence"): N_("Changed the licence of something in the library"),
    ("library_item", "language"): N_("Changed the language of something in the library"),
    ("collection", "begin"): N_("Began a collection"),
    ("collection", "change"): N_("Changed a collection"),
    ("collection", "drop"): N_("Took a collection apart"),
    ("feed", "add"): N_("Added a feed"),
    ("feed", "pause"): N_("Paused a feed"),
    ("feed", "resume"): N_("Looked at a feed again"),
}


def _items(session: Session, ids: Collection[int]) -> Mapping[int, str]:
    rows = select(Item.id, Item.title).where(Item.id.in_(ids))
    return dict(session.execute(rows).all())


def _feeds(session: Session, ids: Collection[int]) -> Mapping[int, str]:
    rows = select(Feed.id, Feed.title).where(Feed.id.in_(ids))
    return dict(session.execute(rows).all())


def _collections(session: Session, ids: Collection[int]) -> Mapping[int, str]:
    rows = select(Group.id, Group.title).where(Group.id.in_(ids))
    return dict(session.execute(rows).all())


WORDS = AuditWords(
    acts=told(Kind.LIBRARY, _ACTS),
    names={"library_item": _items, "feed": _feeds, "collection": _collections},
)
