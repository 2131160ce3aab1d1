"""The four kinds of contribution: what each form asks, what must be there to send it in. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from core.address_lists import has_address
from core.i18n import LANGUAGES, N_, Message
from core.markdown import dead_link_message, dead_links, is_intricate
from library.kinds import LICENCE_VERSION, Boundary, ItemKind, Licence
from members.profile import LEVELS


class Kind(StrEnum):
    """What somebody sends in."""

    ARTICLE = "article"
    PODCAST = "podcast"
    TOPIC = "topic"
    INTERVIEWEE = "interviewee"


AS_ITEM: dict[Kind, ItemKind] = {
    Kind.ARTICLE: ItemKind.ARTICLE,
    Kind.PODCAST: ItemKind.PODCAST,
    Kind.TOPIC: ItemKind.TOPIC,
    Kind.INTERVIEWEE: ItemKind.INTERVIEWEE,
}
"""What it becomes in the library."""


class Shape(StrEnum):
    """How a field is filled in."""

    LINE = "line"
    TEXT = "text"
    MARKDOWN = "markdown"
    LINK = "link"
    CHOICE = "choice"


MARKED = (Shape.TEXT, Shape.MARKDOWN)
"""Shapes that are published as Markdown."""


class Byline(StrEnum):
    """Under which name something is published."""

    NAME = "name"
    NONE = "none"


BYLINE_NAMES = {
    Byline.NAME: N_("with my name"),
    Byline.NONE: N_("without my name"),
}

FRAMES: dict[str, Message] = {
    "workshop": N_("Workshop"),
    "forum": N_("Forum"),
    "consultation": N_("Consultation"),
    "hotseat": N_("Hotseat"),
}

LONGEST_LINE = 200
LONGEST_TEXT = 3000
LONGEST_BODY = 60_000
MOST_LINKS = 10
LONGEST_LINKS = 10 * 2001


@dataclass(frozen=True)
class Field:
    """One question of a form. `is_private` fields are seen by its author and editors only."""

    name: str
    label: Message
    help: Message
    shape: Shape = Shape.LINE
    is_required: bool = False
    is_one_of_two: bool = False
    """Of this one and another, one is needed: both are asked at once."""
    is_private: bool = False
    choices: Mapping[str, Message] = field(default_factory=dict)

    @property
    def longest(self) -> int:
        """How many characters there may be."""
        longest = {Shape.TEXT: LONGEST_TEXT, Shape.MARKDOWN: LONGEST_BODY, Shape.LINK: 2000}
        return longest.get(self.shape, LONGEST_LINE)

    @property
    def is_asked_first(self) -> bool:
        """Whether the form begins with it; what may be left out is folded away."""
        return self.is_required or self.is_one_of_two


@dataclass(frozen=True)
class Form:
    """One kind's form: what it is called, what it is for, and what it asks."""

    name: Message
    lead: Message
    fields: tuple[Field, ...]


TITLE = Field("title", N_("Title"), N_("One line that makes a colleague curious."),
              is_required=True)  # fmt: skip
SUMMARY = Field("summary", N_("In short"), N_("Two or three sentences, as you would say them."),
                Shape.TEXT, is_required=True)  # fmt: skip

