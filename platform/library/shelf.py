"""The organisers' shelf: all that is in the library, shown or not, found and looked after."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, UnaryExpression, func, select
from sqlalchemy.orm import Session

from core.database import fixed
from core.i18n import N_, Message
from library.models import CollectionItem, Feed, Item, ItemTopic
from library.searching import found_by
from library.states import ItemState

A_PAGE = 50
LAST_PAGE = 1000
BROKEN_AFTER = 2
"""A link that did not open twice in a row, a week apart, is said to be broken."""


class Standing(StrEnum):
    """Where things of the shelf stand, as organisers look for them."""

    SHOWN = "shown"
    WAITING = "waiting"
    LEFT_OUT = "left-out"
    REMOVED = "removed"
    BROKEN = "broken"


STANDING_NAMES: dict[Standing, Message] = {
    Standing.SHOWN: N_("Shown"),
    Standing.WAITING: N_("Waiting for approval"),
    Standing.LEFT_OUT: N_("Hidden"),
    Standing.REMOVED: N_("Removed"),
    Standing.BROKEN: N_("With a broken link"),
}

_REMOVED = Item.removed_at.is_not(None)
_IS: dict[Standing, ColumnElement[bool]] = {
    Standing.SHOWN: Item.state == fixed(ItemState.PUBLISHED),
    Standing.WAITING: Item.state == fixed(ItemState.WAITING),
    Standing.LEFT_OUT: (Item.state == fixed(ItemState.HIDDEN)) & ~_REMOVED,
    # Of an entry of a feed only a mark is left after a while.
    Standing.REMOVED: _REMOVED & (Item.removed_from != ""),
    Standing.BROKEN: (Item.state == fixed(ItemState.PUBLISHED))
    & (Item.link_failures >= BROKEN_AFTER),
}


class Order(StrEnum):
    """In which order the shelf stands."""

    NEWEST = "newest"
    OLDEST = "oldest"
    TITLE = "title"
    CHANGED = "changed"


ORDER_NAMES: dict[Order, Message] = {
    Order.NEWEST: N_("newest first"),
    Order.OLDEST: N_("oldest first"),
    Order.TITLE: N_("by title"),
    Order.CHANGED: N_("last changed first"),
}
_ORDERS: dict[Order, tuple[UnaryExpression[Any], ...]] = {
    Order.NEWEST: (Item.published_at.desc(), Item.id.desc()),
    Order.OLDEST: (Item.published_at.asc(), Item.id.asc()),
    Order.TITLE: (func.lower(Item.title).asc(), Item.id.asc()),
    Order.CHANGED: (Item.changed_at.desc(), Item.id.desc()),
}


@dataclass(frozen=True)
class Sought:
    """What an organiser looks for on the shelf."""

    words: str = ""
    kind: str = ""
    standing: str = ""
    language: str = ""
    topic: str = ""
    collection: int = 0
    order: str = Order.NEWEST
    page: int = 1


@dataclass(frozen=True)
class Row:
    """One line of the shelf."""

    item: Item
    feed: str
    """The title of the feed that it came from."""


@dataclass(frozen=True)
class Shelf:
    """One page of it, and how many there are in all."""

    rows: Sequence[Row]
    count: int
    has_more: bool


def look(session: Session, sought: Sought) -> Shelf:
    """One page of what is sought."""
    page = min(max(sought.page, 1), LAST_PAGE)
    wanted = _narrowed(session, sought, select(Item, func.coalesce(Feed.title, "")))
    found = session.execute(
        wanted.outerjoin(Feed, Feed.id == Item.feed_id)
        .order_by(*_ORDERS[Order(sought.order or Order.NEWEST)])
        .offset((page - 1) * A_PAGE)
        .limit(A_PAGE + 1)
    ).all()
    count = session.scalar(_narrowed(session, sought, select(func.count(Item.id)))) or 0
    return Shelf([Row(item, feed) for item, feed in found[:A_PAGE]], count, len(found) > A_PAGE)


def all_found(session: Session, sought: Sought) -> list[int]:
    """The ids of everything that is sought, on all pages."""
    return list(session.scalars(_narrowed(session, sought, select(Item.id)).order_by(Item.id)))


def _narrowed(session: Session, sought: Sought, found: Select[*tuple[object, ...]]) -> Select:  # type: ignore[type-arg]
    found = found.where(_IS[Standing(sought.standing)] if sought.standing else ~_REMOVED)
    # A tombstone is its author's doing: there is nothing left to look after.
    found = found.where(Item.state != fixed(ItemState.RETRACTED))
    for column, value in ((Item.kind, sought.kind), (Item.language, sought.language)):
        if value:
            found = found.where(column == value)
    if sought.topic:
        has_it = select(ItemTopic.item_id).where(ItemTopic.topic == sought.topic)
        found = found.where(Item.id.in_(has_it))
    if sought.collection:
        is_in = CollectionItem.collection_id == sought.collection
        found = found.where(Item.id.in_(select(CollectionItem.item_id).where(is_in)))
    ids = found_by(session, sought.words)
    return found if ids is None else found.where(Item.id.in_(ids))


def counts(session: Session) -> dict[Standing, int]:
    """How many stand where, in one look."""
    columns = [func.count().filter(condition) for condition in _IS.values()]
    found = session.execute(select(*columns)).one()
    return dict(zip(_IS, found, strict=True))
