"""Our own recordings as a podcast: those that anyone may hear, in one language."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from core.database import fixed
from core.stored_files import StoredFile
from library.kinds import Boundary, ItemKind
from library.models import Item, Transcript
from library.states import ItemState

MOST = 300
ACCEPTED = ("audio/mpeg", "audio/mp4")
"""What every podcast program plays; Apple's takes nothing else."""
TIMED, PLAIN = "transcript.vtt", "transcript.txt"
"""The files of what is said, with times and without."""
_TIMED = Transcript.lines[0]["at"].as_integer().is_not(None)
_SAID = Transcript.lines[0]["words"].as_string().is_not(None)
_IN_CHAPTERS = Transcript.chapters[0]["title"].as_string().is_not(None)
PODCASTS = uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")
"""The namespace of `podcast:guid` (podcasting2.org)."""


@dataclass(frozen=True)
class Episode:
    """A recording, its file, and what can be read beside it."""

    item: Item
    file: StoredFile
    transcript: str = ""
    """The name of the file of what is said; empty: nobody has written it down."""
    has_chapters: bool = False


def episodes(session: Session, language: str) -> Sequence[Episode]:
    """The episodes of a podcast in one language, the newest first."""
    rows = session.execute(
        select(Item, StoredFile, _TIMED, _SAID, _IN_CHAPTERS)
        .join(StoredFile, StoredFile.name == Item.file)
        .outerjoin(Transcript, Transcript.item_id == Item.id)
        .where(*_its(language))
        .order_by(Item.published_at.desc(), Item.id.desc())
        .limit(MOST)
    )
    return [
        Episode(item, file, TIMED if is_timed else PLAIN if is_said else "", bool(in_chapters))
        for item, file, is_timed, is_said, in_chapters in rows
    ]


def has_podcast(session: Session, language: str) -> bool:
    """Whether there is anything to hear in it."""
    joined = exists().where(StoredFile.name == Item.file, *_its(language))
    return bool(session.scalar(select(joined)))


def _its(language: str) -> tuple[ColumnElement[bool], ...]:
    return (
        Item.kind == ItemKind.RECORDING,
        Item.file > "",  # an index finds these; what is only not empty is looked for in all
        Item.state == fixed(ItemState.PUBLISHED),
        Item.boundary == Boundary.ANYONE,
        Item.language == language,
        StoredFile.media_type.in_(ACCEPTED),
    )


def guid_of(url: str) -> str:
    """The name of a podcast for ever, from its first address: without its scheme."""
    return str(uuid.uuid5(PODCASTS, url.partition("://")[2].rstrip("/")))
