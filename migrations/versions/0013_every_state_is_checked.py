"""The database checks the stage of a workshop and the state of a co-author, as all other states."""

from alembic import op
from sqlalchemy import text

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

CHECKS = {
    "workshop": (
        "stage",
        (
            "stage IN ('draft', 'ready', 'inviting', 'open', 'closed', 'postponed', 'cancelled', "
            "'complete')"
        ),
    ),
    "contribution_co_author": ("state", "state IN ('invited', 'accepted', 'declined', 'removed')"),
}


def upgrade() -> None:
    """Add both checks; on SQLite each table is made anew from its own definition."""
    for table, (column, check) in CHECKS.items():
        name = f"ck_{table}_{column}"
        if op.get_bind().dialect.name == "sqlite":
            _make_anew(table, f", \n\tCONSTRAINT {name} CHECK ({check})")
        else:
            op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({check})")


def downgrade() -> None:
    """They do no harm on SQLite; elsewhere they go, so that they can be added again."""
    if op.get_bind().dialect.name != "sqlite":
        for table, (column, _) in CHECKS.items():
            op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{column}")


def _make_anew(table: str, constraint: str) -> None:
    connection = op.get_bind()
    find = "SELECT sql FROM sqlite_master WHERE type = :kind AND tbl_name = :table AND sql NOT NULL"
    [made] = connection.scalars(text(find), {"kind": "table", "table": table}).all()
    if constraint.strip(", \n\t") in made:
        return
    indexes = connection.scalars(text(find), {"kind": "index", "table": table}).all()
    body = made[made.index("(") : made.rindex(")")].rstrip() + constraint + "\n)"
    op.execute(f"CREATE TABLE {table}_anew {body}")
    columns = ", ".join(row[1] for row in connection.execute(text(f"PRAGMA table_info({table})")))
    op.execute(f"INSERT INTO {table}_anew ({columns}) SELECT {columns} FROM {table}")  # noqa: S608
    op.execute(f"DROP TABLE {table}")
    op.execute(f"ALTER TABLE {table}_anew RENAME TO {table}")
    for index in indexes:
        op.execute(index)
