"""Workshops: news that can be undone, answers by one browser, names and answers that stay whose."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

COLUMNS = (
    ("held_notice", sa.Column("stage_before", sa.String(12), nullable=False, server_default="")),
    ("invitation", sa.Column("answered_round", sa.Integer(), nullable=True)),
    (
        "registration",
        sa.Column("certificate_name", sa.String(80), nullable=False, server_default=""),
    ),
    (
        "library_item",
        sa.Column("has_date", sa.Boolean(), nullable=False, server_default=sa.text("true")),
    ),
    ("registration", sa.Column("answers_to", sa.Integer(), nullable=True)),
)


def upgrade() -> None:
    """Add the columns; what was answered was answered by the link that was good."""
    for table, column in COLUMNS:
        op.add_column(table, column)
    op.execute(
        "UPDATE invitation SET answered_round = round WHERE state IN ('accepted', 'declined')"
    )
    op.execute(
        "UPDATE registration SET answers_to = (SELECT facilitator_id FROM workshop "
        "WHERE workshop.id = registration.workshop_id)"
    )
    op.execute(
        "UPDATE registration SET certificate_name = (SELECT name FROM member "
        "WHERE member.id = registration.member_id) WHERE certificate_code IS NOT NULL"
    )


def downgrade() -> None:
    """Take them away."""
    for table, column in reversed(COLUMNS):
        op.drop_column(table, column.name)
