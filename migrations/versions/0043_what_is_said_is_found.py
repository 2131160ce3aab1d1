"""Recordings are found by what is said in them, and everything by its text; the shelf opens fast."""

import html
import re

import sqlalchemy as sa
from alembic import op

from core.word_index import words_of

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

MOST_BYTES, MOST_DIFFERENT = 400_000, 40_000


def upgrade() -> None:
    """Put the different words of every item anew; one at a time, for some are long."""
    op.execute("UPDATE library_item SET removed_from = '' WHERE title = ''")
    op.create_index(
        "ix_library_item_standing",
        "library_item",
        ["state", "removed_at", "removed_from", "link_failures"],
    )
    op.create_index("ix_library_item_newest", "library_item", ["published_at", "id"])
    connection = op.get_bind()
    for (item,) in connection.execute(sa.text("SELECT rowid FROM library_words")).all():
        anew = sa.text("UPDATE library_words SET words = :words WHERE rowid = :item")
        connection.execute(anew, {"words": _words(_text(connection, item)), "item": item})


_SAID = sa.text("SELECT lines, chapters FROM library_transcript WHERE item_id = :item").columns(
    lines=sa.JSON(), chapters=sa.JSON()
)


def _text(connection: sa.Connection, item: int) -> str:
    of_item = {"item": item}
    own = sa.text("SELECT title, summary, byline, body_html FROM library_item WHERE id = :item")
    texts: list[str] = []
    for *said, body in connection.execute(own, of_item):
        within = re.sub(r"</?(?:a|b|code|em|i|strong)\b[^<>]*>", "", body)
        texts += [*said, html.unescape(re.sub(r"<[^<>]*>", " ", within))]
    topics = sa.text("SELECT topic FROM library_item_topic WHERE item_id = :item")
    texts += connection.execute(topics, of_item).scalars()
    for lines, chapters in connection.execute(_SAID, of_item):
        texts += [one["title"] for one in chapters]
        texts += [f"{one['who']} {one['words']}" for one in lines]
    return " ".join(texts)


def _words(text: str) -> str:
    some, room = [], MOST_BYTES
    for word in list(dict.fromkeys(words_of(text)))[:MOST_DIFFERENT]:
        room -= len(word.encode()) + 1
        if room < 0:
            break
        some.append(word)
    return " ".join(some)


def downgrade() -> None:
    """What is found stays found."""
    op.drop_index("ix_library_item_newest", "library_item")
    op.drop_index("ix_library_item_standing", "library_item")
