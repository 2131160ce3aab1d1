"""Records that became part of others."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One table."""
    op.create_table(
        "joined_member",
        sa.Column("old_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("links_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["kept_id"], ["member.id"], ondelete="CASCADE"),
    )
    op.create_index("ix_joined_member_kept_id", "joined_member", ["kept_id"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("joined_member")
