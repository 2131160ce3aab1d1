"""Keeping topics tidy: how often each is used, another name for one, two that become one."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core.database import insert_if_new
from core.errors import Refusal
from core.i18n import N_
from core.unit_of_work import UnitOfWork
from library.items import MOST_TOPICS, in_known_spelling, tidy_topics
from library.models import ItemTopic
from library.searching import find_anew


@dataclass(frozen=True)
class Used:
    """A topic, and how many things have it."""

    topic: str
    count: int


def used(session: Session, most: int = 500) -> list[Used]:
    """Every topic that something has, in the order of the alphabet."""
    rows = session.execute(
        select(ItemTopic.topic, func.count())
        .group_by(ItemTopic.topic)
        .order_by(func.lower(ItemTopic.topic), ItemTopic.topic)
        .limit(most)
    )
    return [Used(topic, count) for topic, count in rows]


def rename(work: UnitOfWork, topic: str, wanted: str) -> int:
    """Call a topic otherwise; if another is called so, they become one. Says of how many things.

    Raises Refusal if nothing was typed. Harmless to repeat.
    """
    tidy = tidy_topics([wanted])
    if not tidy:
        raise Refusal(N_("Please write what the topic is called."), "wanted")
    others = _written_otherwise(work.session, topic, tidy[0])
    ids = list(
        work.session.scalars(
            select(ItemTopic.item_id).where(ItemTopic.topic.in_(others)).distinct()
        )
    )
    _put(work, ids, tidy[0])
    work.session.execute(delete(ItemTopic).where(ItemTopic.topic.in_(others)))
    find_anew(work.session, ids)
    return len(ids)


def _written_otherwise(session: Session, topic: str, wanted: str) -> list[str]:
    """The topic, and what is `wanted` in other capital letters."""
    every = session.scalars(select(ItemTopic.topic).distinct())
    meant = {topic, *(one for one in every if one.casefold() == wanted.casefold())}
    return [one for one in meant if one != wanted]


def drop(work: UnitOfWork, topic: str) -> int:
    """Take a topic off everything that has it. Harmless to repeat."""
    ids = list(work.session.scalars(select(ItemTopic.item_id).where(ItemTopic.topic == topic)))
    work.session.execute(delete(ItemTopic).where(ItemTopic.topic == topic))
    find_anew(work.session, ids)
    return len(ids)


def put_on(work: UnitOfWork, ids: Collection[int], topic: str) -> list[int]:
    """Put a topic on things that do not have it yet, and have room for one; says on which.

    Raises Refusal if it is none.
    """
    tidy = in_known_spelling(work.session, tidy_topics([topic]))
    if not tidy:
        raise Refusal(N_("Please write what the topic is called."), "topic")
    full = (
        select(ItemTopic.item_id)
        .where(ItemTopic.item_id.in_(ids))
        .group_by(ItemTopic.item_id)
        .having(func.count() >= MOST_TOPICS)
    )
    has_it = select(ItemTopic.item_id).where(ItemTopic.topic == tidy[0])
    without = {*work.session.scalars(full), *work.session.scalars(has_it)}
    new = [one for one in ids if one not in without]
    _put(work, new, tidy[0])
    find_anew(work.session, new)
    return new


def _put(work: UnitOfWork, ids: Collection[int], topic: str) -> None:
    rows = [{"item_id": one, "topic": topic} for one in ids]
    if rows:
        work.session.connection().execute(insert_if_new(work.session, ItemTopic), rows)
