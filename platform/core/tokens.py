"""Signed tokens: one salt and one lifetime for each purpose, keys that can be rotated.

Tokens carry ids, never addresses: their payload can be read by anybody. Keys come newest
first; the newest signs, all of them verify (itsdangerous wants them the other way round).
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from itsdangerous import (
    BadData,
    BadSignature,
    SignatureExpired,
    Signer,
    TimestampSigner,
    URLSafeTimedSerializer,
)
from itsdangerous.encoding import base64_encode

from core.clock import Clock, SystemClock


@dataclass(frozen=True)
class _Kind:
    salt: str
    lifetime: timedelta | None
    opens: str = ""
    """What whoever has the link can do; nothing for what is in no link."""
    ends: str = ""
    """What ends it, besides its time."""


_RENEWED = "its owner has their links made new, or their address changes"


class Purpose(Enum):
    """What a token may be used for. A token of one purpose is worthless for any other."""

    CONFIRM = _Kind(
        "confirm.v1",
        timedelta(days=7),
        "confirm that the address is theirs, and which topics they want",
        "it is used",
    )
    NOT_ME = _Kind(
        "not-me.v1", timedelta(days=14), "have a sign-up forgotten", "the sign-up is confirmed"
    )
    LEAVE = _Kind("leave.v1", None, "leave one topic, and say why", _RENEWED)
    UNDO = _Kind(
        "undo.v2",
        timedelta(hours=1),
        "take one leaving back; the link is on the page that says so, and in no mail",
        "it is used, or anything else is said about the topic",
    )
    PREFERENCES = _Kind(
        "preferences.v1",
        None,
        "see which topics somebody gets, leave them, pause, and have a fresh link mailed",
        _RENEWED,
    )
    NEVER = _Kind(
        "never.v1",
        None,
        "say that nothing is ever to be written to this address again",
        "its owner signs in and says otherwise",
    )
    CHANGE = _Kind(
        "change.v1", timedelta(hours=1), "see and change everything one says of oneself", _RENEWED
    )
    MOVE = _Kind(
        "move.v1",
        timedelta(days=1),
        "say that a new address is theirs; it goes to that address only",
        "it is used",
    )
    MOVE_BACK = _Kind(
        "move-back.v1",
        timedelta(days=30),
        "take a change of address back; it goes to the old address",
        "it is used",
    )
    DATA = _Kind(
        "data.v1",
        timedelta(hours=1),
        "see everything that is kept about its owner, take it along, and have it erased",
        _RENEWED,
    )
    SIGN_IN = _Kind(
        "sign-in.v1",
        None,
        "sign in, in the browser that asked; the code of the same mail does in any that asked",
        "ten minutes pass, it is used, or another browser shows it",
    )
    SIGN_IN_CODE = _Kind("sign-in-code.v1", None)
    DELIVER = _Kind(
        "deliver.v1", timedelta(days=14), "hand in what one wrote as a visitor", "it is used"
    )
    ANSWER = _Kind(
        "answer.v1",
        timedelta(days=90),
        "answer the editors' question, once",
        "it is answered, or another question is asked",
    )
    CO_AUTHOR = _Kind(
        "co-author.v1",
        timedelta(days=14),
        "say whether one wrote it too, once",
        "it is answered, or taken back",
    )
    INVITE = _Kind(
        "invite.v1",
        None,
        "read and answer one invitation, once; name others",
        f"it is answered, a newer one is sent, the workshop begins; or {_RENEWED}",
    )
    PLACE = _Kind(
        "place.v1",
        None,
        "see one's own page of one workshop, take part in it, give the place back",
        f"two weeks after the follow-up; or {_RENEWED}",
    )
    CALENDAR = _Kind(
        "calendar.v1", None, "see when one's own workshops are, for a calendar", _RENEWED
    )
    FORM = _Kind("form.v1", timedelta(hours=24))
    EMBED = _Kind("embed.v1", None)
    ANSWERED = _Kind("answered.v1", None)
    CSRF = _Kind("csrf.v1", None)
    KNOWN = _Kind("known.v1", None)
    AUTHENTICATOR = _Kind("authenticator.v1", None)
    RECOVERY = _Kind("recovery.v1", None)
    CHALLENGE = _Kind("challenge.v1", timedelta(minutes=10))


def powers() -> str:
    """Every kind of link, what it can do and how it ends, as a table in Markdown."""
    rows = ["| link | what whoever has it can do | for how long | what else ends it |",
            "|---|---|---|---|"]  # fmt: skip
    for purpose in Purpose:
        kind, name = purpose.value, purpose.name.lower().replace("_", " ")
        if kind.opens:
            rows.append(f"| {name} | {kind.opens} | {_span(kind.lifetime)} | {kind.ends} |")
    return "\n".join(rows)


def _span(lifetime: timedelta | None) -> str:
    if lifetime is None:
        return "as long as there is what it opens"
    count, unit = (lifetime.days, "day") if lifetime.days else (lifetime.seconds // 3600, "hour")
    return f"{count} {unit}{'s' if count > 1 else ''}"


class BrokenToken(Exception):
    """The token was not made by us, or not for this purpose."""


class ReplacedToken(Exception):
    """The token is ours, and good until its owner had all their links made new."""


class ExpiredToken(Exception):
    """The token is ours but too old; `parts` is what it said."""

    def __init__(self, parts: Sequence[str]) -> None:
        super().__init__("expired")
        self.parts = list(parts)


class Tokens:
    """Makes and reads tokens with a ring of keys, the newest first."""

    def __init__(self, keys: Sequence[str], clock: Clock | None = None) -> None:
        rings = {purpose: _own_ring(keys, purpose) for purpose in Purpose}
        self._rings = rings
        self._newest = {purpose: ring[-1] for purpose, ring in rings.items()}
        how = {"key_derivation": "none", "digest_method": hashlib.sha256}
        timed = _signer_with(clock or SystemClock())
        self._signers = {
            purpose: Signer(ring, sep=".", **how)  # type: ignore[arg-type]
            for purpose, ring in rings.items()
        }
        self._serializers = {
            purpose: URLSafeTimedSerializer(ring, signer=timed, signer_kwargs=how)
            for purpose, ring in rings.items()
        }

    def sign(self, purpose: Purpose, *parts: object) -> str:
        """A token for `purpose` that carries `parts` (ids and plain words without dots)."""
        texts = [str(part) for part in parts]
        if purpose.value.lifetime is None:
            return self._sign_lasting(purpose, "-".join(texts))
        return str(self._serializers[purpose].dumps(texts))

    def digits(self, purpose: Purpose, *parts: object) -> str:
        """Six digits that only we can make of `parts`: for a code that is written down nowhere."""
        text = "-".join(str(part) for part in parts).encode()
        made = hmac.digest(self._newest[purpose], text, hashlib.sha256)
        return f"{int.from_bytes(made) % 1_000_000:06}"

    def secrets(self, purpose: Purpose, *parts: object) -> list[bytes]:
        """32 bytes that only we can make of `parts`, by each of our keys, the newest first.

        For a secret that somebody keeps for years, and that is written down nowhere here.
        """
        text = "-".join(str(part) for part in parts).encode()
        return [hmac.digest(key, text, hashlib.sha256) for key in reversed(self._rings[purpose])]

    def read(self, purpose: Purpose, token: str) -> list[str]:
        """The parts of a token.

        Raises ExpiredToken if it is older than its purpose allows, BrokenToken if it is not ours.
        """
        if purpose.value.lifetime is None:
            return self._read_lasting(purpose, token)
        return self._read_timed(purpose, token, purpose.value.lifetime)

    def read_one(self, purpose: Purpose, token: str) -> str:
        """The same for a token that says one thing only."""
        first, *more = self.read(purpose, token)
        if more:
            raise BrokenToken
        return first

    def age(self, purpose: Purpose, token: str, now: float) -> float:
        """Seconds since a timed token was signed. Raises BrokenToken."""
        try:
            _, moment = self._serializers[purpose].loads(token, return_timestamp=True)
        except BadData as error:
            raise BrokenToken from error
        return now - float(moment.timestamp())

    def _sign_lasting(self, purpose: Purpose, text: str) -> str:
        """What `Signer.sign` gives, in a quarter of its time: a newsletter needs two a person."""
        signature = hmac.digest(self._newest[purpose], text.encode(), hashlib.sha256)
        return f"{text}.{base64_encode(signature).decode()}"

    def _read_lasting(self, purpose: Purpose, token: str) -> list[str]:
        try:
            return self._signers[purpose].unsign(token).decode().split("-")
        except (BadSignature, ValueError) as error:
            raise BrokenToken from error

    def _read_timed(self, purpose: Purpose, token: str, lifetime: timedelta) -> list[str]:
        serializer = self._serializers[purpose]
        try:
            return _texts(serializer.loads(token, max_age=int(lifetime.total_seconds())))
        except SignatureExpired as error:
            raise ExpiredToken(_texts(serializer.load_payload(error.payload or b""))) from error
        except BadData as error:
            raise BrokenToken from error


def _signer_with(clock: Clock) -> type[TimestampSigner]:
    """A signer that asks our clock; itsdangerous would ask the machine."""

    class ClockSigner(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(clock.now().timestamp())

    return ClockSigner


def _own_ring(keys: Sequence[str], purpose: Purpose) -> list[bytes]:
    """Each purpose's own keys, made once: itsdangerous would make them anew for every token."""
    salt = purpose.value.salt.encode()
    return [hmac.digest(key.encode(), salt, hashlib.sha256) for key in reversed(keys)]


def _texts(payload: object) -> list[str]:
    if not isinstance(payload, list) or not payload:
        raise BrokenToken
    return [str(part) for part in payload]
