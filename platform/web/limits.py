"""How often somebody may do what costs others something, said at the field that it concerns."""

from collections.abc import Iterable

from core.errors import Refusal, Unavailable
from core.i18n import N_, Message
from web.visit import Visit

PER_NETWORK = "2000/hour"
"""What one network may cause: a school of hundreds is behind one address."""
Counted = tuple[str, tuple[str, ...]]
"""A limit such as `3/day`, and what it is counted under; the narrowest comes first."""


def check_limits(visit: Visit, counted: Iterable[Counted], too_much: Message, field: str) -> None:
    """Count one act. Raises Refusal if that is too much, or if nothing can be counted now."""
    limits = visit.installation.limits
    try:
        is_fine = all(limits.allow(limit, *key) for limit, key in counted)
    except Unavailable:
        raise Refusal(
            N_("A part of the site does not answer just now. Please try again in a minute."), field
        ) from None
    if not is_fine:
        raise Refusal(too_much, field)
