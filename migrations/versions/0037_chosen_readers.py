"""Whom a draft is for: a saved segment, a label, or those of a workshop."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A number becomes a word: segments keep theirs."""
    op.add_column("issue", sa.Column("chosen", sa.String(80), nullable=False, server_default=""))
    op.execute("UPDATE issue SET chosen = CAST(readers AS VARCHAR(20)) WHERE readers > 0")
    op.drop_column("issue", "readers")


def downgrade() -> None:
    """Only segments have a number."""
    op.add_column("issue", sa.Column("readers", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE issue SET readers = CAST(chosen AS INTEGER) "
        "WHERE chosen <> '' AND chosen NOT LIKE '% %'"
    )
    op.drop_column("issue", "chosen")
