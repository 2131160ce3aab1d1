"""What is rendered is kept: the text of an issue, and of a contribution, as clean HTML.

Rows of older versions stay empty and are rendered when they are read.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    for table in ("issue_text", "contribution"):
        op.add_column(table, sa.Column("html", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Take them away."""
    for table in ("contribution", "issue_text"):
        op.drop_column(table, "html")
