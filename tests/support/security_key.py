"""A security key in software (WebAuthn level 2, 6.1): makes a passkey and signs with it."""

import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url as text_of

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class SecurityKey:
    """One key for one site, that signs whatever it is asked to."""

    origin: str
    host: str
    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    count: int = 0

    def make(self, challenge: str) -> str:
        """What a browser answers when it is told to make a passkey."""
        numbers = self.private.public_key().public_numbers()
        x, y = (one.to_bytes(32) for one in (numbers.x, numbers.y))
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        attested = bytes(16) + struct.pack(">H", len(self.credential)) + self.credential + public
        said = self._said(PRESENT | VERIFIED | ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": said})
        return self._answer(
            attestationObject=text_of(attestation),
            clientDataJSON=text_of(self._client("webauthn.create", challenge)),
        )

    def show(self, challenge: str) -> str:
        """What a browser answers when it is told to show it."""
        self.count += 1
        said, client = self._said(PRESENT | VERIFIED), self._client("webauthn.get", challenge)
        signed = self.private.sign(said + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            authenticatorData=text_of(said),
            clientDataJSON=text_of(client),
            signature=text_of(signed),
        )

    def _said(self, flags: int) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _client(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": text_of(challenge.encode()), "origin": self.origin}
        return json.dumps(said).encode()

    def _answer(self, **response: str) -> str:
        name = text_of(self.credential)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
