"""Collections: things that belong together, on a page of their own, in an order of their own."""

from collections.abc import Collection as Many
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, delete, func, select, update
from sqlalchemy.orm import Session

from core.database import fixed, insert_if_new
from core.errors import Refusal, changed_meanwhile
from core.i18n import N_
from core.markdown import check_markdown, to_html
from core.stored_files import Checked, store
from core.text import one_line
from core.unit_of_work import UnitOfWork
from library.items import slug_of, untaken
from library.kinds import Boundary, boundaries_for, may_see
from library.models import Collection, CollectionItem, Item
from library.states import ItemState

LONGEST_TITLE, LONGEST_SUMMARY = 200, 600
MOST_ITEMS = 200
"""In one collection: it is shown on one page."""


@dataclass(frozen=True)
class CollectionText:
    """What is said of a collection."""

    title: str
    summary: str
    body: str
    """Markdown."""
    language: str
    boundary: Boundary
    is_shown: bool = True


@dataclass(frozen=True)
class Counted:
    """A collection, and how many things in it somebody may see."""

    collection: Collection
    count: int


def begin(work: UnitOfWork, text: CollectionText) -> Collection:
    """A new, empty collection, the last of all. Raises Refusal naming the field."""
    last = work.session.scalar(select(func.max(Collection.position))) or 0
    collection = Collection(slug="", cover="", position=last + 1)
    _write(work, collection, text)
    collection.slug = _free_slug(work.session, collection.title)
    work.session.add(collection)
    work.session.flush()
    return collection


def change(work: UnitOfWork, collection_id: int, version: int, text: CollectionText) -> Collection:
    """Change what is said of it. Raises Refusal if somebody else did since `version`."""
    claimed = (
        update(Collection)
        .where(Collection.id == collection_id, Collection.version == version)
        .values(version=version + 1)
        .returning(Collection.id)
    )
    if work.session.execute(claimed).first() is None:
        raise changed_meanwhile()
    collection = work.session.get_one(Collection, collection_id, populate_existing=True)
    _write(work, collection, text)
    return collection


def _write(work: UnitOfWork, collection: Collection, text: CollectionText) -> None:
    title = one_line(text.title)
    if not title:
        raise Refusal(N_("Please give the collection a title."), "title")
    if len(title) > LONGEST_TITLE:
        raise Refusal(N_("This title is too long: 200 characters at the most."), "title")
    check_markdown(text.body)
    collection.title, collection.summary = title, one_line(text.summary)[:LONGEST_SUMMARY]
    collection.body = text.body
    collection.body_html = to_html(text.body, text.language, work.settings.base_url)
    collection.language, collection.boundary = text.language, text.boundary
    collection.is_shown, collection.changed_at = text.is_shown, work.now


def _free_slug(session: Session, title: str) -> str:
    wanted = slug_of(title)
    taken = set(session.scalars(select(Collection.slug).where(Collection.slug.like(f"{wanted}%"))))
    return untaken(wanted, taken)


def set_cover(work: UnitOfWork, collection_id: int, picture: Checked | None) -> None:
    """Show a picture that somebody brought; None: the drawing again."""
    collection = work.session.get_one(Collection, collection_id)
    collection.cover = store(work, picture).name if picture else ""
    collection.changed_at = work.now


def drop(work: UnitOfWork, collection_id: int) -> None:
    """Take a collection apart; what was in it stays in the library. Harmless to repeat."""
    work.session.execute(delete(Collection).where(Collection.id == collection_id))


def put_in(work: UnitOfWork, collection_id: int, ids: Many[int]) -> list[int]:
    """Add things at the end, those that are not in it yet; says which. Raises Refusal."""
    # One after the other: two who add at once would both count the same.
    work.session.get_one(Collection, collection_id, with_for_update=True)
    inside = set(work.session.scalars(_inside(collection_id)))
    new = [one for one in dict.fromkeys(ids) if one not in inside]
    if len(inside) + len(new) > MOST_ITEMS:
        raise Refusal(N_("A collection holds 200 things at the most. Please begin another."))
    last = select(func.max(CollectionItem.position)).where(_of(collection_id))
    first = (work.session.scalar(last) or 0) + 1
    rows = [
        {"collection_id": collection_id, "item_id": one, "position": first + n}
        for n, one in enumerate(new)
    ]
    if rows:
        work.session.execute(insert_if_new(work.session, CollectionItem), rows)
        # Who has the page of one of them open looks again before it is taken out by a slip.
        versions = update(Item).where(Item.id.in_(new)).values(version=Item.version + 1)
        work.session.execute(versions.execution_options(synchronize_session=False))
    return new


def take_out(work: UnitOfWork, collection_id: int, item_id: int) -> None:
    """Take a thing out of a collection. Harmless to repeat."""
    its = _of(collection_id) & (CollectionItem.item_id == item_id)
    work.session.execute(delete(CollectionItem).where(its))


def _of(collection_id: int) -> ColumnElement[bool]:
    return CollectionItem.collection_id == collection_id


