"""People are found by words of their names and addresses, without marks upon letters; segments
that were given a name."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from core.database import UtcDateTime
from core.word_index import plain_words_of

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

AT_ONCE = 5000
_GONE = (
    "INSERT INTO member_words (member_words, rowid, folded) VALUES ('delete', old.id, old.folded)"
)
_NEW = "INSERT INTO member_words (rowid, folded) VALUES (new.id, new.folded)"
TRIGGERS = {
    "new": f"AFTER INSERT ON member BEGIN {_NEW}; END",
    "gone": f"AFTER DELETE ON member BEGIN {_GONE}; END",
    "changed": (
        f"AFTER UPDATE OF folded ON member WHEN old.folded <> new.folded BEGIN {_GONE}; {_NEW}; END"
    ),
}
"""SQLite's own full-text table follows the members by itself, whoever writes them."""


def upgrade() -> None:
    """A column of plain words, filled in; the index of it; and the table of segments."""
    op.add_column("member", sa.Column("folded", sa.Text(), nullable=False, server_default=""))
    _fold()
    op.create_index("ix_member_folded", "member", ["folded", "id"])
    for name in ("role", "level", "country"):
        op.create_index(f"ix_member_{name}", "member", [name])
    op.create_index("ix_member_label_label", "member_label", ["label", "member_id"])
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE member_words USING fts5(folded, content='member', "
            "content_rowid='id', tokenize = 'unicode61 remove_diacritics 0')"
        )
        op.execute("INSERT INTO member_words (member_words) VALUES ('rebuild')")
        for name, follows in TRIGGERS.items():
            op.execute(f"CREATE TRIGGER member_words_{name} {follows}")
    else:
        op.execute("CREATE INDEX member_words ON member USING gin (to_tsvector('simple', folded))")
    op.create_table(
        "segment",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("folded", sa.String(80), nullable=False, unique=True),
        sa.Column("asks", sa.JSON(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("forgotten_at", UtcDateTime(), nullable=True),
        sqlite_autoincrement=True,
    )


def _fold() -> None:
    member = sa.table(
        "member", *(sa.column(name) for name in ("id", "name", "typed_name", "email", "folded"))
    )
    fold = member.update().where(member.c.id == sa.bindparam("row"))
    for rows in _some(member):
        plain = [
            {"row": row.id, "plain": " ".join(plain_words_of(f"{row.name or row.typed_name} "
                                                             f"{row.email}"))}
            for row in rows
        ]  # fmt: skip
        op.get_bind().execute(fold.values(folded=sa.bindparam("plain")), plain)


def _some(member: sa.TableClause) -> Iterator[list[sa.Row[tuple[object, ...]]]]:
    last = 0
    while True:
        rows = sa.select(member).where(member.c.id > last).order_by(member.c.id).limit(AT_ONCE)
        found = list(op.get_bind().execute(rows))
        if not found:
            return
        yield found
        last = found[-1].id


def downgrade() -> None:
    """Change it back."""
    op.drop_table("segment")
    if op.get_bind().dialect.name == "sqlite":
        for name in TRIGGERS:
            op.execute(f"DROP TRIGGER member_words_{name}")
        op.execute("DROP TABLE member_words")
    else:
        op.execute("DROP INDEX member_words")
    op.drop_index("ix_member_label_label", "member_label")
    for name in ("folded", "role", "level", "country"):
        op.drop_index(f"ix_member_{name}", "member")
    op.execute("ALTER TABLE member DROP COLUMN folded")
