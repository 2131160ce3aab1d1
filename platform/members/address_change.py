"""Another address for somebody who stays who they are: teachers change schools.

It is confirmed at the new one and told at the old one, with a way back; links of older mails end.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, select, update
from sqlalchemy.orm import InstrumentedAttribute

from core.addresses import Address, parse_address
from core.audit import audit
from core.errors import Refusal
from core.i18n import N_
from core.tokens import BrokenToken, Purpose
from core.unit_of_work import Reading, UnitOfWork
from mail.keys import delivery_key
from mail.posting import Recipient, post
from mail.retention import forget_recipients
from members import emails
from members.models import AddressChange, Member, folded
from members.own_links import THING, as_number, renew_links
from members.sessions import end_sessions
from members.states import MemberState

KEPT = timedelta(days=30)
"""So long there is a way back."""


def ask(work: UnitOfWork, member: Member, address: Address) -> None:
    """Ask at the new address whether it is theirs. Raises Refusal if it is the one they have."""
    if address.key == member.email_key:
        raise Refusal(N_("This is the address that we have."), "email")
    change = _written(work, member, address)
    # Whoever has the address already is told nothing else: their own page stays theirs.
    to = Recipient(address.ascii, member.id)
    key = delivery_key("new-address", change.id)
    post(work, emails.new_address(member, change.id), to, key)


def _written(work: UnitOfWork, member: Member, address: Address) -> AddressChange:
    change = AddressChange(
        member_id=member.id,
        old_email=member.email,
        new_email=address.shown,
        asked_at=work.now,
    )
    work.session.add(change)
    work.session.flush()
    return change


def find(work: Reading, purpose: Purpose, token: str) -> tuple[AddressChange, Member]:
    """What a link is about. Raises BrokenToken or ExpiredToken."""
    change = work.session.get(AddressChange, as_number(work.tokens.read_one(purpose, token)))
    member = work.session.get(Member, change.member_id) if change is not None else None
    was_taken_back = purpose is Purpose.MOVE and change is not None and change.returned_at
    if change is None or member is None or was_taken_back:
        raise BrokenToken
    return change, member


def confirm(work: UnitOfWork, token: str, awaited: ColumnElement[bool]) -> Member:
    """The new address is theirs: from now on it is the one. A second time changes nothing.

    `awaited` says of a member that something waits at their address, though it is not confirmed.
    Raises BrokenToken, ExpiredToken, or Refusal if somebody else has it.
    """
    change, member = find(work, Purpose.MOVE, token)
    if _is_first(work, change, AddressChange.confirmed_at):
        _move(work, member, change, parse_address(change.new_email), member.id, awaited)
    return member


def correct(
    work: UnitOfWork,
    member: Member,
    address: Address,
    by: int | None,
    awaited: ColumnElement[bool],
) -> None:
    """An organiser writes another address, as somebody told them. Raises Refusal."""
    if address.key == member.email_key:
        raise Refusal(N_("This is the address that we have."), "email")
    taken = Member.email_key == address.key, Member.state == MemberState.CONFIRMED
    if work.session.scalar(select(Member.id).where(*taken)) is not None:
        raise Refusal(
            N_(
                "Somebody with this address is a member already. If both are one person, join them."
            ),
            "email",
        )
    change = _written(work, member, address)
    if _is_first(work, change, AddressChange.confirmed_at):
        _move(work, member, change, address, by, awaited)
        # Nobody has shown at the new address who they are.
        end_sessions(work, member.id)


def go_back(work: UnitOfWork, token: str, awaited: ColumnElement[bool]) -> Member:
    """Take the change back, from the old address. A second time changes nothing.

    Raises BrokenToken, ExpiredToken, or Refusal if somebody else has it by now.
    """
    change, member = find(work, Purpose.MOVE_BACK, token)
    if _is_first(work, change, AddressChange.returned_at):
        _put(work, member, parse_address(change.old_email), awaited)
        _forget_others(work, change)
        renew_links(work, member, member.id)
        # Whoever changed it was signed in, and may be still.
        end_sessions(work, member.id)
        audit(work, member.id, "address taken back", THING, member.id)
    return member


def close_ways(work: UnitOfWork, member: Member) -> None:
    """No link of earlier changes leads forth or back any more."""
    theirs = AddressChange.member_id == member.id
    done = select(AddressChange.old_email).where(theirs, AddressChange.confirmed_at.is_not(None))
    former = work.session.scalars(done).all()
    work.change(delete(AddressChange).where(theirs))
    remember(work, member, former)


def remember(work: UnitOfWork, member: Member, former: Iterable[str]) -> None:
    """Which addresses were theirs, in rows that no link in a mail knows: erasing finds what waits
    there."""
    for email in former:
        moved = {"old_email": email, "new_email": member.email}
        dates = {"asked_at": work.now, "confirmed_at": work.now}
        work.session.add(AddressChange(member_id=member.id, **moved, **dates))
    work.session.flush()


def _is_first(
    work: UnitOfWork, change: AddressChange, done_at: InstrumentedAttribute[datetime | None]
) -> bool:
    """Write down that it is done; of two who press at once, one is told that they did it."""
    step = update(AddressChange).where(AddressChange.id == change.id, done_at.is_(None))
    is_first = work.change(step.values({done_at: work.now})) == 1
    work.session.refresh(change)
    return is_first


def _forget_others(work: UnitOfWork, change: AddressChange) -> None:
    """What else was asked for, and whatever was done later: its links would undo the way back."""
    others = AddressChange.member_id == change.member_id, AddressChange.id != change.id
    waiting = AddressChange.confirmed_at.is_(None)
    later = AddressChange.confirmed_at >= change.confirmed_at
    work.change(delete(AddressChange).where(*others, later | waiting))


def _move(
    work: UnitOfWork,
    member: Member,
    change: AddressChange,
    address: Address,
    by: int | None,
    awaited: ColumnElement[bool],
) -> None:
    old = Recipient(member.email_ascii, member.id)
    # It may have changed since this was asked for: the way back leads to where they were last.
    change.old_email = member.email
    _put(work, member, address, awaited)
    renew_links(work, member, by)
    audit(work, by, "change address", THING, member.id)
    post(work, emails.address_changed(member, change.id), old, delivery_key("moved", change.id))


def _put(work: UnitOfWork, member: Member, address: Address, awaited: ColumnElement[bool]) -> None:
    """Whoever has the address keeps it, but for a record that nobody has confirmed."""
    others = Member.email_key == address.key, Member.id != member.id
    _free(work, others, awaited)
    is_free = ~exists().where(*others).correlate(None)
    written = {"email": address.shown, "email_ascii": address.ascii, "email_key": address.key}
    written["folded"] = folded(member.name or member.typed_name, address.shown)
    moved = update(Member).where(Member.id == member.id, is_free).values(**written)
    done = work.session.execute(moved.returning(Member.id).execution_options(
        synchronize_session=False)).one_or_none()  # fmt: skip
    if done is None:
        raise Refusal(N_("Somebody with this address is a member already. Please write to us."))
    work.session.refresh(member)


def _free(
    work: UnitOfWork, others: tuple[ColumnElement[bool], ...], awaited: ColumnElement[bool]
) -> None:
    """Forget who asked for letters at this address and never confirmed. Raises Refusal."""
    waiting = *others, Member.state == MemberState.PENDING
    if work.session.scalar(select(Member.id).where(*waiting, awaited)) is not None:
        raise Refusal(
            N_(
                "An invitation, or something that was sent in, waits in this mailbox. Please "
                "answer it first, or write to us."
            )
        )
    forgotten = delete(Member).where(*waiting).returning(Member.id)
    forget_recipients(work, work.session.scalars(forgotten).all())


def purge_changes(work: UnitOfWork) -> int:
    """Forget what was asked for a month ago; returns how many."""
    old = AddressChange.asked_at <= work.now - KEPT
    return work.change(delete(AddressChange).where(old))
