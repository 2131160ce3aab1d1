"""The author's side: writing, saving, sending in, answering, agreeing, taking back.

A draft keeps whatever was typed; only sending it in asks whether all is there.
"""

import secrets
from dataclasses import replace

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from contributions.attachments import detach_all
from contributions.co_author_states import CoAuthorState
from contributions.kinds import Content, Kind, Problem, problems_of, too_long
from contributions.models import CoAuthor, Contribution, ContributionMessage, ContributionText
from contributions.moving import THING, move, source_of, step_for
from contributions.people import is_author
from contributions.publishing import public_html
from contributions.states import EDITABLE, Action, State
from core.actors import Actor, Who
from core.audit import audit
from core.database import insert_if_new
from core.errors import Refusal, changed_meanwhile
from core.i18n import N_
from core.public_ids import new_public_id
from core.text import plain_lines
from core.unit_of_work import UnitOfWork
from library.items import retract

LONGEST_MESSAGE = 5000
LONGEST_KEY = 40
MOST_DRAFTS = 50
QUESTION, REPLY, NOTE = "question", "reply", "note"


class Unfinished(Exception):
    """Something is missing or wrong in what is, or is to be, sent in; `problems` says all of it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(", ".join(problem.field for problem in problems))
        self.problems = problems


def new_form_key() -> str:
    """A key for one form, so that it makes one contribution however often it is sent."""
    return secrets.token_urlsafe(19)


def find_by_form(session: Session, form_key: str, author_id: int) -> Contribution | None:
    """What an author has saved with a form; others may have used the same key for theirs."""
    key = form_key[:LONGEST_KEY]
    same = session.scalars(select(Contribution).where(Contribution.form_key == key)).all()
    return next((one for one in same if is_author(session, one, author_id)), None)


def find_own(session: Session, public_id: str, member_id: int) -> Contribution | None:
    """A contribution that somebody wrote, alone or with others."""
    contribution = session.scalar(select(Contribution).where(Contribution.public_id == public_id))
    if contribution is None or contribution.is_guest:
        return None
    return contribution if is_author(session, contribution, member_id) else None


def save(
    work: UnitOfWork, kind: Kind, form_key: str, author_id: int, content: Content, version: int
) -> Contribution:
    """Keep what is typed: a new draft, or the one that this form made before.

    Raises Refusal if it may not be changed any more, or was changed in another window;
    Unfinished if it is too long to be kept, or has been sent in and something is missing now.
    """
    if problems := too_long(kind, content):
        raise Unfinished(problems)
    form_key = form_key[:LONGEST_KEY]
    found = find_by_form(work.session, form_key, author_id)
    if found is None:
        return start(work, kind, form_key, author_id, content)
    if found.state not in EDITABLE:
        raise Refusal(N_("It has been opened by the editors, so it cannot be changed any more."))
    if found.content == content:
        return found
    # What has been sent in stays whole: only a draft may be unfinished.
    if found.state != State.DRAFT and (problems := problems_of(kind, content)):
        raise Unfinished(problems)
    keep_text(work, found, content, version)
    if found.state != State.DRAFT:
        _keep_authors_text(work, found, author_id)
    return found


def start(
    work: UnitOfWork,
    kind: Kind,
    form_key: str,
    author_id: int,
    content: Content,
    *,
    is_guest: bool = False,
    source: str = "",
) -> Contribution:
    """A new draft. Raises Refusal if somebody has too many, or the form is another's."""
    if _drafts(work.session, author_id) >= MOST_DRAFTS:
        raise Refusal(N_("You have fifty drafts. Please send one in, or delete one."))
    row = {
        "public_id": new_public_id(),
        "form_key": form_key[:LONGEST_KEY] or new_form_key(),
        "kind": kind,
        "state": State.DRAFT,
        "version": 1,
        "title": content.title,
        "language": content.language,
        "content": content,
        "html": public_html(kind, content, work.settings.base_url),
        "revision": 0,
        "author_id": author_id,
        "is_guest": is_guest,
        "source": source,
        "created_at": work.now,
        "changed_at": work.now,
        "state_at": work.now,
    }
    added = insert_if_new(work.session, Contribution).values(**row).returning(Contribution)
    contribution = work.session.scalars(added).one_or_none()
    if contribution is not None:
        return contribution
    found = find_by_form(work.session, form_key, author_id)
    if found is None:
        raise Refusal(N_("This form has been used already. Please open a new one."))
    return found


