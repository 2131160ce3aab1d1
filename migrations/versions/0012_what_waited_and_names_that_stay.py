"""What waited to be told before something was called off; names of certificates that stay."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A certificate that was issued before its owner had said a name has the name of now."""
    column = sa.Column("news_before", sa.String(12), nullable=False, server_default="")
    op.add_column("held_notice", column)
    op.execute(
        "UPDATE registration SET certificate_name = COALESCE((SELECT name FROM member "
        "WHERE member.id = registration.member_id), '') "
        "WHERE certificate_code IS NOT NULL AND certificate_name = ''"
    )


def downgrade() -> None:
    """Take the column away."""
    op.drop_column("held_notice", "news_before")
