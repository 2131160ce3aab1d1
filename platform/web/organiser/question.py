"""The question of the month, as editors ask it and read what comes."""

from dataclasses import dataclass
from typing import Annotated

from starlette.responses import Response

from contributions import questions
from contributions.questions import AnswerState
from core.errors import Refusal
from core.i18n import LANGUAGES
from core.unit_of_work import Reading, UnitOfWork
from web.forms import Form, Id, Typed, choice
from web.visit import Visit

HERE = "/organise/question"


@dataclass(frozen=True)
class Decided(Typed):
    """Which answer, and what becomes of it."""

    one: Id
    does: Annotated[str, choice((AnswerState.SHOWN, AnswerState.PUT_AWAY))]


def show(visit: Visit) -> Response:
    """The question, what was answered, and a form for another one."""
    with visit.reading() as work:
        return _page(visit, work)


def ask(visit: Visit) -> Response:
    """Ask another one."""
    typed = {code: visit.form[f"question_{code}"] for code in LANGUAGES}
    return visit.act(
        lambda _: None,
        lambda work, _: questions.ask(work, typed, visit.my_id),
        then=lambda *_: HERE,
        refused=lambda work, _, refusal: _page(visit, work, refusal),
    )


def close(visit: Visit) -> Response:
    """Let nobody answer any more."""
    with visit.unit_of_work() as work:
        questions.close(work, visit.my_id)
    return visit.redirect(HERE)


def decide(visit: Visit) -> Response:
    """Show an answer, or put it away."""
    typed = Decided.of(visit.form)

    def act(work: UnitOfWork, _: None) -> None:
        if typed.does:
            questions.decide(work, typed.one, AnswerState(typed.does), visit.my_id)

    return visit.act(
        lambda _: None,
        act,
        then=lambda *_: HERE,
        refused=lambda work, _, refusal: _page(visit, work, refusal),
    )


def _page(visit: Visit, work: Reading, refusal: Refusal | None = None) -> Response:
    question = questions.current(work.session)
    form: Form = visit.form
    said = question.words if question else {}
    typed = {code: str(form.get(f"question_{code}", said.get(code, ""))) for code in LANGUAGES}
    return visit.page(
        "organiser/question.html",
        status=422 if refusal else 200,
        question=question,
        answers=questions.all_answers(work.session, question.id) if question else [],
        earlier=questions.earlier(work.session),
        typed=typed,
        longest=questions.LONGEST_QUESTION,
        error=visit.wrong(refusal),
    )
