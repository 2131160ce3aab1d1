"""Mail that its owner did not ask for: whatever a stranger's form causes to be sent to an address.

One budget for each mailbox, all kinds of such mail together; and each of them carries a link by
which its owner says: never write here again.
"""

from collections.abc import Iterable

from sqlalchemy import delete

from core.addresses import Address, limit_key, wider_networks
from core.database import insert_if_new
from core.rate_limits import RateLimits, widened
from core.tokens import Purpose
from core.unit_of_work import Reading, UnitOfWork
from mail.models import Suppression
from mail.suppressing import Scope, Why, suppression_keys

PER_MAILBOX = ("1/10 minute", "3/day")


def may_write(limits: RateLimits, address: Address) -> bool:
    """Whether one more such mail may go to this mailbox; it is counted. Raises Unavailable."""
    mailbox = limit_key(address)
    return all(limits.allow(limit, "unasked", mailbox) for limit in PER_MAILBOX)


def network_may(limits: RateLimits, limit: str, kind: str, network: str) -> bool:
    """Whether a network may cause one more act of a kind; it is counted. Raises Unavailable.

    Whoever rents a /48 has 65,536 networks of the narrow kind: the wider ones may cause no more
    than a few of them together.
    """
    widening = enumerate(wider_networks(network))
    return all(limits.allow(widened(limit, 2**n), kind, wider) for n, wider in widening)


def never_write(work: UnitOfWork, token: str) -> None:
    """Put the owner of a mailbox on the suppression list, for everything but what they ask for
    by signing in. Harmless to repeat. Raises BrokenToken."""
    row = {"key": _key(work, token), "reason": Why.ASKED, "scope": Scope.EVERYTHING}
    added = insert_if_new(work.session, Suppression)
    work.session.execute(added.values(**row, created_at=work.now))


def is_never_written(work: Reading, token: str) -> bool:
    """Whether the link has done its work. Raises BrokenToken."""
    return work.session.get(Suppression, _key(work, token)) is not None


def write_again(work: UnitOfWork, addresses: Iterable[str]) -> None:
    """Take back what somebody pressed, as they ask themselves; complaints and bounces stay."""
    keys = [key for one in addresses for key in suppression_keys(one, work.settings.keys)]
    pressed = Suppression.key.in_(keys), Suppression.reason == Why.ASKED
    work.session.execute(delete(Suppression).where(*pressed))


def asked_for_silence(work: Reading, address: str) -> bool:
    """Whether the owner of this address pressed such a link."""
    keys = suppression_keys(address, work.settings.keys)
    rows = [work.session.get(Suppression, key) for key in keys]
    return any(row is not None and row.reason == Why.ASKED for row in rows)


def _key(work: Reading, token: str) -> str:
    return work.tokens.read_one(Purpose.NEVER, token)
