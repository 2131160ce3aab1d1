"""Finding people as an organiser looks for them: by a part of a name, address or label, and by what
is known of them. What is asked is a value, so that a list, a count and a file ask the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import false, literal_column, table, true

from core.database import among, distinct
from core.i18n import N_
from core.word_index import has_words, plain_words_of
from members.models import Member, MemberLabel
from members.segments import EVERYBODY, Facts, Segment, matching

PAGE, MANY = 50, 20_000
INDEX = "member_words"


class Order(StrEnum):
    """In which order people stand in a list."""

    NEWEST = "newest"
    OLDEST = "oldest"
    NAME = "name"


ORDER_NAMES = {
    Order.NEWEST: N_("The newest first"),
    Order.OLDEST: N_("The oldest first"),
    Order.NAME: N_("By name"),
}
_COLUMNS = {
    Order.NEWEST: (Member.id.desc(),),
    Order.OLDEST: (Member.id,),
    Order.NAME: (Member.folded, Member.id),
}


@dataclass(frozen=True)
class Search:
    """Whom somebody looks for: words that fit, and a segment."""

    words: str = ""
    segment: Segment = EVERYBODY

    @property
    def is_for_everybody(self) -> bool:
        """Whether nothing is asked at all."""
        return not self.words.strip() and self.segment == EVERYBODY


@dataclass(frozen=True)
class Found:
    """Who is found: a condition of members; where words alone say it, also a query of their ids."""

    condition: ColumnElement[bool]
    ids: Select[int] | CompoundSelect[int] | None = None

    @classmethod
    def by(cls, ids: Select[int] | CompoundSelect[int]) -> Self:
        """Found by their ids."""
        return cls(Member.id.in_(ids), ids)


def find(session: Session, search: Search, facts: Facts, today: date) -> Found:
    """Who is found."""
    words = _named(session, search.words)
    conditions = [one.condition for one in words]
    condition = and_(true(), *conditions, matching(search.segment, facts, today))
    is_words_alone = len(words) == 1 and search.segment == EVERYBODY
    return Found(condition, words[0].ids if is_words_alone else None)


def fitting(session: Session, search: Search, facts: Facts, today: date) -> ColumnElement[bool]:
    """The condition under which a member is found."""
    return find(session, search, facts, today).condition


def page_of(
    session: Session, found: Found, order: Order, page: int, total: int = 0
) -> tuple[Sequence[Member], bool]:
    """A page of those who were found, so many in all, and whether there are more."""
    condition = found.condition
    if order is Order.NAME and found.ids is not None and total > MANY:
        # Of so many the first by name are near: SQLite walks the names, and sorts nothing.
        condition = (Member.id + 0).in_(found.ids)
    rows = select(Member).where(condition).order_by(*_COLUMNS[order])
    some = session.scalars(rows.offset((page - 1) * PAGE).limit(PAGE + 1)).all()
    return some[:PAGE], len(some) > PAGE


def count(session: Session, found: Found) -> int:
    """How many are found. Words alone are counted in their index, without looking at anybody."""
    everybody = select(Member.id).where(found.condition) if found.ids is None else found.ids
    return session.scalar(select(func.count()).select_from(everybody.subquery())) or 0


def ids(condition: ColumnElement[bool]) -> Select[int]:
    """Selects the ids of those who were found, in order of joining."""
    return select(Member.id).where(condition).order_by(Member.id)


def labels_of(session: Session, members: Sequence[int]) -> dict[int, list[str]]:
    """The labels of some people."""
    rows = select(MemberLabel.member_id, MemberLabel.label)
    theirs = rows.where(among(MemberLabel.member_id, members)).order_by(MemberLabel.label)
    found: dict[int, list[str]] = {}
    for member_id, label in session.execute(theirs):
        found.setdefault(member_id, []).append(label)
    return found


def labels(session: Session) -> list[str]:
    """Every label that somebody has."""
    return distinct(session, MemberLabel.label)


def _named(session: Session, typed: str) -> list[Found]:
    """Each word stands in the name, in the address, or begins a word of a label."""
    words = plain_words_of(typed)
    if typed.strip() and not words:  # nothing but marks: nobody is called that
        return [Found.by(select(Member.id).where(false()))]
    known = [(label, plain_words_of(label)) for label in labels(session)] if words else []
    found, in_names = [], []
    for word in words:
        having = [label for label, own in known if any(one.startswith(word) for one in own)]
        if having:
            # A union, not OR: only so are both found by their own index.
            labelled = select(MemberLabel.member_id).where(MemberLabel.label.in_(having))
            found.append(Found.by(_called(session, [word]).union(labelled)))
        else:
            in_names.append(word)
    return [*found, *([_by_name(session, in_names)] if in_names else [])]


def _by_name(session: Session, words: list[str]) -> Found:
    ids = _called(session, words)
    if session.get_bind().dialect.name == "sqlite":
        return Found.by(ids)
    return Found(has_words(session, INDEX, Member.folded, words), ids)


def _called(session: Session, words: list[str]) -> Select[int]:
    has_all = has_words(session, INDEX, Member.folded, words)
    if session.get_bind().dialect.name != "sqlite":
        return select(Member.id).where(has_all)
    row: ColumnElement[int] = literal_column("rowid")
    return select(row).select_from(table(INDEX)).where(has_all)
