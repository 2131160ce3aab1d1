"""Amazon SES: the one module that knows boto3.

botocore's own retries would send the same mail up to three times, because SES has no idempotency
token; so the sending client makes exactly one attempt, and what is known afterwards is written
down here, once.
"""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import orjson
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoRegionError
from botocore.parsers import ResponseParserError

from core.errors import SettingsError
from mail.composing import compose
from mail.flights import MOST
from mail.outcomes import Outcome, Verdict
from mail.personal import fill
from mail.ses_answers import of_entry, of_error, of_exception
from mail.transport import LARGEST_CALL, Allowance, Message, Parcel
from mail.trouble import FROM_VERDICT
from mail.wire import WIRE_ASCII

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

FAILURES = (BotoCoreError, ClientError, ResponseParserError)
"""Everything that boto3 raises of a call; an answer that cannot be read is no BotoCoreError."""
CONNECT_SECONDS = 5
READ_SECONDS = 20
ACCOUNT_SECONDS = 60
CAUTIOUS = Allowance(rate=1.0)
"""What every account allows, also in the sandbox: used while GetAccount does not answer."""


def open_client() -> "SESV2Client":
    """A client that never repeats a call by itself. Raises SettingsError without a region."""
    once = Config(
        retries={"total_max_attempts": 1, "mode": "standard"},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        tcp_keepalive=True,
        max_pool_connections=MOST,
        # The tests check every request against the service model; at run time it costs a third.
        parameter_validation=False,
    )
    try:
        # boto3 itself reads AWS_DEFAULT_REGION; AWS_REGION is what AWS's own services set.
        return boto3.client("sesv2", config=once, region_name=os.environ.get("AWS_REGION"))
    except NoRegionError:
        raise SettingsError(["AWS_REGION: must be set for SES, such as eu-north-1"]) from None


