"""Naming somebody who should be invited, from the page of an invitation or of a participant."""

from dataclasses import dataclass

from core.addresses import Address, limit_key
from web.forms import Text, TheirAddress, Typed
from web.limits import check_limits
from web.visit import Visit


@dataclass(frozen=True)
class Nominee(Typed):
    """Who should be invited too."""

    email: TheirAddress
    name: Text


def check_nominated(visit: Visit, address: Address) -> None:
    """Nobody is named more often than five times a day, by whomever. Raises Refusal."""
    check_limits(visit, "nominations", ("5/day", limit_key(address)), field="email")
