"""From an agreed text to an item of the library: only what may be public goes there."""

from dataclasses import dataclass, replace

from contributions.kinds import AS_ITEM, Byline, Content, Kind, Shape, public_fields
from contributions.models import Contribution
from contributions.moving import move, source_of
from contributions.people import authors_of
from contributions.states import Action
from core.actors import Actor
from core.errors import Refusal
from core.i18n import N_
from core.markdown import check_markdown, to_html
from core.plain_text import to_text
from core.unit_of_work import UnitOfWork
from library.items import NewItem, publish
from library.kinds import Boundary, Licence
from library.models import Item

NEVER_SHOWN = ("body", "link", "person_link")
"""Fields that stand elsewhere on the page: as the text, or as its link."""


LONGEST_LINK = 2000


@dataclass(frozen=True)
class Interview:
    """What an editor writes when a conversation is out: nothing of the suggestion is shown."""

    title: str
    text: str
    recording: str


def check_interview(interview: Interview | None) -> Interview:
    """Raises Refusal naming the field if there is nothing to hear, or nothing to read."""
    if interview is None or not interview.title.strip():
        raise Refusal(N_("Please give the conversation a title."), "interview_title")
    if not interview.text.strip():
        raise Refusal(N_("Please write what the conversation is about."), "interview_text")
    check_markdown(interview.text, "interview_text")
    is_link = interview.recording.startswith(("https://", "http://", "/library/"))
    if not is_link or len(interview.recording) > LONGEST_LINK:
        raise Refusal(
            N_("Please give the link of the recording, or of its page in the library."),
            "interview_recording",
        )
    return interview


def publish_contribution(
    work: UnitOfWork,
    contribution: Contribution,
    actor: Actor,
    version: int,
    topics: tuple[str, ...] = (),
    interview: Interview | None = None,
) -> Item:
    """Put it into the library and tell its authors. Raises Refusal; then nothing has happened.

    Of a suggestion whom to interview only what an editor writes about the conversation is shown.
    """
    published: list[Item] = []
    is_person = contribution.kind == Kind.INTERVIEWEE
    told = check_interview(interview) if is_person else None

    def put_into_library() -> None:
        new = as_item(work, contribution, topics)
        if told is not None:
            new = _as_conversation(work, new, told)
        published.append(publish(work, new))

    move(work, contribution, Action.PUBLISH, actor, version, then=put_into_library)
    return published[0]


def as_item(work: UnitOfWork, contribution: Contribution, topics: tuple[str, ...] = ()) -> NewItem:
    """The public side of a contribution."""
    content = contribution.content
    kind = Kind(contribution.kind)
    return NewItem(
        kind=AS_ITEM[kind],
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


def _as_conversation(work: UnitOfWork, new: NewItem, told: Interview) -> NewItem:
    base_url = work.settings.base_url
    is_ours = told.recording.startswith("/")
    return replace(
        new,
        title=" ".join(told.title.split())[:200],
        summary=to_text(told.text, new.language, base_url).partition("\n\n")[0].strip()[:600],
        body_html=to_html(told.text, new.language, base_url),
        byline="",
        url=f"{base_url}{told.recording}" if is_ours else told.recording,
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
