"""Lists that organisers bring in through the browser."""

import sqlalchemy as sa
from alembic import op

from core.database import UtcDateTime

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

STATES = "'looking', 'looked', 'going', 'done', 'undoing', 'undone', 'dropped'"


def upgrade() -> None:
    """Two tables."""
    op.create_table(
        "people_import",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("seen", sa.JSON(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("topic", sa.String(20), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("ground", sa.String(20), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(f"state IN ({STATES})", name="ck_people_import_state"),
        sa.ForeignKeyConstraint(
            ["by_id"], ["member.id"], name="fk_people_import_by_id", ondelete="SET NULL"
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "import_change",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.Column("did", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["people_import.id"],
            name="fk_import_change_import_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name="fk_import_change_member_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_import_change_import_id", "import_change", ["import_id", "id"])
    op.create_index("ix_import_change_member_id", "import_change", ["member_id"])


def downgrade() -> None:
    """Take them away."""
    op.drop_table("import_change")
    op.drop_table("people_import")
