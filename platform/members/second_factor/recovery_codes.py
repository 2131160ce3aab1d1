"""Ten codes for the day when phone and key are lost. Each is good once; none is stored."""

import base64
import hmac
import secrets
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import delete, update

from core.tokens import Purpose
from core.unit_of_work import Reading, UnitOfWork
from members.records import lock_member
from members.second_factor.tables import RecoveryCodes

COUNT = 10
BYTES = 10
"""Of each code: sixteen letters, which nobody guesses."""
LETTERS = 16
SHOWN_FOR = timedelta(minutes=10)
"""So long its owner can look at a new set."""


def make(work: UnitOfWork, member_id: int) -> None:
    """A new set; the old one is worth nothing from now on. Of two at once, the later counts."""
    lock_member(work, member_id)
    remove(work, member_id)
    work.session.add(
        RecoveryCodes(member_id=member_id, salt=secrets.token_hex(16), made_at=work.now)
    )
    work.session.flush()


def make_first(work: UnitOfWork, member_id: int) -> None:
    """A set for whoever has none."""
    if work.session.get(RecoveryCodes, member_id) is None:
        make(work, member_id)


def to_be_shown(work: Reading, member_id: int) -> list[str]:
    """The codes of a set made just now; later none."""
    codes = work.session.get(RecoveryCodes, member_id)
    if codes is None or codes.made_at <= work.now - SHOWN_FOR:
        return []
    made = next(_sets(work, codes))
    return [_spaced(one) for number, one in enumerate(made) if not codes.used >> number & 1]


def left(work: Reading, member_id: int) -> int:
    """How many codes are still good."""
    codes = work.session.get(RecoveryCodes, member_id)
    return COUNT - codes.used.bit_count() if codes is not None else 0


def is_like_one(text: str) -> bool:
    """Whether it can only be meant as one of these: as long, and with letters in it."""
    typed = [char for char in text if char.isalnum()]
    return len(typed) == LETTERS and any(char.isalpha() for char in typed)


def use(work: UnitOfWork, member_id: int, code: str) -> bool:
    """Use one up; False if it is none, or was used before."""
    codes = work.session.get(RecoveryCodes, member_id, populate_existing=True)
    number = _number_of(work, codes, code) if codes is not None else None
    if codes is None or number is None or codes.used >> number & 1:
        return False
    as_seen = (
        RecoveryCodes.member_id == member_id,
        RecoveryCodes.salt == codes.salt,
        RecoveryCodes.used == codes.used,
    )
    used = update(RecoveryCodes).where(*as_seen).values(used=codes.used | 1 << number)
    return work.change(used) == 1


def remove(work: UnitOfWork, member_id: int) -> None:
    """Forget them."""
    work.change(delete(RecoveryCodes).where(RecoveryCodes.member_id == member_id))
    work.session.expire_all()


def _number_of(work: Reading, codes: RecoveryCodes, code: str) -> int | None:
    typed = "".join(char for char in code.upper() if char.isalnum()).encode()
    for made in _sets(work, codes):
        for number, one in enumerate(made):
            if hmac.compare_digest(one.encode(), typed):
                return number
    return None


def _sets(work: Reading, codes: RecoveryCodes) -> Iterator[list[str]]:
    """The ten codes by each of our keys, the newest first."""
    numbered = (
        work.tokens.secrets(Purpose.RECOVERY, codes.member_id, codes.salt, number)
        for number in range(COUNT)
    )
    for by_one_key in zip(*numbered, strict=True):
        yield [base64.b32encode(one[:BYTES]).decode() for one in by_one_key]


def _spaced(code: str) -> str:
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))
