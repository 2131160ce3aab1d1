"""Do the migrations make the tables that the models describe, and can the last one be undone?"""

import tempfile
from pathlib import Path

from alembic import command

from core.database import open_database
from staffroom.migrating import configuration, upgrading


def check(url: str) -> None:
    """Upgrade an empty database, compare, and go one step back and forth."""
    database = open_database(url)
    for step in (command.upgrade, None, command.downgrade, command.upgrade):
        with upgrading(database) as connection:
            config = configuration(connection)
            if step is None:
                command.check(config)
            else:
                step(config, "-1" if step is command.downgrade else "head")
    database.engine.dispose()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        check(f"sqlite:///{Path(folder) / 'empty.db'}")
    print("The migrations are right.")  # noqa: T201
