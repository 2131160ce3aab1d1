"""An SES on this machine's loopback: checks every request as SES would, and misbehaves on demand.

Every request is validated against botocore's own service model and SES's written limits. Templates
are rendered as SES renders them: nothing is escaped, and a value that is missing means that the
call succeeds and the mail is never delivered.

Run by itself it is a stand-in for SES: `python -m tests.support.loopback_ses --port 4579`.
"""

import argparse
import base64
import json
import re
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

SEND_ONE = "/v2/email/outbound-emails"
SEND_MANY = "/v2/email/outbound-bulk-emails"
ACCOUNT = "/v2/email/account"
CONTROL = "/_control"
BURST = 1.25
"""SES lets short bursts over the rate pass; calls that a busy machine bunched up are one."""

_TAG = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
_HEADER_NAME = re.compile(r"[!-9;-@A-~]{1,126}")
_HEADER_VALUE = re.compile(r"[ -~]*")
_TAG_TEXT = re.compile(r"[A-Za-z0-9_-]{1,256}")
_OWN_HEADERS = {"from", "to", "subject", "date", "message-id", "return-path"}


@dataclass(frozen=True)
class Mail:
    """One mail that SES would have delivered."""

    to: str
    subject: str
    html: str
    text: str
    headers: dict[str, str]
    tags: dict[str, str]
    message_id: str


