"""The question of the month through the front door: asked, answered in two lines, read, shown."""

from collections.abc import Callable

import pytest

from contributions import questions
from contributions.questions import Answered, QuestionAnswer
from core.errors import Refusal
from core.installation import Installation
from members.roles import Role
from newsletters.showing import shown_blocks
from tests.conftest import both_databases
from tests.support.people import Browser, Page, ShiftedClock

ASKED = {"question_en": "What are we not talking about?", "question_fi": "Mistä emme puhu?"}


def _answer(visitor: Browser, words: str, **more: str) -> Page:
    page = visitor.get("/question")
    sent = {"question": page.hidden("question"), "form_key": page.hidden("form_key")}
    return visitor.post("/question", {**sent, "words": words, **more})


@both_databases
def test_a_question_is_asked_answered_read_and_shown(
    editor: Browser, installation: Installation
) -> None:
    assert editor.get("/question").status == 404, "nothing was asked yet"
    assert "question" not in editor.get("/").attributes("section", "aria-labelledby")
    editor.post("/organise/question", ASKED)
    with Browser.of(installation) as visitor:
        assert visitor.get("/").words("#question") == ASKED["question_en"]
        assert visitor.get("/fi/").words("#question") == ASKED["question_fi"]
        arrived = _answer(visitor, "About being\ntired <b>", name="Rosa")
        assert "It is shown here when an editor has read it." in arrived.words(".done")
        assert not visitor.get("/question").each("blockquote")
        assert "1 answer to the question of the month waits" in editor.get("/organise").text
        editor.post("/organise/question/answers", {"one": 1, "does": "shown"})
        shown = visitor.get("/question")
        assert shown.each("blockquote") == ["About being tired <b>"]
        assert "<b>" not in shown.text.partition("<blockquote")[2].partition("</block")[0]
        assert "Read 1 answer" in visitor.get("/").words(".asks")
        editor.post("/organise/question/answers", {"one": 1, "does": "put_away"})
        assert not visitor.get("/question").each("blockquote")


@both_databases
def test_another_question_closes_the_one_before(
    editor: Browser, installation: Installation
) -> None:
    for _ in range(2):
        editor.post("/organise/question", ASKED)
    page = editor.get("/question")
    editor.post("/organise/question", {"question_en": "And now?"})
    late = editor.post("/question", {"question": page.hidden("question"), "words": "Too late"})
    assert late.status == 422
    assert "closed" in late.problem
    assert late.field("words") == "Too late", "what was typed is kept"
    with installation.reading() as work:
        assert len(questions.earlier(work.session)) == 1, "asked again it is not asked twice"
    editor.post("/organise/question/close")
    assert "This question is closed" in editor.get("/question").text
    assert "question" not in editor.get("/").attributes("section", "aria-labelledby")


def test_pressed_twice_it_comes_once(editor: Browser, installation: Installation) -> None:
    editor.post("/organise/question", ASKED)
    page = editor.get("/question")
    sent = {"question": page.hidden("question"), "form_key": page.hidden("form_key")}
    for _ in range(2):
        editor.post("/question", {**sent, "words": "Once"})
    with installation.reading() as work:
        assert questions.waiting(work.session) == 1


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"words": "  "}, "words", "Please write your answer."),
        ({"words": "x" * 281}, "words", "280 characters"),
        ({"words": "Yes", "name": "x" * 81}, "name", "80 characters"),
    ],
)
def test_what_is_no_answer_is_said_at_its_field(
    editor: Browser, typed: dict[str, str], field: str, sentence: str
) -> None:
    editor.post("/organise/question", ASKED)
    page = editor.post("/question", {"question": "1", **typed})
    assert page.status == 422
    assert sentence in page.problem
    assert page.attributes("[aria-invalid]", "name") == [field]


def test_what_a_robot_fills_in_seems_to_arrive(editor: Browser, installation: Installation) -> None:
    editor.post("/organise/question", ASKED)
    assert _answer(editor, "Buy", website="x").words(".done")
    with installation.reading() as work:
        assert questions.waiting(work.session) == 0


@both_databases
def test_of_two_editors_who_ask_at_once_one_question_is_open(
    editor: Browser, installation: Installation, at_once: Callable[..., list[object]]
) -> None:
    with Browser.of(installation) as other:
        other.sign_in("other@example.org", Role.EDITOR)
        pages = at_once(
            lambda: editor.post("/organise/question", {"question_en": "One?"}),
            lambda: other.post("/organise/question", {"question_en": "Two?"}),
        )
    assert [page.status for page in pages] == [200, 200]  # type: ignore[attr-defined]
    with installation.reading() as work:
        assert questions.current(work.session) is not None
        assert len(questions.earlier(work.session)) == 1


@both_databases
def test_what_nobody_showed_is_forgotten(installation: Installation, clock: ShiftedClock) -> None:
    with installation.unit_of_work() as work:
        questions.ask(work, {"en": "Why?"}, 1)
        for key in ("a", "b"):
            questions.answer(work, 1, Answered("Because", "", "en", key))
        questions.decide(work, 1, questions.AnswerState.SHOWN, 1)
        with pytest.raises(Refusal):
            questions.decide(work, 1, questions.AnswerState.SHOWN, 1)
    clock.forward(days=91)
    with installation.unit_of_work() as work:
        assert questions.end_not_shown(work) == 1
        assert [one.id for one in work.session.query(QuestionAnswer)] == [1]


def test_a_letter_with_the_open_question_leads_to_its_page(
    editor: Browser, installation: Installation
) -> None:
    editor.post("/organise/question", ASKED)
    with installation.reading() as work:
        urls = [
            shown_blocks(work, f"::question[{words}]", "en")[0].url
            for words in (ASKED["question_en"], "Another one?")
        ]
    assert urls[0].endswith("/question")
    assert "/contribute/topic?about=Another" in urls[1]


def test_a_stranger_may_not_ask_or_decide(visitor: Browser) -> None:
    for role in (None, Role.FACILITATOR):
        if role:
            visitor.sign_in("f@example.org", role)
        assert visitor.post("/organise/question", ASKED).status == 403
        assert visitor.post("/organise/question/close").status == 403
        assert visitor.post("/organise/question/answers", {"one": 1}).status == 403
    assert visitor.get("/question").status == 404
