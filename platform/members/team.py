"""Who runs the community: asking colleagues in, changing what they do, and letting them go.

There is always an owner. Every change is in the audit, and owners are told of it by mail.
"""

from dataclasses import dataclass
from functools import partial

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core.addresses import Address
from core.audit import audit
from core.errors import Refusal
from core.i18n import N_
from core.unit_of_work import UnitOfWork
from mail.keys import delivery_key
from mail.posting import post
from members import emails, sessions
from members.models import Member, Organiser, SignInSession
from members.organisers import (
    add_organiser,
    begin_anew,
    change_one_by_one,
    check_another_owner,
    find_organiser,
    tell_owners,
)
from members.roles import Role
from members.second_factor import factors

THING = "organiser"
STAYS = N_("There is always an owner. Please make somebody else an owner first.")


@dataclass(frozen=True)
class Colleague:
    """One organiser, in which role, and where they are signed in."""

    member: Member
    role: Role
    has_factor: bool
    sessions: list[SignInSession]


def team(session: Session) -> list[Colleague]:
    """Everybody, owners first, in the order in which they came."""
    rows = session.execute(
        select(Member, Organiser.role, sessions.has_factor(Member.id))
        .join(Organiser, Organiser.member_id == Member.id)
        .order_by(Organiser.added_at, Member.id)
    ).all()
    found = [
        Colleague(member, Role(role), has_factor, sessions.sessions_of(session, member.id))
        for member, role, has_factor in rows
    ]
    return sorted(found, key=lambda one: list(Role).index(one.role))


def ask_in(
    work: UnitOfWork, address: Address, role: Role, name: str, language: str, by: int
) -> None:
    """Make somebody an organiser, and write to them how they come in. Raises Refusal if they are
    one already."""
    change_one_by_one(work)
    known = select(Organiser.role).join(Member).where(Member.email_key == address.key)
    if work.session.scalar(known) is not None:
        raise Refusal(N_("This person is an organiser already."), "email")
    member = add_organiser(work, address, role, language, name)
    _note(work, member, "add organiser", role, by)
    email = emails.asked_in(work, member, role)
    key = delivery_key("asked-in", member.id, f"{work.now:%Y%m%d%H%M%S%f}")
    post(work, email, member.recipient, key)


def give_role(work: UnitOfWork, address: Address, role: Role) -> Member:
    """On the machine itself: a role for somebody who has none, or another one. Harmless to repeat.

    Raises Refusal for the only owner.
    """
    change_one_by_one(work)
    known = find_organiser(work, address)
    if known is not None:
        change_role(work, known.id, role, None)
        return known
    member = add_organiser(work, address, role)
    _note(work, member, "add organiser", role, None)
    return member


def note_first(work: UnitOfWork, member: Member) -> None:
    """In the audit: the very first owner has said who they are."""
    audit(work, member.id, "add organiser", THING, member.id, {"role": str(Role.OWNER)})


def change_role(work: UnitOfWork, member_id: int, role: Role, by: int | None) -> None:
    """Give an organiser another role. Harmless to repeat. Raises Refusal for the only owner."""
    member = _found(work, member_id)
    if role is not Role.OWNER:
        check_another_owner(work, member_id, STAYS)
    another = Organiser.member_id == member_id, Organiser.role != role
    changed = update(Organiser).where(*another).values(role=role, role_since=work.now)
    if work.change(changed) == 1:
        begin_anew(work, member_id)
        _note(work, member, "change role", role, by)


def let_go(work: UnitOfWork, member_id: int, by: int) -> None:
    """Take the role away, and sign them out: they stay a member. Raises Refusal for the only
    owner."""
    member = _found(work, member_id)
    check_another_owner(work, member_id, STAYS)
    work.session.execute(delete(Organiser).where(Organiser.member_id == member_id))
    factors.forget(work, member_id)
    sessions.end_sessions(work, member_id)
    _note(work, member, "remove organiser", None, by)


def take_factor_away(work: UnitOfWork, member_id: int, by: int | None) -> None:
    """For a colleague who has lost phone, key and codes: they sign in by mail, and set up anew.

    Raises Refusal where it is nobody's second factor, or one's own.
    """
    member = _found(work, member_id)
    if member_id == by:
        raise Refusal(N_("Your own second factor is changed on your own page."))
    if not factors.forget(work, member_id):
        raise Refusal(N_("This person has no second factor."))
    sessions.end_sessions(work, member_id)
    audit(work, by, "take factor away", THING, member_id)
    write = partial(emails.factor_taken_away, work, whom=member)
    tell_owners(work, member, "factor-away", write, and_them=True)


def end_session(work: UnitOfWork, member_id: int, session_id: int, by: int) -> None:
    """Sign an organiser out of one browser."""
    member = _found(work, member_id)
    sessions.revoke(work, member.id, session_id)
    audit(work, by, "end session", THING, member.id)


def _found(work: UnitOfWork, member_id: int) -> Member:
    change_one_by_one(work)
    if work.session.get(Organiser, member_id, populate_existing=True) is None:
        raise Refusal(N_("This person is no organiser any more."))
    return work.session.get_one(Member, member_id)


def _note(work: UnitOfWork, member: Member, act: str, role: Role | None, by: int | None) -> None:
    """In the audit, and by mail to the owners and to whom it concerns."""
    audit(work, by, act, THING, member.id, {"role": str(role or "")})
    write = partial(emails.team_changed, work, whom=member, role=role)
    tell_owners(work, member, "team", write, and_them=True)
