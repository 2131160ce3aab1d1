"""Who writes a letter."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A column."""
    op.add_column("issue", sa.Column("byline", sa.String(120), nullable=False, server_default=""))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("issue", "byline")
