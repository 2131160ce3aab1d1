"""Counting who came and left; pairs of records that are two people."""

import sqlalchemy as sa
from alembic import op

from core.database import UtcDateTime

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A table and an index."""
    op.create_index("ix_consent_event_act", "consent_event", ["act", "at", "member_id"])
    op.create_table(
        "not_twins",
        sa.Column("first_id", sa.Integer(), primary_key=True),
        sa.Column("second_id", sa.Integer(), primary_key=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["first_id"], ["member.id"], name="fk_not_twins_first_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["member.id"], name="fk_not_twins_second_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_not_twins_second_id", "not_twins", ["second_id"])


def downgrade() -> None:
    """Take them away."""
    op.drop_table("not_twins")
    op.drop_index("ix_consent_event_act", "consent_event")
