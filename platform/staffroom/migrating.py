"""Bringing the database to the shape that this version needs."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from core.database import Database
from core.places import migrations


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration, made here so that an installed wheel needs no `alembic.ini`."""
    config = Config()
    config.set_main_option("script_location", str(migrations()))
    config.attributes["connection"] = connection
    return config


def migrate(database: Database) -> None:
    """Upgrade to the newest shape; nothing happens if it is there already."""
    with upgrading(database) as connection:
        command.upgrade(configuration(connection), "head")


@contextmanager
def upgrading(database: Database) -> Iterator[Connection]:
    """A transaction in which tables may be made anew without losing what belongs to their rows.

    To drop a table deletes in SQLite, by foreign keys, whatever refers to its rows. So they are off
    meanwhile, which has to be said before the transaction begins, and are checked at its end
    (https://sqlite.org/lang_altertable.html#otheralter). Raises RuntimeError if they do not hold.
    """
    with database.engine.connect() as connection:
        _check_foreign_keys(connection, "OFF")
        try:
            with connection.begin():
                yield connection
                _check_references(connection)
        finally:
            _check_foreign_keys(connection, "ON")


def _check_foreign_keys(connection: Connection, whether: str) -> None:
    if connection.dialect.name == "sqlite":
        driver = connection.connection.driver_connection
        assert driver is not None  # noqa: S101 - it was opened a moment ago
        driver.execute(f"PRAGMA foreign_keys={whether}")


def _check_references(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.execute(text("PRAGMA foreign_key_check")).first()
    if broken is not None:
        raise RuntimeError(f"a row of {broken[0]} refers to one that is not there")
