"""The editors' desk: what waits, reading, asking, leaning, deciding, editing, releasing letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, ScalarSelect, case, func, select, update
from sqlalchemy.orm import Session, aliased

from contributions import emails
from contributions.drafts import NOTE, QUESTION, keep_revision, keep_text, say
from contributions.kinds import Content, Kind, problems_of
from contributions.models import Contribution, HeldLetter, Leaning
from contributions.moving import THING, move
from contributions.states import ON_THE_DESK, REVISABLE, Action, Letter, State
from core.actors import Actor, Who
from core.audit import audit
from core.database import insert_if_new
from core.errors import Refusal
from core.i18n import N_, Message
from core.unit_of_work import UnitOfWork
from mail import holding
from mail.models import Mailing
from mail.states import MailingState
from members.models import Member

PAGE = 50
LONGEST_WORDS = 5000


class Way(StrEnum):
    """Which way an editor leans."""

    PUBLISH = "publish"
    WORK_ON = "work-on"
    NOT_FOR_US = "not-for-us"


WAY_NAMES: dict[Way, Message] = {
    Way.PUBLISH: N_("Publish it"),
    Way.WORK_ON: N_("Work on it"),
    Way.NOT_FOR_US: N_("Not for us"),
}


ALL = "all"
"""In a filter: whatever its state, once it has been sent in."""


@dataclass(frozen=True)
class Filter:
    """What the inbox shows; it stays in the address."""

    state: str = ""
    kind: str = ""
    language: str = ""
    editor: str = ""
    page: int = 1


@dataclass(frozen=True)
class Row:
    """One line of the inbox."""

    contribution: Contribution
    author: str
    editor: str
    held: int


def inbox(session: Session, wanted: Filter, viewer_id: int) -> tuple[list[Row], bool]:
    """What is on the desk, what waits longest first; and whether there is more."""
    author, editor = aliased(Member), aliased(Member)
    rows = session.execute(
        select(Contribution, author.name, author.email, editor.name, editor.email, _held())
        .outerjoin(author, author.id == Contribution.author_id)
        .outerjoin(editor, editor.id == Contribution.editor_id)
        .where(Contribution.state != State.DRAFT, *_wanted(wanted, viewer_id))
        .order_by(_urgency(), Contribution.state_at, Contribution.id)
        .offset((max(wanted.page, 1) - 1) * PAGE)
        .limit(PAGE + 1)
    ).all()
    lines = [Row(c, name or mail or "", e_name or e_mail or "", held)
             for c, name, mail, e_name, e_mail, held in rows]  # fmt: skip
    return lines[:PAGE], len(lines) > PAGE


def waiting_counts(session: Session) -> dict[str, int]:
    """How many contributions are in each state that is the editors' to care for."""
    states = [str(state) for state in ON_THE_DESK]
    rows = session.execute(
        select(Contribution.state, func.count())
        .where(Contribution.state.in_(states))
        .group_by(Contribution.state)
    )
    return {state: count for state, count in rows}  # noqa: C416 - a Result is no mapping


def find(session: Session, public_id: str) -> Contribution | None:
    """A contribution that has been sent in."""
    found = select(Contribution).where(
        Contribution.public_id == public_id, Contribution.state != State.DRAFT
    )
    return session.scalar(found)


def act(
    work: UnitOfWork, contribution: Contribution, action: Action, editor: Actor, version: int
) -> None:
    """Take a step that needs no words. Raises Refusal."""
    move(work, contribution, action, editor, version)


def ask(
    work: UnitOfWork, contribution: Contribution, editor: Actor, version: int, text: str, key: str
) -> None:
    """Ask the author. Harmless to repeat with the same form. Raises Refusal."""
    message = say(work, contribution, QUESTION, _editor(editor), text, key)
    if message is not None:
        move(work, contribution, Action.ASK, editor, version, said=message)


def note(work: UnitOfWork, contribution: Contribution, editor: Actor, text: str, key: str) -> None:
    """A note that only editors see. Raises Refusal if it is empty."""
    if say(work, contribution, NOTE, _editor(editor), text, key) is not None:
        audit(work, editor.member_id, "note", THING, contribution.id)


def assign(work: UnitOfWork, contribution: Contribution, editor_id: int | None, by: Actor) -> None:
    """Say who takes care of it. Raises Refusal."""
    _editor(by)
    if contribution.editor_id != editor_id:
        contribution.editor_id = editor_id
        audit(work, by.member_id, "assign", THING, contribution.id, {"editor": editor_id})


def lean(work: UnitOfWork, contribution: Contribution, editor: Actor, way: str, text: str) -> None:
    """Say which way one leans; saying it again changes it. Raises Refusal."""
    if way not in set(Way):
        raise Refusal(N_("Please choose from the list."), "leaning")
    who = {"contribution_id": contribution.id, "member_id": _editor(editor)}
    said = {"leaning": way, "note": text.strip()[:LONGEST_WORDS], "at": work.now}
    work.session.execute(insert_if_new(work.session, Leaning).values(**who, **said))
    work.session.execute(update(Leaning).filter_by(**who).values(**said))
    audit(work, editor.member_id, "lean", THING, contribution.id)


