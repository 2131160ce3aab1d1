"""Alembic's environment: runs inside the connection that it is given."""

from alembic import context
from sqlalchemy import Connection, ForeignKeyConstraint, text

import community.parts
import contributions.inquiries
import contributions.models
import contributions.questions
import core.audit
import core.community
import core.retention
import core.schedule
import core.stored_files
import library.models
import mail.models
import members.imports
import members.models
import members.notes
import members.saved_segments
import members.second_factor.tables
import members.twins
import newsletters.afterwards
import newsletters.models
import newsletters.pictures
import newsletters.revisions
import newsletters.searching
import workshops.model.interest
import workshops.model.reflection_tables
import workshops.model.tables
import workshops.model.told
from core.database import Base, open_database
from core.settings import load_settings
from staffroom.migrating import upgrading

# Importing them makes their tables known.
MODELS = (
    community.parts,
    contributions.inquiries,
    contributions.models,
    contributions.questions,
    core.audit,
    core.community,
    core.retention,
    core.schedule,
    core.stored_files,
    library.models,
    mail.models,
    members.models,
    members.imports,
    members.notes,
    members.saved_segments,
    members.twins,
    members.second_factor.tables,
    newsletters.afterwards,
    newsletters.models,
    newsletters.pictures,
    newsletters.revisions,
    newsletters.searching,
    workshops.model.interest,
    workshops.model.tables,
    workshops.model.told,
    workshops.model.reflection_tables,
)
FULL_TEXT = (
    "library_words", "ix_library_words", "member_words", "letter_words", "ix_letter_words",
)  # fmt: skip
ONE_AT_A_TIME = 7_203_114


def _is_ours(it: object, name: str | None, kind: str, *_: object) -> bool:
    """Full-text tables are made by hand, and SQLite keeps five more of its own beside them.

    Of a foreign key that came with its column (0010) SQLAlchemy cannot read SQLite's `ON DELETE`.
    """
    if isinstance(it, ForeignKeyConstraint):
        return it.column_keys != ["seat_id"]
    return not (kind in ("table", "index") and (name or "").startswith(FULL_TEXT))


def migrate(connection: Connection) -> None:
    """Run the migrations; two processes that start at once wait for each other."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET lock_timeout = '20s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        include_object=_is_ours,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    with upgrading(open_database(load_settings().database)) as own:
        migrate(own)
