"""The question of the month: asked of everybody, answered in two lines, shown when it was read.

One question is open at a time; asking another closes it. Whoever answers need not say who they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.actors import Who
from core.audit import audit
from core.database import NEVER_REUSED, Base, insert_if_new, one_of
from core.errors import Refusal, changed_meanwhile
from core.i18n import LANGUAGES, N_, Message
from core.state_tables import StateTable
from core.text import one_line, plain_lines
from core.transitions import walk
from core.unit_of_work import UnitOfWork
from members.subscribing import check_name

LONGEST_QUESTION = 200
LONGEST = 280
"""Characters of an answer: two lines."""
MOST_SHOWN = 200
NOT_SHOWN_FOR = timedelta(days=90)
"""How long an answer is kept that nobody showed."""
THING, ANSWER = "question", "question_answer"


class AnswerState(StrEnum):
    """Whether an answer stands on the page."""

    WAITING = "waiting"
    SHOWN = "shown"
    PUT_AWAY = "put_away"


_S = AnswerState
ANSWER_NAMES: dict[AnswerState, Message] = {
    _S.WAITING: N_("waits until an editor has read it"),
    _S.SHOWN: N_("is shown"),
    _S.PUT_AWAY: N_("is not shown"),
}
ANSWERS = StateTable(
    edges={
        _S.WAITING: {_S.SHOWN, _S.PUT_AWAY},
        _S.SHOWN: {_S.PUT_AWAY},
        _S.PUT_AWAY: {_S.SHOWN},
    },
    begins=(_S.WAITING,),
    names=ANSWER_NAMES,
    who={_S.WAITING: (), _S.SHOWN: (Who.EDITOR,), _S.PUT_AWAY: (Who.EDITOR,)},
)


class Question(Base):
    """A question that the community asks itself."""

    __tablename__ = "question"
    __table_args__ = (UniqueConstraint("is_open"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What is asked, by language."""
    asked_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    is_open: Mapped[bool | None]
    """True, or nothing: so the database lets only one be open."""

    def text(self, language: str) -> str:
        """What is asked, in a language; in another where it says nothing."""
        return str(self.words.get(language) or next(filter(None, self.words.values()), ""))

    def language(self, wanted: str) -> str:
        """The language in which it is asked of who wants to read that one."""
        said = [code for code, words in self.words.items() if words]
        return wanted if wanted in said else next(iter(said), wanted)


