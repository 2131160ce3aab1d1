"""Fingerprints of erased addresses, so that no old list brings them back."""

import sqlalchemy as sa
from alembic import op

from core.database import UtcDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One table."""
    op.create_table(
        "erased_address",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("erased_address")
