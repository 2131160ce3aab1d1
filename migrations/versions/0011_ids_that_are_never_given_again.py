"""In SQLite, ids of workshops and places are never given again: an old link opens nobody's page.

Migration 0006 made both tables anew and forgot it.
"""

from alembic import op
from sqlalchemy import text

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = ("workshop", "registration")
PLAIN, NEVER_AGAIN = "id INTEGER NOT NULL", "id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT"
ENDS = ("\tPRIMARY KEY (id), \n", "\tCONSTRAINT pk_{table} PRIMARY KEY (id), \n")


def upgrade() -> None:
    """Make each table anew from its own definition; rows and indexes stay what they are."""
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            _make_anew(table)


def downgrade() -> None:
    """It does no harm."""


def _make_anew(table: str) -> None:
    connection = op.get_bind()
    of_table = {"table": table}
    find = "SELECT sql FROM sqlite_master WHERE type = :kind AND tbl_name = :table AND sql NOT NULL"
    [made] = connection.scalars(text(find), {"kind": "table", **of_table}).all()
    if "AUTOINCREMENT" in made:
        return
    indexes = connection.scalars(text(find), {"kind": "index", **of_table}).all()
    body = made[made.index("(") :].replace(PLAIN, NEVER_AGAIN, 1)
    for end in ENDS:
        body = body.replace(end.format(table=table), "", 1)
    op.execute(f"CREATE TABLE {table}_anew {body}")
    columns = ", ".join(row[1] for row in connection.execute(text(f"PRAGMA table_info({table})")))
    copied = f"INSERT INTO {table}_anew ({columns}) SELECT {columns} FROM {table}"  # noqa: S608
    op.execute(copied)
    op.execute(f"DROP TABLE {table}")
    op.execute(f"ALTER TABLE {table}_anew RENAME TO {table}")
    for index in indexes:
        op.execute(index)
