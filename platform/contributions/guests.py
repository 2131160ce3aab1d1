"""A visitor's contribution: kept as a draft, delivered once the address is confirmed."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from contributions import emails
from contributions.drafts import find_by_form, start, submit
from contributions.kinds import Content, Kind
from contributions.models import Contribution
from contributions.states import State
from core.addresses import Address, parse_address
from core.installation import Installation
from core.tokens import BrokenToken, Purpose
from core.unit_of_work import Reading, UnitOfWork
from mail.keys import delivery_key, key_in_sql
from mail.models import Delivery
from mail.posting import post
from mail.unasked import may_write
from members.evidence import Origin
from members.models import Member
from members.own_links import as_number
from members.records import prove_address
from members.subscribing import known_or_pending

KEPT = timedelta(days=14)
ASKS = "deliver"
AT_ONCE = 200


def keep_for_guest(
    work: UnitOfWork,
    kind: Kind,
    form_key: str,
    address: Address,
    content: Content,
    origin: Origin,
    *,
    is_mailed: bool,
) -> None:
    """Keep what a visitor sends and ask whether the address is theirs. Once for each form.

    Without a mail of its own, it goes to the editors with the link of any other that waits; if
    there is none, the mail follows when the mailbox has room for one.
    """
    member = known_or_pending(work, address, content.language, content.name, origin)
    if find_by_form(work.session, form_key, member.id) is not None:
        return
    contribution = start(work, kind, form_key, member.id, content, is_guest=True)
    if is_mailed:
        _ask(work, contribution, member)


def _ask(work: UnitOfWork, contribution: Contribution, member: Member) -> None:
    email, key = emails.deliver(work, contribution, member), delivery_key(ASKS, contribution.id)
    post(work, email, member.recipient, key)


def mail_held_back(installation: Installation) -> None:
    """Ask those whose mailbox had had its share of mail when they wrote, once there is room."""
    with installation.reading() as work:
        unasked_for = _held_back(work)
    for contribution_id, address in unasked_for:
        if not may_write(installation.limits, parse_address(address)):
            continue
        with installation.unit_of_work() as work:
            contribution = work.session.get(Contribution, contribution_id)
            if contribution is not None and contribution.is_draft:
                _ask(work, contribution, work.session.get_one(Member, contribution.author_id))


def _held_back(work: Reading) -> list[tuple[int, str]]:
    """The first contribution of each visitor to whom no mail about any went out."""
    waits = Contribution.is_guest.is_(True), Contribution.state == State.DRAFT
    was_asked = exists().where(Delivery.dedup_key == key_in_sql(ASKS, Contribution.id))
    asked = select(Contribution.author_id).where(*waits, was_asked)
    first = (
        select(func.min(Contribution.id), Member.email)
        .join(Member, Member.id == Contribution.author_id)
        .where(*waits, Contribution.author_id.not_in(asked))
        .group_by(Member.id, Member.email)
        .limit(AT_ONCE)
    )
    return [(number, address) for number, address in work.session.execute(first)]


def waiting_contribution(work: Reading, token: str) -> Contribution | None:
    """What a delivery link belongs to; None if it is gone. Raises BrokenToken, ExpiredToken."""
    found = _found(work.session, work.tokens.read(Purpose.DELIVER, token))
    return found[0] if found else None


def also_waiting(work: Reading, contribution: Contribution) -> list[Contribution]:
    """What else was written under the address of one, and waits: perhaps by somebody else."""
    theirs = _waiting(work.session, contribution.author_id or 0)
    return [one for one in theirs if one.id != contribution.id]


def deliver(work: UnitOfWork, token: str, also: Collection[int]) -> Contribution | None:
    """Confirm the address and send in what the link is about. A second time changes nothing.

    One mail speaks for everything that was written until its link is pressed: a mailbox gets few
    that its owner did not ask for. `also` are ids of what else they say is theirs.
    Raises BrokenToken or ExpiredToken. None if it is gone.
    """
    found = _found(work.session, work.tokens.read(Purpose.DELIVER, token))
    if found is None:
        return None
    contribution, member = found
    prove_address(work, member)
    for waiting in _waiting(work.session, member.id):
        if waiting.id == contribution.id or waiting.id in also:
            submit(work, waiting, member.id)
    return contribution


def _waiting(session: Session, member_id: int) -> list[Contribution]:
    by_guest = Contribution.author_id == member_id, Contribution.is_guest.is_(True)
    drafts = select(Contribution).where(*by_guest, Contribution.state == State.DRAFT)
    return list(session.scalars(drafts.order_by(Contribution.id)))


WAITS = exists().where(
    Contribution.author_id == Member.id,
    Contribution.is_guest.is_(True),
    Contribution.state == State.DRAFT,
)
"""Of a member: something here waits for the link in their mailbox."""


def purge_undelivered(work: UnitOfWork) -> int:
    """Forget what nobody confirmed within two weeks; returns how many."""
    return work.change(
        delete(Contribution).where(
            Contribution.is_guest.is_(True),
            Contribution.state == State.DRAFT,
            Contribution.created_at <= work.now - KEPT,
        )
    )


def _found(session: Session, parts: list[str]) -> tuple[Contribution, Member] | None:
    try:
        contribution_id, member_id = map(as_number, parts)
    except ValueError:
        raise BrokenToken from None
    contribution = session.get(Contribution, contribution_id)
    member = session.get(Member, member_id)
    if contribution is None or member is None or contribution.author_id != member_id:
        return None
    return contribution, member
