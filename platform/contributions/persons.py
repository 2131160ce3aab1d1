"""What a person sent in, and what becomes of it when they go."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import delete, or_, select, update

from contributions import questions
from contributions.attachments import detach_all, files_of
from contributions.co_author_states import CoAuthorState
from contributions.inquiries import INQUIRY_NAMES, Inquiry, InquiryState
from contributions.kinds import Byline
from contributions.models import (
    CoAuthor,
    Contribution,
    ContributionMessage,
    ContributionText,
    HeldLetter,
    Leaning,
)
from contributions.moving import drop_held, source_of
from contributions.publishing import byline_of
from contributions.states import EDITORS_WORDS, State
from core.i18n import N_
from core.persons import Erasure, Happening, Person, PersonalRecords, Row, give
from core.unit_of_work import Reading, UnitOfWork
from library.items import of_source, rename

FORMER = N_("a former member")


def tell(work: Reading, person: Person) -> Sequence[Row]:
    """Everything that they sent in, with its thread and the names of its files."""
    return (
        [_told(work, one) for one in _own(work, person)]
        + [
            {"wrote to us": one.text, "our answer": one.answer, "at": one.at.isoformat()}
            for one in _inquiries(work, person)
        ]
        + [
            {
                "asked": question.text(one.language),
                "answered": one.words,
                "named as": one.name,
                "state": one.state,
                "at": one.at.isoformat(),
            }
            for one, question in questions.of_member(work.session, person.id)
        ]
        + [
            {"co-author of": title, "named as": name, "state": state}
            for title, name, state in work.session.execute(
                select(Contribution.title, CoAuthor.name, CoAuthor.state)
                .join(Contribution, Contribution.id == CoAuthor.contribution_id)
                .where(CoAuthor.member_id == person.id)
            )
        ]
        + [
            {"leaning to": title, "answer": leaning, "note": note}
            for title, leaning, note in work.session.execute(
                select(Contribution.title, Leaning.leaning, Leaning.note)
                .join(Contribution, Contribution.id == Leaning.contribution_id)
                .where(Leaning.member_id == person.id)
            )
        ]
    )


def past(work: Reading, person: Person) -> Iterable[Happening]:
    """What they sent in, and where it stands; a draft is nobody's business yet."""
    own = select(Contribution).where(
        Contribution.author_id == person.id, Contribution.submitted_at.is_not(None)
    )
    for one in work.session.scalars(own):
        what = N_("Sent in: “%(title)s”", title=one.title)
        page = f"/organise/contributions/{one.public_id}"
        yield Happening(
            one.submitted_at or one.changed_at, what, EDITORS_WORDS[State(one.state)], page
        )
    for inquiry in _inquiries(work, person):
        stands = INQUIRY_NAMES[InquiryState(inquiry.state)]
        page = f"/organise/messages?state={inquiry.state}"
        yield Happening(inquiry.at, N_("Wrote to us"), stands, page)
    for answer, _ in questions.of_member(work.session, person.id):
        stands = questions.ANSWER_NAMES[questions.AnswerState(answer.state)]
        what = N_("Answered the question of the month")
        yield Happening(answer.at, what, stands, "/organise/question")


def _told(work: Reading, contribution: Contribution) -> Row:
    thread = select(ContributionMessage).where(
        ContributionMessage.contribution_id == contribution.id,
        ContributionMessage.kind != "note",  # notes are the editors' own
    )
    return {
        "kind": contribution.kind,
        "state": contribution.state,
        "content": contribution.content.to_json(),
        "sent": contribution.submitted_at.isoformat() if contribution.submitted_at else None,
        "messages": [
            {"at": one.at.isoformat(), "text": one.text}
            for one in work.session.scalars(thread.order_by(ContributionMessage.id))
        ],
        "files": [file.shown_name for file in files_of(work.session, contribution.id)],
    }


def _inquiries(work: Reading, person: Person) -> Sequence[Inquiry]:
    """What was written with an address of theirs."""
    theirs = or_(Inquiry.member_id == person.id, Inquiry.email_key.in_(person.keys))
    return work.session.scalars(select(Inquiry).where(theirs).order_by(Inquiry.id)).all()


def _own(work: Reading, person: Person) -> Sequence[Contribution]:
    own = select(Contribution).where(Contribution.author_id == person.id)
    return work.session.scalars(own.order_by(Contribution.id)).all()


