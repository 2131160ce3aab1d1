"""A name that anybody typed stands apart from those that its owner or an organiser said."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BY_ORGANISERS = "workshop-invitation"


def upgrade() -> None:
    """Of who has confirmed nothing, and was not added by organisers, the name is a visitor's."""
    column: sa.Column[str] = sa.Column(
        "typed_name", sa.String(80), nullable=False, server_default=""
    )
    op.add_column("member", column)
    member = sa.table(
        "member",
        sa.column("name"),
        sa.column("typed_name"),
        sa.column("state"),
        sa.column("source"),
    )
    visitors = member.c.state == "pending", member.c.source != BY_ORGANISERS
    moved = sa.update(member).where(*visitors).values(typed_name=member.c.name, name="")
    op.get_bind().execute(moved)


def downgrade() -> None:
    """Take the column away; the name is the name again."""
    op.execute("UPDATE member SET name = typed_name WHERE name = ''")
    op.drop_column("member", "typed_name")
