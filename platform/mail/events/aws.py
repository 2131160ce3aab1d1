"""Where events come from: the queue that is polled, and what SNS wants of who listens by HTTPS."""

import hashlib
import json
import os
import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import boto3
import httpcore2
import structlog
from botocore import UNSIGNED
from botocore.config import Config
from sqlalchemy.exc import SQLAlchemyError

from core.installation import Installation
from mail.events.inbox import Notice, keep
from mail.events.sns import NOTIFICATION
from mail.ses import FAILURES

AT_ONCE = 10
"""What SQS hands out at the most."""
HANDFULS = 20
LONG_POLL = 10
READ_SECONDS = 20
RETRY_SECONDS = 5.0
CERTIFICATE_SECONDS = 5.0
LARGEST_CERTIFICATE = 20_000

log = structlog.get_logger()


class Poller:
    """Takes what SES tells out of the queue: kept first, deleted afterwards."""

    def __init__(self, installation: Installation, stopping: threading.Event) -> None:
        settings = installation.settings
        self._installation = installation
        self._queue = settings.ses_events_queue
        self._topics = settings.ses_events_topics
        self._stopping = stopping
        self._was_silent = False
        config = Config(read_timeout=READ_SECONDS, connect_timeout=5)
        region = region_of_queue(self._queue) or os.environ.get("AWS_REGION")
        self._sqs: Any = boto3.client("sqs", region_name=region, config=config)

    def run(self) -> None:
        """Poll until told to stop. What does not answer is asked again; it is said once."""
        while not self._stopping.is_set():
            try:
                self.once()
                self._say(None)
            except Exception as error:  # noqa: BLE001 - a poller that ends tells nobody
                self._say(error)
                self._stopping.wait(RETRY_SECONDS)

    def once(self, wait: int = LONG_POLL) -> int:
        """Take what waits, some handfuls at a time; returns how many messages.

        Raises what boto3 and SQLAlchemy raise.
        """
        handfuls = self._receive(wait)
        messages = [message for handful in handfuls for message in handful]
        if messages:
            with self._installation.unit_of_work() as work:
                keep(work, "queue", self._notices(messages))
        for handful in filter(None, handfuls):
            self._delete(handful)
        return len(messages)

    def _receive(self, wait: int) -> list[list[dict[str, Any]]]:
        """One handful, and more while they are full: a commit for each would cost the most.

        What is fetched and not kept comes again, so it is no more than takes a moment.
        """
        found: list[list[dict[str, Any]]] = []
        while len(found) < HANDFULS and not self._stopping.is_set():
            answer = self._sqs.receive_message(
                QueueUrl=self._queue,
                MaxNumberOfMessages=AT_ONCE,
                WaitTimeSeconds=0 if found else wait,
            )
            found.append(answer.get("Messages", []))
            if len(found[-1]) < AT_ONCE:
                break
        return found

    def _delete(self, messages: Sequence[dict[str, Any]]) -> None:
        entries = [
            {"Id": str(n), "ReceiptHandle": one["ReceiptHandle"]} for n, one in enumerate(messages)
        ]
        self._sqs.delete_message_batch(QueueUrl=self._queue, Entries=entries)

    def _notices(self, messages: Sequence[dict[str, Any]]) -> list[Notice]:
        found = [notice_of(one.get("Body", ""), self._topics) for one in messages]
        return [notice for notice in found if notice is not None]

    def _say(self, error: Exception | None) -> None:
        if error is not None and not self._was_silent:
            is_known = isinstance(error, (*FAILURES, SQLAlchemyError))
            log.warning(
                "events cannot be fetched",
                error=type(error).__name__,
                exc_info=None if is_known else error,
            )
        if error is None and self._was_silent:
            log.warning("events can be fetched again")
        self._was_silent = error is not None


def notice_of(body: str, topics: tuple[str, ...]) -> Notice | None:
    """What a message of the queue says: in SNS's envelope, or as it is (raw delivery).

    Only SNS can put it there, by the queue's policy; still, other topics than ours are not ours.
    """
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict) or fields.get("Type") != NOTIFICATION:
        return Notice(hashlib.sha256(body.encode()).hexdigest(), body)
    if topics and fields.get("TopicArn") not in topics:
        _say_foreign(str(fields.get("TopicArn"))[:200])
        return None
    return Notice(str(fields.get("MessageId", ""))[:100], str(fields.get("Message", "")))


@lru_cache(maxsize=100)
def _say_foreign(topic: str) -> None:
    """Once for each: whoever can write to the queue can write much."""
    log.warning("events of a foreign topic are left out", topic=topic)


def region_of_queue(url: str) -> str | None:
    """The region in a queue's address; None where it has none, as on this machine."""
    host = urlsplit(url).hostname or ""
    return host.split(".")[1] if host.startswith("sqs.") and host.count(".") > 2 else None


class NotNow(Exception):
    """AWS does not answer, or says no. It asks again later."""


def confirm(topic: str, token: str) -> None:
    """Tell SNS that we listen to a topic. Raises NotNow.

    By the API, in the topic's own region: no address that came with the message is followed.
    """
    unsigned = Config(signature_version=UNSIGNED, connect_timeout=5, read_timeout=10)
    try:
        sns = boto3.client("sns", region_name=topic.split(":")[3], config=unsigned)
        sns.confirm_subscription(TopicArn=topic, Token=token)
    except FAILURES as error:
        raise NotNow(type(error).__name__) from error


@lru_cache(maxsize=32)
def fetch_certificate(url: str) -> bytes:
    """The certificate at an address that was checked before. Raises ValueError."""
    timeout = dict.fromkeys(("connect", "read", "write", "pool"), CERTIFICATE_SECONDS)
    try:
        answer = httpcore2.request("GET", url, extensions={"timeout": timeout})
    except (httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError):
        raise ValueError("the certificate cannot be fetched") from None
    if answer.status != 200 or len(answer.content) > LARGEST_CERTIFICATE:
        raise ValueError("the certificate cannot be fetched")
    return bytes(answer.content)
