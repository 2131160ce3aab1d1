"""Which stored files the library holds, and who may have each."""

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from core.stored_files import Reader, Served, StoredFile
from library.kinds import may_see
from library.models import Collection, Item
from library.states import ItemState

_OF_ITEMS = (Item.picture, Item.cover, Item.file)


def held_files() -> Select[int]:
    """The pictures that the library shows, and the files that it gives out."""
    by_items = [select(column).where(column != "") for column in _OF_ITEMS]
    by_collections = select(Collection.cover).where(Collection.cover != "")
    held = [StoredFile.name.in_(one) for one in (*by_items, by_collections)]
    return select(StoredFile.id).where(or_(*held))


def may_have(
    session: Session, file: StoredFile, reader: Reader, *, looks_after: bool
) -> Served | None:
    """What is shown is for whom that is for; who looks after the library sees also what waits.

    A file of the library is not given out by its name: it has an address of its own.
    """
    if file.is_apart:
        return None
    boundaries = set(session.scalars(_shown_with(file.name)))
    if any(may_see(boundary, is_member=False) for boundary in boundaries):
        return Served.TO_ALL
    is_member = reader.member_id is not None
    for_them = is_member and any(may_see(boundary, is_member) for boundary in boundaries)
    if for_them or (looks_after and _is_held(session, file.name)):
        return Served.TO_THIS_ONE
    return None


def _shown_with(name: str) -> Select[str]:
    """How far the things may go that this picture stands for and that are shown."""
    its = or_(Item.picture == name, Item.cover == name)
    items = select(Item.boundary).where(its, Item.state == ItemState.PUBLISHED)
    its_collections = Collection.cover == name, Collection.is_shown
    return items.union_all(select(Collection.boundary).where(*its_collections))  # type: ignore[return-value]


def _is_held(session: Session, name: str) -> bool:
    its = or_(Item.picture == name, Item.cover == name)
    in_items = session.scalar(select(Item.id).where(its).limit(1))
    in_collections = session.scalar(select(Collection.id).where(Collection.cover == name).limit(1))
    return in_items is not None or in_collections is not None
