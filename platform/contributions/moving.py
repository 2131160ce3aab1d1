"""Taking one step of the state table: guarded, audited, with its mails, in one commit."""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from contributions import emails
from contributions.attachments import detach_all
from contributions.kinds import Kind
from contributions.models import Contribution, ContributionMessage, HeldLetter
from contributions.people import all_have_accepted, authors_of, editors, is_author, responsible
from contributions.states import CONTRIBUTIONS, HELD, STEPS, Action, Guard, Letter, State, Step
from core.actors import Actor, Who
from core.audit import audit, latest
from core.errors import Refusal, changed_meanwhile
from core.i18n import N_, Message
from core.transitions import walk
from core.unit_of_work import UnitOfWork
from library.items import of_source
from library.kinds import Boundary
from mail import holding
from mail.keys import delivery_key
from mail.posting import Email, post
from mail.states import MailingState
from members.models import Member

THING = "contribution"
OVERTURNS = (Action.REOPEN, Action.WITHDRAW)
"""Steps after which a decision that nobody has read yet must not go out."""


def step_for(session: Session, contribution: Contribution, action: Action, actor: Actor) -> Step:
    """The edge that an act would walk. Raises Refusal if there is none, or not for this person."""
    step = STEPS.get((_state(contribution), action))
    if step is None:
        raise Refusal(N_("This is not possible any more: somebody has gone a step further."))
    if actor.who not in step.who:
        raise Refusal(N_("This is not yours to do."))
    if actor.who is Who.AUTHOR and not (
        actor.member_id is not None and is_author(session, contribution, actor.member_id)
    ):
        raise Refusal(N_("This is not yours to do."))
    if action is Action.DISCARD and actor.member_id != contribution.author_id:
        raise Refusal(N_("Only who began it can delete it."))
    _check_guard(session, contribution, step.guard)
    return step


def was_done(
    session: Session, contribution: Contribution, action: Action, member_id: int, version: int
) -> bool:
    """Whether the last thing that happened to it is this very step: a second click."""
    last = latest(session, THING, contribution.id)
    return (
        last is not None
        and (last.act, last.actor_id) == (str(action), member_id)
        and contribution.version == version + 1
    )


def move(
    work: UnitOfWork,
    contribution: Contribution,
    action: Action,
    actor: Actor,
    version: int,
    said: ContributionMessage | None = None,
    then: Callable[[], object] = lambda: None,
    **changes: Any,
) -> Contribution:
    """Take a step, if nobody was faster. `version` is what the actor saw.

    `then` happens once the step is ours, before its mails are written.

    Raises Refusal if the step does not exist, is not for this person, or the contribution was
    changed meanwhile; then nothing has happened.
    """
    step = step_for(work.session, contribution, action, actor)
    source = contribution.state
    if step.to is None:
        drop_held(work, contribution)
        detach_all(work, contribution)
        _delete(work, contribution, version)
    else:
        _update(work, contribution, step, version, actor.who, changes)
    # Without ids of what was deleted nobody could tell which draft it was.
    detail = {"from": str(source), "to": str(step.to or "deleted"), "as": str(actor.who)}
    audit(work, actor.member_id, str(action), THING, contribution.id, detail)
    if action in OVERTURNS:
        drop_held(work, contribution)
    then()
    for letter in step.letters:
        send(work, contribution, letter, said)
    if step.to is not None:
        _tell_desk(work, contribution)
    return contribution


def send(
    work: UnitOfWork,
    contribution: Contribution,
    letter: Letter,
    said: ContributionMessage | None = None,
) -> None:
    """Post a step's mail: one for each person it concerns, held if it is a decision."""
    for member, email in _letters(work, contribution, letter, said):
        key = delivery_key("contribution", contribution.id, letter, contribution.version, member.id)
        state = MailingState.HELD if letter in HELD else MailingState.RELEASED
        to = member.recipient
        mailing_id = post(work, email, to, key, state=state)
        if mailing_id is not None and letter in HELD:
            words = _default_words(contribution, letter).text(member.language)
            held = HeldLetter(mailing_id=mailing_id, contribution_id=contribution.id,
                              member_id=member.id, letter=letter, words=words)  # fmt: skip
            work.session.add(held)