def keep_text(work: UnitOfWork, contribution: Contribution, content: Content, version: int) -> None:
    """Put a new text into a contribution, if nobody was faster. Raises Refusal."""
    kept = work.session.execute(
        update(Contribution)
        .where(Contribution.id == contribution.id, Contribution.version == version)
        .where(Contribution.state == contribution.state)
        .values(
            title=content.title,
            language=content.language,
            content=content,
            html=public_html(Kind(contribution.kind), content, work.settings.base_url),
            version=version + 1,
            changed_at=work.now,
        )
        .returning(Contribution.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if kept is None:
        raise changed_meanwhile()
    work.session.refresh(contribution)


def submit(work: UnitOfWork, contribution: Contribution, author_id: int | None) -> Contribution:
    """Send a draft in. Harmless to repeat. Raises Unfinished, or Refusal."""
    if contribution.state != State.DRAFT:
        return contribution
    content = contribution.content
    if problems := problems_of(Kind(contribution.kind), content):
        raise Unfinished(problems)
    actor = Actor(author_id, Who.AUTHOR)
    move(work, contribution, Action.SUBMIT, actor, contribution.version,
         submitted_at=work.now, is_guest=False)  # fmt: skip
    keep_revision(work, contribution, is_editors=False, member_id=author_id)
    return contribution


def keep_revision(
    work: UnitOfWork, contribution: Contribution, *, is_editors: bool, member_id: int | None
) -> None:
    """Keep the text as it is now, beside all that it was before."""
    number = contribution.revision + 1
    row = {"contribution_id": contribution.id, "number": number, "content": contribution.content}
    work.session.execute(
        insert(ContributionText).values(
            **row, is_editors=is_editors, member_id=member_id, at=work.now
        )
    )
    contribution.revision = number
    work.session.flush()


def answer(
    work: UnitOfWork, contribution: Contribution, author_id: int, text: str, form_key: str
) -> None:
    """Answer the editors' question. Harmless to repeat with the same form. Raises Refusal."""
    message = say(work, contribution, REPLY, author_id, text, form_key)
    if message is None:
        return
    actor = Actor(author_id, Who.AUTHOR)
    move(work, contribution, Action.REPLY, actor, contribution.version, said=message)


def say(
    work: UnitOfWork, contribution: Contribution, kind: str, member_id: int, text: str, key: str
) -> ContributionMessage | None:
    """Add a message; None if this form has added it before. Raises Refusal if it is empty."""
    words = plain_lines(text)
    if not words:
        raise Refusal(N_("Please write a few words."), "text")
    if len(words) > LONGEST_MESSAGE:
        raise Refusal(N_("This is too long: 5000 characters at the most."), "text")
    row = {
        "contribution_id": contribution.id,
        "kind": kind,
        "member_id": member_id,
        "text": words,
        "form_key": key[:LONGEST_KEY] or new_form_key(),
        "at": work.now,
    }
    added = insert_if_new(work.session, ContributionMessage).values(**row)
    return work.session.scalars(added.returning(ContributionMessage)).one_or_none()


def latest_question(session: Session, contribution_id: int) -> ContributionMessage | None:
    """The question that waits, or waited last, for an answer."""
    asked = select(ContributionMessage).where(
        ContributionMessage.contribution_id == contribution_id,
        ContributionMessage.kind == QUESTION,
    )
    return session.scalar(asked.order_by(ContributionMessage.id.desc()).limit(1))


def answered_with(session: Session, contribution_id: int, member_id: int, key: str) -> str | None:
    """What somebody has answered with a form, or None if they have not."""
    return session.scalar(
        select(ContributionMessage.text).where(
            ContributionMessage.contribution_id == contribution_id,
            ContributionMessage.member_id == member_id,
            ContributionMessage.form_key == key,
        )
    )


def messages(
    session: Session, contribution_id: int, *, with_notes: bool
) -> list[ContributionMessage]:
    """What was said, the oldest first; notes are between editors."""
    said = select(ContributionMessage).where(ContributionMessage.contribution_id == contribution_id)
    if not with_notes:
        said = said.where(ContributionMessage.kind != NOTE)
    return list(session.scalars(said.order_by(ContributionMessage.id)))


def agree(work: UnitOfWork, contribution: Contribution, author_id: int, version: int) -> None:
    """Agree to the text as it stands, and to its licence. Raises Refusal."""
    move(work, contribution, Action.AGREE, Actor(author_id, Who.AUTHOR), version)


def withdraw(work: UnitOfWork, contribution: Contribution, author_id: int, version: int) -> None:
    """Take it back before it is published. Raises Refusal."""
    move(work, contribution, Action.WITHDRAW, Actor(author_id, Who.AUTHOR), version)


def discard(work: UnitOfWork, contribution: Contribution, author_id: int, version: int) -> None:
    """Delete a draft, or what nobody will publish. Raises Refusal."""
    move(work, contribution, Action.DISCARD, Actor(author_id, Who.AUTHOR), version)


def take_back(work: UnitOfWork, contribution: Contribution, actor: Actor, version: int) -> None:
    """Retract what is published: only its title is left. Raises Refusal."""
    move(work, contribution, Action.RETRACT, actor, version)
    detach_all(work, contribution)
    retract(work, source_of(contribution), actor.who)


def resubmit(work: UnitOfWork, contribution: Contribution, author_id: int) -> Contribution:
    """A new draft with the words of a withdrawn one; the same one if asked twice."""
    step_for(work.session, contribution, Action.RESUBMIT, Actor(author_id, Who.AUTHOR))
    content = replace(contribution.content, may_share=False)
    key = f"again-{contribution.id}-{contribution.version}"
    kind = Kind(contribution.kind)
    known = find_by_form(work.session, key, author_id)
    if known is None:
        detail = {"from": contribution.state, "to": contribution.state, "as": str(Who.AUTHOR)}
        audit(work, author_id, str(Action.RESUBMIT), THING, contribution.id, detail)
        known = start(work, kind, key, author_id, content, source=source_of(contribution))
    return known


def text_of(session: Session, contribution_id: int, number: int) -> ContributionText | None:
    """One revision of the text."""
    return session.get(ContributionText, (contribution_id, number))


def authors_last_text(session: Session, contribution_id: int) -> ContributionText | None:
    """The text as its author last wrote it."""
    return session.scalar(
        select(ContributionText)
        .where(ContributionText.contribution_id == contribution_id)
        .where(ContributionText.is_editors.is_(False))
        .order_by(ContributionText.number.desc())
        .limit(1)
    )


def own_contributions(session: Session, member_id: int) -> list[Contribution]:
    """Everything that somebody wrote, alone or with others, the latest change first."""
    with_others = select(CoAuthor.contribution_id).where(
        CoAuthor.member_id == member_id, CoAuthor.state == CoAuthorState.ACCEPTED
    )
    is_own = (Contribution.author_id == member_id) | Contribution.id.in_(with_others)
    return list(
        session.scalars(
            select(Contribution)
            .where(is_own, Contribution.is_guest.is_(False))
            .order_by(Contribution.changed_at.desc(), Contribution.id.desc())
        )
    )


def _keep_authors_text(work: UnitOfWork, contribution: Contribution, author_id: int) -> None:
    """What an author changes after sending in is theirs, not the editors'.

    One revision for each time they may change it, however often they save in between.
    """
    latest = text_of(work.session, contribution.id, contribution.revision)
    if latest is not None and not latest.is_editors and latest.at >= contribution.state_at:
        latest.content, latest.member_id = contribution.content, author_id
        work.session.flush()
    else:
        keep_revision(work, contribution, is_editors=False, member_id=author_id)


def _drafts(session: Session, author_id: int) -> int:
    counted = select(func.count()).where(
        Contribution.author_id == author_id,
        Contribution.state == State.DRAFT,
        Contribution.is_guest.is_(False),  # a stranger may have typed this address
    )
    return session.scalar(counted) or 0