def _inside(collection_id: int) -> Select[int]:
    its = select(CollectionItem.item_id).where(_of(collection_id))
    return its.order_by(CollectionItem.position, CollectionItem.item_id)


def move(work: UnitOfWork, collection_id: int, item_id: int, steps: int) -> None:
    """Let a thing stand so many places further on, or back with less than nothing."""
    order = list(work.session.scalars(_inside(collection_id)))
    if item_id in order:
        _number(work, collection_id, moved(order, item_id, steps))


def _number(work: UnitOfWork, collection_id: int, order: list[int]) -> None:
    for position, item_id in enumerate(order, 1):
        its = _of(collection_id) & (CollectionItem.item_id == item_id)
        work.session.execute(update(CollectionItem).where(its).values(position=position))


def move_collection(work: UnitOfWork, collection_id: int, steps: int) -> None:
    """Let a collection stand so many places further on among the others."""
    ids = list(work.session.scalars(select(Collection.id).order_by(*_ORDER)))
    if collection_id in ids:
        for position, one in enumerate(moved(ids, collection_id, steps), 1):
            its = update(Collection).where(Collection.id == one)
            work.session.execute(its.values(position=position))


def moved(order: list[int], one: int, steps: int) -> list[int]:
    """The same with one of them so many places further on."""
    rest = [other for other in order if other != one]
    place = min(max(order.index(one) + steps, 0), len(rest))
    return [*rest[:place], one, *rest[place:]]


_ORDER = (Collection.position, Collection.id)


def everything(session: Session) -> list[Counted]:
    """All of them, also those that are not shown, for organisers."""
    counted = func.count(CollectionItem.item_id)
    rows = session.execute(
        select(Collection, counted)
        .outerjoin(CollectionItem, CollectionItem.collection_id == Collection.id)
        .group_by(Collection.id)
        .order_by(*_ORDER)
    )
    return [Counted(collection, count) for collection, count in rows]


def shown(session: Session, is_member: bool, most: int = 60) -> list[Counted]:
    """Those that somebody may see and that have something in them for them."""
    counted = func.count(Item.id)
    rows = session.execute(
        select(Collection, counted)
        .join(CollectionItem, CollectionItem.collection_id == Collection.id)
        .join(Item, (Item.id == CollectionItem.item_id) & _visible(is_member))
        .where(Collection.is_shown, Collection.boundary.in_(_allowed(is_member)))
        .group_by(Collection.id)
        .order_by(*_ORDER)
        .limit(most)
    )
    return [Counted(collection, count) for collection, count in rows]


def _allowed(is_member: bool) -> list[str]:
    return [str(boundary) for boundary in boundaries_for(is_member)]


def _visible(is_member: bool) -> ColumnElement[bool]:
    return (Item.state == fixed(ItemState.PUBLISHED)) & Item.boundary.in_(_allowed(is_member))


def find_shown(session: Session, slug: str, is_member: bool) -> Collection | None:
    """The collection of a page that somebody may open."""
    found = session.scalar(select(Collection).where(Collection.slug == slug, Collection.is_shown))
    return found if found is not None and may_see(found.boundary, is_member) else None


def is_for_members(session: Session, slug: str) -> bool:
    """Whether a page would open if one were signed in."""
    return find_shown(session, slug, is_member=True) is not None


def items_shown(session: Session, collection_id: int, is_member: bool) -> Sequence[Item]:
    """What is in a collection and may be seen, in its order."""
    return _items(session, collection_id, _visible(is_member))


def items_inside(session: Session, collection_id: int) -> Sequence[Item]:
    """Everything that is in a collection, for organisers."""
    return _items(session, collection_id, Item.removed_at.is_(None))


def _items(session: Session, collection_id: int, which: ColumnElement[bool]) -> Sequence[Item]:
    return session.scalars(
        select(Item)
        .join(CollectionItem, CollectionItem.item_id == Item.id)
        .where(_of(collection_id), which)
        .order_by(CollectionItem.position, Item.id)
    ).all()


def of_item(session: Session, item_id: int, is_member: bool) -> list[Collection]:
    """The collections that a thing is in, and that somebody may see."""
    return list(
        session.scalars(
            select(Collection)
            .join(CollectionItem, CollectionItem.collection_id == Collection.id)
            .where(CollectionItem.item_id == item_id, Collection.is_shown)
            .where(Collection.boundary.in_(_allowed(is_member)))
            .order_by(*_ORDER)
        )
    )


def choose(work: UnitOfWork, item_id: int, wanted: Many[int]) -> None:
    """A thing is in exactly these collections."""
    known = set(work.session.scalars(select(Collection.id)))
    its = CollectionItem.item_id == item_id
    now_in = set(work.session.scalars(select(CollectionItem.collection_id).where(its)))
    for gone in now_in - set(wanted):
        take_out(work, gone, item_id)
    for new in (set(wanted) & known) - now_in:
        put_in(work, new, [item_id])


def chosen_of(session: Session, item_id: int) -> set[int]:
    """The numbers of the collections that a thing is in."""
    its = select(CollectionItem.collection_id).where(CollectionItem.item_id == item_id)
    return set(session.scalars(its))