def leanings(session: Session, contribution_id: int, viewer_id: int) -> list[tuple[Leaning, str]]:
    """How the editors lean: one's own, and the others' once one has said one's own."""
    rows = session.execute(
        select(Leaning, func.coalesce(func.nullif(Member.name, ""), Member.email))
        .join(Member, Member.id == Leaning.member_id)
        .where(Leaning.contribution_id == contribution_id)
        .order_by(Leaning.at)
    ).all()
    has_own = any(leaning.member_id == viewer_id for leaning, _ in rows)
    return [(leaning, name) for leaning, name in rows] if has_own else []


def revise(
    work: UnitOfWork, contribution: Contribution, editor: Actor, version: int, content: Content
) -> None:
    """Change the text. What its author had accepted goes back to them. Raises Refusal."""
    if contribution.state not in REVISABLE:
        raise Refusal(N_("The text cannot be changed now."))
    if contribution.content == content:
        return
    if problems := problems_of(Kind(contribution.kind), content):
        raise Refusal(problems[0].message, problems[0].field)
    keep_text(work, contribution, content, version)
    keep_revision(work, contribution, is_editors=True, member_id=_editor(editor))
    if contribution.state in (State.ACCEPTED, State.AGREED):
        move(work, contribution, Action.REVISE, editor, contribution.version)
    else:
        audit(work, editor.member_id, "revise", THING, contribution.id)


def held_letters(session: Session, contribution_id: int) -> list[tuple[HeldLetter, Mailing, str]]:
    """The decisions that wait to be released, with the address they go to."""
    rows = session.execute(
        select(HeldLetter, Mailing, Member.email)
        .join(Mailing, Mailing.id == HeldLetter.mailing_id)
        .join(Member, Member.id == HeldLetter.member_id)
        .where(HeldLetter.contribution_id == contribution_id)
        .where(Mailing.state == MailingState.HELD)
        .order_by(HeldLetter.mailing_id)
    )
    return [(held, mailing, email) for held, mailing, email in rows]


def rewrite(work: UnitOfWork, contribution: Contribution, mailing_id: int, words: str) -> None:
    """Change the words of a held letter. Raises Refusal if it is empty or has gone."""
    held = _held_letter(work.session, contribution, mailing_id)
    text = words.replace("\r\n", "\n").strip()
    if not text:
        raise Refusal(N_("Please write a few words."), "words")
    if len(text) > LONGEST_WORDS:
        raise Refusal(N_("This is too long: 5000 characters at the most."), "words")
    member = work.session.get_one(Member, held.member_id)
    letter = emails.decision(work, contribution, member, Letter(held.letter), text)
    if not holding.rewrite(work, mailing_id, letter):
        raise Refusal(N_("This letter has gone out already."))
    held.words = text


def release(
    work: UnitOfWork,
    contribution: Contribution,
    mailing_id: int,
    by: Actor,
    words: str | None = None,
) -> None:
    """Let a held letter go, with other words if there are any. Harmless to repeat."""
    _editor(by)
    _held_letter(work.session, contribution, mailing_id)
    mailing = work.session.get_one(Mailing, mailing_id)
    if words is not None and mailing.state == MailingState.HELD:
        rewrite(work, contribution, mailing_id, words)
    if holding.release(work, mailing_id):
        detail = {"mailing": mailing_id}
        audit(work, by.member_id, "release letter", THING, contribution.id, detail)


def drop(work: UnitOfWork, contribution: Contribution, mailing_id: int, by: Actor) -> None:
    """Never send a held letter. Harmless to repeat. Raises Refusal."""
    _editor(by)
    _held_letter(work.session, contribution, mailing_id)
    if holding.drop(work, mailing_id):
        audit(work, by.member_id, "drop letter", THING, contribution.id, {"mailing": mailing_id})


def _editor(actor: Actor) -> int:
    """Whose act it is. Raises Refusal for everybody but an editor."""
    if actor.who is not Who.EDITOR or actor.member_id is None:
        raise Refusal(N_("This is not yours to do."))
    return actor.member_id


def _held_letter(session: Session, contribution: Contribution, mailing_id: int) -> HeldLetter:
    held = session.get(HeldLetter, mailing_id)
    if held is None or held.contribution_id != contribution.id:
        raise Refusal(N_("There is no such letter."))
    return held


def _held() -> ScalarSelect[int]:
    return (
        select(func.count())
        .select_from(HeldLetter)
        .join(Mailing, Mailing.id == HeldLetter.mailing_id)
        .where(HeldLetter.contribution_id == Contribution.id)
        .where(Mailing.state == MailingState.HELD)
        .correlate(Contribution)
        .scalar_subquery()
    )


def _urgency() -> ColumnElement[int]:
    return case({str(state): place for place, state in enumerate(ON_THE_DESK)},
                value=Contribution.state, else_=99)  # fmt: skip


def _wanted(wanted: Filter, viewer_id: int) -> Sequence[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.state == "":
        conditions.append(Contribution.state.in_([str(state) for state in ON_THE_DESK]))
    elif wanted.state != ALL:
        conditions.append(Contribution.state == wanted.state)
    if wanted.kind:
        conditions.append(Contribution.kind == wanted.kind)
    if wanted.language:
        conditions.append(Contribution.language == wanted.language)
    if wanted.editor == "mine":
        conditions.append(Contribution.editor_id == viewer_id)
    elif wanted.editor == "nobody":
        conditions.append(Contribution.editor_id.is_(None))
    return conditions
