"""Sign-ups that caused no mail: why, and a week in which an organiser may let the person in."""

import hashlib
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from core.addresses import limit_key, parse_address
from core.database import fixed, insert_if_new
from core.i18n import N_, Message
from core.rate_limits import RateLimits, amount_and_seconds
from core.settings import Settings
from core.unit_of_work import UnitOfWork
from members.consent import Act
from members.evidence import Origin
from members.models import BlockedSignUp, ConsentEvent, Member
from members.subscribing import PER_ADDRESS, SignUp, sign_up

KEPT = timedelta(days=7)
MOST = 2000
"""More than this nobody reviews, and a flood must not fill the disk."""
PROOFS = "10/day"


class Block(StrEnum):
    """Why a sign-up causes no mail."""

    TRAP = "trap"
    NO_PROOF = "no proof"
    MAILBOX = "mailbox"
    NETWORK = "network"
    ALL = "all"


REASONS: dict[Block, Message] = {
    Block.TRAP: N_("filled in a field that people do not see"),
    Block.NO_PROOF: N_("the browser did not do the work that we ask for"),
    Block.NETWORK: N_("too many sign-ups from one network"),
    Block.ALL: N_("too many sign-ups in all"),
}
"""Who asked for one mailbox again and again is not kept once more: since the first time the
member waits for confirmation, where organisers see it, and a mail is on its way there."""


def limit_met(limits: RateLimits, settings: Settings, request: SignUp) -> Block | None:
    """The limit that this sign-up meets; it is counted against all of them. Raises Unavailable."""
    # The narrowest limit first: one mailbox or network must not use up what belongs to all.
    mailbox = limit_key(request.address)
    if not all(limits.allow(limit, "sign-ups", mailbox) for limit in PER_ADDRESS):
        return Block.MAILBOX
    if not limits.allow(settings.sign_ups_per_network, "sign-ups", request.origin.network):
        return Block.NETWORK
    return None if limits.allow(settings.sign_ups_in_all, "sign-ups") else Block.ALL


def counted_limit_met(work: UnitOfWork, request: SignUp) -> Block | None:
    """The same limits, coarsely and from the database, for when the counters do not answer."""
    key, network = Member.email_key == request.address.key, request.origin.network
    if not all(_is_within(work, limit, key) for limit in PER_ADDRESS):
        return Block.MAILBOX
    if not _is_within(work, work.settings.sign_ups_per_network, ConsentEvent.network == network):
        return Block.NETWORK
    return None if _is_within(work, work.settings.sign_ups_in_all) else Block.ALL


def is_proven(limits: RateLimits, settings: Settings, stamp: str, proof: str) -> bool:
    """Whether a browser did the work for this form, if work is asked for. Raises Unavailable.

    `proof` is a number with which the hash of `stamp:proof` begins with so many zero bits.
    """
    if not settings.proof_bits:
        return True
    digest = hashlib.sha256(f"{stamp}:{proof}".encode()).digest()
    has_worked = int.from_bytes(digest) >> (256 - settings.proof_bits) == 0
    return has_worked and limits.allow(PROOFS, "proofs", hashlib.sha256(stamp.encode()).hexdigest())


def keep_blocked(work: UnitOfWork, request: SignUp, block: Block) -> None:
    """Keep a blocked sign-up for review, each address once."""
    if block not in REASONS or count_blocked(work.session) >= MOST:
        return
    row = {
        "email": request.address.shown,
        "email_key": request.address.key,
        "name": request.name,
        "language": request.language,
        "topics": ",".join(request.topics),
        "source": request.origin.source[:200],
        "network": request.origin.network,
        "reason": block,
        "at": work.now,
    }
    work.session.execute(insert_if_new(work.session, BlockedSignUp).values(**row))


def blocked_sign_ups(session: Session, limit: int = 200) -> list[BlockedSignUp]:
    """The sign-ups that wait for a look, the newest first."""
    newest = select(BlockedSignUp).order_by(BlockedSignUp.id.desc()).limit(limit)
    return list(session.scalars(newest))


def count_blocked(session: Session) -> int:
    """How many sign-ups wait for a look."""
    return session.scalar(select(func.count()).select_from(BlockedSignUp)) or 0


def let_in(work: UnitOfWork, blocked_id: int) -> bool:
    """Do what was asked for: send the confirmation mail. False if somebody did it already."""
    kept = work.session.get(BlockedSignUp, blocked_id)
    if kept is None or not drop(work, blocked_id):
        return False
    origin = Origin(kept.source, kept.network)
    topics = tuple(kept.topics.split(","))
    sign_up(work, SignUp(parse_address(kept.email), kept.language, kept.name, topics, origin))
    return True


def drop(work: UnitOfWork, blocked_id: int) -> bool:
    """Forget one blocked sign-up; False if it is gone."""
    dropped = work.session.execute(
        delete(BlockedSignUp)
        .where(BlockedSignUp.id == blocked_id)
        .returning(BlockedSignUp.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return dropped is not None


def purge_blocked(work: UnitOfWork) -> None:
    """Forget what nobody looked at for a week."""
    work.session.execute(delete(BlockedSignUp).where(BlockedSignUp.at <= work.now - KEPT))


def _is_within(work: UnitOfWork, limit: str, *which: ColumnElement[bool]) -> bool:
    amount, seconds = amount_and_seconds(limit)
    since = work.now - timedelta(seconds=seconds)
    counted = (
        select(func.count())
        .select_from(ConsentEvent)
        .join(Member, Member.id == ConsentEvent.member_id)
        .where(ConsentEvent.act == fixed(Act.REQUESTED), ConsentEvent.at > since, *which)
    )
    return (work.session.scalar(counted) or 0) < amount
