"""Bringing the database to the shape that this version needs."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

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
    with database.engine.begin() as connection:
        command.upgrade(configuration(connection), "head")