class QuestionAnswer(Base):
    """What somebody answers, in two lines."""

    __tablename__ = "question_answer"
    __table_args__ = (
        one_of("state", AnswerState),
        Index("ix_question_answer_question_id", "question_id", "state", "id"),
        Index("ix_question_answer_member_id", "member_id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="SET NULL"))
    """Who was signed in when writing."""
    name: Mapped[str] = mapped_column(String(80))
    """As it is shown; empty: nobody is named."""
    words: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(5))
    state: Mapped[str] = mapped_column(String(10))
    form_key: Mapped[str] = mapped_column(String(64), unique=True)
    """The form that it came with: pressed twice, it comes once."""
    at: Mapped[datetime]
    changed_at: Mapped[datetime]

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has read it yet."""
        return self.state == AnswerState.WAITING

    @property
    def is_shown(self) -> bool:
        """Whether it stands on the page."""
        return self.state == AnswerState.SHOWN


def current(session: Session) -> Question | None:
    """The question that is open."""
    return session.scalar(select(Question).where(Question.is_open.is_(True)))


def ask(work: UnitOfWork, typed: Mapping[str, str], by: int) -> None:
    """Ask another question; the one that was open is closed. Asked again it changes nothing.

    Raises Refusal naming the field.
    """
    words = {code: one_line(typed.get(code, "")) for code in LANGUAGES}
    for code, said in words.items():
        if len(said) > LONGEST_QUESTION:
            raise Refusal(N_("This is too long: 200 characters at the most."), f"question_{code}")
    if not any(words.values()):
        raise Refusal(N_("Please write the question."), f"question_{next(iter(words))}")
    now = current(work.session)
    if now is not None and now.words == words:
        return
    close(work, by)
    added = (
        insert(Question).values(words=words, asked_at=work.now, is_open=True).returning(Question.id)
    )
    audit(work, by, "ask", THING, work.session.execute(added).scalar_one())


def close(work: UnitOfWork, by: int) -> None:
    """Let nobody answer any more, and show it no more. Harmless to repeat."""
    ended = (
        update(Question).where(Question.is_open.is_(True)).values(closed_at=work.now, is_open=None)
    )
    number = work.session.scalar(ended.returning(Question.id))
    if number is not None:
        audit(work, by, "close", THING, number)


@dataclass(frozen=True)
class Answered:
    """What somebody typed."""

    words: str
    name: str
    language: str
    form_key: str
    member_id: int | None = None


def checked(typed: Answered) -> Answered:
    """The same as it is kept. Raises Refusal naming the field."""
    words = plain_lines(typed.words).strip()
    if not words:
        raise Refusal(N_("Please write your answer."), "words")
    if len(words) > LONGEST:
        raise Refusal(N_("Two lines, please: 280 characters at the most."), "words")
    name = check_name(typed.name)
    return Answered(words, name, typed.language, typed.form_key, typed.member_id)


def answer(work: UnitOfWork, question_id: int, typed: Answered) -> None:
    """Put an answer on the desk, once. Raises Refusal naming the field, or if it is closed."""
    kept = checked(typed)
    open_now = select(Question.id).where(Question.id == question_id, Question.is_open.is_(True))
    if work.session.scalar(open_now.with_for_update()) is None:
        raise Refusal(N_("This question is closed; there may be another one already."))
    row = {
        "question_id": question_id,
        "member_id": kept.member_id,
        "name": kept.name,
        "words": kept.words,
        "language": kept.language,
        "state": AnswerState.WAITING,
        "form_key": kept.form_key,
        "at": work.now,
        "changed_at": work.now,
    }
    work.session.execute(insert_if_new(work.session, QuestionAnswer).values(**row))


def decide(work: UnitOfWork, answer_id: int, state: AnswerState, by: int) -> None:
    """Show an answer, or put it away. Raises Refusal if a colleague was quicker."""
    this = QuestionAnswer.id == answer_id
    column = QuestionAnswer.state
    if not walk(work.session, column, ANSWERS, state, Who.EDITOR, this, changed_at=work.now):
        raise changed_meanwhile()
    audit(work, by, "show" if state == AnswerState.SHOWN else "put away", ANSWER, answer_id)


def shown_answers(session: Session, question_id: int) -> Sequence[QuestionAnswer]:
    """What stands on the page, the newest first."""
    its = QuestionAnswer.question_id == question_id, QuestionAnswer.state == AnswerState.SHOWN
    found = select(QuestionAnswer).where(*its).order_by(QuestionAnswer.id.desc())
    return session.scalars(found.limit(MOST_SHOWN)).all()


def count_shown(session: Session, question_id: int) -> int:
    """How many answers stand on the page."""
    its = QuestionAnswer.question_id == question_id, QuestionAnswer.state == AnswerState.SHOWN
    return session.scalar(select(func.count()).where(*its)) or 0


def all_answers(session: Session, question_id: int) -> Sequence[QuestionAnswer]:
    """Everything that was answered, what waits first, for editors."""
    its = QuestionAnswer.question_id == question_id
    waits_first = (QuestionAnswer.state != AnswerState.WAITING, QuestionAnswer.id.desc())
    found = select(QuestionAnswer).where(its).order_by(*waits_first)
    return session.scalars(found.limit(MOST_SHOWN)).all()


def waiting(session: Session) -> int:
    """How many answers wait."""
    some = select(func.count()).where(QuestionAnswer.state == AnswerState.WAITING)
    return session.scalar(some) or 0


def earlier(session: Session, most: int = 24) -> Sequence[Question]:
    """The questions of before, the newest first."""
    closed = select(Question).where(Question.closed_at.is_not(None))
    return session.scalars(closed.order_by(Question.id.desc()).limit(most)).all()


def of_member(session: Session, member_id: int) -> Sequence[tuple[QuestionAnswer, Question]]:
    """What somebody answered, with the questions."""
    rows = session.execute(
        select(QuestionAnswer, Question)
        .join(Question, Question.id == QuestionAnswer.question_id)
        .where(QuestionAnswer.member_id == member_id)
        .order_by(QuestionAnswer.id)
    )
    return [(one, question) for one, question in rows]


def erase_of(work: UnitOfWork, member_id: int) -> None:
    """Delete what somebody answered."""
    work.session.execute(delete(QuestionAnswer).where(QuestionAnswer.member_id == member_id))


def end_not_shown(work: UnitOfWork) -> int:
    """Forget answers that nobody showed."""
    over = QuestionAnswer.changed_at <= work.now - NOT_SHOWN_FOR
    hidden = QuestionAnswer.state != AnswerState.SHOWN
    return work.change(delete(QuestionAnswer).where(over, hidden))
