"""The ids that stand in addresses: short, unguessable enough, and easy to read aloud."""

import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Letters and digits that nobody mistakes for one another."""
LENGTH = 8


def new_public_id() -> str:
    """A new id; there are 850 thousand million."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
