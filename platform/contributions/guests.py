"""A visitor's contribution: kept as a draft, delivered once the address is confirmed."""

from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from contributions import emails
from contributions.drafts import find_by_form, start, submit
from contributions.kinds import Content, Kind
from contributions.models import Contribution
from contributions.states import State
from core.addresses import Address
from core.tokens import BrokenToken, Purpose
from core.unit_of_work import Reading, UnitOfWork
from mail.keys import delivery_key
from mail.posting import post
from members.evidence import Origin
from members.models import Member
from members.records import prove_address
from members.subscribing import known_or_pending

KEPT = timedelta(days=14)


def keep_for_guest(
    work: UnitOfWork, kind: Kind, form_key: str, address: Address, content: Content, origin: Origin
) -> None:
    """Keep what a visitor sends and ask whether the address is theirs. Once for each form."""
    member = known_or_pending(work, address, content.language, content.name, origin)
    if find_by_form(work.session, form_key, member.id) is not None:
        return
    contribution = start(work, kind, form_key, member.id, content, is_guest=True)
    email = emails.deliver(work, contribution, member)
    key = delivery_key("deliver", contribution.id)
    post(work, email, member.recipient, key)


def waiting_contribution(work: Reading, token: str) -> Contribution | None:
    """What a delivery link belongs to; None if it is gone. Raises BrokenToken, ExpiredToken."""
    found = _found(work.session, work.tokens.read(Purpose.DELIVER, token))
    return found[0] if found else None


def deliver(work: UnitOfWork, token: str) -> Contribution | None:
    """Confirm the address and send the contribution in. A second time changes nothing.

    Raises BrokenToken or ExpiredToken. None if it is gone.
    """
    found = _found(work.session, work.tokens.read(Purpose.DELIVER, token))
    if found is None:
        return None
    contribution, member = found
    prove_address(work, member)
    if contribution.state == State.DRAFT and contribution.is_guest:
        submit(work, contribution, member.id)
    return contribution


def purge_undelivered(work: UnitOfWork) -> None:
    """Forget what nobody confirmed within two weeks."""
    work.session.execute(
        delete(Contribution).where(
            Contribution.is_guest.is_(True),
            Contribution.state == State.DRAFT,
            Contribution.created_at <= work.now - KEPT,
        )
    )


def _found(session: Session, parts: list[str]) -> tuple[Contribution, Member] | None:
    try:
        contribution_id, member_id = (int(part) for part in parts)
    except ValueError:
        raise BrokenToken from None
    contribution = session.get(Contribution, contribution_id)
    member = session.get(Member, member_id)
    if contribution is None or member is None or contribution.author_id != member_id:
        return None
    return contribution, member
