"""A confirmation names the request it answers; what waits knows whether it had been left."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of what waits now nobody knows: if it is not confirmed it counts as left, as it did."""
    request: sa.Column[int] = sa.Column("request_id", sa.Integer(), nullable=True)
    op.add_column("consent_event", request)
    was_left: sa.Column[bool] = sa.Column(
        "was_left", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    op.add_column("subscription", was_left)
    op.execute("UPDATE subscription SET was_left = true WHERE state = 'pending'")


def downgrade() -> None:
    """Take the columns away."""
    op.drop_column("subscription", "was_left")
    op.drop_column("consent_event", "request_id")
