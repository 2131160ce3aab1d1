"""The loop: a topic becomes the focus of a workshop, learning points an article; with credit."""

import pytest

from contributions import desk, drafts
from contributions.difference import Mark, changes, difference
from contributions.kinds import Kind
from contributions.loop import Learned, article_from, focus_of
from contributions.states import Action, State
from core.actors import Actor, Who
from core.errors import Refusal
from core.installation import Installation
from tests.support.authors import content, editor_id, member, submitted


def test_a_topic_on_the_desk_becomes_a_focus_with_credit(installation: Installation) -> None:
    author = member(installation).id
    with installation.unit_of_work() as work:
        editor = editor_id(work)
        topic = submitted(work, Kind.TOPIC, author)
        with pytest.raises(Refusal, match="on the desk"):
            focus_of(work, topic)
        desk.act(work, topic, Action.OPEN, Actor(editor, Who.EDITOR), topic.version)
        focus = focus_of(work, topic)
        assert (focus.question, focus.frame, focus.credit) == (
            "How do we listen?",
            "hotseat",
            "Mia",
        )
        assert focus.boundary == "anyone"
        nameless = submitted(work, Kind.TOPIC, author, byline="none")
        desk.act(work, nameless, Action.OPEN, Actor(editor, Who.EDITOR), nameless.version)
        assert focus_of(work, nameless).credit == ""
        article = submitted(work, Kind.ARTICLE, author)
        desk.act(work, article, Action.OPEN, Actor(editor, Who.EDITOR), article.version)
        with pytest.raises(Refusal):
            focus_of(work, article)


def test_learning_points_become_one_draft_for_each_author(installation: Installation) -> None:
    author = member(installation).id
    learned = Learned(7, "What we learned", ("Wait", "Ask"), "fi", "members", ("Aino", "Ben"))
    with installation.unit_of_work() as work:
        first = article_from(work, learned, author)
        assert article_from(work, learned, author).id == first.id
        text = first.content
        assert (first.state, first.source, first.language) == (State.DRAFT, "workshop:7", "fi")
        assert text.answer("body") == "- Wait\n- Ask\n\n*Kiitokset: Aino, Ben.*"
        assert text.boundary == "members"
        assert [one.id for one in drafts.own_contributions(work.session, author)] == [first.id]


def test_a_difference_reads_in_order_and_holds_both_texts() -> None:
    parts = difference("We wait a second.", "We wait ten long seconds.")
    assert "".join(p.text for p in parts if p.mark is not Mark.ADDED) == "We wait a second."
    assert (
        "".join(p.text for p in parts if p.mark is not Mark.REMOVED) == "We wait ten long seconds."
    )
    assert difference("same", "same")[0].mark is Mark.SAME


def test_very_long_texts_are_compared_by_the_line() -> None:
    long = "\n".join(f"line {n} of many words that go on" for n in range(4000))
    parts = difference(long, long.replace("line 7 ", "line seven ").replace("line 3990", "x"))
    assert [part.text for part in parts if part.mark is Mark.ADDED] == ["seven", "x"]


def test_a_rewritten_sentence_is_one_change_and_not_crumbs_across_lines() -> None:
    before = "We wait for an answer in the room.\n\nThe bell rings, and so we all go."
    after = "Silence is an answer too.\n\nThe bell rings, and so we all stay a while."
    parts = difference(before, after)
    assert [part.text for part in parts if part.mark is Mark.REMOVED] == [
        "We wait for an answer in the room",
        "go",
    ]
    assert [part.text for part in parts if part.mark is Mark.ADDED] == [
        "Silence is an answer too",
        "stay a while",
    ]
    assert [p.text for p in difference("It isn’t a\u0308", "It wasn’t a\u0308")][1] == "isn’t"


def test_only_public_fields_are_compared() -> None:
    before = content(Kind.INTERVIEWEE)
    after = content(Kind.INTERVIEWEE, answers={**before.answers, "contact": "elsewhere"})
    assert changes(Kind.INTERVIEWEE, before, after) == []
