"""Codes of an app, after RFC 6238. The secret is made by our key from what is in the row."""

import base64
import hmac
import secrets
from collections.abc import Iterator
from datetime import timedelta

import pyotp
from sqlalchemy import delete, select, update

from core.text import plain_digits
from core.tokens import Purpose
from core.unit_of_work import Reading, UnitOfWork
from members.models import Member
from members.records import lock_member
from members.second_factor.tables import Authenticator

SECRET_BYTES = 20
"""As long as the hash that apps use it with (RFC 4226, 4)."""
BEGUN_KEPT = timedelta(days=1)
WINDOW = (0, -1, 1)
"""Half minutes around now: clocks of phones differ, and typing takes a while."""


def begin(work: UnitOfWork, member_id: int) -> None:
    """Make a new secret to show; one that was begun before and never confirmed goes."""
    lock_member(work, member_id)
    unconfirmed = Authenticator.confirmed_at.is_(None), Authenticator.member_id == member_id
    work.change(delete(Authenticator).where(*unconfirmed))
    work.session.add(
        Authenticator(member_id=member_id, salt=secrets.token_hex(16), begun_at=work.now)
    )
    work.session.flush()


def begun(work: Reading, member_id: int) -> Authenticator | None:
    """The one whose secret is shown just now."""
    unconfirmed = Authenticator.confirmed_at.is_(None), Authenticator.member_id == member_id
    return work.session.scalar(select(Authenticator).where(*unconfirmed))


def secret_of(work: Reading, authenticator: Authenticator) -> str:
    """What the app is given, in base32."""
    return next(_secrets(work, authenticator))


def address_of(work: Reading, authenticator: Authenticator, member: Member) -> str:
    """The same as an `otpauth:` address, for its picture."""
    totp = pyotp.TOTP(secret_of(work, authenticator))
    return totp.provisioning_uri(name=member.email, issuer_name=work.community.name)


def confirm(work: UnitOfWork, member_id: int, code: str) -> bool:
    """From now on this app counts, and no other; False if the code is not right."""
    new = begun(work, member_id)
    if new is None or not _use(work, new, code):
        return False
    others = Authenticator.member_id == member_id, Authenticator.id != new.id
    work.change(delete(Authenticator).where(*others))
    confirmed = update(Authenticator).where(Authenticator.id == new.id)
    work.change(confirmed.values(confirmed_at=work.now))
    return True


def confirmed(work: Reading, member_id: int) -> Authenticator | None:
    """The app that counts."""
    of_theirs = Authenticator.member_id == member_id, Authenticator.confirmed_at.is_not(None)
    return work.session.scalar(select(Authenticator).where(*of_theirs))


def use(work: UnitOfWork, member_id: int, code: str) -> bool:
    """Use a code up; False if it is wrong, or was used before."""
    known = confirmed(work, member_id)
    return known is not None and _use(work, known, code)


def remove(work: UnitOfWork, member_id: int) -> int:
    """Forget every app of somebody; returns how many counted."""
    theirs = Authenticator.member_id == member_id
    counted = work.change(
        delete(Authenticator).where(theirs, Authenticator.confirmed_at.is_not(None))
    )
    work.change(delete(Authenticator).where(theirs))
    return counted


def purge_begun(work: UnitOfWork) -> int:
    """Forget those that were begun yesterday and never confirmed; returns how many."""
    old = Authenticator.confirmed_at.is_(None), Authenticator.begun_at <= work.now - BEGUN_KEPT
    return work.change(delete(Authenticator).where(*old))


def _use(work: UnitOfWork, authenticator: Authenticator, code: str) -> bool:
    step = _step_of(work, authenticator, plain_digits(code))
    newer = Authenticator.id == authenticator.id, Authenticator.last_step < step
    return work.change(update(Authenticator).where(*newer).values(last_step=step)) == 1


def _step_of(work: Reading, authenticator: Authenticator, digits: str) -> int:
    """The half minute of a code; 0 if it is of none around now."""
    for secret in _secrets(work, authenticator):
        totp = pyotp.TOTP(secret)
        now = totp.timecode(work.now)
        for offset in WINDOW:
            if hmac.compare_digest(totp.generate_otp(now + offset), digits):
                return now + offset
    return 0


def _secrets(work: Reading, authenticator: Authenticator) -> Iterator[str]:
    """By each of our keys, the newest first: an app stays good when a key is added."""
    made = work.tokens.secrets(Purpose.AUTHENTICATOR, authenticator.id, authenticator.salt)
    return (base64.b32encode(one[:SECRET_BYTES]).decode() for one in made)