FORMS: dict[Kind, Form] = {
    Kind.ARTICLE: Form(
        N_("An article"),
        N_("Something you have tried, seen or thought about. It can be short, and unfinished."),
        (
            Field("body", N_("Your text"), N_(
                "Write it here, or give a link below. Markdown works: ## heading, *emphasis*."),
                Shape.MARKDOWN, is_one_of_two=True),
            Field("link", N_("Or a link to it"), N_("Where it can be read already."), Shape.LINK,
                  is_one_of_two=True),
            Field("audience", N_("For whom is it?"), N_("For example: class teachers, heads.")),
            Field("phase", N_("Level of education"), N_("Where it plays."), Shape.CHOICE,
                  choices=LEVELS),
            Field("pupils", N_("What does it change for pupils?"), N_(
                "The question we come back to. A sentence is enough."), Shape.TEXT),
        ),
    ),
    Kind.PODCAST: Form(
        N_("A podcast idea"),
        N_("Short episodes, a real question, people who know it from their work."),
        (
            Field("pitch", N_("What is it about?"), N_("What would one learn by listening?"),
                  Shape.TEXT, is_required=True),
            Field("guests", N_("Who would talk?"), N_("You, a colleague, somebody we should ask.")),
            Field("minutes", N_("How long?"), N_("A guess in minutes.")),
            Field("sample", N_("Link to a sample"), N_(
                "Recordings are too large for us to take: please give a link."), Shape.LINK),
        ),
    ),
    Kind.TOPIC: Form(
        N_("A topic for discussion"),
        N_("A question from your work to which nobody in the room has the answer yet."),
        (
            Field("question", N_("The open question"), N_(
                "It begins with how, what or why, and cannot be answered with yes or no."),
                Shape.TEXT, is_required=True),
            Field("why", N_("Why does it matter now?"), N_("What made you think of it?"),
                  Shape.TEXT, is_required=True),
            Field("frame", N_("Which frame would fit?"), N_("If you have one in mind."),
                  Shape.CHOICE, choices=FRAMES),
        ),
    ),
    Kind.INTERVIEWEE: Form(
        N_("Somebody to interview"),
        N_("Whom should we talk with? We ask the person before anything is made public."),
        (
            Field("person", N_("Who is it?"), N_("Name and what they do."), is_required=True),
            Field("person_link", N_("Public link"), N_("A page about them or their work."),
                  Shape.LINK),
            Field("why", N_("Why them?"), N_("What would we ask first?"), Shape.TEXT,
                  is_required=True),
            Field("contact", N_("How can we reach them?"), N_(
                "Only the editors see it, and it is deleted after 180 days without contact."),
                is_private=True),
            Field("relation", N_("How do you know them?"), N_("Only the editors see it."),
                  is_private=True),
            Field("knows", N_("Does this person know?"), N_("That you suggest them to us."),
                  Shape.CHOICE, is_private=True,
                  choices={"yes": N_("Yes"), "no": N_("No, not yet")}),
        ),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Content:
    """What somebody wrote, as it is kept, whether it is finished or not."""

    title: str = ""
    summary: str = ""
    language: str = LANGUAGES[0]
    answers: Mapping[str, str] = field(default_factory=dict)
    links: str = ""
    byline: str = Byline.NAME
    name: str = ""
    licence: str = Licence.CC_BY
    licence_version: str = LICENCE_VERSION
    boundary: str = Boundary.ANYONE
    may_share: bool = False

    def to_json(self) -> dict[str, Any]:
        """As the database keeps it."""
        return {**asdict(self), "answers": dict(self.answers)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Content":
        """As it was kept."""
        return cls(**kept)

    @property
    def link_list(self) -> list[str]:
        """The links, one a line."""
        return [line.strip() for line in self.links.splitlines() if line.strip()]

    def answer(self, name: str) -> str:
        """One answer, empty if there is none."""
        return self.answers.get(name, "")


@dataclass(frozen=True)
class Problem:
    """One thing that is missing or wrong: the field, and what to do."""

    field: str
    message: Message


def problems_of(kind: Kind, content: Content) -> list[Problem]:
    """Everything that has to change before this can be sent in, in the order of the form."""
    found = [
        problem
        for asked in (TITLE, SUMMARY, *FORMS[kind].fields)
        if (problem := _problem(asked, _value(content, asked.name)))
    ]
    if kind is Kind.ARTICLE and not (content.answer("body").strip() or content.answer("link")):
        found.append(Problem("body", N_("Please write your text, or give a link to it.")))
    return found + _link_problems(content) + _choice_problems(content)


def _link_problems(content: Content) -> list[Problem]:
    if any(not _is_link(link) for link in content.link_list):
        return [Problem("links", N_("Each link begins with https:// or http://."))]
    if len(content.link_list) > MOST_LINKS:
        return [Problem("links", N_("Ten links at the most, please."))]
    return []


def _choice_problems(content: Content) -> list[Problem]:
    checks = (
        (has_address(content.name), "name",
         N_("Please write a name here, not an e-mail address.")),
        (content.language not in LANGUAGES, "language",
         N_("Please choose a language from the list.")),
        (content.licence not in (Licence.CC_BY, Licence.HERE_ONLY), "licence",
         N_("Please choose what others may do with it.")),
        (content.boundary not in set(Boundary), "boundary", N_("Please choose who may see it.")),
        (not content.may_share, "may_share", N_("Please confirm that you may share this.")),
    )  # fmt: skip
    return [Problem(field, words) for is_wrong, field, words in checks if is_wrong]


def too_long(kind: Kind, content: Content) -> list[Problem]:
    """What not even a draft may hold: fields that are longer, or more intricate, than we can keep.

    Whoever typed it has it on the screen, and is told what to do.
    """
    found = [
        problem
        for asked in (TITLE, SUMMARY, *FORMS[kind].fields)
        if (problem := _length_problem(asked, _value(content, asked.name)))
    ]
    if len(content.links) > LONGEST_LINKS:
        found.append(Problem("links", N_("Ten links at the most, please.")))
    return found


def _length_problem(asked: Field, value: str) -> Problem | None:
    if len(value) > asked.longest:
        return Problem(
            asked.name, N_("This is too long: %(most)s characters at the most.", most=asked.longest)
        )
    if asked.shape in MARKED and is_intricate(value):
        return Problem(
            asked.name, N_("This text has more brackets, stars or other marks than we can read.")
        )
    return None


def _problem(asked: Field, value: str) -> Problem | None:
    if asked.is_required and not value.strip():
        return Problem(asked.name, N_("Please fill this in: a few words are enough."))
    if problem := _length_problem(asked, value):
        return problem
    if asked.shape in MARKED and (dead := next(dead_links(value), None)):
        return Problem(asked.name, dead_link_message(*dead))
    if asked.shape is Shape.LINK and value and not _is_link(value):
        return Problem(asked.name, N_("A link begins with https:// or http://."))
    if asked.shape is Shape.CHOICE and value and value not in asked.choices:
        return Problem(asked.name, N_("Please choose from the list."))
    return None


def _value(content: Content, name: str) -> str:
    common = {"title": content.title, "summary": content.summary}
    return common.get(name, content.answer(name))


def _is_link(text: str) -> bool:
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        return False
    is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    return is_web and len(text) <= 2000 and text.strip().isprintable() and " " not in text.strip()


def public_fields(kind: Kind) -> Sequence[Field]:
    """The fields of a kind that may be published."""
    return [asked for asked in FORMS[kind].fields if not asked.is_private]
