"""The database: SQLite (WAL) or PostgreSQL behind one engine, UTC everywhere.

Write transactions on SQLite begin IMMEDIATE, so two writers wait for each other instead of
failing half-way; readers never block.
"""

import json
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol, Self, TypeVar

import orjson
from sqlalchemy import (
    ARRAY,
    JSON,
    CheckConstraint,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    Text,
    bindparam,
    cast,
    create_engine,
    event,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session, sessionmaker
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter, ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

SQLITE_BUSY_SECONDS = 30
CONNECT_SECONDS = 5
"""How long to wait for a connection, from the pool or from PostgreSQL, before saying so."""
CONNECTIONS = 16
"""How many threads of one process may use the database at once; the web's thread limit."""
DEADLOCK = "40P01"
"""SQLSTATE of what PostgreSQL gives up because two wait for each other."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; refuses a time without a zone, and always gives one back with it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


NEVER_REUSED = {"sqlite_autoincrement": True}
"""For tables whose ids are in tokens or keys: without it SQLite gives a deleted id to the next row,
and an old link would act for a stranger."""


class Base(DeclarativeBase):
    """The parent of all tables; its constraint names are the same on every database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012 - SQLAlchemy's own shape


class Stored(Protocol):
    """A value that knows how it is kept as JSON."""

    def to_json(self) -> dict[str, Any]: ...

    @classmethod
    def from_json(cls, kept: Mapping[str, Any], /) -> Self: ...


StoredValue = TypeVar("StoredValue", bound=Stored)


class JsonOf(TypeDecorator[StoredValue]):
    """A column whose value is one of our own types; the database keeps it as JSON."""

    impl = JSON
    cache_ok = True

    def __init__(self, kind: type[StoredValue]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: StoredValue | None, dialect: Dialect) -> Any:
        return None if value is None else value.to_json()

    def process_result_value(self, value: Any, dialect: Dialect) -> StoredValue | None:
        return None if value is None else self.kind.from_json(value)


def one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    """What a database checks of a column: one of these words, and nothing else."""
    listed = ", ".join(repr(str(word)) for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def fixed(value: str) -> BindParameter[str]:
    """A constant that is written into the SQL, not bound: only so do partial indexes apply."""
    return literal(str(value), literal_execute=True)


class json_object(FunctionElement[Any]):  # noqa: N801 - it reads as the SQL function it is
    """A JSON object made by the database: `json_object("name", column, …)`."""

    type = JSON()
    inherit_cache = True

    def __init__(self, *pairs: object) -> None:
        super().__init__(*(literal(p) if isinstance(p, str) else p for p in pairs))


@compiles(json_object, "sqlite")
def _json_on_sqlite(element: json_object, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_object({compiler.process(element.clauses, **kw)})"


@compiles(json_object, "postgresql")
def _json_on_postgresql(element: json_object, compiler: SQLCompiler, **kw: Any) -> str:
    # PostgreSQL cannot tell the type of a bare parameter here.
    pairs = ", ".join(f"CAST({compiler.process(c, **kw)} AS TEXT)" for c in element.clauses)
    return f"json_build_object({pairs})"


Kind = type[TypeEngine[Any]]


class _Listed(TypeDecorator[Sequence[Any]]):
    """A list as one parameter, so that a statement's text never depends on its length.

    (psycopg prepares and caches no statement with more than 50 parameters.)
    """

    impl = Text
    cache_ok = True

    def __init__(self, of: Kind = Integer) -> None:
        super().__init__()
        self.of = of

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        # A true array, not a text that is cast to one: only so does PostgreSQL plan with its
        # content. Seen: 120 ms instead of 1 for 500 ids, on a table without statistics.
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(self.of))

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:
        listed = list(value or ())
        return json.dumps(listed) if dialect.name == "sqlite" else listed


class place_in(FunctionElement[int]):  # noqa: N801 - as above
    """Where in a text another begins, from 1 on; 0 if it is not in it."""

    type = Integer()
    inherit_cache = True


@compiles(place_in, "sqlite")
def _place_in_sqlite(element: "place_in", compiler: Any, **how: Any) -> str:
    return f"instr({compiler.process(element.clauses, **how)})"


@compiles(place_in, "postgresql")
def _place_in_postgresql(element: "place_in", compiler: Any, **how: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **how)})"


class iso_day(FunctionElement[str]):  # noqa: N801 - as above
    """The day of a moment, in UTC, as `2026-11-29`."""

    type = Text()
    inherit_cache = True


@compiles(iso_day, "sqlite")
def _iso_day_sqlite(element: "iso_day", compiler: Any, **how: Any) -> str:
    return f"substr({compiler.process(element.clauses, **how)}, 1, 10)"


@compiles(iso_day, "postgresql")
def _iso_day_postgresql(element: "iso_day", compiler: Any, **how: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **how)} AT TIME ZONE 'UTC', 'YYYY-MM-DD')"


