"""The key that makes a mail the same one: what it is, and stable ids. Asked twice, it goes once.

Nobody takes a key apart again; whoever needs to know which mail it was makes the key anew.
"""

from typing import NewType

from sqlalchemy import ColumnElement, String, cast, literal
from sqlalchemy.orm import InstrumentedAttribute

DeliveryKey = NewType("DeliveryKey", str)
LONGEST = 80
"""What the ledger's column holds."""
_BETWEEN = ":"


def delivery_key(what: str, *ids: int | str) -> DeliveryKey:
    """The key of a mail. Raises ValueError if it would not be plain, or too long to be kept."""
    parts = [what, *map(str, ids)]
    if any(not part or not part.isascii() or _BETWEEN in part for part in parts):
        raise ValueError(f"a key is made of plain words and ids: {parts}")
    key = _BETWEEN.join(parts)
    if len(key) > LONGEST:
        raise ValueError(f"this key is longer than {LONGEST} characters: {key}")
    return DeliveryKey(key)


def key_in_sql(what: str, *ids: InstrumentedAttribute[int]) -> ColumnElement[str]:
    """The same, made by the database of its own columns."""
    key: ColumnElement[str] = literal(what)
    for part in ids:
        key = key + literal(_BETWEEN) + cast(part, String)
    return key
