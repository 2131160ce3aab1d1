"""The suppression list knows no addresses, only what is made of them: erasure can leave it."""

import hashlib
import hmac
from collections.abc import Sequence
from enum import StrEnum


class Why(StrEnum):
    """Why an address gets no more mail."""

    BOUNCE = "bounce"
    """Its mailbox does not exist."""
    FULL = "full"
    """It took nothing three times within a month."""
    COMPLAINT = "complaint"
    ASKED = "asked"
    """Its owner pressed the link for it."""
    LISTED = "listed"
    """SES would not write there: the address is on the account's own list."""


class Scope(StrEnum):
    """How much is suppressed."""

    EVERYTHING = "everything"
    LETTERS = "letters"


NO_MAILBOX = (Why.BOUNCE, Why.LISTED)
"""Not even what its owner asks for just now arrives."""


def suppression_key(address: str, secret: str) -> str:
    """An HMAC of the address, so the suppression list holds no addresses (and erasure keeps it)."""
    return hmac.digest(secret.encode(), address.casefold().encode(), hashlib.sha256).hex()


def suppression_keys(address: str, secrets: Sequence[str]) -> list[str]:
    """The address under every key there is: a list entry outlives the key that is newest now."""
    return [suppression_key(address, secret) for secret in secrets]
