"""How often somebody may do what costs others something, said at the field that it concerns."""

from collections.abc import Callable

from core.addresses import Address
from core.errors import Refusal, Unavailable
from core.i18n import N_, Message
from core.rate_limits import RateLimits
from mail import unasked
from web.visit import Visit

PER_NETWORK = "2000/hour"
"""What one network may cause: a school of hundreds is behind one address."""
IN_ALL = "3000/hour"
"""What everybody together may cause of one kind."""
TOO_MUCH = N_("That is a lot in a short time. Please try again in an hour.")
WRITTEN_LATELY = N_(
    "A mail went to this mailbox a short while ago, so another one has to wait. Please look into "
    "it, or try again in ten minutes."
)


def check_limits(visit: Visit, kind: str, *own: tuple[str, str], field: str) -> None:
    """Count one act of a kind: against limits of its own (`5/day` and what it is counted under),
    its network and those around it, and all. Raises Refusal.
    """
    _check(visit, lambda limits: _is_within(limits, visit, kind, own), TOO_MUCH, field)


def check_unasked(
    visit: Visit, kind: str, address: Address, *own: tuple[str, str], field: str
) -> None:
    """Count one mail to somebody who did not ask for it: the same, and the mailbox's one budget.

    Raises Refusal.
    """
    check_limits(visit, kind, *own, field=field)
    _check(visit, lambda limits: unasked.may_write(limits, address), WRITTEN_LATELY, field)


def may_mail(visit: Visit, address: Address) -> bool:
    """Whether a mailbox's budget has room for one more mail that its owner did not ask for."""
    try:
        return unasked.may_write(visit.installation.limits, address)
    except Unavailable:
        return False


def _is_within(
    limits: RateLimits, visit: Visit, kind: str, own: tuple[tuple[str, str], ...]
) -> bool:
    # The narrowest limit first: what is refused by one counts against none of the others.
    return (
        all(limits.allow(limit, kind, key) for limit, key in own)
        and unasked.network_may(limits, PER_NETWORK, kind, visit.network)
        and limits.allow(IN_ALL, kind)
    )


def _check(
    visit: Visit, is_fine: Callable[[RateLimits], bool], too_much: Message, field: str
) -> None:
    try:
        may = is_fine(visit.installation.limits)
    except Unavailable:
        raise Refusal(
            N_("A part of the site does not answer just now. Please try again in a minute."), field
        ) from None
    if not may:
        raise Refusal(too_much, field)
