"""Every lasting link carries the version of its owner, who can have all of them made new."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Links that went out before say nothing, and are of the first version."""
    column: sa.Column[int] = sa.Column(
        "links_version", sa.Integer(), nullable=False, server_default=sa.text("1")
    )
    op.add_column("member", column)


def downgrade() -> None:
    """Take the column away."""
    op.drop_column("member", "links_version")
