"""Editors hear of the desk once a day or at once; an invitation knows the form that answered."""

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
    form = sa.Column("answered_form", sa.String(64), nullable=False, server_default="")
    op.add_column("invitation", form)


def downgrade() -> None:
    """Take both away."""
    op.drop_column("invitation", "answered_form")
    op.drop_column("organiser", "hears_at_once")
