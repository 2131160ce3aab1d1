"""The record of a person: made in one place, and confirmed in one place."""

from datetime import datetime

from sqlalchemy import func, select

from core.actors import Who
from core.addresses import Address
from core.transitions import edge
from core.unit_of_work import UnitOfWork
from members.models import Member, folded
from members.states import MEMBERS, MemberState

LONGEST_SOURCE = 200


def new_record(
    address: Address,
    name: str,
    language: str,
    source: str,
    at: datetime,
    *,
    typed_name: str = "",
    is_confirmed: bool = False,
) -> dict[str, object]:
    """The columns of a new member, who has said nothing else of themselves; for INSERT.

    `name` is an organiser's word, `typed_name` that of whoever filled in a form.
    """
    return {
        "email": address.shown,
        "email_ascii": address.ascii,
        "email_key": address.key,
        "name": name,
        "typed_name": typed_name,
        "folded": folded(name or typed_name, address.shown),
        "language": language,
        "state": MemberState.CONFIRMED if is_confirmed else MemberState.PENDING,
        "token_version": 1,
        "links_version": 1,
        "role": "",
        "level": "",
        "country": "",
        "time_zone": "",
        "source": source[:LONGEST_SOURCE],
        "created_at": at,
        "confirmed_at": at if is_confirmed else None,
    }


def prove_address(work: UnitOfWork, member: Member, by: Who = Who.MEMBER) -> bool:
    """A click on a link that went to an address only proves that it is theirs.

    Subscriptions are another matter: none is made here. Says whether it was not known before.
    """
    if member.state == MemberState.CONFIRMED:
        return False
    waiting, at = (MemberState.PENDING,), work.now
    # What a stranger typed is a name only once its owner has seen the mail that it led to.
    typed = Member.typed_name if by is Who.MEMBER else ""
    now_called = member.name or (member.typed_name if by is Who.MEMBER else "")
    step = edge(
        Member.state,
        MEMBERS,
        MemberState.CONFIRMED,
        by,
        only_from=waiting,
        confirmed_at=at,
        name=func.coalesce(func.nullif(Member.name, ""), typed),
        typed_name="",
        folded=folded(now_called, member.email),
    )
    proved = step.where(Member.id == member.id).returning(Member)
    work.session.flush()
    return bool(work.session.scalars(proved.execution_options(populate_existing=True)).all())


def lock_member(work: UnitOfWork, member_id: int) -> None:
    """One change of what somebody has after the other."""
    work.session.execute(select(Member.id).where(Member.id == member_id).with_for_update())
