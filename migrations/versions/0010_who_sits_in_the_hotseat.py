"""Who sits in the hotseat is a member, for whom a place is kept."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody, until organisers say who it is.

    In one statement that both databases know: to write the table anew, as SQLite otherwise needs it
    for a foreign key, would delete everything that belongs to a workshop.
    """
    op.execute(
        "ALTER TABLE workshop ADD COLUMN seat_id INTEGER "
        "CONSTRAINT fk_workshop_seat_id REFERENCES member (id) ON DELETE SET NULL"
    )


def downgrade() -> None:
    """Take the column away."""
    op.drop_column("workshop", "seat_id")
