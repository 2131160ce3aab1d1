"""The one way to walk an edge of a table of states.

A state changes only by an UPDATE that names the states it may come from: of two who act at once,
one finds nothing to change.
"""

from typing import Any

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.state_tables import State, StateTable


def walk(
    session: Session,
    column: InstrumentedAttribute[str],
    table: StateTable[State],
    target: State,
    *where: ColumnElement[bool],
    **values: Any,
) -> bool:
    """Take the row to `target` if it stands where an edge begins; says whether it did.

    `where` names the row, `values` are written along. What is loaded of it has to be refreshed.
    """
    sources = [str(state) for state in table.sources(target)]
    walked = session.execute(
        update(column.class_)
        .where(*where, column.in_(sources))
        .values(**{column.key: str(target), **values})
        .returning(column)
        .execution_options(synchronize_session=False)
    ).first()
    return walked is not None
