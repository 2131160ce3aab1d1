"""Co-authors: invited by the author, accepted by themselves, needed before publication."""

from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from contributions import emails
from contributions.co_author_states import CO_AUTHORS, CoAuthorState
from contributions.models import CoAuthor, Contribution
from contributions.moving import THING
from core.actors import Actor, Who
from core.addresses import Address
from core.audit import audit
from core.database import insert_if_new
from core.errors import Refusal
from core.i18n import N_
from core.tokens import BrokenToken, Purpose
from core.transitions import walk
from core.unit_of_work import Reading, UnitOfWork
from mail.keys import delivery_key
from mail.posting import post
from members.evidence import Origin
from members.models import Member
from members.own_links import as_number
from members.records import prove_address
from members.subscribing import known_or_pending

MOST = 8


def invite(
    work: UnitOfWork, contribution: Contribution, by: Member, address: Address, name: str
) -> None:
    """Ask somebody whether they wrote it too. Twice asks once. Raises Refusal."""
    if contribution.is_settled:
        raise Refusal(N_("It is finished: nobody can be added any more."), "email")
    if _count(work.session, contribution.id) >= MOST:
        raise Refusal(N_("Eight co-authors at the most."), "email")
    if contribution.is_draft and not contribution.title:
        raise Refusal(N_("Please give it a title first: your co-author should know it."), "email")
    origin = Origin("co-author")
    member = known_or_pending(work, address, contribution.language, name, origin)
    if member.id == contribution.author_id:
        raise Refusal(N_("This is the author’s own address."), "email")
    row = {"contribution_id": contribution.id, "member_id": member.id,
           "state": CoAuthorState.INVITED, "name": name[:80], "invited_at": work.now}  # fmt: skip
    added = insert_if_new(work.session, CoAuthor).values(**row).returning(CoAuthor)
    invited = work.session.scalars(added).one_or_none() or _again(work, contribution, member.id)
    if invited is None:
        return
    audit(work, by.id, "invite co-author", THING, contribution.id, {"co_author": invited.id})
    email = emails.co_author(work, invited, member)
    # One mail for each person and contribution, however often somebody is taken off and added.
    key = delivery_key("co-author", contribution.id, member.id)
    post(work, email, member.recipient, key)


def remove(work: UnitOfWork, contribution: Contribution, co_author_id: int, by: Actor) -> None:
    """Take somebody off again. Harmless to repeat."""
    this_one = CoAuthor.id == co_author_id, CoAuthor.contribution_id == contribution.id
    if _walk(work, CoAuthorState.REMOVED, by.who, *this_one, answered_at=work.now):
        detail = {"co_author": co_author_id}
        audit(work, by.member_id, "remove co-author", THING, contribution.id, detail)


def invitation(work: Reading, token: str) -> tuple[CoAuthor, Contribution] | None:
    """What a co-author's link belongs to; None if it was taken back. Raises BrokenToken."""
    parts = work.tokens.read(Purpose.CO_AUTHOR, token)
    try:
        co_author_id, member_id = map(as_number, parts)
    except ValueError:
        raise BrokenToken from None
    invited = work.session.get(CoAuthor, co_author_id)
    if invited is None or invited.member_id != member_id or invited.state == CoAuthorState.REMOVED:
        return None
    return invited, work.session.get_one(Contribution, invited.contribution_id)


def named_by(session: Session, contribution: Contribution) -> str:
    """The name of who says that it was written together; nothing if they have said none."""
    author = session.get(Member, contribution.author_id)
    return author.name if author is not None else ""


def respond(
    work: UnitOfWork, token: str, accepts: bool, language: str
) -> tuple[CoAuthor, Contribution] | None:
    """Say yes or no, once; the mail proves the address. Raises BrokenToken or ExpiredToken.

    Who is new here gets mail in the `language` of the browser that said yes from then on.
    """
    found = invitation(work, token)
    if found is None:
        return None
    invited, contribution = found
    state = CoAuthorState.ACCEPTED if accepts else CoAuthorState.DECLINED
    this_one = CoAuthor.id == invited.id
    changed = _walk(work, state, Who.MEMBER, this_one, answered_at=work.now)
    work.session.refresh(invited)
    if changed:
        audit(work, invited.member_id, f"co-author {state}", THING, contribution.id)
        if accepts and invited.member_id is not None:
            _confirm(work, invited.member_id, language)
    return invited, contribution


def _again(work: UnitOfWork, contribution: Contribution, member_id: int) -> CoAuthor | None:
    """Ask anew somebody who was taken off; None if they are asked, or have answered."""
    this_one = CoAuthor.contribution_id == contribution.id, CoAuthor.member_id == member_id
    now = {"answered_at": None, "invited_at": work.now}
    if not _walk(work, CoAuthorState.INVITED, Who.AUTHOR, *this_one, **now):
        return None
    return work.session.scalars(select(CoAuthor).where(*this_one)).one()


def _walk(
    work: UnitOfWork, target: CoAuthorState, by: Who, *this_one: ColumnElement[bool], **written: Any
) -> bool:
    return walk(work.session, CoAuthor.state, CO_AUTHORS, target, by, *this_one, **written)


def _confirm(work: UnitOfWork, member_id: int, language: str) -> None:
    member = work.session.get_one(Member, member_id)
    if prove_address(work, member):
        member.language = language


def _count(session: Session, contribution_id: int) -> int:
    counted = select(func.count()).where(
        CoAuthor.contribution_id == contribution_id,
        CoAuthor.state.in_([CoAuthorState.INVITED, CoAuthorState.ACCEPTED]),
    )
    return session.scalar(counted) or 0
