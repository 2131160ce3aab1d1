"""One act on many things of the shelf at once."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import or_, select, update

from core.actors import Who
from core.errors import Refusal
from core.i18n import LANGUAGES, N_, Message
from core.transitions import edge
from core.unit_of_work import UnitOfWork
from library import collections, topics
from library.kinds import Boundary, Licence
from library.models import Collection as Group
from library.models import Item
from library.removing import put_back, remove
from library.states import ITEMS, ItemState

AT_A_TIME = 500


class ManyAct(StrEnum):
    """What can be done with many at once."""

    SHOW = "show"
    HIDE = "hide"
    REMOVE = "remove"
    PUT_BACK = "put-back"
    TOPIC = "topic"
    COLLECTION = "collection"
    BOUNDARY = "boundary"
    LANGUAGE = "language"
    LICENCE = "licence"


ACT_NAMES: dict[ManyAct, Message] = {
    ManyAct.SHOW: N_("Publish"),
    ManyAct.HIDE: N_("Hide"),
    ManyAct.TOPIC: N_("Give a topic"),
    ManyAct.COLLECTION: N_("Add to a collection"),
    ManyAct.BOUNDARY: N_("Change who may see them"),
    ManyAct.LANGUAGE: N_("Change the language"),
    ManyAct.LICENCE: N_("Change the licence"),
    ManyAct.REMOVE: N_("Remove"),
    ManyAct.PUT_BACK: N_("Put back"),
}


@dataclass(frozen=True)
class Wanted:
    """An act, and with what."""

    act: ManyAct
    topic: str = ""
    collection: int = 0
    boundary: str = ""
    language: str = ""
    licence: str = ""


def do(work: UnitOfWork, ids: Collection[int], wanted: Wanted) -> list[int]:
    """Do it with all of them; says with which it was done. Raises Refusal; then with none.

    Harmless to repeat: what is so already counts as not done.
    """
    listed = sorted(set(ids))
    done: list[int] = []
    for start in range(0, len(listed), AT_A_TIME):
        done += _some(work, listed[start : start + AT_A_TIME], wanted)
    return done


def _some(work: UnitOfWork, ids: list[int], wanted: Wanted) -> list[int]:
    match wanted.act:
        case ManyAct.SHOW:
            return _take_to(work, ids, ItemState.PUBLISHED)
        case ManyAct.HIDE:
            return _take_to(work, ids, ItemState.HIDDEN)
        case ManyAct.REMOVE:
            return remove(work, ids)
        case ManyAct.PUT_BACK:
            return put_back(work, ids)
        case ManyAct.TOPIC:
            return topics.put_on(work, _there(work, ids), wanted.topic)
        case ManyAct.COLLECTION:
            _check_collection(work, wanted.collection)
            return collections.put_in(work, wanted.collection, _there(work, ids))
        case ManyAct.BOUNDARY | ManyAct.LANGUAGE | ManyAct.LICENCE:
            return _set(work, ids, wanted)


def _there(work: UnitOfWork, ids: list[int]) -> list[int]:
    """Those that are still in the library."""
    return list(work.session.scalars(select(Item.id).where(Item.id.in_(ids)).order_by(Item.id)))


def _take_to(work: UnitOfWork, ids: list[int], state: ItemState) -> list[int]:
    """What was removed is put back first, and a tombstone stays: neither is shown by a slip."""
    begins = [one for one in ITEMS.sources(state) if one is not ItemState.RETRACTED]
    step = edge(Item.state, ITEMS, state, Who.ORGANISER, begins, changed_at=work.now)
    there = step.where(Item.id.in_(ids), Item.removed_at.is_(None))
    return list(work.session.scalars(there.returning(Item.id)))


def _check_collection(work: UnitOfWork, number: int) -> None:
    if work.session.get(Group, number) is None:
        raise Refusal(N_("Please choose a collection."), "collection")


def _set(work: UnitOfWork, ids: list[int], wanted: Wanted) -> list[int]:
    """How far what somebody sent in may go is for them to say, and so is the rest of it.

    The licence of what a feed brings is its makers'.
    """
    is_changed = or_(Item.source.is_(None), ~Item.source.like("contribution:%"))
    if wanted.act is ManyAct.LICENCE:
        is_changed &= Item.feed_id.is_(None)
    changed = work.session.scalars(
        update(Item)
        .where(Item.id.in_(ids), is_changed)
        .values(**_value(wanted), changed_at=work.now, version=Item.version + 1)
        .returning(Item.id)
        .execution_options(synchronize_session=False)
    )
    return list(changed)


def _value(wanted: Wanted) -> dict[str, str]:
    """What is set to what. Raises Refusal if nothing was chosen."""
    chosen, known, words = {
        ManyAct.BOUNDARY: (
            wanted.boundary,
            (Boundary.ANYONE, Boundary.MEMBERS),
            N_("Please choose who may see them."),
        ),
        ManyAct.LANGUAGE: (wanted.language, LANGUAGES, N_("Please choose a language.")),
        ManyAct.LICENCE: (wanted.licence, tuple(Licence), N_("Please choose a licence.")),
    }[wanted.act]
    if chosen not in known:
        raise Refusal(words, wanted.act)
    return {str(wanted.act): chosen}
