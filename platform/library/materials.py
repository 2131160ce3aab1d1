"""What organisers put into the library and change there: links, texts, files, covers."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.errors import Refusal, changed_meanwhile
from core.i18n import N_
from core.markdown import check_markdown, to_html
from core.pictures import Picture
from core.stored_files import Apart, Checked, StoredFile, note_apart, store
from core.text import one_line
from core.unit_of_work import UnitOfWork
from library.items import free_slug, set_topics, topics_of
from library.kinds import Boundary, ItemKind, Licence
from library.material_files import Looked
from library.models import Item
from library.playing import Player, player_of
from library.states import ItemState

LONGEST_TITLE, LONGEST_SUMMARY, LONGEST_LINK = 200, 600, 2000
EARLIEST_YEAR, LATEST_YEAR = 1900, 2100


@dataclass(frozen=True)
class Words:
    """What a material says: only organisers' own ones are changed in these."""

    title: str
    summary: str = ""
    body: str = ""
    """Markdown."""
    byline: str = ""
    url: str = ""


@dataclass(frozen=True)
class About:
    """What is said about a thing, whoever it came from."""

    language: str
    boundary: Boundary
    licence: Licence
    year: int | None = None
    topics: Collection[str] = ()


def check_words(words: Words, *, needs_more: bool) -> Words:
    """Words as they are kept. Raises Refusal naming the field.

    `needs_more` where neither a file nor a recording is what the title stands for.
    """
    title, url = one_line(words.title), words.url.strip()
    if not title:
        raise Refusal(N_("Please give the material a title."), "title")
    if len(title) > LONGEST_TITLE:
        raise Refusal(N_("This title is too long: 200 characters at the most."), "title")
    if url and not url.startswith(("https://", "http://")):
        raise Refusal(N_("A link begins with https:// or http://."), "url")
    if len(url) > LONGEST_LINK or not url.isprintable():
        raise Refusal(N_("This link cannot be opened. Please copy it anew."), "url")
    if needs_more and not (url or words.body.strip()):
        raise Refusal(N_("Please give a link, or write a text."), "url")
    check_markdown(words.body)
    summary = one_line(words.summary)[:LONGEST_SUMMARY]
    return Words(title, summary, words.body, one_line(words.byline)[:300], url)


def year_typed(typed: str) -> int | None:
    """A year, or none. Raises Refusal for what is none."""
    text = typed.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) == 4):
        raise Refusal(N_("Please write the year with four digits, such as 2024."), "year")
    if not EARLIEST_YEAR <= int(text) <= LATEST_YEAR:
        raise Refusal(N_("Please write a year between 1900 and 2100."), "year")
    return int(text)


def add(work: UnitOfWork, words: Words, about: About, state: ItemState) -> Item:
    """Put a link or a text into the library.

    Raises Refusal naming the field; also if the same link is there already.
    """
    checked = check_words(words, needs_more=True)
    known = _same_link(work.session, checked.url)
    if known is not None:
        title = known.title
        raise Refusal(N_("This link is in the library already: “%(title)s”.", title=title), "url")
    return _begin(work, _kind_of(checked.url), checked, about, state)


def _same_link(session: Session, url: str) -> Item | None:
    """What leads to the same page, or shows the same film, which has several addresses."""
    if not url:
        return None
    film = player_of("", "", url)
    ending = film.source.rpartition("/")[2] if film else url
    like = select(Item).where(Item.url.contains(ending, autoescape=True), Item.removed_at.is_(None))
    alike = session.scalars(like.order_by(Item.id))
    return next((one for one in alike if one.url == url or _is_of(film, one.url)), None)


def _is_of(film: Player | None, url: str) -> bool:
    return film is not None and player_of("", "", url) == film


def _kind_of(url: str) -> ItemKind:
    """What a link leads to: something that can be seen here, or something to read."""
    return ItemKind.RECORDING if player_of("", "", url) else ItemKind.MATERIAL


def add_file(
    work: UnitOfWork, looked: Looked, kept: Apart, about: About, state: ItemState, byline: str = ""
) -> Item:
    """Put a file into the library, called as it calls itself; sound is a recording."""
    kind = ItemKind.RECORDING if looked.is_sound else ItemKind.MATERIAL
    words = Words(looked.title, byline=byline or looked.by)
    item = _begin(work, kind, words, about, state)
    item.year = about.year or looked.year
    _put_file(work, item, looked, kept)
    return item


