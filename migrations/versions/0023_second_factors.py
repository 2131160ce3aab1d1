"""Second factors of organisers; and what each signed-in browser has shown."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from core.database import UtcDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None
MOMENTS = (("organiser", "role_since"), ("sign_in_session", "proved_at"))
"""Of what was there before, they say when this ran: the week for a second factor begins now."""


def upgrade() -> None:
    """Three tables, and four columns."""
    _say_moments()
    op.add_column("sign_in_session", sa.Column("factor_at", UtcDateTime(timezone=True)))
    op.add_column(
        "sign_in_session",
        sa.Column("proofs", sa.Integer(), nullable=False, server_default=sa.text("0")),
    )
    op.create_table(
        "authenticator",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("salt", sa.String(40), nullable=False),
        sa.Column("begun_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_authenticator_member_id", "authenticator", ["member_id"])
    op.create_table(
        "passkey",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("credential", sa.String(1400), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("device", sa.String(80), nullable=False),
        sa.Column("added_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], ondelete="CASCADE"),
        sa.UniqueConstraint("credential"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_passkey_member_id", "passkey", ["member_id"])
    op.create_table(
        "recovery_codes",
        sa.Column("member_id", sa.Integer(), primary_key=True),
        sa.Column("salt", sa.String(40), nullable=False),
        sa.Column("made_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], ondelete="CASCADE"),
    )


def _say_moments() -> None:
    now = datetime.now(UTC)
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    moment = now.strftime("%Y-%m-%d %H:%M:%S.%f") if is_sqlite else now.isoformat()
    for table, column in MOMENTS:
        kind = UtcDateTime(timezone=True)
        op.add_column(table, sa.Column(column, kind, nullable=False, server_default=moment))
        if not is_sqlite:
            op.alter_column(table, column, server_default=None)


def downgrade() -> None:
    """Take them away."""
    for table in ("recovery_codes", "passkey", "authenticator"):
        op.drop_table(table)
    for table, column in (
        *MOMENTS,
        ("sign_in_session", "factor_at"),
        ("sign_in_session", "proofs"),
    ):
        op.drop_column(table, column)
