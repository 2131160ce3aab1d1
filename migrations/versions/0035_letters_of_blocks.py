"""Letters of blocks: their pictures, and sections that not everybody gets."""

import sqlalchemy as sa
from alembic import op

from core.database import UtcDateTime

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A table of pictures, and a column."""
    op.create_table(
        "issue_picture",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False, unique=True),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("brought_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["issue.id"], name="fk_issue_picture_issue_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name="fk_issue_picture_file_id", ondelete="CASCADE"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_issue_picture_issue_id", "issue_picture", ["issue_id"])
    op.create_table(
        "issue_revision",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("greeting", sa.String(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["issue.id"], name="fk_issue_revision_issue_id", ondelete="CASCADE"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_issue_revision_issue_id", "issue_revision", ["issue_id", "id"])
    op.create_table(
        "issue_opinion",
        sa.Column("issue_id", sa.Integer(), primary_key=True),
        sa.Column("is_useful", sa.Boolean(), primary_key=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["issue.id"], name="fk_issue_opinion_issue_id", ondelete="CASCADE"
        ),
    )
    op.add_column("mailing", sa.Column("sections", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column(
        "people_import",
        sa.Column("language", sa.String(5), nullable=False, server_default=""),
    )
    op.add_column(
        "people_import", sa.Column("label", sa.String(60), nullable=False, server_default="")
    )
    op.add_column(
        "issue", sa.Column("is_listed", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    op.add_column("issue", sa.Column("corrected_at", UtcDateTime(), nullable=True))
    op.add_column("issue", sa.Column("readers", sa.Integer(), nullable=False, server_default="0"))
    op.add_column(
        "issue", sa.Column("greeting", sa.String(10), nullable=False, server_default="name")
    )


def downgrade() -> None:
    """Take both away."""
    op.drop_column("issue", "greeting")
    op.drop_column("issue", "readers")
    op.drop_column("issue", "corrected_at")
    op.drop_column("issue", "is_listed")
    op.drop_column("people_import", "label")
    op.drop_column("people_import", "language")
    op.drop_column("mailing", "sections")
    op.drop_table("issue_opinion")
    op.drop_table("issue_revision")
    op.drop_table("issue_picture")
