"""Adding and finding organisers."""

from collections.abc import Callable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.actors import Who
from core.addresses import Address
from core.errors import Refusal
from core.i18n import Message
from core.unit_of_work import UnitOfWork
from mail.keys import delivery_key
from mail.posting import Email, post
from members.address_change import close_ways
from members.models import Member, Organiser
from members.records import new_record, prove_address
from members.roles import PERMISSIONS, Permission, Role
from members.sessions import end_sessions

ADDED = "organiser"
"""Where a member comes from who was added with a role."""


def add_organiser(
    work: UnitOfWork, address: Address, role: Role, language: str = "en", name: str = ""
) -> Member:
    """Give somebody a role; makes them a confirmed member, subscribed to nothing, if new."""
    member = work.session.scalar(select(Member).where(Member.email_key == address.key))
    if member is None:
        record = new_record(address, name, language, ADDED, work.now, is_confirmed=True)
        member = Member(**record)
        work.session.add(member)
        work.session.flush()
    else:
        prove_address(work, member, Who.ORGANISER)
        member.name = member.name or name
    _give_role(work, member.id, role)
    return member


def _give_role(work: UnitOfWork, member_id: int, role: Role) -> None:
    organiser = work.session.get(Organiser, member_id)
    if organiser is None:
        begin_anew(work, member_id)
        dates = {"added_at": work.now, "role_since": work.now}
        work.session.add(Organiser(member_id=member_id, role=role, **dates))
    elif organiser.role != role:
        begin_anew(work, member_id)
        organiser.role, organiser.role_since = role, work.now
    work.session.flush()


def begin_anew(work: UnitOfWork, member_id: int) -> None:
    """Who gets a role signs in anew, at the address that the role was given to.

    The record may have been somebody else's before: no browser, and no way back to an earlier
    address, leads to what it may do from now on.
    """
    end_sessions(work, member_id)
    close_ways(work, work.session.get_one(Member, member_id))


def speak_as_accepted(work: UnitOfWork, member_id: int, language: str) -> None:
    """Write in the language in which an organiser accepted, who was added and asked nothing."""
    added = Member.id == member_id, Member.source == ADDED
    work.session.execute(update(Member).where(*added).values(language=language))


def find_organiser(work: UnitOfWork, address: Address) -> Member | None:
    """The organiser of that address, in whichever role."""
    organisers = select(Member).join(Organiser, Organiser.member_id == Member.id)
    return work.session.scalar(organisers.where(Member.email_key == address.key))


def owners(session: Session) -> list[Member]:
    """Everybody who may do everything, the first to come first."""
    those = select(Member).join(Organiser, Organiser.member_id == Member.id)
    found = those.where(Organiser.role == Role.OWNER).order_by(Organiser.added_at, Member.id)
    return list(session.scalars(found))


def tell_owners(
    work: UnitOfWork,
    about: Member,
    what: str,
    write: Callable[[Member], Email],
    *,
    and_them: bool,
) -> None:
    """Write to each owner about somebody of the team; to whom it is about only if `and_them`."""
    told = {owner.id: owner for owner in owners(work.session) if owner.id != about.id}
    for one in (*told.values(), *([about] if and_them else [])):
        key = delivery_key(what, about.id, f"{one.id}-{work.now:%Y%m%d%H%M%S%f}")
        post(work, write(one), one.recipient, key)


def who_may(session: Session, permission: Permission) -> list[Member]:
    """Every organiser whose role includes this, in the order in which they became members."""
    roles = [str(role) for role in PERMISSIONS[permission]]
    organisers = select(Member).join(Organiser, Organiser.member_id == Member.id)
    return list(session.scalars(organisers.where(Organiser.role.in_(roles)).order_by(Member.id)))


def change_one_by_one(work: UnitOfWork) -> None:
    """One change of the team after the other: two owners must not let each other go at once."""
    work.session.execute(select(Organiser.member_id).with_for_update()).all()


def check_another_owner(work: UnitOfWork, member_id: int, otherwise: Message) -> None:
    """There is always an owner: raises Refusal, with that sentence, if this is the only one."""
    change_one_by_one(work)
    if [owner.id for owner in owners(work.session)] == [member_id]:
        raise Refusal(otherwise)


def first_owner(work: UnitOfWork) -> Member | None:
    """The owner who has been here longest."""
    return work.session.scalar(
        select(Member)
        .join(Organiser, Organiser.member_id == Member.id)
        .where(Organiser.role == Role.OWNER)
        .order_by(Organiser.added_at, Member.id)
        .limit(1)
    )
