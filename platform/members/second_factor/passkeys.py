"""Passkeys: what WebAuthn asks of a browser, and what we keep of its answer.

A challenge is a signed token for one session, made of how often that session has proved itself:
nothing is stored to show a page, each is good once, and for ten minutes.
"""

import json
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from core.settings import Settings
from core.tokens import BrokenToken, ExpiredToken, Purpose
from core.unit_of_work import Reading, UnitOfWork
from members.models import Member
from members.second_factor.tables import Passkey

if TYPE_CHECKING:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

MOST = 10
LONGEST_ANSWER = 20_000
"""Characters that a browser may answer."""

Verified = TypeVar("Verified")


def _library() -> ModuleType:
    """Loaded where a key is made or shown: workers, which never do, are spared its five MB."""
    import webauthn

    return webauthn


def are_possible(settings: Settings) -> bool:
    """Browsers give keys to sites with a name, over https; and to this machine's own."""
    try:
        ip_address(settings.host)
    except ValueError:
        return settings.is_https or settings.host.endswith("localhost")
    return False


def of(work: Reading, member_id: int) -> Sequence[Passkey]:
    """The keys of somebody, the oldest first."""
    theirs = select(Passkey).where(Passkey.member_id == member_id)
    return work.session.scalars(theirs.order_by(Passkey.id)).all()


def challenge(work: Reading, session_id: int, proofs: int) -> str:
    """What a browser is to sign for one session."""
    return work.tokens.sign(Purpose.CHALLENGE, session_id, proofs)


def options_to_add(work: Reading, member: Member, challenge: str) -> str:
    """What the browser is told, as JSON, to make a key."""
    structs = _library().helpers.structs
    options = _library().generate_registration_options(
        rp_id=work.settings.host,
        rp_name=work.community.name,
        user_id=str(member.id).encode(),
        user_name=member.email,
        user_display_name=member.name or member.email,
        challenge=challenge.encode(),
        exclude_credentials=_named(of(work, member.id)),
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.DISCOURAGED,
            user_verification=structs.UserVerificationRequirement.PREFERRED,
        ),
    )
    return str(_library().options_to_json(options))


def options_to_show(work: Reading, member_id: int, challenge: str) -> str:
    """What the browser is told, as JSON, to show one of the keys."""
    options = _library().generate_authentication_options(
        rp_id=work.settings.host,
        challenge=challenge.encode(),
        allow_credentials=_named(of(work, member_id)),
    )
    return str(_library().options_to_json(options))


def add(work: UnitOfWork, member_id: int, challenge: str, answer: str, device: str) -> bool:
    """Keep a new key; False if the answer is none to this challenge, or the key is known."""
    verified = _verified(work, _library().verify_registration_response, challenge, answer)
    if verified is None or len(of(work, member_id)) >= MOST:
        return False
    passkey = Passkey(
        member_id=member_id,
        credential=_library().helpers.bytes_to_base64url(verified.credential_id),
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        device=device,
        added_at=work.now,
        used_at=None,
    )
    try:
        with work.session.begin_nested():
            work.session.add(passkey)
    except IntegrityError:
        return False
    return True


def use(work: UnitOfWork, member_id: int, challenge: str, answer: str) -> bool:
    """Whether one of the keys of somebody signed this challenge."""
    if (passkey := _answering(work, member_id, answer)) is None:
        return False
    verified = _verified(
        work, _library().verify_authentication_response, challenge, answer,
        credential_public_key=passkey.public_key,
        credential_current_sign_count=passkey.sign_count,
    )  # fmt: skip
    if verified is None:
        return False
    used = update(Passkey).where(Passkey.id == passkey.id)
    work.change(used.values(sign_count=verified.new_sign_count, used_at=work.now))
    return True


def remove(work: UnitOfWork, member_id: int, passkey_id: int | None = None) -> int:
    """Forget one key of somebody, or all; returns how many that were."""
    theirs = delete(Passkey).where(Passkey.member_id == member_id)
    return work.change(theirs.where(Passkey.id == passkey_id) if passkey_id else theirs)


def is_good(work: Reading, challenge: str, session_id: int, proofs: int) -> bool:
    """Whether a challenge is of this session, unused and not too old."""
    try:
        parts = work.tokens.read(Purpose.CHALLENGE, challenge)
    except (BrokenToken, ExpiredToken):
        return False
    return parts == [str(session_id), str(proofs)]


def _named(passkeys: Sequence[Passkey]) -> list["PublicKeyCredentialDescriptor"]:
    helpers = _library().helpers
    descriptor = helpers.structs.PublicKeyCredentialDescriptor
    return [descriptor(id=helpers.base64url_to_bytes(one.credential)) for one in passkeys]


def _answering(work: Reading, member_id: int, answer: str) -> Passkey | None:
    """The key that an answer names, if it is one of theirs."""
    try:
        named = str(json.loads(answer[:LONGEST_ANSWER])["id"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return next((one for one in of(work, member_id) if one.credential == named), None)


def _verified(
    work: Reading, verify: Callable[..., Verified], challenge: str, answer: str, **more: Any
) -> Verified | None:
    """What the library says of an answer to this challenge; None if it is not right."""
    try:
        return verify(
            credential=answer[:LONGEST_ANSWER],
            expected_challenge=challenge.encode(),
            expected_rp_id=work.settings.host,
            expected_origin=work.settings.base_url,
            **more,
        )
    except Exception:  # noqa: BLE001 - whatever a stranger's bytes make it raise, they are wrong
        return None
