"""cohorts and what workshops leave."""

import sqlalchemy as sa
from alembic import op

import core.database

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the database to this version."""
    op.create_table(
        "area",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("is_offered", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "interest",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("at", core.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["area_id"], ["area.id"], name=op.f("fk_interest_area_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_interest_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member_id", "area_id", name=op.f("pk_interest")),
    )
    with op.batch_alter_table("interest", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_interest_area_id"), ["area_id"], unique=False)

    op.create_table(
        "cohort",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("holds_places", sa.Boolean(), nullable=False),
        sa.Column("answer_by", core.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("created_at", core.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("released_at", core.database.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('prepared', 'released', 'dropped', 'open')", name=op.f("ck_cohort_state")
        ),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshop.id"], name=op.f("fk_cohort_workshop_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohort")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("cohort", schema=None) as batch_op:
        batch_op.create_index("ix_cohort_answer_by", ["answer_by"], unique=False)
        batch_op.create_index("ix_cohort_workshop_id", ["workshop_id"], unique=False)

    op.create_table(
        "double_loop_answer",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workshop_id"],
            ["workshop.id"],
            name=op.f("fk_double_loop_answer_workshop_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_double_loop_answer")),
    )
    with op.batch_alter_table("double_loop_answer", schema=None) as batch_op:
        batch_op.create_index("ix_double_loop_answer_workshop_id", ["workshop_id"], unique=False)

    op.create_table(
        "ground_rules",
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", core.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workshop_id"],
            ["workshop.id"],
            name=op.f("fk_ground_rules_workshop_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workshop_id", "version", name=op.f("pk_ground_rules")),
    )
    op.create_table(
        "held_notice",
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("news", sa.String(length=12), nullable=False),
        sa.Column("at", core.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workshop_id"],
            ["workshop.id"],
            name=op.f("fk_held_notice_workshop_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workshop_id", name=op.f("pk_held_notice")),
    )
    op.create_table(
        "joint_action",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("created_at", core.database.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('request', 'promise', 'declaration')", name=op.f("ck_joint_action_kind")
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["member.id"], name=op.f("fk_joint_action_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["workshop_id"],
            ["workshop.id"],
            name=op.f("fk_joint_action_workshop_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_joint_action")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("joint_action", schema=None) as batch_op:
        batch_op.create_index("ix_joint_action_due_on", ["due_on"], unique=False)
        batch_op.create_index("ix_joint_action_workshop_id", ["workshop_id"], unique=False)

    op.create_table(
        "learning_point",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", core.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["member.id"], name=op.f("fk_learning_point_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["workshop_id"],
            ["workshop.id"],
            name=op.f("fk_learning_point_workshop_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learning_point")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("learning_point", schema=None) as batch_op:
        batch_op.create_index("ix_learning_point_workshop_id", ["workshop_id"], unique=False)

    op.create_table(
        "nomination",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_key", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("wants_a_place", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", core.database.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'invited', 'put_away')", name=op.f("ck_nomination_state")
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["member.id"], name=op.f("fk_nomination_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["workshop_id"],
            ["workshop.id"],
            name=op.f("fk_nomination_workshop_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nomination")),
        sa.UniqueConstraint(
            "workshop_id", "email_key", name=op.f("uq_nomination_workshop_id_email_key")
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "private_note",
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", core.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_private_note_member_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workshop_id"],
            ["workshop.id"],
            name=op.f("fk_private_note_workshop_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workshop_id", "member_id", name=op.f("pk_private_note")),
    )
    op.create_table(
        "told",
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("at", core.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshop.id"], name=op.f("fk_told_workshop_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workshop_id", "what", name=op.f("pk_told")),
    )
    op.create_table(
        "agreement",
        sa.Column("point_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("may_share", sa.Boolean(), nullable=False),
        sa.Column("at", core.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["point_id"],
            ["learning_point.id"],
            name=op.f("fk_agreement_point_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_agreement_registration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("point_id", "registration_id", name=op.f("pk_agreement")),
    )
    op.create_table(
        "check_in",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", core.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_check_in_registration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_check_in")),
    )
    op.create_table(
        "check_out",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("learned", sa.Text(), nullable=False),
        sa.Column("involves", sa.Text(), nullable=False),
        sa.Column("at", core.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_check_out_registration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_check_out")),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("answered_at", core.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("changed_at", core.database.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('prepared', 'awaiting', 'maybe', 'accepted', 'declined', 'revoked', 'undelivered')",
            name=op.f("ck_invitation_state"),
        ),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_invitation_cohort_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_invitation_member_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workshop_id"],
            ["workshop.id"],
            name=op.f("fk_invitation_workshop_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint(
            "workshop_id", "member_id", name=op.f("uq_invitation_workshop_id_member_id")
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index("ix_invitation_cohort_id", ["cohort_id", "state"], unique=False)
        batch_op.create_index("ix_invitation_member_id", ["member_id"], unique=False)

    op.create_table(
        "rule_suggestion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", core.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_rule_suggestion_registration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_suggestion")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "undertaking",
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reminded", sa.Boolean(), nullable=False),
        sa.Column("changed_at", core.database.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('taken_on', 'done', 'carried_on', 'let_go')",
            name=op.f("ck_undertaking_state"),
        ),
        sa.ForeignKeyConstraint(
            ["action_id"],
            ["joint_action.id"],
            name=op.f("fk_undertaking_action_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_undertaking_registration_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("action_id", "registration_id", name=op.f("pk_undertaking")),
    )
    with op.batch_alter_table("undertaking", schema=None) as batch_op:
        batch_op.create_index("ix_undertaking_registration_id", ["registration_id"], unique=False)

    with op.batch_alter_table("mailing", schema=None) as batch_op:
        batch_op.add_column(sa.Column("calendar", sa.Text(), server_default="", nullable=False))

    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rev", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("answers", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(
            sa.Column("shows_name", sa.Boolean(), server_default=sa.text("(false)"), nullable=False)
        )
        batch_op.add_column(
            sa.Column("rules_version", sa.Integer(), server_default="0", nullable=False)
        )
        batch_op.add_column(
            sa.Column("rules_agreed_at", core.database.UtcDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column(
                "in_calendar", sa.Boolean(), server_default=sa.text("(false)"), nullable=False
            )
        )
        batch_op.add_column(
            sa.Column("arrived_at", core.database.UtcDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(sa.Column("certificate_code", sa.String(length=20), nullable=True))
        batch_op.create_index(
            "uq_registration_certificate_code",
            ["certificate_code"],
            unique=True,
            sqlite_where=sa.text("certificate_code IS NOT NULL"),
            postgresql_where=sa.text("certificate_code IS NOT NULL"),
        )

    with op.batch_alter_table("workshop", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("facilitator_rev", sa.Integer(), server_default="0", nullable=False)
        )
        batch_op.add_column(
            sa.Column("audience", sa.String(length=10), server_default="invited", nullable=False)
        )
        batch_op.add_column(
            sa.Column(
                "needs_approval", sa.Boolean(), server_default=sa.text("(false)"), nullable=False
            )
        )
        batch_op.add_column(
            sa.Column("boundary", sa.String(length=10), server_default="ideas", nullable=False)
        )
        batch_op.add_column(sa.Column("area_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("calendar_rev", sa.Integer(), server_default="0", nullable=False)
        )
        batch_op.add_column(sa.Column("follows_id", sa.Integer(), nullable=True))
        batch_op.create_index("ix_workshop_follow_up_on", ["follow_up_on"], unique=False)


def downgrade() -> None:
    """Change it back."""
    with op.batch_alter_table("workshop", schema=None) as batch_op:
        batch_op.drop_index("ix_workshop_follow_up_on")
    op.drop_column("workshop", "follows_id")
    op.drop_column("workshop", "calendar_rev")
    op.drop_column("workshop", "area_id")
    op.drop_column("workshop", "boundary")
    op.drop_column("workshop", "needs_approval")
    op.drop_column("workshop", "audience")
    op.drop_column("workshop", "facilitator_rev")

    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_registration_certificate_code",
            sqlite_where=sa.text("certificate_code IS NOT NULL"),
            postgresql_where=sa.text("certificate_code IS NOT NULL"),
        )
    op.drop_column("registration", "certificate_code")
    op.drop_column("registration", "arrived_at")
    op.drop_column("registration", "in_calendar")
    op.drop_column("registration", "rules_agreed_at")
    op.drop_column("registration", "rules_version")
    op.drop_column("registration", "shows_name")
    op.drop_column("registration", "answers")
    op.drop_column("registration", "rev")

    op.drop_column("mailing", "calendar")

    with op.batch_alter_table("undertaking", schema=None) as batch_op:
        batch_op.drop_index("ix_undertaking_registration_id")

    op.drop_table("undertaking")
    op.drop_table("rule_suggestion")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index("ix_invitation_member_id")
        batch_op.drop_index("ix_invitation_cohort_id")

    op.drop_table("invitation")
    op.drop_table("check_out")
    op.drop_table("check_in")
    op.drop_table("agreement")
    op.drop_table("told")
    op.drop_table("private_note")
    op.drop_table("nomination")
    with op.batch_alter_table("learning_point", schema=None) as batch_op:
        batch_op.drop_index("ix_learning_point_workshop_id")

    op.drop_table("learning_point")
    with op.batch_alter_table("joint_action", schema=None) as batch_op:
        batch_op.drop_index("ix_joint_action_workshop_id")
        batch_op.drop_index("ix_joint_action_due_on")

    op.drop_table("joint_action")
    op.drop_table("held_notice")
    op.drop_table("ground_rules")
    with op.batch_alter_table("double_loop_answer", schema=None) as batch_op:
        batch_op.drop_index("ix_double_loop_answer_workshop_id")

    op.drop_table("double_loop_answer")
    with op.batch_alter_table("cohort", schema=None) as batch_op:
        batch_op.drop_index("ix_cohort_workshop_id")
        batch_op.drop_index("ix_cohort_answer_by")

    op.drop_table("cohort")
    with op.batch_alter_table("interest", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_interest_area_id"))

    op.drop_table("interest")
    op.drop_table("area")
