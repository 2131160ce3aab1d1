"""Who has to do with a contribution: its authors, co-authors and editors."""

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from contributions.co_author_states import CoAuthorState
from contributions.models import CoAuthor, Contribution
from core.unit_of_work import UnitOfWork
from members.models import Member, Organiser
from members.organisers import who_may
from members.roles import Permission


def authors_of(session: Session, contribution: Contribution) -> list[Member]:
    """The author, then the co-authors who have accepted, in the order of invitation."""
    co_authors = session.scalars(
        select(Member)
        .join(CoAuthor, CoAuthor.member_id == Member.id)
        .where(
            CoAuthor.contribution_id == contribution.id, CoAuthor.state == CoAuthorState.ACCEPTED
        )
        .order_by(CoAuthor.id)
    )
    first = session.get(Member, contribution.author_id) if contribution.author_id else None
    return [*([first] if first else []), *co_authors]


def is_author(session: Session, contribution: Contribution, member_id: int) -> bool:
    """Whether somebody wrote it, alone or with others."""
    return any(member.id == member_id for member in authors_of(session, contribution))


def all_have_accepted(session: Session, contribution_id: int) -> bool:
    """Whether no invited co-author has yet to answer."""
    waiting = select(CoAuthor.id).where(
        CoAuthor.contribution_id == contribution_id, CoAuthor.state == CoAuthorState.INVITED
    )
    return session.scalar(waiting.limit(1)) is None


def co_authors_of(session: Session, contribution_id: int) -> list[tuple[CoAuthor, str]]:
    """Everybody who was invited and has not declined, with a name to show."""
    rows = session.execute(
        select(CoAuthor, func.coalesce(Member.email, ""))
        .outerjoin(Member, Member.id == CoAuthor.member_id)
        .where(CoAuthor.contribution_id == contribution_id)
        .where(CoAuthor.state.in_([CoAuthorState.INVITED, CoAuthorState.ACCEPTED]))
        .order_by(CoAuthor.id)
    )
    return [(co_author, co_author.name or email) for co_author, email in rows]


def editors(session: Session, at_once: bool | None = None) -> list[Member]:
    """Who works at the desk; only those who hear of it at once, or only the others."""
    found = who_may(session, Permission.EDIT_CONTRIBUTIONS)
    if at_once is None:
        return found
    told = select(Organiser.member_id).where(Organiser.hears_at_once.is_(at_once))
    ids = set(session.scalars(told))
    return [one for one in found if one.id in ids]


def hears_at_once(session: Session, member_id: int) -> bool:
    """Whether an organiser hears of what comes to the desk at once."""
    chosen = select(Organiser.hears_at_once).where(Organiser.member_id == member_id)
    return bool(session.scalar(chosen))


def choose_to_hear(work: UnitOfWork, member_id: int, at_once: bool) -> None:
    """Hear of the desk at once, or once a day. Harmless to repeat."""
    chosen = update(Organiser).where(Organiser.member_id == member_id)
    work.session.execute(chosen.values(hears_at_once=at_once))


def responsible(session: Session, contribution: Contribution) -> list[Member]:
    """The editor who takes care of it, or all of them if nobody does yet."""
    everybody = editors(session)
    in_charge = [editor for editor in everybody if editor.id == contribution.editor_id]
    return in_charge or everybody