class among(FunctionElement[Any]):  # noqa: N801 - as above
    """Whether a column is one of a list: `among(column, ids)`, or texts with `of=Text`."""

    # Not Boolean: SQLite has none, so SQLAlchemy would write `(…) = 1`, which no index can serve.
    type = Integer()
    inherit_cache = True

    def __init__(
        self,
        column: object,
        listed: Sequence[Any] | str,
        of: Kind = Integer,
    ) -> None:
        """`listed` may also be the name of a parameter, for a statement that is made once."""
        wanted: BindParameter[Any] = (
            bindparam(listed, type_=_Listed(of))
            if isinstance(listed, str)
            else literal(listed, _Listed(of))
        )
        super().__init__(column, wanted)


@compiles(among, "sqlite")
def _among_on_sqlite(element: among, compiler: SQLCompiler, **kw: Any) -> str:
    column, ids = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({ids}))"  # noqa: S608 - both are compiled


@compiles(among, "postgresql")
def _among_on_postgresql(element: among, compiler: SQLCompiler, **kw: Any) -> str:
    column, ids = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{column} = ANY ({ids})"


def has_collided(error: DBAPIError) -> bool:
    """Whether somebody else wrote the same, or took away what this refers to, at this moment."""
    return isinstance(error, IntegrityError) or getattr(error.orig, "sqlstate", "") == DEADLOCK


def insert_if_new(session: Session, table: type[Base]) -> SqliteInsert | PostgresqlInsert:
    """An INSERT that does nothing where a unique key is taken; RETURNING then gives no row."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


def looked_up(
    column: ColumnElement[int], texts: str, ids: str
) -> tuple[ColumnElement[bool], ColumnElement[str]]:
    """A condition and a value: rows whose id is a key of a JSON object, and the text of each.

    For an UPDATE on PostgreSQL that gives each row a text of its own in one statement with one
    plan. `texts` and `ids` name its parameters: the object as JSON, and its keys.
    """
    document: BindParameter[str] = bindparam(texts, type_=Text())
    return among(column, ids), cast(document, JSONB).op("->>")(cast(column, Text))


def distinct(session: Session, column: InstrumentedAttribute[str]) -> list[str]:
    """The values of a column that an index begins with: one step in it for each, however many rows
    there are."""
    found = select(func.min(column).label("value")).cte("found", recursive=True)
    after = select(func.min(column)).where(column > found.c.value).scalar_subquery()
    found = found.union_all(select(after).where(found.c.value.is_not(None)))
    return list(session.scalars(select(found.c.value).where(found.c.value.is_not(None))))


def sqlite_text(moment: datetime) -> str:
    """A moment as SQLite keeps it, for a statement that is handed to the driver."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def look_over(session: Session, *tables: type[Base]) -> None:
    """Let PostgreSQL learn what is in these tables, after much came in at once: without statistics
    it plans a join as one look through everything for each row. (SQLite needs none.)"""
    if session.get_bind().dialect.name == "postgresql":
        for table in tables:
            session.execute(text(f'ANALYZE "{table.__tablename__}"'))


@dataclass(frozen=True)
class Database:
    """An engine with two kinds of sessions: `writing` ones and `reading` ones."""

    engine: Engine
    writing: sessionmaker[Session]
    reading: sessionmaker[Session]
    turn: AbstractContextManager[object]
    """Held while writing. SQLite's own waiting is unfair: with 16 threads some waited seconds."""


def open_database(url: str, connections: int = CONNECTIONS) -> Database:
    """A database ready for use; connects at first use, not here."""
    engine = create_engine(make_url(url), **_engine_options(url, connections))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    reader = engine.execution_options(staffroom_reading=True, **_read_only(engine))
    return Database(
        engine,
        sessionmaker(engine, expire_on_commit=False),
        sessionmaker(reader, expire_on_commit=False),
        threading.RLock() if engine.dialect.name == "sqlite" else nullcontext(),
    )


def _engine_options(url: str, connections: int) -> Mapping[str, Any]:
    # Parameters are addresses and names: they must not reach a log through an error message.
    options: dict[str, Any] = {
        "pool_size": connections,
        "max_overflow": 4,
        "hide_parameters": True,
        "pool_timeout": CONNECT_SECONDS,
        "json_deserializer": orjson.loads,
    }
    if url.startswith("sqlite"):
        options["connect_args"] = {"timeout": SQLITE_BUSY_SECONDS, "check_same_thread": False}
    else:
        options["pool_pre_ping"] = True
        options["connect_args"] = {"connect_timeout": CONNECT_SECONDS}
    return options


def _read_only(engine: Engine) -> dict[str, bool]:
    return {"postgresql_readonly": True} if engine.dialect.name == "postgresql" else {}


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    # Its own knows the letters of English only, and people look for Åsa Öhman.
    connection.create_function("lower", 1, _lower, deterministic=True)
    for pragma in (
        "journal_mode=WAL",
        # FULL, not NORMAL: after a power cut a "sending" that was forgotten is a mail sent twice.
        "synchronous=FULL",
        "foreign_keys=ON",
        "cache_size=-8000",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _lower(text: str | float | None) -> str | float | None:
    return text.lower() if isinstance(text, str) else text


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("staffroom_reading", False)
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - it is about to be used
    # As PostgreSQL does: a write while reading is an error, instead of lost without a word.
    driver.execute(f"PRAGMA query_only={int(reading)}")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
