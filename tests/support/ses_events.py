"""Plays SNS and SQS: what SES would tell of a mail, signed by a key of one's own, and a queue."""

import base64
import json
import threading
import time
import uuid
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from tests.support.loopback_ses import Mail

TOPIC = "arn:aws:sns:eu-north-1:123456789012:mail"
VISIBILITY = 5.0
"""Seconds until what was handed out and not deleted comes again."""
CERTIFICATE_URL = (
    "https://sns.eu-north-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"
)


def told(mail: Mail, kind: str, key: str = "eventType", **about: Any) -> dict[str, Any]:
    """What SES tells of a mail, as its documentation shows it."""
    record: dict[str, Any] = {
        key: kind,
        "mail": {
            "timestamp": "2026-11-25T10:00:00.000Z",
            "messageId": mail.message_id,
            "source": "letters@staffroom.example",
            "destination": [mail.to],
            "tags": {name: [value] for name, value in mail.tags.items()},
        },
    }
    names = {
        "Send": "send",
        "Delivery": "delivery",
        "Bounce": "bounce",
        "Complaint": "complaint",
        "Reject": "reject",
        "Rendering Failure": "failure",
        "DeliveryDelay": "deliveryDelay",
    }
    record[names.get(kind, kind.lower())] = about
    return record


def bounce(
    mail: Mail, kind: str = "Permanent", sub: str = "General", **more: Any
) -> dict[str, Any]:
    """A bounce."""
    who = {
        "emailAddress": mail.to,
        "status": "5.1.1",
        "diagnosticCode": "smtp; 550 5.1.1 user unknown",
    }
    said: dict[str, Any] = {"bounceType": kind, "bounceSubType": sub, "bouncedRecipients": [who]}
    return told(mail, "Bounce", **said, **more)


def complaint(mail: Mail, feedback: str | None = "abuse", **more: Any) -> dict[str, Any]:
    """A complaint."""
    who = [{"emailAddress": mail.to}]
    said: dict[str, Any] = {"complainedRecipients": who, "complaintFeedbackType": feedback}
    return told(mail, "Complaint", **said, **more)


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def certificate() -> bytes:
    """The certificate to the key."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    began = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(_key().public_key())
        .serial_number(1)
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=3650))
        .sign(_key(), hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


def envelope(
    message: str, at: datetime, version: str = "2", kind: str = "Notification", **fields: str
) -> dict[str, str]:
    """A message as SNS posts it, signed. `fields` are put in before signing."""
    found = {
        "Type": kind,
        "MessageId": str(uuid.uuid4()),
        "TopicArn": TOPIC,
        "Message": message,
        "Timestamp": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "SignatureVersion": version,
        "SigningCertURL": CERTIFICATE_URL,
        **fields,
    }
    return {**found, "Signature": sign(found)}


def sign(found: dict[str, str]) -> str:
    """The signature of an envelope."""
    names = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
    if found["Type"] != "Notification":
        names = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    text = "".join(f"{name}\n{found[name]}\n" for name in names if name in found)
    digest = hashes.SHA1() if found["SignatureVersion"] == "1" else hashes.SHA256()  # noqa: S303
    return base64.b64encode(_key().sign(text.encode(), padding.PKCS1v15(), digest)).decode()


@dataclass
class Queue:
    """A queue of SQS on this machine: what was received comes again until it is deleted."""

    waiting: deque[tuple[str, str]] = field(default_factory=deque)
    handed_out: dict[str, tuple[str, float]] = field(default_factory=dict)
    deleted: int = 0
    policy: str = "{}"
    subscribed: tuple[str, ...] = ()
    """The endpoints that the topic tells, as SNS lists them."""
    fails: int = 0
    """So many next calls answer 500."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, body: str) -> None:
        """Put a message in."""
        with self.lock:
            self.waiting.append((uuid.uuid4().hex, body))

    def receive(self, most: int) -> list[dict[str, str]]:
        """Hand out some."""
        now = time.monotonic()
        with self.lock:
            overdue = [n for n, (_, at) in self.handed_out.items() if now - at > VISIBILITY]
            self.waiting.extend((n, self.handed_out.pop(n)[0]) for n in overdue)
            some = [self.waiting.popleft() for _ in range(min(most, len(self.waiting)))]
            self.handed_out |= {n: (body, now) for n, body in some}
        return [{"MessageId": n, "ReceiptHandle": n, "Body": body} for n, body in some]

    def delete(self, handles: list[str]) -> None:
        """Forget some."""
        with self.lock:
            self.deleted += len([self.handed_out.pop(n) for n in handles if n in self.handed_out])

    def return_all(self) -> None:
        """What was handed out and not deleted is there again, as after the visibility time-out."""
        with self.lock:
            self.waiting.extend((n, body) for n, (body, _) in self.handed_out.items())
            self.handed_out.clear()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    queue: Queue

    def do_POST(self) -> None:
        posted = self.rfile.read(int(self.headers["Content-Length"]))
        if "X-Amz-Target" not in self.headers:
            self._list_subscriptions()
            return
        body = json.loads(posted)
        action = self.headers["X-Amz-Target"].rpartition(".")[2]
        if self.queue.fails:
            self.queue.fails -= 1
            self._answer(500, {"__type": "InternalError"})
        elif action == "ReceiveMessage":
            self._answer(200, {"Messages": self.queue.receive(body["MaxNumberOfMessages"])})
        elif action == "DeleteMessageBatch":
            self.queue.delete([one["ReceiptHandle"] for one in body["Entries"]])
            done = [{"Id": one["Id"]} for one in body["Entries"]]
            self._answer(200, {"Successful": done, "Failed": []})
        else:
            self._answer(200, {"Attributes": {"Policy": self.queue.policy}})

    def _list_subscriptions(self) -> None:
        """SNS speaks XML."""
        members = "".join(
            f"<member><TopicArn>{TOPIC}</TopicArn><Protocol>x</Protocol><Owner>1</Owner>"
            f"<SubscriptionArn>{TOPIC}:1</SubscriptionArn><Endpoint>{one}</Endpoint></member>"
            for one in self.queue.subscribed
        )
        name = "ListSubscriptionsByTopic"
        content = (
            f'<{name}Response xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><{name}Result>'
            f"<Subscriptions>{members}</Subscriptions></{name}Result></{name}Response>"
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
        """Say nothing."""


@contextmanager
def loopback_sqs(queue: Queue) -> Generator[str]:
    """A running server; gives the queue's URL."""
    handler = type("Handler", (_Handler,), {"queue": queue})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/123456789012/mail"
    finally:
        server.shutdown()
        server.server_close()
