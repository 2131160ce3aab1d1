"""The demo's shelves: what was brought in, put together, and asked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import select

from contributions import questions
from contributions.questions import Answered, AnswerState
from core.unit_of_work import UnitOfWork
from library import collections, materials, transcribing
from library.collections import CollectionText
from library.kinds import Boundary, Licence
from library.materials import About
from library.models import Item
from library.states import ItemState
from members.models import Organiser
from staffroom.demo_files import Brought, Deck
from staffroom.demo_letter import QUESTIONS

FOR_NEWCOMERS = CollectionText(
    "For new teachers",
    "Where to begin: two conversations to hear, three sheets to put on the table.",
    "Nobody told us these things in our first year. **Begin with the silence**, and come back "
    "for the rest.",
    "en",
    Boundary.ANYONE,
)
KESKUSTELUN_ALKUUN = CollectionText(
    "Keskustelun alkuun",
    "Mitä tarvitset ensimmäiseen oppimiskeskusteluun.",
    "Yksi sivu pöydälle, yksi kuunneltavaksi.",
    "fi",
    Boundary.ANYONE,
)


@dataclass(frozen=True)
class Told:
    """What an organiser wrote down of a recording."""

    title: str
    said: str
    chapters: str


TOLD = Told(
    "The silence after a question",
    """WEBVTT

00:00:00.000 --> 00:00:07.000
<v Anna>Rosa, you have asked questions for thirty years. What did you learn?

00:00:07.000 --> 00:00:14.000
<v Rosa>To shut up afterwards. It took me twenty of them.

00:00:14.000 --> 00:00:21.000
<v Anna>What happens in those seconds?

00:00:21.000 --> 00:00:32.000
<v Rosa>They look at me, then at each other. And then somebody answers to the others, not to me.

00:00:32.000 --> 00:00:38.000
<v Anna>I am counting.
""",
    "0:00 Thirty years\n0:14 Those seconds",
)
ANSWERS = (
    ("en", "Rosa", "That I am tired by Thursday, and that the best lessons are on Friday."),
    ("en", "", "Who speaks in meetings. I counted, and then I wished I had not."),
    ("fi", "Helmi", "Siitä, miltä tuntuu lopettaa."),
)


def fill_shelves(work: UnitOfWork, brought: Sequence[Brought]) -> None:
    """Put the files in, as if they had come one by one over the years, and ask a question."""
    for number, one in enumerate(brought):
        past = replace(work, now=work.now - timedelta(days=4 + 9 * number), jobs=[])
        made = one.made
        about = About(made.language, Boundary.ANYONE, Licence.CC_BY, topics=made.topics)
        item = materials.add_file(past, one.looked, one.kept, about, ItemState.PUBLISHED, made.by)
        item.title, item.summary = made.title, made.summary
        item.year = made.year if isinstance(made, Deck) else None
        if made.title == TOLD.title:
            work.session.flush()
            transcribing.write(past, item.id, TOLD.said, TOLD.chapters)
    work.session.flush()
    _put_together(work, FOR_NEWCOMERS, "en", 5)
    _put_together(work, KESKUSTELUN_ALKUUN, "fi", 3)
    _ask(work)


def _put_together(work: UnitOfWork, text: CollectionText, language: str, most: int) -> None:
    collection = collections.begin(work, text)
    its = select(Item.id).where(Item.language == language, Item.boundary == Boundary.ANYONE)
    its = its.where(Item.feed_id.is_(None))
    ids = work.session.scalars(its.order_by(Item.kind.desc(), Item.id).limit(most)).all()
    collections.put_in(work, collection.id, ids)


def _ask(work: UnitOfWork) -> None:
    editor = work.session.scalars(select(Organiser.member_id)).first() or 0
    questions.ask(work, QUESTIONS, editor)
    question = questions.current(work.session)
    assert question is not None  # noqa: S101 - it was asked above
    for number, (language, name, words) in enumerate(ANSWERS):
        questions.answer(work, question.id, Answered(words, name, language, f"demo-{number}"))
    for one in questions.all_answers(work.session, question.id)[:2]:
        questions.decide(work, one.id, AnswerState.SHOWN, editor)
