"""Looks at everything at AWS that mail needs, and says what is missing and how to set it.

It only reads. Every check that may not be made, or is not answered, says so and hinders no other.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from core.settings import Settings
from mail.events.aws import region_of_queue
from mail.ses import FAILURES, outcome_of

WANTED_EVENTS = frozenset(
    ("SEND", "REJECT", "BOUNCE", "COMPLAINT", "DELIVERY", "RENDERING_FAILURE", "DELIVERY_DELAY")
)
SECONDS = 5
PAGE = 1000
Problem = str
"""What is wrong and what to do about it, in one line; empty if all is well."""


@dataclass(frozen=True)
class SesDoctor:
    """Looks at the account of an installation."""

    settings: Settings

    def findings(self) -> Iterator[tuple[str, Problem]]:
        """Each part by name, with its problem."""
        checks: Sequence[tuple[str, Callable[[], Problem]]] = (
            ("mail account", self._account),
            ("mail sender", self._identity),
            ("mail configuration set", self._configuration_set),
            ("mail events", self._events),
            ("mail queue", self._queue),
            ("mail topic", self._topic),
        )
        for name, check in checks:
            try:
                yield name, check()
            except FAILURES as error:
                yield name, f"cannot be looked at: {outcome_of(error).words}"

    def suppressed(self) -> Iterator[tuple[str, str]]:
        """The account's own list: each address, BOUNCE or COMPLAINT. Raises what boto3 does."""
        more: dict[str, str] = {}
        while True:
            page = self._ses.list_suppressed_destinations(PageSize=PAGE, **more)
            for one in page.get("SuppressedDestinationSummaries", []):
                yield one["EmailAddress"], one["Reason"]
            if not page.get("NextToken"):
                return
            more = {"NextToken": page["NextToken"]}

    @cached_property
    def _ses(self) -> Any:
        return boto3.client("sesv2", region_name=os.environ.get("AWS_REGION"), config=_CONFIG)

    def _account(self) -> Problem:
        found = self._ses.get_account()
        quota = found.get("SendQuota", {})
        status = found.get("EnforcementStatus", "HEALTHY")
        if status == "SHUTDOWN":
            return "AWS has stopped it (SHUTDOWN): answer their case in the SES console"
        if not found.get("SendingEnabled", True):
            return "sending is switched off: switch it on in the SES console, Account dashboard"
        if not found.get("ProductionAccessEnabled", True):
            return "it is in the sandbox and sends to verified addresses only: ask for production"
        if 0 <= quota.get("Max24HourSend", -1) <= quota.get("SentLast24Hours", 0):
            return "the day's quota is used up"
        if status == "PROBATION":
            return "AWS has it under review (PROBATION): look at bounces and complaints"
        return self._contradiction(quota)

    def _contradiction(self, quota: Mapping[str, float]) -> Problem:
        wanted, allowed = self.settings.ses_rate, quota.get("MaxSendRate", 0)
        if wanted is not None and wanted > allowed:
            return (
                f"STAFFROOM_SES_RATE says {wanted:g} a second, the account allows {allowed:g}: "
                "leave the setting out"
            )
        return ""

    def _identity(self) -> Problem:
        address = self.settings.sender.address
        found = self._find_identity(address)
        if found is None:
            domain = address.rpartition("@")[2]
            return f"SES does not know {domain}: create that identity in the SES console"
        if not found.get("VerifiedForSendingStatus", False):
            return "the identity is not verified: put the records at your DNS that SES shows"
        dkim = found.get("DkimAttributes", {}).get("Status")
        if dkim != "SUCCESS":
            return f"DKIM is {dkim}: put the three CNAME records at your DNS that SES shows"
        own = found.get("MailFromAttributes", {})
        if own.get("MailFromDomainStatus") != "SUCCESS":
            return "there is no MAIL FROM domain of yours: set one, so that SPF is yours too"
        return ""

    def _find_identity(self, address: str) -> Mapping[str, Any] | None:
        for name in (address.rpartition("@")[2], address):
            try:
                found: Mapping[str, Any] = self._ses.get_email_identity(EmailIdentity=name)
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") != "NotFoundException":
                    raise
            else:
                return found
        return None

    def _configuration_set(self) -> Problem:
        name = self.settings.ses_configuration_set
        if not name:
            return "none is set: without one nothing tells of bounces; see docs/ses.md"
        try:
            found = self._ses.get_configuration_set(ConfigurationSetName=name)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "NotFoundException":
                raise
            return f"SES does not know “{name}”: make it, or correct the setting"
        if not found.get("SendingOptions", {}).get("SendingEnabled", True):
            return f"sending is paused for “{name}”: switch it on in the SES console"
        return ""

    def _events(self) -> Problem:
        name = self.settings.ses_configuration_set
        if not name:
            return ""  # said above
        answer = self._ses.get_configuration_set_event_destinations(ConfigurationSetName=name)
        to_sns = [
            one
            for one in answer.get("EventDestinations", [])
            if one.get("Enabled") and one.get("SnsDestination", {}).get("TopicArn")
        ]
        if not to_sns:
            return f"“{name}” tells nobody: add an SNS event destination; see docs/ses.md"
        told = {kind for one in to_sns for kind in one.get("MatchingEventTypes", [])}
        if missing := WANTED_EVENTS - told:
            return f"“{name}” does not tell of {', '.join(sorted(missing))}: tick them too"
        topics = {one["SnsDestination"]["TopicArn"] for one in to_sns}
        known = set(self.settings.ses_events_topics)
        if not topics <= known:
            unnamed = ",".join(sorted(topics - known))
            return f"its topic is not named: STAFFROOM_SES_EVENTS_TOPICS={unnamed}"
        return ""

    def _queue(self) -> Problem:
        url = self.settings.ses_events_queue
        if not url:
            is_told = bool(self.settings.ses_events_topics)
            return "" if is_told else "neither queue nor topic is set: bounces stay unknown"
        region = region_of_queue(url) or os.environ.get("AWS_REGION")
        sqs: Any = boto3.client("sqs", region_name=region, config=_CONFIG)
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
        policy = answer.get("Attributes", {}).get("Policy", "")
        unheard = [one for one in self.settings.ses_events_topics if one not in policy]
        if "sns.amazonaws.com" not in policy or unheard:
            return "its policy lets no SNS topic of ours send to it; see docs/ses.md"
        return ""

    def _topic(self) -> Problem:
        wanted = self._endpoints()
        for topic in self.settings.ses_events_topics:
            sns: Any = boto3.client("sns", region_name=topic.split(":")[3], config=_CONFIG)
            answer = sns.list_subscriptions_by_topic(TopicArn=topic)
            found = {one["Endpoint"]: one for one in answer.get("Subscriptions", [])}
            ours = [
                one for name, one in found.items() if name in wanted or name.endswith(wanted[0])
            ]
            if not ours:
                return f"{topic} tells neither our queue nor {wanted[-1]}: subscribe one of them"
            if any(one.get("SubscriptionArn") == "PendingConfirmation" for one in ours):
                return f"the subscription to {topic} is not confirmed: request it once more"
        return ""

    def _endpoints(self) -> tuple[str, ...]:
        """How a subscription names our queue (the end of its ARN) and our page."""
        _, _, place = self.settings.ses_events_queue.partition("://")
        queue = ":".join(["", *place.split("/")[1:]]) if place else "no queue of ours"
        return queue, f"{self.settings.base_url}/hooks/ses"


