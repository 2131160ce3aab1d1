"""An issue says who changed its words last."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One column; of issues that there are already nothing is known."""
    op.add_column("issue", sa.Column("changed_by", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("issue", "changed_by")
