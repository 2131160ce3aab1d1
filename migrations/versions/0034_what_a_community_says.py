"""What a community says of itself, written in the browser."""

import sqlalchemy as sa
from alembic import op

from core.database import UtcDateTime

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The parts, and the files that they show."""
    op.create_table(
        "community_part",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
    )
    op.create_table(
        "community_file",
        sa.Column("part", sa.String(40), primary_key=True),
        sa.Column("file_id", sa.Integer(), primary_key=True),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name="fk_community_file_file_id", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    """Take both away."""
    op.drop_table("community_file")
    op.drop_table("community_part")