@dataclass
class Account:
    """The account's limits, and how it behaves in the next calls."""

    rate: float = 10_000.0
    quota: float = 1_000_000.0
    used: float = 0.0
    enforce_rate: bool = False
    keep: bool = True
    validate: bool = True
    latency: float = 0.0
    behaviours: deque[str] = field(default_factory=deque)
    mails: list[Mail] = field(default_factory=list)
    rendering_failures: list[str] = field(default_factory=list)
    invalid: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    accepted: int = 0
    throttled: int = 0
    status: str = "HEALTHY"
    is_enabled: bool = True
    account_behaviour: str = ""
    """How GetAccount misbehaves, for as long as it is set."""
    always: str = ""
    """How every call to send misbehaves, for as long as it is set."""
    flying: int = 0
    most_flying: int = 0
    listener: Callable[["Mail"], None] | None = None
    """Hears of each mail that was taken: whoever plays SNS (see `tests.support.ses_events`)."""
    suppressed: list[dict[str, str]] = field(default_factory=list)
    """The account's own list."""
    is_sandbox: bool = False
    identities: dict[str, dict[str, Any]] = field(default_factory=dict)
    sets: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Configuration sets by name, each with its `destinations`."""
    recent: deque[tuple[float, int]] = field(default_factory=deque)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def addresses(self) -> list[str]:
        """Who got a mail, in order."""
        return [mail.to for mail in self.mails]

    def is_too_fast(self, recipients: int) -> bool:
        """Whether this call goes over the rate; like SES, with a little patience for bursts."""
        now = time.monotonic()
        with self.lock:
            while self.recent and self.recent[0][0] < now - 0.9:
                self.recent.popleft()
            too_fast = sum(n for _, n in self.recent) + recipients > self.rate * BURST
            if not too_fast:
                self.recent.append((now, recipients))
            self.throttled += too_fast
        return too_fast


class BadRequest(Exception):
    """SES would refuse this request."""


@cache
def _model() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("sesv2", "service-2"), "sesv2")


def validate(operation: str, body: dict[str, Any]) -> None:
    """Raise BadRequest if `body` is not a request that SES documents."""
    shape: Any = _model().operation_model(operation).input_shape
    report = ParamValidator().validate(body, shape)
    if report.has_errors():
        raise BadRequest(report.generate_report())
    entries = body.get("BulkEmailEntries", [])
    if len(entries) > 50:
        raise BadRequest("more than 50 entries")
    _check_headers(body.get("Content", {}).get("Simple", {}).get("Headers", []))
    shared = body.get("DefaultContent", {}).get("Template", {}).get("Headers", [])
    for entry in entries:
        replaced = entry.get("ReplacementHeaders", [])
        names = {header["Name"].lower() for header in replaced}
        _check_headers(replaced + [h for h in shared if h["Name"].lower() not in names])
        _check_tags(entry.get("ReplacementTags", []))
    _check_tags(body.get("EmailTags", []))
    for destination in [body, *entries]:
        to = destination.get("Destination", {}).get("ToAddresses", [])
        if len(to) > 1 or any(not address.isascii() for address in to):
            raise BadRequest(f"not one plain address: {to}")


def _check_headers(headers: list[dict[str, str]]) -> None:
    names = [header["Name"].lower() for header in headers]
    if len(names) > 15 or len(set(names)) != len(names) or _OWN_HEADERS & set(names):
        raise BadRequest(f"headers that SES refuses: {names}")
    for header in headers:
        name, value = header["Name"], header["Value"]
        fits = _HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(value)
        if not fits or len(name) + len(value) > 996:
            raise BadRequest(f"header {name!r}: {value!r}")


def _check_tags(tags: list[dict[str, str]]) -> None:
    for tag in tags:
        if not (_TAG_TEXT.fullmatch(tag["Name"]) and _TAG_TEXT.fullmatch(tag["Value"])):
            raise BadRequest(f"tag {tag}")


def render(template: str, values: dict[str, str]) -> str:
    """What SES makes of a template. Raises KeyError for a missing value, BadRequest if not one."""
    if "{{" in _TAG.sub("", template):
        raise BadRequest("the template cannot be parsed")
    return _TAG.sub(lambda tag: values[tag[1]], template)


def _simple(content: dict[str, Any]) -> tuple[tuple[str, str, str], list[dict[str, str]]]:
    body = content["Body"]
    parts = content["Subject"]["Data"], body["Html"]["Data"], body["Text"]["Data"]
    return parts, content.get("Headers", [])


def _raw(content: dict[str, Any]) -> tuple[tuple[str, str, str], list[dict[str, str]]]:
    """A message that was handed over whole: seven bits, lines of at most 998, all it needs."""
    data = base64.b64decode(content["Data"])
    if any(byte > 127 for byte in data) or any(len(line) > 998 for line in data.split(b"\r\n")):
        raise BadRequest("a raw message has eight bits or too long a line")
    mail = message_from_bytes(data, policy=default)
    if missing := [name for name in ("From", "To", "Subject") if not mail[name]]:
        raise BadRequest(f"a raw message lacks {missing}")
    found = {kind: _part(mail, kind) for kind in ("html", "plain")}
    headers = [{"Name": name, "Value": str(value)} for name, value in mail.items()]
    return (str(mail["Subject"]), found["html"], found["plain"]), headers


def _part(mail: Any, kind: str) -> str:
    part = mail.get_body((kind,))
    return str(part.get_content()) if part is not None else ""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    account: Account
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        if self.path == ACCOUNT:
            if not self._misbehaves_before(self.account.account_behaviour):
                self._answer(200, self._account())
        elif self.path.startswith("/v2/email/suppression/addresses"):
            has_begun = "NextToken" in self.path
            page = self.account.suppressed[1:] if has_begun else self.account.suppressed[:1]
            more = {} if has_begun else {"NextToken": "more"}
            self._answer(200, {"SuppressedDestinationSummaries": page, **more})
        elif self.path.startswith("/v2/email/"):
            self._thing(*self.path.removeprefix("/v2/email/").split("/"))
        else:
            self._answer(200, self._summary())

    def _thing(self, kind: str, name: str, part: str = "") -> None:
        """An identity or a configuration set."""
        known = self.account.identities if kind == "identities" else self.account.sets
        found = known.get(unquote(name))
        if found is None:
            self._error(404, "NotFoundException", f"{name} does not exist.")
        elif part:
            self._answer(200, {"EventDestinations": found["destinations"]})
        else:
            self._answer(200, {key: one for key, one in found.items() if key != "destinations"})

    def _account(self) -> dict[str, Any]:
        account = self.account
        quota = {
            "Max24HourSend": account.quota,
            "MaxSendRate": account.rate,
            "SentLast24Hours": account.used,
        }
        return {
            "SendQuota": quota,
            "ProductionAccessEnabled": not account.is_sandbox,
            "EnforcementStatus": account.status,
            "SendingEnabled": account.is_enabled,
        }

    def do_POST(self) -> None:
        with self.account.lock:
            self.account.flying += 1
            self.account.most_flying = max(self.account.most_flying, self.account.flying)
        try:
            self._post()
        finally:
            with self.account.lock:
                self.account.flying -= 1

    def _post(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == CONTROL:
            self._control(body)
            return
        operation = {SEND_ONE: "SendEmail", SEND_MANY: "SendBulkEmail"}[self.path]
        self.account.calls.append(operation)
        recipients = len(body.get("BulkEmailEntries", [None]))
        behaviour = self._behaviour()
        if self.account.latency:
            time.sleep(self.account.latency)
        if self._misbehaves_before(behaviour):
            return
        if self.account.enforce_rate and self.account.is_too_fast(recipients):
            self._error(429, "TooManyRequestsException", "Maximum sending rate exceeded.")
            return
        try:
            if self.account.validate:
                validate(operation, body)
            answer = self._one(body) if operation == "SendEmail" else self._many(body, behaviour)
        except BadRequest as error:
            self.account.invalid.append(str(error))
            self._error(400, "BadRequestException", str(error))
            return
        if behaviour == "close":
            self.close_connection = True  # accepted, and the answer is lost
            return
        if behaviour.startswith("slow"):
            time.sleep(float(behaviour.partition(":")[2]))
        self._answer(200, answer)

    def _behaviour(self) -> str:
        with self.account.lock:
            if self.account.behaviours:
                return self.account.behaviours.popleft()
            return self.account.always

    def _misbehaves_before(self, behaviour: str) -> bool:
        errors = {
            "throttle": (429, "TooManyRequestsException", "Maximum sending rate exceeded."),
            "quota": (400, "LimitExceededException", "Daily message quota exceeded."),
            "500": (500, "InternalServiceErrorException", "oops"),
            "502": (502, "", ""),
            "odd": (400, "SomethingOddException", "This one cannot be sent."),
            "suspended": (400, "AccountSuspendedException", "The account is suspended."),
            "rejected": (400, "MessageRejected", "Email address is not verified."),
            "domain": (400, "MailFromDomainNotVerifiedException", "Not verified."),
        }
        if behaviour.startswith("hang"):
            time.sleep(float(behaviour.partition(":")[2] or 30))  # and takes nothing
            self.close_connection = True
            return True
        if behaviour not in errors:
            return False
        self._error(*errors[behaviour])
        return True

    def _one(self, body: dict[str, Any]) -> dict[str, Any]:
        content = body["Content"]
        parts, headers = _raw(content["Raw"]) if "Raw" in content else _simple(content["Simple"])
        to = body["Destination"]["ToAddresses"][0]
        return {"MessageId": self._accept(to, parts, headers, body.get("EmailTags", []))}

    def _many(self, body: dict[str, Any], behaviour: str) -> dict[str, Any]:
        template = body["DefaultContent"]["Template"]
        statuses = behaviour.removeprefix("entries:").split(",") if "entries:" in behaviour else []
        results = []
        for number, entry in enumerate(body["BulkEmailEntries"]):
            status = statuses[number % len(statuses)] if statuses else "SUCCESS"
            if status != "SUCCESS":
                results.append({"Status": status, "Error": f"about {status.lower()}"})
                continue
            results.append({"Status": status, "MessageId": self._entry(template, entry)})
        return {"BulkEmailEntryResults": results}

    def _entry(self, template: dict[str, Any], entry: dict[str, Any]) -> str:
        if not self.account.keep and not self.account.validate:
            self.account.accepted += 1
            return uuid.uuid4().hex
        data = entry["ReplacementEmailContent"]["ReplacementTemplate"]["ReplacementTemplateData"]
        values = json.loads(data)
        content = template["TemplateContent"]
        to = entry["Destination"]["ToAddresses"][0]
        try:
            parts = (
                render(content["Subject"], values),
                render(content["Html"], values),
                render(content["Text"], values),
            )
        except KeyError as error:
            self.account.rendering_failures.append(f"{to}: {error}")
            return uuid.uuid4().hex
        replaced = entry.get("ReplacementHeaders", [])
        names = {header["Name"].lower() for header in replaced}
        kept = [h for h in template.get("Headers", []) if h["Name"].lower() not in names]
        return self._accept(to, parts, kept + replaced, entry.get("ReplacementTags", []))

    def _accept(
        self,
        to: str,
        parts: tuple[str, str, str],
        headers: list[dict[str, str]],
        tags: list[dict[str, str]],
    ) -> str:
        message_id = uuid.uuid4().hex
        subject, html, text = parts
        mail = Mail(
            to=to,
            subject=subject,
            html=html,
            text=text,
            headers={header["Name"]: header["Value"] for header in headers},
            tags={tag["Name"]: tag["Value"] for tag in tags},
            message_id=message_id,
        )
        with self.account.lock:
            self.account.accepted += 1
            if self.account.keep:
                self.account.mails.append(mail)
        if self.account.listener is not None:
            self.account.listener(mail)
        return message_id

    def _control(self, body: dict[str, Any]) -> None:
        for name, value in body.items():
            setattr(self.account, name, deque(value) if name == "behaviours" else value)
        self._answer(200, self._summary())

    def _summary(self) -> dict[str, Any]:
        account = self.account
        addresses = account.addresses()
        return {
            "accepted": account.accepted,
            "distinct": len(set(addresses)),
            "calls": len(account.calls),
            "throttled": account.throttled,
            "most_flying": account.most_flying,
            "invalid": account.invalid[:5],
            "rendering_failures": account.rendering_failures[:5],
        }

    def _error(self, status: int, code: str, message: str) -> None:
        self._answer(status, {"message": message}, {"x-amzn-ErrorType": code})

    def _answer(
        self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None
    ) -> None:
        content = json.dumps(body).encode()
        head = [f"HTTP/1.1 {status} -", f"Content-Length: {len(content)}"]
        head += ["Content-Type: application/json", f"x-amzn-RequestId: {uuid.uuid4()}"]
        head += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.wfile.write("\r\n".join(head).encode() + b"\r\n\r\n" + content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away (a killed worker) is no error of ours."""


def serve(account: Account, port: int = 0) -> tuple[_Server, str]:
    """An open server on the loopback and its URL; the caller runs and closes it."""
    handler = type("Handler", (_Handler,), {"account": account})
    server = _Server(("127.0.0.1", port), handler)
    return server, f"http://127.0.0.1:{server.server_address[1]}"


@contextmanager
def loopback_ses(account: Account) -> Generator[str]:
    """A running server; gives its URL."""
    server, url = serve(account)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield url
    finally:
        server.shutdown()
        server.server_close()


def main(announce: Callable[[str], None] = lambda line: print(line, flush=True)) -> None:  # noqa: T201
    """Run by itself."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=4579)
    parser.add_argument("--rate", type=float, default=10_000.0)
    parser.add_argument("--enforce-rate", action="store_true")
    parser.add_argument("--fast", action="store_true", help="count only, for benchmarks")
    chosen = parser.parse_args()
    account = Account(rate=chosen.rate, enforce_rate=chosen.enforce_rate)
    account.keep = account.validate = not chosen.fast
    server, url = serve(account, chosen.port)
    announce(f"SES on {url}; GET {url}/ says what came in")
    server.serve_forever()


if __name__ == "__main__":
    main()
