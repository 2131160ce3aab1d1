"""Taking things out of the library for good, with thirty days to put them back."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import delete, or_, select, update

from core.actors import Who
from core.database import fixed
from core.i18n import N_
from core.retention import Ground, Rule
from core.transitions import edge
from core.unit_of_work import UnitOfWork
from library.models import CollectionItem, Item, ItemTopic, Transcript
from library.searching import forget_words
from library.states import ITEMS, ItemState

PUT_BACK_FOR = timedelta(days=30)
AT_A_TIME = 500
EMPTIED = ("title", "summary", "body_html", "byline", "url", "media_url", "picture", "picture_url",
           "cover", "removed_from")  # fmt: skip
"""Of an entry of a feed; without the state that it comes from it cannot be put back."""


def remove(work: UnitOfWork, ids: Collection[int]) -> list[int]:
    """Take things out; says which. What somebody sent in stays: the desk retracts that.

    Harmless to repeat: what was taken out already is left as it is.
    """
    theirs = Item.source.like("contribution:%")
    marked = work.session.scalars(
        update(Item)
        .where(Item.id.in_(ids), Item.removed_at.is_(None), or_(Item.source.is_(None), ~theirs))
        .where(Item.state != fixed(ItemState.RETRACTED))
        .values(removed_at=work.now, removed_from=Item.state, version=Item.version + 1)
        .returning(Item.id)
        .execution_options(synchronize_session=False)
    ).all()
    hidden = edge(Item.state, ITEMS, ItemState.HIDDEN, Who.ORGANISER, changed_at=work.now)
    work.session.execute(hidden.where(Item.id.in_(marked)))
    return list(marked)


def put_back(work: UnitOfWork, ids: Collection[int]) -> list[int]:
    """Put things back where they were; says which. Harmless to repeat."""
    back: list[int] = []
    for state in (ItemState.PUBLISHED, ItemState.WAITING, ItemState.HIDDEN):
        was_there = work.session.scalars(
            update(Item)
            .where(Item.id.in_(ids), Item.removed_at.is_not(None), Item.removed_from == state)
            .values(removed_at=None, removed_from="", changed_at=work.now, version=Item.version + 1)
            .returning(Item.id)
            .execution_options(synchronize_session=False)
        ).all()
        back += was_there
        if state != ItemState.HIDDEN:
            again = edge(Item.state, ITEMS, state, Who.ORGANISER, changed_at=work.now)
            work.session.execute(again.where(Item.id.in_(was_there)))
    return back


def purge_removed(work: UnitOfWork) -> int:
    """Delete what was taken out long enough ago; of an entry of a feed only its mark is left.

    Without that mark the feed would bring it again.
    """
    is_left = or_(Item.feed_id.is_(None), Item.title != "")
    over = select(Item.id).where(Item.removed_at <= work.now - PUT_BACK_FOR, is_left)
    gone = list(work.session.scalars(over.limit(AT_A_TIME)))
    forget_words(work.session, gone)
    work.session.execute(delete(CollectionItem).where(CollectionItem.item_id.in_(gone)))
    work.session.execute(delete(ItemTopic).where(ItemTopic.item_id.in_(gone)))
    work.session.execute(delete(Transcript).where(Transcript.item_id.in_(gone)))
    ours = work.change(delete(Item).where(Item.id.in_(gone), Item.feed_id.is_(None)))
    emptied = work.change(
        update(Item)
        .where(Item.id.in_(gone), Item.feed_id.is_not(None))
        .values(dict.fromkeys(EMPTIED, ""))
    )
    return ours + emptied


RULE = Rule(
    "removed-items",
    N_("What organisers took out of the library"),
    N_("So that it can be put back"),
    Ground.INTEREST,
    PUT_BACK_FOR,
    purge_removed,
)
