"""Sessions say which browser they are, so that their owner knows them again."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One column; of sessions that there are already nothing is known."""
    op.add_column(
        "sign_in_session",
        sa.Column("device", sa.String(80), nullable=False, server_default=""),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_column("sign_in_session", "device")
