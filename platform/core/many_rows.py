"""Many new rows at once, with one plan and one text however many they are.

PostgreSQL gets them as one JSON parameter: as thousands of values in the text of a statement, the
driver takes longer to read it than the server to carry it out. SQLite takes them one by one.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import orjson
from sqlalchemy import Row, Table, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session

from core.database import Base


def insert_new(
    session: Session,
    model: type[Base],
    rows: Sequence[Mapping[str, Any]],
    returning: Sequence[str] = (),
) -> Sequence[Row[Any]]:
    """Add rows, each with the same columns; one whose unique key is taken is left out.

    Gives back these columns of the rows that were added. Nothing stands for a column that is
    missing but what the database itself knows.
    """
    if not rows:
        return []
    session.flush()
    table = cast(Table, model.__table__)
    if session.get_bind().dialect.name == "sqlite":
        return _one_by_one(session, table, rows, returning)
    added = session.connection().execute(
        text(_as_one(session, table, tuple(rows[0]), returning)), {"rows": _as_json(rows)}
    )
    return added.all() if returning else []


def _one_by_one(
    session: Session, table: Table, rows: Sequence[Mapping[str, Any]], returning: Sequence[str]
) -> Sequence[Row[Any]]:
    added = sqlite.insert(table).on_conflict_do_nothing()
    values = [dict(row) for row in rows]
    if not returning:
        session.connection().execute(added, values)
        return []
    named = added.returning(*(table.c[name] for name in returning))
    return session.connection().execute(named, values).all()


def _as_one(session: Session, table: Table, names: Sequence[str], returning: Sequence[str]) -> str:
    dialect = session.get_bind().dialect
    quote = dialect.identifier_preparer.quote
    columns = ", ".join(map(quote, names))
    typed = ", ".join(f"{quote(n)} {table.c[n].type.compile(dialect)}" for n in names)
    back = f" RETURNING {', '.join(map(quote, returning))}" if returning else ""
    # Only names of our own columns are put together here.
    return (
        f"INSERT INTO {quote(table.name)} ({columns}) "  # noqa: S608
        f"SELECT {columns} FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given({typed}) "
        f"ON CONFLICT DO NOTHING{back}"
    )


def _as_json(rows: Sequence[Mapping[str, Any]]) -> str:
    return orjson.dumps(rows, default=_plain).decode()


def _plain(value: object) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value)
