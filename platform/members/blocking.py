"""Sign-ups that caused no mail: why, and a week in which an organiser may let the person in."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from core.addresses import parse_address
from core.database import fixed, insert_if_new
from core.errors import Unavailable
from core.i18n import N_, Message
from core.rate_limits import RateLimits, amount_and_seconds, widened
from core.settings import Settings
from core.unit_of_work import UnitOfWork
from mail import unasked
from mail.keys import DeliveryKey, delivery_key
from mail.models import Delivery
from mail.posting import post
from members import emails
from members.consent import Act
from members.evidence import Origin
from members.models import BlockedSignUp, ConsentEvent, Member, UnkeptSignUps
from members.organisers import owners
from members.subscribing import SignUp, sign_up

KEPT = timedelta(days=7)
MOST = 50_000
"""More than this nobody reviews, and a flood must not fill the disk: the rest is counted."""
PER_NETWORK_KEPT = 50
"""Of one network within a day: one flood must not push all the others out."""
PROOFS = "10/day"
UNPROVEN = 0.5
"""The share of what all may cause together that is open to browsers which did no work."""
PRESSED_BITS = 16
"""The work that is asked for from then on: about a second of a browser's time."""


class Block(StrEnum):
    """Why a sign-up causes no mail."""

    TRAP = "trap"
    NO_PROOF = "no proof"
    MAILBOX = "mailbox"
    NETWORK = "network"
    ALL = "all"
    BOUNCES = "bounces"
    FAULT = "fault"
    NOT_COUNTED = "not counted"
    """The counters do not answer; never kept."""


REASONS: dict[Block, Message] = {
    Block.TRAP: N_("filled in a field that people do not see"),
    Block.NO_PROOF: N_("the browser did not do the work that we ask for"),
    Block.MAILBOX: N_("this mailbox has had as many mails as strangers may cause"),
    Block.NETWORK: N_("too many sign-ups from one network"),
    Block.ALL: N_("too many sign-ups in all"),
    Block.BOUNCES: N_("too many of the latest addresses do not exist"),
    Block.FAULT: N_("something went wrong here; the log says what"),
}
PRESSING = (Block.NO_PROOF, Block.ALL)
"""What tells the owners that sign-ups are under pressure."""


@dataclass(frozen=True)
class Shown:
    """What else a form showed: its stamp, the work its browser did for it, and whether it is a
    robot's."""

    stamp: str = ""
    work: int = 0
    is_trapped: bool = False

    @classmethod
    def of(cls, stamp: str, proof: str, is_trapped: bool) -> "Shown":
        """The work is how many zero bits the hash of `stamp:proof` begins with."""
        digest = hashlib.sha256(f"{stamp}:{proof}".encode()).digest()
        work = 256 - int.from_bytes(digest).bit_length() if stamp and proof else 0
        hashed = hashlib.sha256(stamp.encode()).hexdigest() if stamp else ""
        return cls(hashed, work, is_trapped)


@dataclass(frozen=True)
class Pressure:
    """How near sign-ups are to what all may cause together."""

    bits: int
    """The work that a browser has to do now; 0 for none."""
    is_full: bool = False
    """Whether nobody gets a mail just now; all are kept."""


def pressure(limits: RateLimits, settings: Settings) -> Pressure:
    """How it stands about now; as if all were quiet while the counters do not answer."""
    try:
        left = limits.about_left(settings.sign_ups_in_all, "sign-ups")
        is_near = limits.about_left(_unproven(settings), "sign-ups without proof") == 0
    except Unavailable:
        return Pressure(settings.proof_bits)
    bits = max(settings.proof_bits, PRESSED_BITS) if is_near else settings.proof_bits
    return Pressure(bits, is_full=left == 0)


def _unproven(settings: Settings) -> str:
    return widened(settings.sign_ups_in_all, UNPROVEN)


