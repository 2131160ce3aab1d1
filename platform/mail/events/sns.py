"""Whether something really comes from a topic of ours: SNS over HTTPS, and envelopes in the queue.

Amazon's rules: the text that is signed (SigningCertURL, SignatureVersion 1 and 2), a certificate
from exactly one of SNS's hosts. Ours besides: only topics that are named in the settings, from the
topic's own region, and not older than an hour. (That the same notice comes twice, the inbox sees.)
"""

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import load_pem_x509_certificate
from pydantic import BaseModel, ConfigDict, Field, ValidationError

LARGEST = 300 * 1024
OLDEST = timedelta(hours=1)
AHEAD = timedelta(minutes=5)
NOTIFICATION = "Notification"
CONFIRMATION = "SubscriptionConfirmation"
FAREWELL = "UnsubscribeConfirmation"

# The whole address, not a part of it: `…amazonaws.com@evil.example` is another host.
_CERTIFICATE = re.compile(
    r"https://sns\.([a-z0-9-]{3,30})\.amazonaws\.com(?:\.cn)?"
    r"/SimpleNotificationService-[0-9a-f]{8,64}\.pem"
)
_SIGNED = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    CONFIRMATION: (
        "Message",
        "MessageId",
        "SubscribeURL",
        "Timestamp",
        "Token",
        "TopicArn",
        "Type",
    ),
}
_SIGNED[FAREWELL] = _SIGNED[CONFIRMATION]


class Forged(Exception):
    """It does not come from a topic of ours, or not now. The reason is for the log."""


class _Envelope(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    type: str = Field(alias="Type")
    message: str = Field(alias="Message")
    message_id: str = Field(alias="MessageId", min_length=1, max_length=100)
    topic: str = Field(alias="TopicArn", max_length=300)
    timestamp: str = Field(alias="Timestamp", max_length=40)
    signature: str = Field(alias="Signature", max_length=4096)
    version: str = Field(alias="SignatureVersion")
    certificate: str = Field(alias="SigningCertURL", max_length=500)
    token: str = Field("", alias="Token", max_length=2048)


@dataclass(frozen=True)
class Envelope:
    """What came, and that it is from whom it says."""

    type: str
    topic: str
    id: str
    message: str
    token: str


Fetch = Callable[[str], bytes]
"""Gives the certificate at an address."""


def open_envelope(body: str, topics: tuple[str, ...], now: datetime, fetch: Fetch) -> Envelope:
    """What is in an envelope. Raises Forged if it is not from a topic of ours, or not now."""
    if len(body) > LARGEST:
        raise Forged("too large")
    try:
        fields: Any = json.loads(body)
        envelope = _Envelope.model_validate(fields)
    except (ValueError, RecursionError, ValidationError):
        raise Forged("not an envelope of SNS") from None
    _check_topic(envelope, topics)
    _check_age(envelope, now)
    _check_signature(envelope, fields, fetch)
    return Envelope(
        envelope.type, envelope.topic, envelope.message_id, envelope.message, envelope.token
    )


def _check_topic(envelope: _Envelope, topics: tuple[str, ...]) -> None:
    if envelope.topic not in topics:
        raise Forged("from a topic that is not ours")
    if envelope.type not in _SIGNED:
        raise Forged("of a kind that SNS does not send")


def _check_age(envelope: _Envelope, now: datetime) -> None:
    try:
        at = datetime.fromisoformat(envelope.timestamp)
    except ValueError:
        raise Forged("without a time") from None
    if at.tzinfo is None or at < now - OLDEST or at > now + AHEAD:
        raise Forged("not of now")


def certificate_region(url: str) -> str:
    """The region whose SNS a certificate's address belongs to. Raises Forged."""
    found = _CERTIFICATE.fullmatch(url)
    if found is None:
        raise Forged("a certificate that is not SNS's")
    return found[1]


def _check_signature(envelope: _Envelope, fields: dict[str, Any], fetch: Fetch) -> None:
    if certificate_region(envelope.certificate) != envelope.topic.split(":")[3]:
        raise Forged("a certificate from another region")
    digest = {"1": hashes.SHA1(), "2": hashes.SHA256()}.get(envelope.version)  # noqa: S303 - SNS's
    if digest is None:
        raise Forged("a signature of an unknown version")
    try:
        key = load_pem_x509_certificate(fetch(envelope.certificate)).public_key()
        signature = base64.b64decode(envelope.signature, validate=True)
    except ValueError:
        raise Forged("a signature that cannot be read") from None
    if not isinstance(key, rsa.RSAPublicKey):
        raise Forged("a certificate of another kind")
    try:
        key.verify(signature, _signed_text(envelope, fields), padding.PKCS1v15(), digest)
    except InvalidSignature:
        raise Forged("with a wrong signature") from None


def _signed_text(envelope: _Envelope, fields: dict[str, Any]) -> bytes:
    present = [name for name in _SIGNED[envelope.type] if name in fields]
    return "".join(f"{name}\n{fields[name]}\n" for name in present).encode()
