"""Sign-ups are written down as they come; and those counted that nobody can review."""

import sqlalchemy as sa
from alembic import op

from core.database import UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two tables, and an index by which the share of a network is counted."""
    op.create_index("ix_blocked_sign_up_network", "blocked_sign_up", ["network", "at"])
    op.create_table(
        "sign_up_request",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("topics", sa.String(60), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("network", sa.String(60), nullable=False),
        sa.Column("stamp", sa.String(64), nullable=False),
        sa.Column("work", sa.Integer(), nullable=False),
        sa.Column("is_trapped", sa.Boolean(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("taken_until", UtcDateTime(timezone=True), nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "unkept_sign_ups",
        sa.Column("network", sa.String(60), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("count", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    """Take the tables away."""
    op.drop_table("unkept_sign_ups")
    op.drop_table("sign_up_request")
    op.drop_index("ix_blocked_sign_up_network", "blocked_sign_up")
