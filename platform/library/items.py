"""Putting things into the library, finding them, showing and retracting them."""

from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from slugify import slugify
from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.orm import Session

from core.actors import Who
from core.database import fixed
from core.transitions import walk
from core.unit_of_work import UnitOfWork
from core.word_index import words_of
from library.kinds import Boundary, ItemKind, boundaries_for, may_see
from library.models import Item, ItemTopic
from library.searching import find_anew, forget_words, found_by
from library.states import ITEMS, ItemState

PAGE = 24
LAST_PAGE = 1000
NEWEST = 2000
"""Things whose titles and topics are proposed: what was talked about in the last years."""
MOST_TOPICS = 12
LONGEST_TOPIC = 60
LONGEST_SLUG = 70
RESERVED = {"collections", "topics"}
"""Pages of the library that are no items."""


@dataclass(frozen=True)
class NewItem:
    """Something to publish that is ours: a material, or a contribution."""

    kind: ItemKind
    title: str
    summary: str
    body_html: str
    language: str
    byline: str
    licence: str
    boundary: Boundary
    url: str = ""
    source: str | None = None
    topics: Collection[str] = ()


def publish(work: UnitOfWork, new: NewItem) -> Item:
    """Put something into the library; what came from the same source before becomes this."""
    item = of_source(work.session, new.source) or _begun(work)
    if item.state == ItemState.RETRACTED:
        _change_state(work, item.id, ItemState.PUBLISHED, Who.EDITOR)
        work.session.refresh(item)
    item.kind, item.title, item.summary = new.kind, new.title[:300], new.summary
    item.body_html, item.language, item.byline = new.body_html, new.language, new.byline[:300]
    item.licence, item.boundary, item.url = new.licence, new.boundary, new.url
    item.source, item.published_at, item.changed_at = new.source, work.now, work.now
    item.slug = item.slug or free_slug(work.session, new.title)
    work.session.add(item)
    work.session.flush()
    set_topics(work.session, item, new.topics)
    return item


def _begun(work: UnitOfWork) -> Item:
    return Item(state=ItemState.PUBLISHED, dated_at=work.now, slug="", digest="")


def set_topics(session: Session, item: Item, topics: Collection[str]) -> None:
    """Put exactly these topics on an item, and make it findable by them."""
    session.execute(delete(ItemTopic).where(ItemTopic.item_id == item.id))
    wanted = in_known_spelling(session, tidy_topics(topics))
    rows = [{"item_id": item.id, "topic": topic} for topic in wanted]
    if rows:
        session.execute(insert(ItemTopic), rows)
    find_anew(session, [item.id])


def rename(work: UnitOfWork, item: Item, byline: str) -> None:
    """Put other names under an item, and make it findable by those only."""
    item.byline, item.changed_at = byline[:300], work.now
    find_anew(work.session, [item.id])


def tidy_topics(typed: Collection[str]) -> list[str]:
    """Topics as they are kept: one line, no two alike, not too many."""
    # With a comma in it one would be two as soon as somebody looks at them in a field.
    lines = (" ".join(topic.replace(",", " ").split())[:LONGEST_TOPIC] for topic in typed)
    by_key: dict[str, str] = {}
    for line in filter(None, lines):
        by_key.setdefault(line.casefold(), line)
    return list(by_key.values())[:MOST_TOPICS]


def in_known_spelling(session: Session, topics: Collection[str]) -> list[str]:
    """Topics as they are written already: nobody looks for *silence* beside *Silence*."""
    written = session.scalars(select(ItemTopic.topic).distinct()) if topics else ()
    known = {topic.casefold(): topic for topic in written}
    return [known.get(topic.casefold(), topic) for topic in topics]


def words_in_use(session: Session, is_member: bool) -> list[str]:
    """The words of titles and topics that somebody may see: what else could have been meant."""
    newest = _shown(is_member).with_only_columns(Item.title).order_by(Item.published_at.desc())
    titles = session.scalars(newest.limit(NEWEST)).all()
    words = words_of(" ".join([*titles, *topics_in_use(session, is_member, 200)]))
    return list(dict.fromkeys(word for word in words if len(word) > 3))


@dataclass(frozen=True)
class Query:
    """What somebody looks for in the library."""

    words: str = ""
    kind: str = ""
    language: str = ""
    topic: str = ""
    page: int = 1


@dataclass(frozen=True)
class Found:
    """One page of what was found."""

    items: Sequence[Item]
    has_more: bool


def search(session: Session, query: Query, is_member: bool) -> Found:
    """The published items that somebody may see, the newest first."""
    page = min(max(query.page, 1), LAST_PAGE)
    rows = list(
        session.scalars(
            _narrowed(session, query, _shown(is_member))
            .order_by(Item.published_at.desc(), Item.id.desc())
            .offset((page - 1) * PAGE)
            .limit(PAGE + 1)
        )
    )
    return Found(rows[:PAGE], len(rows) > PAGE)


def _shown(is_member: bool) -> Select[Item]:
    allowed = [str(boundary) for boundary in boundaries_for(is_member)]
    return select(Item).where(Item.state == fixed(ItemState.PUBLISHED), Item.boundary.in_(allowed))


