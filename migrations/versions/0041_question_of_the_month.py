"""The question of the month, and what people answer."""

import sqlalchemy as sa
from alembic import op

from core.database import UtcDateTime

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two tables."""
    op.create_table(
        "question",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=True),
        sa.UniqueConstraint("is_open", name="uq_question_is_open"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "question_answer",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("form_key", sa.String(64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'shown', 'put_away')", name="ck_question_answer_state"
        ),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["question.id"],
            name="fk_question_answer_question_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name="fk_question_answer_member_id", ondelete="SET NULL"
        ),
        sa.UniqueConstraint("form_key", name="uq_question_answer_form_key"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_question_answer_question_id", "question_answer", ["question_id", "state", "id"]
    )
    op.create_index("ix_question_answer_member_id", "question_answer", ["member_id"])


def downgrade() -> None:
    """Take them away."""
    op.drop_table("question_answer")
    op.drop_table("question")
