"""Letters are found by their words; recordings have transcripts and chapters."""

import re

import sqlalchemy as sa
from alembic import op

from core.database import UtcDateTime
from core.word_index import words_of

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables, and fill in the letters that were sent."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE letter_words "
            "USING fts5(words, tokenize = 'unicode61 remove_diacritics 0')"
        )
    else:
        op.execute("CREATE TABLE letter_words (rowid integer PRIMARY KEY, words text NOT NULL)")
        op.execute(
            "CREATE INDEX ix_letter_words_words ON letter_words "
            "USING gin (to_tsvector('simple', words))"
        )
    _fill_in()
    op.create_table(
        "library_transcript",
        sa.Column("item_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("transcript_url", sa.String(2000), nullable=False),
        sa.Column("chapters_url", sa.String(2000), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("chapters", sa.JSON(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("fetched_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["library_item.id"],
            name="fk_library_transcript_item_id",
            ondelete="CASCADE",
        ),
    )


def _fill_in() -> None:
    connection = op.get_bind()
    texts: dict[int, list[str]] = {}
    rows = connection.execute(
        sa.text(
            "SELECT t.issue_id, t.title, t.subject, t.preheader, t.body FROM issue_text t "
            "JOIN issue i ON i.id = t.issue_id WHERE i.state = 'sent'"
        )
    )
    for issue_id, *said in rows:
        *lines, body = (part or "" for part in said)
        texts.setdefault(issue_id, []).extend([*lines, _for_all(body)])
    insert = sa.text("INSERT INTO letter_words (rowid, words) VALUES (:rowid, :words)")
    for issue_id, said in texts.items():
        connection.execute(insert, {"rowid": issue_id, "words": " ".join(words_of(" ".join(said)))})


def _for_all(body: str) -> str:
    """Without lines of cards, which may be of what only some may know of; of pictures their words."""
    lines = [line for line in body.splitlines() if not line.lstrip().startswith("::")]
    return re.sub(r"!\[([^\]]{0,500})\]\([^()]{0,500}\)", r"\1", "\n".join(lines))


def downgrade() -> None:
    """Take them away."""
    op.drop_table("library_transcript")
    op.drop_table("letter_words")
