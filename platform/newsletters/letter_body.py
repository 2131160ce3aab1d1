"""The blocks of a letter as a mail has them: HTML with its styles where they stand, and text."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from core.unit_of_work import Reading
from mail.personal import Marks
from mail.rendering import fragment
from newsletters.models import IssueText
from newsletters.showing import ShownBlock, shown_blocks

TEMPLATE = "newsletters/issue"


@dataclass(frozen=True)
class Body:
    """What stands between greeting and foot; apart from it what is not in everybody's letter."""

    html: Markup
    text: str
    sections: Mapping[str, Mapping[str, str]]


def body_of(work: Reading, text: IssueText, *, with_all: bool = False) -> Body:
    """The body of a letter. In a test of it, `with_all`, everything stands in its place."""
    shown = shown_blocks(work, text.body, text.language)
    made = [(one, *_made(work, one, text.language)) for one in shown]
    apart = {} if with_all else {
        one.section: {"html": html, "text": plain} for one, html, plain in made if one.section
    }  # fmt: skip
    marks = Marks(apart)
    return Body(
        Markup("\n").join(
            Markup(getattr(marks, one.section) if one.section in apart else html)  # noqa: S704
            for one, html, _ in made
        ),
        "\n\n".join(
            getattr(marks, one.section) if one.section in apart else plain for one, _, plain in made
        ),
        apart,
    )


def _made(work: Reading, one: ShownBlock, language: str) -> tuple[str, str]:
    """A block as HTML and as text."""
    palette = work.community.palette
    context = {"block": one, "tones": palette.light, "language": language}
    html = fragment(TEMPLATE, "blocks.html", language, context)
    return html.strip(), fragment(TEMPLATE, "blocks.txt", language, context).strip()