class Ses:
    """Sends through SES: SendBulkEmail for many, SendEmail for one."""

    def __init__(
        self,
        client: "SESV2Client",
        configuration_set: str = "",
        rate: float | None = None,
        bulk: bool = True,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._common = {"ConfigurationSetName": configuration_set} if configuration_set else {}
        self._rate = rate
        self._bulk = bulk
        self._seconds = seconds
        self._known: tuple[float, Allowance] | None = None
        client.meta.events.register("before-call.sesv2.SendBulkEmail", _put_body)

    @property
    def most_at_once(self) -> int:
        """Fifty, or one where the setting says so."""
        return LARGEST_CALL if self._bulk else 1

    def allowance(self) -> Allowance:
        """What the account allows, asked for at most once a minute."""
        now = self._seconds()
        if self._known is None or now - self._known[0] > ACCOUNT_SECONDS:
            known = self._ask()
            # One that does not answer just now is no verdict: whoever sends will see.
            answers = known.fault is None or known.fault.verdict is Verdict.FAULT
            self._known = (now, known if answers else replace(known, fault=None))
        return self._known[1]

    def look(self) -> Allowance:
        """What the account allows, asked for now."""
        known = self._ask()
        self._known = (self._seconds(), known)
        return known

    def send_one(self, message: Message, parcel: Parcel, attempt: str) -> Outcome:
        """SendEmail with everything filled in here."""
        request = {
            **self._envelope(message),
            "Destination": {"ToAddresses": [parcel.address]},
            "Content": _content(message, parcel, attempt),
            "EmailTags": _tags(message, parcel, attempt),
        }
        answer = self._call(self._client.send_email, request)
        if isinstance(answer, Outcome):
            return answer
        return Outcome(Verdict.ACCEPTED, message_id=str(answer.get("MessageId", "")))

    def send_many(self, message: Message, parcels: Sequence[Parcel], attempt: str) -> list[Outcome]:
        """SendBulkEmail with an inline template; SendEmail where one call has one person anyway."""
        if not self._bulk:
            return self._one_by_one(message, parcels, attempt)
        _body.set(orjson.dumps(self._bulk_request(message, parcels, attempt)))
        answer = self._call(self._client.send_bulk_email, {})
        if isinstance(answer, Outcome) and answer.verdict is Verdict.REFUSED:
            return self._find_the_refused(message, parcels, attempt)
        if isinstance(answer, Outcome):
            return [answer] * len(parcels)
        results = answer.get("BulkEmailEntryResults", [])
        missing = Outcome(Verdict.UNKNOWN, "SES gave no result for this recipient")
        return [
            _entry_outcome(results[n]) if n < len(results) else missing for n in range(len(parcels))
        ]

    def _find_the_refused(
        self, message: Message, parcels: Sequence[Parcel], attempt: str
    ) -> list[Outcome]:
        """The call was refused as a whole: one by one tells whom it was about, if not all."""
        outcomes = self._one_by_one(message, parcels, attempt)
        if len(parcels) > 1 and all(one.verdict is Verdict.REFUSED for one in outcomes):
            return [replace(outcomes[0], verdict=Verdict.FAULT)] * len(outcomes)
        return outcomes

    def _one_by_one(
        self, message: Message, parcels: Sequence[Parcel], attempt: str
    ) -> list[Outcome]:
        """One call each. What concerns everybody ends it: the others are not tried."""
        outcomes: list[Outcome] = []
        for parcel in parcels:
            outcomes.append(self.send_one(message, parcel, attempt))
            if outcomes[-1].verdict in FROM_VERDICT:
                break
        return outcomes + [Outcome(Verdict.NOT_TRIED)] * (len(parcels) - len(outcomes))

    def _bulk_request(
        self, message: Message, parcels: Sequence[Parcel], attempt: str
    ) -> dict[str, Any]:
        template = {
            "TemplateContent": {
                "Subject": message.subject,
                "Html": message.html,
                "Text": message.text,
            },
            "TemplateData": "{}",
            "Headers": _headers(message.headers),
        }
        return {
            **self._envelope(message),
            "DefaultContent": {"Template": template},
            "BulkEmailEntries": [_entry(message, parcel, attempt) for parcel in parcels],
        }

    def _envelope(self, message: Message) -> dict[str, Any]:
        envelope: dict[str, Any] = {**self._common, "FromEmailAddress": message.sender}
        if message.reply_to:
            envelope["ReplyToAddresses"] = [message.reply_to]
        return envelope

    def _call(
        self, operation: Callable[..., Any], request: Mapping[str, Any]
    ) -> Outcome | dict[str, Any]:
        try:
            answer: dict[str, Any] = operation(**request)
        except FAILURES as error:
            return outcome_of(error)
        return answer

    def _ask(self) -> Allowance:
        try:
            answer: Mapping[str, Any] = self._client.get_account()
        except FAILURES as error:
            last_known = self._known[1] if self._known else CAUTIOUS
            outcome = outcome_of(error)
            # Who may not ask for the account may still send.
            fault = None if outcome.verdict is Verdict.FAULT else outcome
            rate = self._rate or last_known.rate
            return replace(last_known, rate=rate, fault=fault)
        quota = answer.get("SendQuota", {})
        most, used = quota.get("Max24HourSend", -1.0), quota.get("SentLast24Hours", 0.0)
        rate = self._rate or quota.get("MaxSendRate", CAUTIOUS.rate)
        left = None if most < 0 else max(0.0, most - used)
        return Allowance(rate, left, _shut(answer), _facts(answer))


# boto3 would walk through some thousand values of each call one by one, which is half of its time.
# What the API takes is JSON with the same names (the tests check it against the service model), so
# the body is made here at once; signing, connections and answers are boto3's as ever.
_body: ContextVar[bytes] = ContextVar("body")


def _put_body(params: dict[str, Any], **_: object) -> None:
    params["body"] = _body.get()


def _facts(answer: Mapping[str, Any]) -> dict[str, Any]:
    quota = answer.get("SendQuota", {})
    return {
        "rate": quota.get("MaxSendRate"),
        "quota": quota.get("Max24HourSend"),
        "used": quota.get("SentLast24Hours"),
        "is_sandbox": not answer.get("ProductionAccessEnabled", True),
        "status": answer.get("EnforcementStatus", "HEALTHY"),
        "is_enabled": answer.get("SendingEnabled", True),
    }


def _shut(answer: Mapping[str, Any]) -> Outcome | None:
    """Why an account lets nothing out."""
    if answer.get("EnforcementStatus") == "SHUTDOWN":
        return Outcome(Verdict.FAULT, "the account is SHUTDOWN", code="SHUTDOWN")
    if answer.get("SendingEnabled") is False:
        return Outcome(Verdict.FAULT, "sending is disabled", code="SENDING_DISABLED")
    return None


def outcome_of(error: Exception) -> Outcome:
    """What an exception of a call means; see `mail.ses_answers`."""
    if isinstance(error, ClientError):
        said = error.response.get("Error", {})
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return of_error(said.get("Code", ""), said.get("Message", ""), status)
    return of_exception((kind.__name__ for kind in type(error).__mro__), str(error))


def _entry_outcome(result: Mapping[str, Any]) -> Outcome:
    said = str(result.get("Error") or "")
    return of_entry(str(result.get("Status", "")), said, str(result.get("MessageId") or ""))


def _entry(message: Message, parcel: Parcel, attempt: str) -> dict[str, Any]:
    data = orjson.dumps(parcel.values).decode()
    entry: dict[str, Any] = {
        "Destination": {"ToAddresses": [parcel.address]},
        "ReplacementEmailContent": {"ReplacementTemplate": {"ReplacementTemplateData": data}},
        "ReplacementTags": _tags(message, parcel, attempt),
    }
    if parcel.headers:
        entry["ReplacementHeaders"] = _headers(parcel.headers)
    return entry


def _content(message: Message, parcel: Parcel, attempt: str) -> dict[str, Any]:
    if not message.calendar:
        return {"Simple": _simple(message, parcel)}
    # SES has no slot for a calendar among the alternatives: such a mail is handed over whole.
    return {"Raw": {"Data": compose(message, parcel, attempt).as_bytes(policy=WIRE_ASCII)}}


def _simple(message: Message, parcel: Parcel) -> dict[str, Any]:
    def part(text: str) -> dict[str, str]:
        return {"Data": fill(text, parcel.values), "Charset": "UTF-8"}

    return {
        "Subject": part(message.subject),
        "Body": {"Text": part(message.text), "Html": part(message.html)},
        "Headers": _headers({**message.headers, **parcel.headers}),
    }


def _tags(message: Message, parcel: Parcel, attempt: str) -> list[dict[str, str]]:
    return [
        {"Name": "mailing", "Value": str(message.mailing_id)},
        {"Name": "delivery", "Value": str(parcel.delivery_id)},
        {"Name": "attempt", "Value": attempt},
    ]


def _headers(headers: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in headers.items()]
