"""The one way to walk an edge of a table of states.

A state changes only by an UPDATE that names the states it may come from: of two who act at once,
one finds nothing to change.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Update, or_, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.actors import Who
from core.database import fixed
from core.errors import Refusal
from core.i18n import N_
from core.state_tables import State, StateTable


def edge(
    column: InstrumentedAttribute[Any],
    table: StateTable[State],
    target: State,
    by: Who,
    only_from: Collection[State] | None = None,
    **values: Any,
) -> Update:
    """The UPDATE that takes rows to `target`: all of them that stand where an edge begins.

    `only_from` narrows where they may come from, `values` are written along; which rows is the
    caller's to add. Raises Refusal if it is not for `by` to do, ValueError for an edge that does
    not exist.
    """
    if by not in table.who[target]:
        raise Refusal(N_("This is not yours to do."))
    sources = table.sources(target)
    if only_from is not None and not set(only_from) <= set(sources):
        raise ValueError(f"no edge leads from {sorted(only_from)} to {target}")
    states = sources if only_from is None else tuple(only_from)
    return (
        update(column.class_)
        # Written with OR and into the SQL: only so do partial indexes apply on SQLite.
        .where(or_(*(column == fixed(state) for state in states)))
        .values(**{column.key: target, **values})
        .execution_options(synchronize_session=False)
    )


def walk(
    session: Session,
    column: InstrumentedAttribute[Any],
    table: StateTable[State],
    target: State,
    by: Who,
    *where: ColumnElement[bool],
    only_from: Collection[State] | None = None,
    **values: Any,
) -> bool:
    """Take the row that `where` names to `target`; says whether it stood where an edge begins.

    What is loaded of it has to be refreshed.
    """
    step = edge(column, table, target, by, only_from, **values)
    return session.execute(step.where(*where).returning(column)).first() is not None
