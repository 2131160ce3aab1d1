"""Who stays when an import is taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A column."""
    op.add_column(
        "import_change", sa.Column("stays", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_column("import_change", "stays")
