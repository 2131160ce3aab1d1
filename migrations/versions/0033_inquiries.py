"""What people write to us."""

import sqlalchemy as sa
from alembic import op

from core.database import UtcDateTime

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One table."""
    op.create_table(
        "inquiry",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_ascii", sa.String(254), nullable=False),
        sa.Column("email_key", sa.String(254), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("form_key", sa.String(64), nullable=False, unique=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'answered', 'put_away')", name="ck_inquiry_state"),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name="fk_inquiry_member_id", ondelete="SET NULL"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_inquiry_state", "inquiry", ["state", "id"])
    op.create_index("ix_inquiry_email_key", "inquiry", ["email_key"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("inquiry")
