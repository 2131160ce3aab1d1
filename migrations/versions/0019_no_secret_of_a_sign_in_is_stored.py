"""The link and the code of a sign-in are made when its mail leaves; nothing of them is stored."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

NEVER_AGAIN = {"sqlite_autoincrement": True}


def upgrade() -> None:
    """Whoever is about to sign in asks once more: what is open now has other secrets."""
    op.execute("DELETE FROM sign_in_request")
    last = _last_id()
    with op.batch_alter_table("sign_in_request", table_kwargs=NEVER_AGAIN) as table:
        table.drop_constraint("uq_sign_in_request_link_hash", type_="unique")
        table.drop_column("link_hash")
        table.drop_column("code_hash")
    if last is not None:
        again = sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES ('sign_in_request', :last)")
        op.get_bind().execute(again, {"last": last})


def _last_id() -> int | None:
    """SQLite makes the table anew, and would begin again with ids that links have had."""
    if op.get_bind().dialect.name != "sqlite":
        return None
    seen = sa.text("SELECT seq FROM sqlite_sequence WHERE name = 'sign_in_request'")
    found: int | None = op.get_bind().scalar(seen)
    return found


def downgrade() -> None:
    """The columns come back empty, so what is open goes."""
    op.execute("DELETE FROM sign_in_request")
    with op.batch_alter_table("sign_in_request", table_kwargs=NEVER_AGAIN) as table:
        table.add_column(sa.Column("link_hash", sa.String(64), nullable=False))
        table.add_column(sa.Column("code_hash", sa.String(64), nullable=False))
        table.create_unique_constraint("uq_sign_in_request_link_hash", ["link_hash"])
