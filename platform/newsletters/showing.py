"""The blocks of a letter with what they show: looked up in the library, among workshops and files.

The same for mails, pages and previews; what a reader may not see is not there. What has been taken
back since it was put in is missing here, and stops a letter before it is sent (`checking`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import quote

from markupsafe import Markup
from sqlalchemy import select

from contributions import questions
from core.i18n import N_, Message
from core.markdown import highest_heading, style_for_mail, to_html, to_mail_html
from core.plain_text import to_text
from core.unit_of_work import Reading
from library.kinds import ItemKind, may_see
from library.models import Item
from library.states import ItemState
from newsletters.blocks import Block, BlockKind, Picture, blocks_of
from newsletters.pictures import IssuePicture, pictures_named
from workshops.model.stages import PLANNED
from workshops.model.tables import Workshop
from workshops.model.times import when_in

EMPTY = Markup("")
LONGEST_SUMMARY = 260
INVITED = "invited"
"""The audience of a workshop that only those may know of who are invited to it."""
KICKERS: dict[ItemKind, Message] = {
    ItemKind.RECORDING: N_("Listen"),
    ItemKind.MATERIAL: N_("Material"),
    ItemKind.ARTICLE: N_("From a reader"),
    ItemKind.TOPIC: N_("A topic"),
    ItemKind.PODCAST: N_("An idea"),
    ItemKind.INTERVIEWEE: N_("An interview"),
}
GO_ON: dict[ItemKind, Message] = {ItemKind.RECORDING: N_("Listen")}


@dataclass(frozen=True)
class ShownPicture:
    """A picture of a letter, and how large it is."""

    url: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True)
class ShownBlock:
    """One block, ready for a template."""

    kind: BlockKind
    line: int
    html: Markup = EMPTY
    mail_html: Markup = EMPTY
    text: str = ""
    pictures: tuple[ShownPicture, ...] = ()
    kicker: str = ""
    title: str = ""
    language: str = ""
    summary: str = ""
    credit: str = ""
    picture: str = ""
    url: str = ""
    words: str = ""
    links: tuple[tuple[str, str], ...] = ()
    """Of a table of contents: what stands in the letter; of a whole text: where its links lead."""
    section: str = ""
    """The name under which it is kept apart: it is not in everybody's letter."""

    @property
    def is_text(self) -> bool:
        """Whether it is text."""
        return self.kind is BlockKind.TEXT

    @property
    def is_pictures(self) -> bool:
        """Whether it is pictures."""
        return self.kind is BlockKind.PICTURES

    @property
    def is_library(self) -> bool:
        """Whether it is a card of the library."""
        return self.kind is BlockKind.LIBRARY

    @property
    def is_article(self) -> bool:
        """Whether it is the whole text of a member."""
        return self.kind is BlockKind.ARTICLE

    @property
    def is_workshop(self) -> bool:
        """Whether it is a workshop."""
        return self.kind is BlockKind.WORKSHOP

    @property
    def is_question(self) -> bool:
        """Whether it is the question of the month."""
        return self.kind is BlockKind.QUESTION

    @property
    def is_button(self) -> bool:
        """Whether it is a button."""
        return self.kind is BlockKind.BUTTON

    @property
    def is_contents(self) -> bool:
        """Whether it is a table of contents."""
        return self.kind is BlockKind.CONTENTS


@dataclass(frozen=True)
class Known:
    """What the blocks of a letter name, looked up at once."""

    items: dict[str, Item] = field(default_factory=dict)
    workshops: dict[str, Workshop] = field(default_factory=dict)
    pictures: dict[str, IssuePicture] = field(default_factory=dict)


def shown_blocks(
    work: Reading, body: str, language: str, *, is_public: bool = False
) -> list[ShownBlock]:
    """The blocks of a text as readers see them; `is_public`: those who are nobody we know."""
    blocks = blocks_of(body)
    known = look_up(work, blocks)
    top = highest_heading("\n\n".join(block.markdown for block in blocks if block.markdown))
    made = _Maker(work, known, language, top, is_public)
    shown = [one for block in blocks if (one := made.shown(block)) is not None]
    return _with_contents(shown)


def look_up(work: Reading, blocks: Sequence[Block]) -> Known:
    """What blocks name, in a statement for each kind of thing."""

    def named(*kinds: BlockKind) -> list[str]:
        return [block.target for block in blocks if block.kind in kinds]

    slugs = named(BlockKind.LIBRARY, BlockKind.ARTICLE)
    ids = named(BlockKind.WORKSHOP)
    files = [picture.file for block in blocks for picture in block.pictures]
    session = work.session
    items = session.scalars(select(Item).where(Item.slug.in_(slugs))) if slugs else ()
    workshops = session.scalars(select(Workshop).where(Workshop.public_id.in_(ids))) if ids else ()
    return Known(
        {item.slug: item for item in items},
        {workshop.public_id: workshop for workshop in workshops},
        pictures_named(session, files),
    )


