"""Materials have files, organisers change and remove what is in the library, and group it."""

import sqlalchemy as sa
from alembic import op

from core.database import UtcDateTime

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

FILES = ("file", "cover", "picture")


def _columns() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("body", sa.Text(), nullable=False, server_default=""),
        sa.Column("cover", sa.String(60), nullable=False, server_default=""),
        sa.Column("file", sa.String(60), nullable=False, server_default=""),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        sa.Column("removed_from", sa.String(10), nullable=False, server_default=""),
        sa.Column("link_problem", sa.Text(), nullable=False, server_default=""),
        sa.Column("link_values", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("link_failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("link_tried_at", UtcDateTime(), nullable=True),
    )


def upgrade() -> None:
    """Columns, and two tables."""
    op.add_column(
        "stored_file",
        sa.Column("is_apart", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_index("ix_stored_file_sha256", "stored_file", ["sha256"])
    for column in _columns():
        op.add_column("library_item", column)
    for name in FILES:
        op.create_index(f"ix_library_item_{name}", "library_item", [name])
    op.create_table(
        "library_collection",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("slug", sa.String(100), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("boundary", sa.String(10), nullable=False),
        sa.Column("is_shown", sa.Boolean(), nullable=False),
        sa.Column("cover", sa.String(60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.UniqueConstraint("slug", name="uq_library_collection_slug"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "library_collection_item",
        sa.Column("collection_id", sa.Integer(), primary_key=True),
        sa.Column("item_id", sa.Integer(), primary_key=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["library_collection.id"],
            name="fk_library_collection_item_collection_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["library_item.id"],
            name="fk_library_collection_item_item_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_library_collection_item_item_id", "library_collection_item", ["item_id"])


def downgrade() -> None:
    """Take them away."""
    op.drop_table("library_collection_item")
    op.drop_table("library_collection")
    for name in FILES:
        op.drop_index(f"ix_library_item_{name}", "library_item")
    for column in reversed(_columns()):
        op.drop_column("library_item", column.name)
    op.drop_index("ix_stored_file_sha256", "stored_file")
    op.drop_column("stored_file", "is_apart")
