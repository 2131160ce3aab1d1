"""Storing the entries of a feed: new ones are added, changed ones updated, none is ever doubled."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, case, select, update
from sqlalchemy.orm import Session

from core.database import insert_if_new
from core.i18n import LANGUAGES
from core.unit_of_work import UnitOfWork
from library.entries import Entry, ReadFeed
from library.items import RESERVED, in_known_spelling, slug_of, tidy_topics
from library.kinds import Boundary, ItemKind, Licence
from library.models import Feed, Item, ItemTopic
from library.searching import find_anew
from library.states import ItemState
from library.transcribing import note_beside

AT_A_TIME = 500
MOST_ITEMS = 20_000
"""Of one feed: one that invents new ids at every look must not fill the disk."""


def store_entries(work: UnitOfWork, feed: Feed, read: ReadFeed) -> int:
    """Bring the library up to date with what a feed says. Returns how many entries are new."""
    known = _known(work.session, feed.id)
    entries = (_as_known(_with_picture(entry, read), known) for entry in read.entries)
    read = replace(read, entries=tuple(entries))
    new = [entry for entry in read.entries if entry.identity not in known]
    new = new[: max(0, MOST_ITEMS - len(known))]
    changed = [e for e in read.entries if e.identity in known and known[e.identity] != e.digest]
    for start in range(0, len(new), AT_A_TIME):
        _add(work, feed, read, new[start : start + AT_A_TIME])
    if not (new or changed):
        return 0
    ids = _ids(work.session, feed.id)
    _update(work, changed, ids)
    new = [entry for entry in new if entry.identity in ids]
    _add_topics(work.session, [(ids[entry.identity], entry) for entry in new])
    find_anew(work.session, [ids[entry.identity] for entry in (*new, *changed)])
    note_beside(work, [(ids[entry.identity], entry) for entry in (*new, *changed)])
    return len(new)


def _as_known(entry: Entry, known: Mapping[str, str]) -> Entry:
    """Under the identity that we stored it by, if it is known by another one."""
    if entry.identity in known:
        return entry
    former = next((one for one in entry.also_known_as if one in known), entry.identity)
    return replace(entry, identity=former)


def _with_picture(entry: Entry, read: ReadFeed) -> Entry:
    """With the picture of its feed, where it has none of its own."""
    return replace(entry, picture_url=entry.picture_url or read.picture_url)


def _known(session: Session, feed_id: int) -> dict[str, str]:
    rows = session.execute(select(Item.identity, Item.digest).where(Item.feed_id == feed_id))
    return {str(identity): digest for identity, digest in rows}


def _ids(session: Session, feed_id: int) -> dict[str, int]:
    rows = session.execute(select(Item.identity, Item.id).where(Item.feed_id == feed_id))
    return {str(identity): number for identity, number in rows}


def _add(work: UnitOfWork, feed: Feed, read: ReadFeed, entries: Sequence[Entry]) -> None:
    """Add entries. Another worker may have been first; then theirs stay as they are."""
    slugs = _free_slugs(work.session, entries)
    undated_at = _when_undated(work, feed, read)
    rows = [
        {
            **_shown(entry),
            "slug": slug,
            "kind": ItemKind.RECORDING if entry.is_recording else ItemKind.ARTICLE,
            "state": ItemState.PUBLISHED if feed.publishes_itself else ItemState.WAITING,
            "boundary": Boundary.ANYONE,
            "language": _language(read, feed),
            "licence": Licence.THEIRS,
            "byline": entry.byline or feed.title,
            "picture_url": entry.picture_url,
            "picture": "",
            "picture_tries": 0,
            "feed_id": feed.id,
            "identity": entry.identity,
            "published_at": entry.dated_at if entry.has_date else undated_at,
            "dated_at": entry.dated_at,
            "has_date": entry.has_date,
            "changed_at": work.now,
        }
        for entry, slug in zip(entries, slugs, strict=True)
    ]
    # One row a statement: psycopg takes twice as long over one with thousands of parameters.
    work.session.connection().execute(insert_if_new(work.session, Item), rows)


def _when_undated(work: UnitOfWork, feed: Feed, read: ReadFeed) -> datetime:
    """Where an entry without a date stands among the others.

    One that comes later is new; of those that were there at the first look nobody knows.
    """
    if feed.good_at is not None:
        return work.now
    return min((entry.dated_at for entry in read.entries if entry.has_date), default=work.now)


def _update(work: UnitOfWork, entries: Sequence[Entry], ids: Mapping[str, int]) -> None:
    if not entries:
        return
    rows = [
        {
            **_shown(entry),
            "picture_url": entry.picture_url,
            "changed_at": work.now,
            "row": ids[entry.identity],
        }
        for entry in entries
    ]
    item = Item.__table__.c
    names: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "row"}
    # One that did not come is tried anew at another address; one that we have stays.
    is_mended = and_(item.picture == "", item.picture_url != bindparam("picture_url"))
    names["picture_tries"] = case((is_mended, 0), else_=item.picture_tries)
    work.session.connection().execute(
        update(Item.__table__)  # type: ignore[arg-type]
        .where(item.id == bindparam("row"))
        .values(**names),
        rows,
    )


def _shown(entry: Entry) -> dict[str, Any]:
    return {
        "title": entry.title,
        "summary": entry.summary,
        "body_html": entry.body_html,
        "url": entry.url,
        "media_url": entry.media_url,
        "media_type": entry.media_type,
        "seconds": entry.seconds,
        "season": entry.season,
        "episode": entry.episode,
        "digest": entry.digest,
    }


def _language(read: ReadFeed, feed: Feed) -> str:
    return read.language if read.language in LANGUAGES else feed.language


def _free_slugs(session: Session, entries: Sequence[Entry]) -> list[str]:
    """A slug for each: its title's, or with a part of its identity where that is taken."""
    wanted = [slug_of(entry.title) for entry in entries]
    taken = RESERVED | set(session.scalars(select(Item.slug).where(Item.slug.in_(set(wanted)))))
    free: list[str] = []
    for entry, slug in zip(entries, wanted, strict=True):
        free.append(f"{slug}-{entry.identity[:12]}" if slug in taken else slug)
        taken.add(slug)
    return free


def _add_topics(session: Session, pairs: Iterable[tuple[int, Entry]]) -> None:
    said = [(item_id, topic) for item_id, entry in pairs for topic in tidy_topics(entry.topics)]
    written = in_known_spelling(session, [topic for _, topic in said])
    rows = [
        {"item_id": item_id, "topic": topic}
        for (item_id, _), topic in zip(said, written, strict=True)
    ]
    if rows:
        session.connection().execute(insert_if_new(session, ItemTopic), rows)