@dataclass(frozen=True)
class _Maker:
    """Makes what is shown of each block."""

    work: Reading
    known: Known
    language: str
    top: int
    is_public: bool

    def shown(self, block: Block) -> ShownBlock | None:
        match block.kind:
            case BlockKind.TEXT:
                return self._text(block)
            case BlockKind.PICTURES:
                return self._pictures(block)
            case BlockKind.LIBRARY | BlockKind.ARTICLE:
                return self._item(block)
            case BlockKind.WORKSHOP:
                return self._workshop(block)
            case BlockKind.QUESTION:
                return self._question(block)
            case _:
                return ShownBlock(block.kind, block.line, words=block.words, url=block.target)

    def _text(self, block: Block) -> ShownBlock:
        base, colours = self.work.settings.base_url, self.work.community.palette
        markdown, language = block.markdown, self.language
        return ShownBlock(
            block.kind,
            block.line,
            html=Markup(to_html(markdown, language, base, self.top)),  # noqa: S704 - by nh3
            mail_html=Markup(  # noqa: S704 - by nh3
                to_mail_html(markdown, language, base, colours, self.top)
            ),
            text=to_text(markdown, language, base, self.top).rstrip(),
            title=markdown,
        )

    def _pictures(self, block: Block) -> ShownBlock | None:
        shown = tuple(one for two in block.pictures if (one := self._picture(two)) is not None)
        return ShownBlock(block.kind, block.line, pictures=shown) if shown else None

    def _picture(self, picture: Picture) -> ShownPicture | None:
        kept = self.known.pictures.get(picture.file)
        if kept is None:
            return None
        return ShownPicture(self._url_of(kept.name), picture.alt, kept.width, kept.height)

    def _url_of(self, file: str) -> str:
        return f"{self.work.settings.base_url}/pictures/{file}"

    def _item(self, block: Block) -> ShownBlock | None:
        item = self.known.items.get(block.target)
        if item is None or not is_there(item) or not may_see(item.boundary, not self.is_public):
            return None
        kind = ItemKind(item.kind)
        length = _minutes(item, self.language)
        is_whole = block.kind is BlockKind.ARTICLE
        colours = self.work.community.palette
        return ShownBlock(
            block.kind,
            block.line,
            html=Markup(item.body_html) if is_whole else EMPTY,  # noqa: S704 - cleaned
            mail_html=Markup(  # noqa: S704 - cleaned
                style_for_mail(item.body_html, colours) if is_whole else ""
            ),
            kicker=" · ".join(filter(None, (KICKERS[kind].text(self.language), length))),
            title=item.title,
            language=item.language,
            summary=block.words or _shortened(item.summary),
            credit=item.byline,
            picture=self._url_of(item.shown_picture) if item.shown_picture else "",
            url=self._page(f"/library/{item.slug}"),
            words=GO_ON.get(kind, N_("Read on")).text(self.language),
        )

    def _workshop(self, block: Block) -> ShownBlock | None:
        workshop = self.known.workshops.get(block.target)
        if workshop is None or workshop.stage in PLANNED:
            return None
        if self.is_public and workshop.audience != "anyone":
            return None
        when = ""
        if workshop.starts_at and workshop.ends_at:
            when = when_in(workshop.starts_at, workshop.ends_at, workshop.zone, self.language)
        return ShownBlock(
            block.kind,
            block.line,
            kicker=N_("Workshop").text(self.language),
            title=workshop.title,
            language=workshop.language,
            summary=block.words or _shortened(workshop.plan.focus),
            credit=when,
            url=self._page(f"/workshops/{workshop.public_id}"),
            words=N_("See it").text(self.language),
            section=section_name(workshop.id) if workshop.audience == INVITED else "",
        )

    def _question(self, block: Block) -> ShownBlock:
        return ShownBlock(
            block.kind,
            block.line,
            kicker=N_("The question of the month").text(self.language),
            title=block.words,
            url=self._page(self._where_answered(block.words)),
            words=N_("Answer in two lines").text(self.language),
        )

    def _where_answered(self, words: str) -> str:
        """On the page of the question, if it is the one that is open; else as a topic."""
        is_open = any(words == said for said in self._open_question.values())
        return "/question" if is_open else f"/contribute/topic?about={quote(words)}"

    @cached_property
    def _open_question(self) -> Mapping[str, str]:
        question = questions.current(self.work.session)
        return question.words if question else {}

    def _page(self, path: str) -> str:
        prefix = "" if self.language == "en" else f"/{self.language}"
        return f"{self.work.settings.base_url}{prefix}{path}"


def is_there(item: Item) -> bool:
    """Whether it stands in the library, so that a letter may tell of it."""
    return item.state == ItemState.PUBLISHED


def _minutes(item: Item, language: str) -> str:
    if not item.seconds:
        return ""
    return N_("%(minutes)s min", minutes=max(1, round(item.seconds / 60))).text(language)


def _shortened(text: str) -> str:
    plain = " ".join(text.split())
    if len(plain) <= LONGEST_SUMMARY:
        return plain
    return f"{plain[:LONGEST_SUMMARY].rsplit(' ', 1)[0]} …"


def section_name(workshop_id: int) -> str:
    """Under which name a workshop is kept apart. Names of personal values have no digits."""
    return "only_" + "".join(chr(ord("a") + int(digit)) for digit in str(workshop_id))


def _with_contents(shown: list[ShownBlock]) -> list[ShownBlock]:
    """Tables of contents with what stands in the letter."""
    titles = tuple((title, "") for one in shown for title in _titles(one))
    return [
        ShownBlock(one.kind, one.line, links=titles) if one.kind is BlockKind.CONTENTS else one
        for one in shown
    ]


def _titles(one: ShownBlock) -> Iterable[str]:
    """What a table of contents says of a block. What is not for everybody it does not tell."""
    if one.section:
        return ()
    if one.kind is BlockKind.TEXT:
        lines = (line for line in one.title.splitlines() if line.startswith("#"))
        return tuple(line.lstrip("#").strip().strip("*_") for line in lines)
    is_thing = one.kind in (
        BlockKind.LIBRARY, BlockKind.ARTICLE, BlockKind.WORKSHOP, BlockKind.QUESTION,
    )  # fmt: skip
    return (one.title,) if is_thing else ()
