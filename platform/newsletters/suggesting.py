"""What a letter could tell of: what is new and in none yet, the whole shelf, the next workshops."""

from collections.abc import Collection
from datetime import timedelta

from core.i18n import Message
from core.unit_of_work import Reading
from library import items
from library.items import Query
from library.kinds import KIND_NAMES, ItemKind
from workshops.model.stages import TAKING
from workshops.planning import planning

LATELY = timedelta(days=120)
MOST_SUGGESTED = 8
MOST_ON_THE_SHELF = 3


def suggestions(work: Reading, told: Collection[str] = ()) -> list[tuple[Message, str, str]]:
    """What was published since the last letters and is in none of them, nor told in this one
    already: kind, slug and title."""
    fresh = items.new_material(work.session, work.now, LATELY)
    left = [one for one in fresh if one.slug not in told][:MOST_SUGGESTED]
    return [(KIND_NAMES[ItemKind(one.kind)], one.slug, one.title) for one in left]


def shelf(work: Reading, language: str) -> list[tuple[str, str]]:
    """The newest of the library, to choose from: slug, and title with kind and author."""
    found = [
        one
        for page in range(1, MOST_ON_THE_SHELF + 1)
        for one in items.search(work.session, Query(page=page), is_member=True).items
    ]
    return [
        (one.slug, " · ".join(filter(None, (
            one.title, KIND_NAMES[ItemKind(one.kind)].text(language), one.byline, one.language,
        ))))
        for one in found
    ]  # fmt: skip


def workshops_to_tell(work: Reading) -> list[tuple[str, str]]:
    """Workshops that people can still come to: public id and title."""
    return [
        (one.public_id, one.title)
        for one in planning.planned(work.session)
        if one.stage in TAKING and one.starts_at is not None and one.starts_at > work.now
    ]