_CONFIG = Config(connect_timeout=SECONDS, read_timeout=SECONDS, retries={"total_max_attempts": 2})


def hints(settings: Settings, look_up: Callable[[str], list[str]]) -> Iterator[tuple[str, str]]:
    """What the DNS says of the sender's domain, for an operator; `look_up` gives TXT records."""
    domain = settings.sender.address.rpartition("@")[2]
    spf = [text for text in look_up(domain) if text.startswith("v=spf1")]
    yield "SPF", spf[0] if spf else f"{domain} has no record; SES's MAIL FROM domain has its own"
    dmarc = [text for text in look_up(f"_dmarc.{domain}") if text.startswith("v=DMARC1")]
    missing = f"{domain} has none: put “v=DMARC1; p=none” at _dmarc.{domain} to begin with"
    yield "DMARC", dmarc[0] if dmarc else missing


def txt_records(name: str) -> list[str]:
    """The TXT records of a name; none if the DNS does not answer."""
    from dns.exception import DNSException
    from dns.resolver import resolve

    try:
        answers = resolve(name, "TXT", lifetime=SECONDS)
    except DNSException:
        return []
    return [b"".join(record.strings).decode("utf-8", "replace") for record in answers]


def policy(settings: Settings) -> str:
    """The least that our credentials must be allowed, as an IAM policy."""
    domain = settings.sender.address.rpartition("@")[2]
    statements: list[dict[str, object]] = [
        {
            "Sid": "Send",
            "Effect": "Allow",
            "Action": ["ses:SendEmail", "ses:SendBulkEmail", "ses:SendRawEmail"],
            "Resource": "*",
            "Condition": {"StringLike": {"ses:FromAddress": f"*@{domain}"}},
        },
        {
            "Sid": "Look",
            "Effect": "Allow",
            "Action": [
                "ses:GetAccount",
                "ses:GetEmailIdentity",
                "ses:GetConfigurationSet",
                "ses:GetConfigurationSetEventDestinations",
                "ses:ListSuppressedDestinations",
                "sns:ListSubscriptionsByTopic",
            ],
            "Resource": "*",
        },
        {
            "Sid": "Hear",
            "Effect": "Allow",
            "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
            "Resource": "*",
        },
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)
