"""Closing the loop: a topic becomes the focus of a workshop, its learning points an article.

The two hooks that workshops use. Credit goes along with the words.
"""

from dataclasses import dataclass

from contributions.drafts import start
from contributions.kinds import Content, Kind
from contributions.models import Contribution
from contributions.publishing import byline_of
from contributions.states import State
from core.errors import Refusal
from core.i18n import N_
from core.unit_of_work import UnitOfWork

USABLE = (State.IN_REVIEW, State.ACCEPTED, State.AGREED, State.PUBLISHED)


@dataclass(frozen=True)
class Focus:
    """What a workshop can be planned around."""

    contribution_id: int
    question: str
    why: str
    frame: str
    language: str
    credit: str
    """Under which name its author is thanked; empty if they want none."""
    boundary: str


def focus_of(work: UnitOfWork, contribution: Contribution) -> Focus:
    """A topic as the focus of a workshop. Raises Refusal if it is none, or was taken back."""
    if contribution.kind != Kind.TOPIC or contribution.state not in USABLE:
        raise Refusal(N_("Only a topic that is on the desk or published can become a focus."))
    content = contribution.content
    return Focus(
        contribution_id=contribution.id,
        question=content.answer("question"),
        why=content.answer("why"),
        frame=content.answer("frame"),
        language=contribution.language,
        credit=byline_of(work, contribution, content),
        boundary=content.boundary,
    )


@dataclass(frozen=True)
class Learned:
    """What a workshop learned, as far as its participants agreed to share it."""

    workshop_id: int
    title: str
    points: tuple[str, ...]
    language: str
    boundary: str
    credit: tuple[str, ...]


def article_from(work: UnitOfWork, learned: Learned, author_id: int) -> Contribution:
    """A draft of an article that begins with a workshop's learning points; one for each author."""
    thanks = ", ".join(learned.credit)
    body = "\n".join(f"- {point}" for point in learned.points)
    if thanks:
        words = N_("With thanks to %(names)s.", names=thanks).text(learned.language)
        body = f"{body}\n\n*{words}*"
    content = Content(
        title=learned.title,
        language=learned.language,
        answers={"body": body},
        boundary=learned.boundary,
    )
    key = f"workshop-{learned.workshop_id}-{author_id}"
    source = f"workshop:{learned.workshop_id}"
    return start(work, Kind.ARTICLE, key, author_id, content, source=source)