def limit_met(
    limits: RateLimits, settings: Settings, request: SignUp, shown: Shown
) -> Block | None:
    """The limit that this sign-up meets; it is counted against all of them. Raises Unavailable."""
    # The narrowest limit first: one mailbox or network must not use up what belongs to all.
    if settings.proof_bits and not _has_proof(limits, shown, settings.proof_bits):
        return Block.NO_PROOF
    if not unasked.may_write(limits, request.address):
        return Block.MAILBOX
    network = request.origin.network
    if not unasked.network_may(limits, settings.sign_ups_per_network, "sign-ups", network):
        return Block.NETWORK
    if not limits.allow(_unproven(settings), "sign-ups without proof"):
        bits = max(settings.proof_bits, PRESSED_BITS)
        if not _has_proof(limits, shown, bits):
            return Block.NO_PROOF
    return None if limits.allow(settings.sign_ups_in_all, "sign-ups") else Block.ALL


def _has_proof(limits: RateLimits, shown: Shown, bits: int) -> bool:
    """Whether a browser did the work for its form, which is good for a few sign-ups."""
    return shown.work >= bits and limits.allow(PROOFS, "proofs", shown.stamp)


def counted_limit_met(work: UnitOfWork, request: SignUp) -> Block | None:
    """The same limits, coarsely and from the database, for when the counters do not answer."""
    key, network = Member.email_key == request.address.key, request.origin.network
    if not all(_is_within(work, limit, key) for limit in unasked.PER_MAILBOX):
        return Block.MAILBOX
    if not _is_within(work, work.settings.sign_ups_per_network, ConsentEvent.network == network):
        return Block.NETWORK
    return None if _is_within(work, work.settings.sign_ups_in_all) else Block.ALL


def is_written_down(work: UnitOfWork, request: SignUp) -> bool:
    """Whether a mail on its way, or in the mailbox, leads to what this sign-up wants."""
    key = Member.email_key == request.address.key
    return work.session.scalar(select(Member.id).where(key)) is not None


def keep_blocked(work: UnitOfWork, request: SignUp, block: Block) -> None:
    """Keep a blocked sign-up for review, each address once; beyond a share it is counted."""
    if _is_share_used(work, request.origin.network):
        _count_unkept(work, request.origin.network)
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


def _is_share_used(work: UnitOfWork, network: str) -> bool:
    of_today = BlockedSignUp.network == network, BlockedSignUp.at > work.now - timedelta(days=1)
    kept = select(func.count()).select_from(BlockedSignUp).where(*of_today)
    # In all they are estimated by their ids: counting them would cost more than a flood sends.
    span = select(func.max(BlockedSignUp.id) - func.min(BlockedSignUp.id))
    is_used = (work.session.scalar(kept) or 0) >= PER_NETWORK_KEPT
    return is_used or (work.session.scalar(span) or 0) >= MOST


def _count_unkept(work: UnitOfWork, network: str) -> None:
    row = {"network": network, "day": work.now.date(), "count": 0}
    work.session.execute(insert_if_new(work.session, UnkeptSignUps).values(**row))
    this_one = UnkeptSignUps.network == network, UnkeptSignUps.day == work.now.date()
    more = update(UnkeptSignUps).where(*this_one).values(count=UnkeptSignUps.count + 1)
    work.session.execute(more)


def unkept(session: Session) -> list[UnkeptSignUps]:
    """What was counted only, the most of one network and day first."""
    most = select(UnkeptSignUps).order_by(UnkeptSignUps.count.desc()).limit(20)
    return list(session.scalars(most))


def alert_owners(work: UnitOfWork, block: Block) -> None:
    """Tell the owners by mail that sign-ups are under pressure, at most once an hour."""
    if block not in PRESSING:
        return
    for owner in owners(work.session):
        key = delivery_key("sign-ups-pressed", f"{work.now:%Y%m%d%H}", owner.id)
        if not _is_told(work, key):
            post(work, emails.sign_ups_pressed(work, owner), owner.recipient, key)


def _is_told(work: UnitOfWork, key: DeliveryKey) -> bool:
    return work.session.scalar(select(Delivery.id).where(Delivery.dedup_key == key)) is not None


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


def purge_blocked(work: UnitOfWork) -> int:
    """Forget what nobody looked at for a week. Returns how many addresses that were."""
    last = work.now - KEPT
    work.change(delete(UnkeptSignUps).where(UnkeptSignUps.day <= last.date()))
    return work.change(delete(BlockedSignUp).where(BlockedSignUp.at <= last))


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
