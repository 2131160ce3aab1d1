"""The blocks of an issue: put in, moved and taken out by buttons, each in every language.

Whatever is pressed, what was typed is kept first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from starlette.responses import Response

from core.errors import Refusal
from core.i18n import LANGUAGES, N_
from core.stored_files import Checked
from core.unit_of_work import Reading, UnitOfWork
from core.uploads import check_picture
from library import items
from newsletters import arranging, issues, pictures
from newsletters.blocks import BlockKind, line_of
from newsletters.models import Issue
from newsletters.texts import keep_text
from newsletters.wording import leads_somewhere
from web.forms import Form, Text, Typed
from web.organiser.issues import find, keep, refused
from web.visit import Visit
from workshops.model.stages import TAKING
from workshops.planning import planning


@dataclass(frozen=True)
class Wanted(Typed):
    """What is to be put in; words and places have a field for each language."""

    put: Text
    library: Text
    workshop: Text
    button_url: Text


@dataclass(frozen=True)
class Fresh(Typed):
    """What is suggested, as the address of its button says."""

    fresh: Text


@dataclass(frozen=True)
class Pressed(Typed):
    """What is to become of a part: `up en 3`."""

    arrange: Text


def insert(visit: Visit) -> Response:
    """Put a block into each language in which something is written, or will be."""
    try:
        picture = _uploaded(visit)
    except Refusal as refusal:
        return refused(visit, refusal)
    return _change(visit, lambda work, issue: _lines(visit, work, issue, picture), _put_in)


def arrange(visit: Visit) -> Response:
    """Move a part of a text, or take it out."""
    does, _, rest = Pressed.of(visit.form).arrange.partition(" ")
    code, _, mark = rest.partition(" ")

    def change(body: str, _line: str, _at: int) -> str:
        try:
            if does == "out":
                return arranging.without(body, mark)
            return arranging.moved(body, mark, _STEPS.get(does) or _steps(does))
        except LookupError:
            raise Refusal(N_("This part was just changed. Please press once more.")) from None

    return _change(visit, lambda *_: {code: ("", 0)} if code in LANGUAGES else {}, change)


_STEPS = {"up": -1, "down": 1}
MOST_STEPS = 3
"""Digits of a number of places."""


def _steps(does: str) -> int:
    """How far a part was pulled: `by-3` is three places up. One that is nothing of it goes down."""
    number = does.removeprefix("by")
    digits = number.removeprefix("-")
    is_number = digits.isascii() and digits.isdecimal() and len(digits) <= MOST_STEPS
    return int(number) if is_number else 1


def _uploaded(visit: Visit) -> Checked | None:
    upload = next(iter(visit.form.uploads), None)
    if upload is None or Wanted.of(visit.form).put != "picture":
        return None
    return check_picture(upload.name, upload.content, pictures.WIDEST)


def _change(
    visit: Visit,
    lines: Callable[[UnitOfWork, Issue], dict[str, tuple[str, int]]],
    change: Callable[[str, str, int], str],
) -> Response:
    """Keep what was typed, and change the texts of some languages."""

    def act(work: UnitOfWork, _: Issue) -> None:
        issue = keep(visit, work)
        changed = [
            keep_text(code, text.subject, text.preheader, text.title, change(text.body, line, at))
            for code, (line, at) in lines(work, issue).items()
            if (text := issue.text_in(code)) is not None
        ]
        issues.save_draft(work, issue.id, changed, issue.version, visit.viewer_id)

    return visit.act(
        partial(find, visit),
        act,
        then=lambda issue, _: f"/organise/issues/{issue.id}?said=saved#blocks",
        refused=lambda _work, _issue, refusal: refused(visit, refusal),
    )


def _put_in(body: str, line: str, at: int) -> str:
    return arranging.put_in(body, line, at)


def _lines(
    visit: Visit, work: UnitOfWork, issue: Issue, picture: Checked | None
) -> dict[str, tuple[str, int]]:
    """The block as it is written in each language, and where. Raises Refusal."""
    kind, typed, form = Wanted.of(visit.form).put, Wanted.of(visit.form), visit.form
    codes = [text.language for text in issue.texts]
    if kind == "picture":
        if picture is None:
            raise Refusal(N_("Please choose a picture: png, jpg or webp."), "files")
        name = pictures.bring(work, issue.id, picture).name
        lines = {code: line_of(BlockKind.PICTURES, name, form[f"alt_{code}"]) for code in codes}
        if not any(form[f"alt_{code}"].strip() for code in codes):
            raise Refusal(N_("Please write what the picture shows, for those who cannot see it."),
                          f"alt_{codes[0]}")  # fmt: skip
    elif kind == "fresh":
        lines = dict.fromkeys(codes, _item(work, BlockKind.LIBRARY, Fresh.of(visit.asked).fresh))
    elif kind in ("library", "article"):
        lines = dict.fromkeys(codes, _item(work, BlockKind(kind), typed.library))
    elif kind == "workshop":
        lines = dict.fromkeys(codes, _workshop(work, typed.workshop))
    elif kind in ("question", "button"):
        lines = _worded(form, codes, BlockKind(kind), typed.button_url)
    else:
        lines = dict.fromkeys(codes, "---" if kind == "divider" else line_of(BlockKind.CONTENTS))
    bodies = {text.language: text.body for text in issue.texts}
    nth = _nth_paragraph(form, bodies)
    return {
        code: (line, arranging.in_paragraph(bodies[code], nth))
        for code, line in lines.items()
        if line
    }


def _nth_paragraph(form: Form, bodies: dict[str, str]) -> int:
    """The paragraph of the cursor, in whichever language it was: the block comes after the same one
    in each. A browser without scripts does not say, then it is the end."""
    for code, body in bodies.items():
        said = form[f"at_{code}"]
        if said.isascii() and said.isdecimal() and len(said) < 7:
            return body[: int(said)].count("\n\n")
    return arranging.END


def _item(work: Reading, kind: BlockKind, slug: str) -> str:
    item = items.find_item(work.session, slug, is_member=True)
    if item is None:
        raise Refusal(N_("Please choose something of the library."), "library")
    return line_of(kind, item.slug)


def _workshop(work: Reading, public_id: str) -> str:
    workshop = planning.find(work.session, public_id)
    if workshop is None or workshop.stage not in TAKING:
        raise Refusal(N_("Please choose a workshop from the list."), "workshop")
    return line_of(BlockKind.WORKSHOP, workshop.public_id)


def _address(typed: str) -> str:
    """Where a button leads: somewhere else, or to a mailbox. Raises Refusal."""
    url = typed.strip()
    if not leads_somewhere(url) or any(c in url for c in " ()<>\n"):
        raise Refusal(
            N_("Please write where the button leads, as in https://example.org/thursday."),
            "button_url",
        )
    return url


def _worded(form: Form, codes: list[str], kind: BlockKind, url: str) -> dict[str, str]:
    said = {code: form[f"{kind}_{code}"].strip() for code in codes}
    if not any(said.values()):
        raise Refusal(N_("Please write the words."), f"{kind}_{codes[0]}")
    target = _address(url) if kind is BlockKind.BUTTON else ""
    return {code: line_of(kind, target, words) for code, words in said.items() if words}