def _narrowed(session: Session, query: Query, found: Select[Item]) -> Select[Item]:
    if query.kind:
        found = found.where(Item.kind == query.kind)
    if query.language:
        found = found.where(Item.language == query.language)
    if query.topic:
        has_it = select(ItemTopic.item_id).where(ItemTopic.topic == query.topic)
        found = found.where(Item.id.in_(has_it))
    ids = found_by(session, query.words)
    return found if ids is None else found.where(Item.id.in_(ids))


def topics_in_use(session: Session, is_member: bool, most: int = 30) -> list[str]:
    """The topics of the newest things that somebody may see, the most used first."""
    newest = _shown(is_member).order_by(Item.published_at.desc(), Item.id.desc())
    ids = newest.limit(NEWEST).with_only_columns(Item.id)
    rows = session.execute(
        select(ItemTopic.topic, func.count())
        .where(ItemTopic.item_id.in_(ids))
        .group_by(ItemTopic.topic)
        .order_by(func.count().desc(), ItemTopic.topic)
        .limit(most)
    )
    return [topic for topic, _ in rows]


def find_item(session: Session, slug: str, is_member: bool) -> Item | None:
    """The item of a page that somebody may open: published, or a tombstone."""
    item = session.scalar(select(Item).where(Item.slug == slug))
    if item is None or item.state not in (ItemState.PUBLISHED, ItemState.RETRACTED):
        return None
    return item if may_see(item.boundary, is_member) else None


def find_unshown(session: Session, slug: str) -> Item | None:
    """An item that waits or is hidden, for who looks after the library."""
    unshown = (ItemState.WAITING, ItemState.HIDDEN)
    return session.scalar(select(Item).where(Item.slug == slug, Item.state.in_(unshown)))


def related(session: Session, item: Item, is_member: bool, most: int = 3) -> list[Item]:
    """What shares most topics with an item, the newest of those first."""
    its_topics = select(ItemTopic.topic).where(ItemTopic.item_id == item.id)
    shared = (
        select(ItemTopic.item_id, func.count().label("shared"))
        .where(ItemTopic.topic.in_(its_topics), ItemTopic.item_id != item.id)
        .group_by(ItemTopic.item_id)
        .subquery()
    )
    found = _shown(is_member).join(shared, shared.c.item_id == Item.id)
    order = shared.c.shared.desc(), Item.published_at.desc(), Item.id.desc()
    return list(session.scalars(found.order_by(*order).limit(most)))


def is_for_members(session: Session, slug: str) -> bool:
    """Whether a page would open if one were signed in."""
    item = find_item(session, slug, is_member=True)
    return item is not None and item.boundary == Boundary.MEMBERS


def topics_of(session: Session, item_id: int) -> list[str]:
    """The topics of one item."""
    of_it = select(ItemTopic.topic).where(ItemTopic.item_id == item_id)
    return list(session.scalars(of_it.order_by(ItemTopic.topic)))


def _change_state(work: UnitOfWork, item_id: int, target: ItemState, by: Who) -> bool:
    this_item = Item.id == item_id
    return walk(work.session, Item.state, ITEMS, target, by, this_item, changed_at=work.now)


def retract(work: UnitOfWork, source: str, by: Who) -> None:
    """Leave only a tombstone of what was made from `source`. Harmless to repeat."""
    item = of_source(work.session, source)
    if item is None:
        return
    item.summary = item.body_html = item.byline = item.url = item.picture = ""
    work.session.execute(delete(ItemTopic).where(ItemTopic.item_id == item.id))
    forget_words(work.session, [item.id])
    work.session.flush()
    _change_state(work, item.id, ItemState.RETRACTED, by)
    work.session.refresh(item)


def new_material(session: Session, now: datetime, within: timedelta) -> list[Item]:
    """What was published lately and no issue has told about yet: the blocks of the next one."""
    return list(
        session.scalars(
            select(Item)
            .where(Item.state == fixed(ItemState.PUBLISHED), Item.used_in.is_(None))
            .where(Item.published_at > now - within)
            .order_by(Item.published_at.desc(), Item.id.desc())
            .limit(100)
        )
    )


def mark_used(work: UnitOfWork, item_ids: Collection[int], issue_number: int) -> None:
    """Remember which issue told about these; the first one counts."""
    work.session.execute(
        update(Item)
        .where(Item.id.in_(item_ids), Item.used_in.is_(None))
        .values(used_in=issue_number)
    )


def forget_used(work: UnitOfWork, issue_number: int) -> None:
    """An issue was taken back before it went out: it has told about nothing."""
    work.session.execute(update(Item).where(Item.used_in == issue_number).values(used_in=None))


def slug_of(title: str) -> str:
    """The title as a part of an address: plain letters, digits and hyphens."""
    return slugify(title, max_length=LONGEST_SLUG, word_boundary=True) or "item"


def free_slug(session: Session, title: str) -> str:
    """A slug that no item has yet."""
    wanted = slug_of(title)
    taken = RESERVED | set(session.scalars(select(Item.slug).where(Item.slug.like(f"{wanted}%"))))
    return untaken(wanted, taken)


def untaken(wanted: str, taken: Container[str]) -> str:
    """What is wanted, or with the first number at its end that nobody has."""
    if wanted not in taken:
        return wanted
    return next(slug for n in count(2) if (slug := f"{wanted}-{n}") not in taken)


def of_source(session: Session, source: str | None) -> Item | None:
    """The item that was made from something of ours."""
    return session.scalar(select(Item).where(Item.source == source)) if source else None
