"""The question of the month: what others answered, and two lines of one's own."""

from dataclasses import dataclass
from typing import Annotated

from starlette.exceptions import HTTPException
from starlette.responses import Response

from contributions import questions
from contributions.drafts import LONGEST_KEY, new_form_key
from contributions.questions import LONGEST, Answered, Question
from core.errors import Refusal
from core.unit_of_work import Reading
from web.forms import Form, Id, Text, Ticked, Typed, line
from web.limits import check_limits
from web.visit import Visit

PAGE = "/question"


@dataclass(frozen=True)
class Words(Typed):
    """An answer, the question it is for, its form, and the trap for robots."""

    words: Text
    name: Annotated[str, line(200)]
    question: Id
    form_key: Text
    website: Ticked


def show(visit: Visit) -> Response:
    """The question that is open, with what was answered; else the one before."""
    with visit.reading() as work:
        return _page(visit, work, Form())


def answer(visit: Visit) -> Response:
    """Put an answer on the desk. What a robot fills in seems to arrive, and does not."""
    typed = Words.of(visit.form)
    try:
        if not typed.website:
            _take_in(visit, typed)
    except Refusal as refusal:
        with visit.reading() as work:
            return _page(visit, work, visit.form, refusal)
    return visit.redirect(f"{PAGE}?said=arrived")


def _take_in(visit: Visit, typed: Words) -> None:
    key = typed.form_key[:LONGEST_KEY] or new_form_key()
    answered = Answered(typed.words, typed.name, visit.language, key, visit.viewer_id)
    questions.checked(answered)
    check_limits(visit, "question", ("60/day", visit.network), field="words")
    with visit.unit_of_work() as work:
        questions.answer(work, typed.question, answered)


def _page(visit: Visit, work: Reading, form: Form, refusal: Refusal | None = None) -> Response:
    question = _question(work)
    me = visit.viewer.member if visit.viewer else None
    return visit.page(
        "site/question.html",
        status=422 if refusal else 200,
        question=question,
        answers=questions.shown_answers(work.session, question.id),
        typed=Words.of(form),
        name=Words.of(form).name or (me.name if me else ""),
        has_arrived=visit.query("said") == "arrived",
        form_key=Words.of(form).form_key[:LONGEST_KEY] or new_form_key(),
        longest=LONGEST,
        error=visit.wrong(refusal),
    )


def _question(work: Reading) -> Question:
    question = questions.current(work.session)
    if question is None:
        question = next(iter(questions.earlier(work.session, 1)), None)
    if question is None:
        raise HTTPException(404)
    return question
