"""The suppression list knows no addresses, only what is made of them: erasure can leave it."""

import hashlib
import hmac
from collections.abc import Sequence


def suppression_key(address: str, secret: str) -> str:
    """An HMAC of the address, so the suppression list holds no addresses (and erasure keeps it)."""
    return hmac.digest(secret.encode(), address.casefold().encode(), hashlib.sha256).hex()


def suppression_keys(address: str, secrets: Sequence[str]) -> list[str]:
    """The address under every key there is: a list entry outlives the key that is newest now."""
    return [suppression_key(address, secret) for secret in secrets]
