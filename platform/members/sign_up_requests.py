"""Sign-ups as they come: written down in one statement, and looked at by the worker.

So the answer is the same, and takes as long, whoever's address it is; and a flood costs a row each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.exc import OperationalError

from core.addresses import parse_address
from core.errors import Unavailable
from core.installation import Installation
from core.jobs import SERVICE, Job
from core.unit_of_work import UnitOfWork
from mail import obstacles
from mail.obstacles import SIGN_UP_ROAD
from members import blocking
from members.blocking import Block, Shown
from members.evidence import Origin
from members.models import SignUpRequest
from members.subscribing import SignUp, sign_up

SETTLE = Job("worker.jobs.settle_sign_ups", SERVICE)
AT_ONCE = 10
"""So many in one transaction: others wait for it."""
LEASE = timedelta(minutes=1)

log = structlog.get_logger()


@dataclass(frozen=True)
class _Kept:
    """A row of the table, as it is worked on."""

    id: int
    wish: SignUp
    shown: Shown


def keep(work: UnitOfWork, wish: SignUp, shown: Shown) -> None:
    """Write down what somebody wants, and wake whoever looks at it."""
    row = {
        "email": wish.address.shown,
        "name": wish.name,
        "language": wish.language,
        "topics": ",".join(wish.topics),
        "source": wish.origin.source,
        "network": wish.origin.network,
        "stamp": shown.stamp,
        "work": shown.work,
        "is_trapped": shown.is_trapped,
        "at": work.now,
    }
    work.session.connection().execute(insert(SignUpRequest).values(**row))
    work.wake(SETTLE)


def settle(installation: Installation) -> None:
    """Look at everything that waits, a few at a time; what fails by itself is kept for review."""
    while settle_some(installation):
        pass


def settle_some(installation: Installation) -> bool:
    """Look at the oldest few; whether there were any."""
    taken = _take(installation)
    # Once for each, and outside of the transaction, which may lock the database.
    blocks = {one.id: _block(installation, one) for one in taken}
    try:
        _settle(installation, taken, blocks)
    except OperationalError:
        raise
    except Exception:
        log.exception("sign-ups are looked at one by one")
        for one in taken:
            _settle_alone(installation, one, blocks)
    return bool(taken)


def _take(installation: Installation) -> list[_Kept]:
    """The oldest few that nobody else looks at; they are ours for a minute.

    Whoever asks the limiter counts, so two workers must not ask for the same.
    """
    with installation.unit_of_work() as work:
        is_free = or_(SignUpRequest.taken_until.is_(None), SignUpRequest.taken_until < work.now)
        oldest = select(SignUpRequest.id).where(is_free).order_by(SignUpRequest.id).limit(AT_ONCE)
        ours = SignUpRequest.id.in_(oldest.with_for_update(skip_locked=True))
        taken = update(SignUpRequest).where(ours).values(taken_until=work.now + LEASE)
        rows = work.session.scalars(taken.returning(SignUpRequest)).all()
        return sorted(map(_kept, rows), key=lambda one: one.id)


def _kept(row: SignUpRequest) -> _Kept:
    origin = Origin(row.source, row.network)
    topics = tuple(row.topics.split(","))
    wish = SignUp(parse_address(row.email), row.language, row.name, topics, origin)
    return _Kept(row.id, wish, Shown(row.stamp, row.work, row.is_trapped))


def _settle(
    installation: Installation, taken: Sequence[_Kept], blocks: Mapping[int, Block | None]
) -> None:
    if not taken:
        return
    with installation.unit_of_work() as work:
        # Whoever deletes it does it: after a minute another worker may have.
        gone = delete(SignUpRequest).where(SignUpRequest.id.in_([one.id for one in taken]))
        ours = set(work.session.scalars(gone.returning(SignUpRequest.id)))
        for one in taken:
            if one.id in ours:
                _decide(work, one.wish, blocks[one.id])


def _settle_alone(
    installation: Installation, one: _Kept, blocks: Mapping[int, Block | None]
) -> None:
    try:
        _settle(installation, [one], blocks)
    except OperationalError:
        raise
    except Exception:
        log.exception("a sign-up is kept for review")
        with installation.unit_of_work() as work:
            work.session.execute(delete(SignUpRequest).where(SignUpRequest.id == one.id))
            blocking.keep_blocked(work, one.wish, Block.FAULT)


def _block(installation: Installation, one: _Kept) -> Block | None:
    """What stops it. Without the counters, the database counts, inside of the transaction."""
    if one.shown.is_trapped:
        return Block.TRAP
    try:
        return blocking.limit_met(installation.limits, installation.settings, one.wish, one.shown)
    except Unavailable:
        return Block.NOT_COUNTED


def _decide(work: UnitOfWork, wish: SignUp, block: Block | None) -> None:
    if block is Block.NOT_COUNTED:
        block = blocking.counted_limit_met(work, wish)
    if block is None and obstacles.standing(work.session, SIGN_UP_ROAD) is not None:
        block = Block.BOUNCES
    if block is None:
        sign_up(work, wish)
        return
    log.info("sign-up blocked", reason=block.value, network=wish.origin.network)
    if block is Block.MAILBOX and blocking.is_written_down(work, wish):
        # The mail that went out a short while ago leads to a page with the latest wish.
        sign_up(work, wish, is_mailed=False)
    else:
        blocking.keep_blocked(work, wish, block)
        blocking.alert_owners(work, block)
