"""What SES tells, what stands in the way of mail, the gate, and what a mailing knows of itself."""

import sqlalchemy as sa
from alembic import op

from core.database import UtcDateTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

STATES = ("bounced", "complained", "rejected", "failed", "unknown", "suppressed")
TROUBLED = sa.text(" OR ".join(f"state = '{state}'" for state in STATES))
UNREAD = sa.text("read_at IS NULL")
KINDS = (
    "'unclear', 'unreachable', 'throttled', 'quota', 'account', 'limiter', 'bounces', "
    "'complaints', 'stale'"
)
MAILING = ("begins_at", "frozen_at", "begun_at", "tallied_at")


def upgrade() -> None:
    """New tables and columns; what was said about a paused mailing stands in its way from now on."""
    op.create_table(
        "obstacle",
        sa.Column("road", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=True),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(f"kind IN ({KINDS})", name="ck_obstacle_kind"),
    )
    op.create_table(
        "mail_gate",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("mark", sa.Integer(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_why", sa.String(12), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.Column("confirmations_from", UtcDateTime(), nullable=True),
    )
    op.create_table(
        "mail_account",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
    )
    op.create_table(
        "mail_event",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("notice", sa.String(100), nullable=False),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("meaning", sa.String(12), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=True),
        sa.UniqueConstraint("notice", name="uq_mail_event_notice"),
    )
    op.create_index(
        "ix_mail_event_unread", "mail_event", ["id"], sqlite_where=UNREAD, postgresql_where=UNREAD
    )
    op.create_index("ix_mail_event_delivery_id", "mail_event", ["delivery_id"])
    for name in MAILING:
        op.add_column("mailing", sa.Column(name, UtcDateTime(), nullable=True))
    op.add_column("mailing", sa.Column("tally", sa.JSON(), nullable=True))
    op.execute("UPDATE mailing SET frozen_at = created_at")
    op.execute(
        "UPDATE mailing SET begun_at = released_at WHERE EXISTS (SELECT 1 FROM delivery "
        "WHERE delivery.mailing_id = mailing.id AND delivery.attempts > 0)"
    )
    op.execute(
        "INSERT INTO obstacle (road, kind, code, words, since, tries) "
        "SELECT id, 'account', '', note, created_at, 0 FROM mailing "
        "WHERE state = 'paused' AND note != ''"
    )
    op.drop_column("mailing", "note")
    op.drop_column("mailing", "resume_at")
    op.add_column("delivery", sa.Column("bounce", sa.String(12), nullable=False, server_default=""))
    op.add_column("delivery", sa.Column("called_at", UtcDateTime(), nullable=True))
    op.add_column("delivery", sa.Column("heard_at", UtcDateTime(), nullable=True))
    op.create_index(
        "ix_delivery_trouble",
        "delivery",
        ["state", "mailing_id"],
        sqlite_where=TROUBLED,
        postgresql_where=TROUBLED,
    )
    op.add_column("issue", sa.Column("segment", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Take them away again; what was said about a mailing goes with them."""
    op.drop_column("issue", "segment")
    op.drop_index("ix_delivery_trouble", "delivery")
    for name in ("heard_at", "called_at", "bounce"):
        op.drop_column("delivery", name)
    op.add_column("mailing", sa.Column("resume_at", UtcDateTime(), nullable=True))
    op.add_column("mailing", sa.Column("note", sa.Text(), nullable=False, server_default=""))
    for name in (*MAILING, "tally"):
        op.drop_column("mailing", name)
    for name in ("mail_event", "mail_account", "mail_gate", "obstacle"):
        op.drop_table(name)
