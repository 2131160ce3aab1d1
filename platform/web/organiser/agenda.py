"""The parts of a plan that have rows: open questions and the agenda, as a form has them."""

from web.forms import Form
from workshops.model.method import DIALOGUES, Part
from workshops.model.plans import MOST_PARTS, MOST_QUESTIONS


def questions_of(form: Form) -> list[str]:
    """The open questions that were typed."""
    typed = (form.line(f"question_{n}", 600) for n in range(1, MOST_QUESTIONS + 1))
    return [question for question in typed if question]


def agenda_of(form: Form) -> list[Part]:
    """The rows of the agenda that were typed."""
    return [part for n in range(1, MOST_PARTS + 1) if (part := _part(form, n))]


def _part(form: Form, n: int) -> Part | None:
    what, minutes = form.line(f"what_{n}", 300), form.count(f"minutes_{n}")
    if not what and not minutes:
        return None
    dialogue = form[f"dialogue_{n}"]
    return Part(
        minutes=min(minutes, 600),
        what=what,
        dialogue=dialogue if dialogue in {str(kind) for kind in DIALOGUES} else "",
        lead=form.line(f"lead_{n}", 80),
    )