def erase(work: UnitOfWork, person: Person, how: Erasure) -> None:
    """What is published stays, with their name or as of a former member; all else goes."""
    theirs = or_(Inquiry.member_id == person.id, Inquiry.email_key.in_(person.keys))
    work.session.execute(delete(Inquiry).where(theirs))
    questions.erase_of(work, person.id)
    for contribution in _own(work, person):
        if contribution.is_published:
            _let_go(work, contribution, how)
        else:
            drop_held(work, contribution)
            detach_all(work, contribution)
            work.session.execute(delete(Contribution).where(Contribution.id == contribution.id))
    _leave_others(work, person, how)
    work.session.flush()


def _let_go(work: UnitOfWork, contribution: Contribution, how: Erasure) -> None:
    """Its thread and earlier texts go; its name, unless it may stay."""
    of_it = contribution.id
    for table in (ContributionMessage, ContributionText):
        work.session.execute(delete(table).where(table.contribution_id == of_it))
    item = of_source(work.session, source_of(contribution))
    if how.keeps_byline:
        if item is not None:
            kept = replace(contribution.content, name=item.byline)
            contribution.content, contribution.author_id = kept, None
        return
    detach_all(work, contribution)  # documents say who wrote them, within
    contribution.content = replace(contribution.content, name="", byline=Byline.NONE)
    if item is not None and item.byline:
        rename(work, item, FORMER.text(contribution.language))


def _leave_others(work: UnitOfWork, person: Person, how: Erasure) -> None:
    """What others wrote with them, and what they said about others' contributions."""
    shared = select(CoAuthor).where(CoAuthor.member_id == person.id)
    for co_author in work.session.scalars(shared).all():
        contribution = work.session.get_one(Contribution, co_author.contribution_id)
        if how.keeps_byline and contribution.is_published:
            continue
        work.session.delete(co_author)
        work.session.flush()
        item = of_source(work.session, source_of(contribution))
        if item is not None and contribution.is_published:
            rename(work, item, byline_of(work, contribution, contribution.content))
    for table in (ContributionMessage, ContributionText):
        said = update(table).where(table.member_id == person.id)
        work.session.execute(said.values(member_id=None))


def join(work: UnitOfWork, kept: Person, other: Person) -> None:
    """What they wrote, alone and with others, and said on others' contributions, is of one."""
    give(work, Contribution.author_id, kept.id, other.id)
    give(work, Contribution.editor_id, kept.id, other.id)
    _keep_better_answers(work, kept, other)
    give(work, CoAuthor.member_id, kept.id, other.id, CoAuthor.contribution_id)
    give(work, Leaning.member_id, kept.id, other.id, Leaning.contribution_id)
    give(work, HeldLetter.member_id, kept.id, other.id)
    give(work, Inquiry.member_id, kept.id, other.id)
    give(work, questions.QuestionAnswer.member_id, kept.id, other.id)
    theirs = Inquiry.member_id.is_(None), Inquiry.email_key.in_(other.keys)
    work.session.execute(update(Inquiry).where(*theirs).values(member_id=kept.id))
    for table in (ContributionMessage, ContributionText):
        give(work, table.member_id, kept.id, other.id)
    own = select(Contribution.id).where(Contribution.author_id == kept.id)
    with_themselves = CoAuthor.member_id == kept.id, CoAuthor.contribution_id.in_(own)
    work.session.execute(delete(CoAuthor).where(*with_themselves))


def _keep_better_answers(work: UnitOfWork, kept: Person, other: Person) -> None:
    """Where both are named as co-authors: whoever has said that they wrote it has said it."""
    theirs = select(CoAuthor).where(CoAuthor.member_id == other.id)
    for one in work.session.scalars(theirs).all():
        again = CoAuthor.contribution_id == one.contribution_id, CoAuthor.member_id == kept.id
        mine = work.session.scalar(select(CoAuthor).where(*again))
        if mine is not None and _ANSWERS.index(one.state) < _ANSWERS.index(mine.state):
            work.session.delete(mine)
            work.session.flush()


_ANSWERS = [str(state) for state in (CoAuthorState.ACCEPTED, CoAuthorState.INVITED,
                                     CoAuthorState.DECLINED, CoAuthorState.REMOVED)]  # fmt: skip


RECORDS = PersonalRecords("contributions", N_("Contributions"), tell, erase, join, past)
