"""From an agreed text to an item of the library: only what may be public goes there."""

from contributions.kinds import Byline, Content, Kind, Shape, public_fields
from contributions.models import Contribution
from contributions.moving import move, source_of
from contributions.people import Actor, authors_of
from contributions.states import Action
from core.unit_of_work import UnitOfWork
from library.items import NewItem, publish
from library.kinds import Boundary, ItemKind, Licence
from library.models import Item
from mail.markdown import to_html

NEVER_SHOWN = ("body", "link", "person_link")
"""Fields that stand elsewhere on the page: as the text, or as its link."""


def publish_contribution(
    work: UnitOfWork,
    contribution: Contribution,
    actor: Actor,
    version: int,
    topics: tuple[str, ...] = (),
) -> Item:
    """Put it into the library and tell its authors. Raises Refusal; then nothing has happened."""
    published: list[Item] = []

    def put_into_library() -> None:
        published.append(publish(work, as_item(work, contribution, topics)))

    move(work, contribution, Action.PUBLISH, actor, version, then=put_into_library)
    return published[0]


def as_item(work: UnitOfWork, contribution: Contribution, topics: tuple[str, ...] = ()) -> NewItem:
    """The public side of a contribution."""
    content = Content.from_json(contribution.content)
    kind = Kind(contribution.kind)
    return NewItem(
        kind=ItemKind(kind.value),
        title=content.title,
        summary=" ".join(content.summary.split()),
        body_html=contribution.html or public_html(kind, content, work.settings.base_url),
        language=contribution.language,
        byline=byline_of(work, contribution, content),
        licence=Licence(content.licence),
        boundary=Boundary(content.boundary),
        url=content.answer("link") or content.answer("person_link"),
        source=source_of(contribution),
        topics=topics,
    )


def public_html(kind: Kind, content: Content, base_url: str) -> str:
    """What is published, as clean HTML."""
    return to_html(public_text(kind, content, content.language), content.language, base_url)


def byline_of(work: UnitOfWork, contribution: Contribution, content: Content) -> str:
    """The names it is published under; empty if its author wants none."""
    if content.byline != Byline.NAME:
        return ""
    names = [member.name for member in authors_of(work.session, contribution)]
    if content.name:
        names = [content.name, *names[1:]]
    return ", ".join(filter(None, names))


def public_text(kind: Kind, content: Content, language: str) -> str:
    """What is published, as Markdown: the text itself, then the answers that belong to it."""
    parts = [content.answer("body")]
    for asked in public_fields(kind):
        value = content.answer(asked.name).strip()
        if not value or asked.name in NEVER_SHOWN:
            continue
        words = asked.choices[value].text(language) if value in asked.choices else value
        shown = words if asked.shape in (Shape.TEXT, Shape.MARKDOWN) else " ".join(words.split())
        parts.append(f"## {asked.label.text(language)}\n\n{shown}")
    if content.link_list:
        parts.append("\n".join(f"- <{link}>" for link in content.link_list))
    return "\n\n".join(part for part in parts if part.strip())
