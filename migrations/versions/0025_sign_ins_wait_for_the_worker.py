"""Sign-ins wait for the worker, which looks for their member."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

WAITING = sa.text("address != ''")


def upgrade() -> None:
    """Two columns, and an index of what waits."""
    op.add_column(
        "sign_in_request", sa.Column("address", sa.String(254), nullable=False, server_default="")
    )
    op.add_column(
        "sign_in_request",
        sa.Column("is_held_back", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    )
    op.create_index(
        "ix_sign_in_request_waiting",
        "sign_in_request",
        ["id"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_sign_in_request_waiting", "sign_in_request")
    for column in ("is_held_back", "address"):
        op.drop_column("sign_in_request", column)