def replace_file(work: UnitOfWork, item_id: int, looked: Looked, kept: Apart) -> None:
    """Another file in the place of the one that is there; every address stays as it was.

    Raises Refusal where sound would become something to read, or the other way.
    """
    item = work.session.get_one(Item, item_id, with_for_update=True)
    if item.is_recording is not looked.is_sound:
        raise Refusal(
            N_("A recording is replaced by a recording, and slides by something to read."), "files"
        )
    item.changed_at, item.version = work.now, item.version + 1
    _put_file(work, item, looked, kept)


def _put_file(work: UnitOfWork, item: Item, looked: Looked, kept: Apart) -> None:
    item.file = note_apart(work, kept).name
    item.pages, item.seconds = looked.pages, looked.seconds
    item.picture = put_picture(work, looked.preview) if looked.preview else ""
    work.session.flush()


def put_picture(work: UnitOfWork, picture: Picture) -> str:
    """Keep a picture that we made; its name."""
    name = f"picture.{picture.extension}"
    checked = Checked(name, picture.extension, picture.media_type, picture.content)
    return store(work, checked).name


def _begin(work: UnitOfWork, kind: ItemKind, words: Words, about: About, state: ItemState) -> Item:
    item = Item(
        kind=kind,
        state=state,
        slug=free_slug(work.session, words.title),
        digest="",
        body="",
        body_html="",
        dated_at=work.now,
        published_at=work.now,
    )
    _write(work, item, words, about)
    work.session.add(item)
    work.session.flush()
    set_topics(work.session, item, about.topics)
    return item


def _write(work: UnitOfWork, item: Item, words: Words, about: About) -> None:
    item.title, item.summary, item.byline = words.title, words.summary, words.byline
    if item.url != words.url:  # nothing is known of the new one yet
        item.link_problem, item.link_values, item.link_failures = "", {}, 0
        item.link_tried_at = None
    item.url = words.url
    if words.body.strip() or item.body or not item.body_html:
        item.body_html = to_html(words.body, about.language, work.settings.base_url)
    # Else it is from before its Markdown was kept: it stays until another is written.
    item.body = words.body
    item.changed_at = work.now
    _say_about(item, about)


def _say_about(item: Item, about: About) -> None:
    item.language, item.boundary = about.language, about.boundary
    item.licence, item.year = about.licence, about.year


def change(work: UnitOfWork, item_id: int, version: int, words: Words, about: About) -> Item:
    """Change what is said of a thing, and the words of what is organisers' own.

    Raises Refusal naming the field, or if somebody else changed it since `version`.
    """
    item = take(work, item_id, version)
    if item.is_ours:
        has_more = item.file or item.media_url or (item.body_html and not item.body)
        checked = check_words(words, needs_more=not has_more)
        if item.url != checked.url and not (item.file or item.media_url):
            item.kind = _kind_of(checked.url)
        _write(work, item, checked, about)
    else:
        _say_about(item, about)
    work.session.flush()
    set_topics(work.session, item, about.topics)
    return item


def take(work: UnitOfWork, item_id: int, version: int) -> Item:
    """A thing that nobody else changed since it was looked at. Raises Refusal."""
    claimed = (
        update(Item)
        .where(Item.id == item_id, Item.version == version)
        .values(version=version + 1, changed_at=work.now)
        .returning(Item.id)
    )
    if work.session.execute(claimed).first() is None:
        raise changed_meanwhile()
    return work.session.get_one(Item, item_id, populate_existing=True)


def set_cover(work: UnitOfWork, item_id: int, picture: Checked | None) -> None:
    """Show a picture that somebody brought; None: what was shown before."""
    item = work.session.get_one(Item, item_id, with_for_update=True)
    item.cover = store(work, picture).name if picture else ""
    item.changed_at, item.version = work.now, item.version + 1


def same_file(session: Session, sha256: str) -> Item | None:
    """The thing that has this very file already."""
    its_file = select(StoredFile.name).where(StoredFile.sha256 == sha256)
    return session.scalar(
        select(Item).where(Item.file.in_(its_file), Item.removed_at.is_(None)).limit(1)
    )


def file_of(session: Session, item: Item) -> StoredFile | None:
    """The file of a thing, without its bytes."""
    if not item.file:
        return None
    return session.scalar(select(StoredFile).where(StoredFile.name == item.file))


def topics_typed(typed: str) -> list[str]:
    """Topics as they are written in one field."""
    return typed.split(",")


def topics_written(session: Session, item: Item) -> str:
    """The same the other way round."""
    return ", ".join(topics_of(session, item.id))