def _tell_desk(work: UnitOfWork, contribution: Contribution) -> None:
    """Mail those editors who want to hear at once of what came, and of what can go out."""
    is_new, is_agreed = (contribution.state == s for s in (State.SUBMITTED, State.AGREED))
    if not (is_new or is_agreed):
        return
    for editor in editors(work.session, at_once=True):
        email = emails.desk_digest(work, editor, is_new, is_agreed, contribution.title)
        key = delivery_key("desk", contribution.id, contribution.version, editor.id)
        post(work, email, editor.recipient, key)


def drop_held(work: UnitOfWork, contribution: Contribution) -> None:
    """Never send the letters of a contribution that still wait."""
    held = select(HeldLetter.mailing_id).where(HeldLetter.contribution_id == contribution.id)
    for mailing_id in work.session.scalars(held).all():
        holding.drop(work, mailing_id)


def _letters(
    work: UnitOfWork,
    contribution: Contribution,
    letter: Letter,
    said: ContributionMessage | None,
) -> Iterable[tuple[Member, Email]]:
    is_for_editors = letter is Letter.REPLY
    session = work.session
    people = (responsible if is_for_editors else authors_of)(session, contribution)
    write = _writer(work, contribution, letter, said)
    return [(member, write(member)) for member in people]


def _writer(
    work: UnitOfWork,
    contribution: Contribution,
    letter: Letter,
    said: ContributionMessage | None,
) -> Callable[[Member], Email]:
    if letter in HELD:
        default = _default_words(contribution, letter)
        return lambda member: emails.decision(
            work, contribution, member, letter, default.text(member.language)
        )
    if letter is Letter.PUBLISHED:
        item = of_source(work.session, source_of(contribution))
        assert item is not None  # noqa: S101 - publishing puts it there first
        return lambda member: emails.published(work, contribution, member, item)
    if letter in (Letter.QUESTION, Letter.REPLY):
        assert said is not None  # noqa: S101 - whoever asks or answers says something
        write = emails.question if letter is Letter.QUESTION else emails.reply
        return lambda member: write(work, contribution, member, said)
    plain = {Letter.RECEIPT: emails.receipt, Letter.AGREE_TO_TEXT: emails.agree_to_text}
    return lambda member: plain[letter](work, contribution, member)


def _default_words(contribution: Contribution, letter: Letter) -> Message:
    return emails.default_words(letter, contribution.kind == Kind.INTERVIEWEE)


def source_of(contribution: Contribution) -> str:
    """What the library calls the place that an item came from."""
    return f"{THING}:{contribution.id}"


def _check_guard(session: Session, contribution: Contribution, guard: Guard) -> None:
    is_person = contribution.kind == Kind.INTERVIEWEE
    if guard is (Guard.IS_TEXT if is_person else Guard.IS_PERSON):
        raise Refusal(N_("This does not fit a contribution of this kind."))
    if guard is Guard.MAY_BE_SHOWN:
        if not all_have_accepted(session, contribution.id):
            raise Refusal(N_("A co-author has not answered yet."))
        if contribution.content.boundary == Boundary.EDITORS:
            raise Refusal(N_("Its author shares it with the editors only."))


def _update(
    work: UnitOfWork,
    contribution: Contribution,
    step: Step,
    version: int,
    by: Who,
    changes: dict[str, Any],
) -> None:
    assert step.to is not None  # noqa: S101 - what is deleted goes another way
    seen = Contribution.id == contribution.id, Contribution.version == version
    written = {"version": version + 1, "state_at": work.now, "changed_at": work.now, **changes}
    moved = walk(
        work.session,
        Contribution.state,
        CONTRIBUTIONS,
        step.to,
        by,
        *seen,
        only_from=(_state(contribution),),
        **written,
    )
    if not moved:
        raise changed_meanwhile()
    work.session.refresh(contribution)


def _delete(work: UnitOfWork, contribution: Contribution, version: int) -> None:
    deleted = work.session.execute(
        delete(Contribution)
        .where(
            Contribution.id == contribution.id,
            Contribution.state == contribution.state,
            Contribution.version == version,
        )
        .returning(Contribution.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if deleted is None:
        raise changed_meanwhile()


def _state(contribution: Contribution) -> State:
    return State(contribution.state)
