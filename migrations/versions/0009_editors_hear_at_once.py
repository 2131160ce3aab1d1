"""Editors choose whether they hear of the desk once a day or at once."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Once a day, until somebody chooses otherwise."""
    column = sa.Column(
        "hears_at_once", sa.Boolean(), nullable=False, server_default=sa.text("false")
    )
    op.add_column("organiser", column)


def downgrade() -> None:
    """Take the choice away."""
    with op.batch_alter_table("organiser") as change:
        change.drop_column("hears_at_once")
