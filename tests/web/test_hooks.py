"""What becomes of mails is told by HTTPS: only what SNS signed, for our topics, and of now."""

import json
from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from core.installation import Installation
from mail.events import aws
from mail.models import MailEvent
from tests.support.loopback_ses import Mail
from tests.support.people import Browser, ShiftedClock
from tests.support.ses_events import CERTIFICATE_URL, TOPIC, certificate, envelope, sign, told

MESSAGE = json.dumps(
    told(Mail("a@school.example", "", "", "", {}, {"delivery": "1"}, "id-1"), "Delivery")
)


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The certificates that were asked for, from what plays the internet."""
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        return certificate()

    monkeypatch.setattr(aws, "fetch_certificate", fetch)
    return asked


@pytest.fixture
def sns(installation: Installation, fetched: list[str]) -> Generator[Browser]:
    """Whoever posts to us, for an installation with one topic."""
    settings = installation.settings.model_copy(update={"ses_events_topics": (TOPIC,)})
    with Browser.of(replace(installation, settings=settings)) as browser:
        yield browser


def post(sns: Browser, posted: object) -> int:
    body = posted if isinstance(posted, str) else json.dumps(posted)
    headers = {"Content-Type": "text/plain; charset=UTF-8", "Sec-Fetch-Site": "cross-site"}
    return sns.client.post("/hooks/ses", content=body.encode(), headers=headers).status_code


def kept(installation: Installation) -> list[str]:
    with installation.reading() as work:
        return list(work.session.scalars(select(MailEvent.body)))


@pytest.mark.parametrize("version", ["1", "2"])
def test_what_is_signed_is_kept_as_it_came_in_either_version(
    installation: Installation, sns: Browser, clock: ShiftedClock, version: str
) -> None:
    assert post(sns, envelope(MESSAGE, clock.now(), version)) == 200
    assert kept(installation) == [MESSAGE]


def test_the_same_notice_is_kept_once(
    installation: Installation, sns: Browser, clock: ShiftedClock
) -> None:
    posted = envelope(MESSAGE, clock.now())
    assert [post(sns, posted) for _ in range(3)] == [200, 200, 200]
    assert len(kept(installation)) == 1


def test_a_subject_is_part_of_what_is_signed(
    installation: Installation, sns: Browser, clock: ShiftedClock
) -> None:
    posted = envelope(MESSAGE, clock.now(), Subject="Amazon SES Email Event Notification")
    assert post(sns, posted) == 200
    assert post(sns, {**posted, "MessageId": "other", "Subject": "x"}) == 403


Change = Callable[[dict[str, str]], object]


def _resigned(**fields: str) -> Change:
    def change(posted: dict[str, str]) -> dict[str, str]:
        changed = {**posted, **fields}
        return {**changed, "Signature": sign(changed)}

    return change


FORGED: dict[str, Change] = {
    "another message": lambda posted: {**posted, "Message": MESSAGE.replace("a@", "b@")},
    "no signature": lambda posted: {**posted, "Signature": ""},
    "half a signature": lambda posted: {**posted, "Signature": posted["Signature"][:40]},
    "a signature that is none": lambda posted: {**posted, "Signature": "ä=="},
    "the other version": lambda posted: {**posted, "SignatureVersion": "1"},
    "an unknown version": _resigned(SignatureVersion="3"),
    "a foreign topic": _resigned(TopicArn="arn:aws:sns:eu-north-1:999999999999:mail"),
    "a topic that begins so": _resigned(TopicArn=f"{TOPIC}-2"),
    "an unknown kind": _resigned(Type="Something"),
    "old": _resigned(Timestamp="2026-11-25T08:00:00.000Z"),
    "of the future": _resigned(Timestamp="2026-11-25T12:00:00.000Z"),
    "without a zone": _resigned(Timestamp="2026-11-25T10:00:00"),
    "without a time": _resigned(Timestamp="now"),
    "no id": _resigned(MessageId=""),
    "a number where a text should be": lambda posted: {**posted, "Message": 1},
    "a list": lambda posted: [posted],
    "not json": lambda _posted: "{",
    "deep": lambda _posted: "[" * 100_000,
    "nothing": lambda _posted: "",
}


@pytest.mark.parametrize("how", FORGED)
def test_what_is_forged_foreign_or_old_is_refused_and_not_kept(
    installation: Installation, sns: Browser, clock: ShiftedClock, how: str
) -> None:
    assert post(sns, FORGED[how](envelope(MESSAGE, clock.now()))) == 403
    assert kept(installation) == []


ELSEWHERE = [
    CERTIFICATE_URL.replace("https:", "http:"),
    CERTIFICATE_URL.replace("amazonaws.com", "amazonaws.com.evil.example"),
    CERTIFICATE_URL.replace("amazonaws.com", "amazonaws.com@evil.example"),
    CERTIFICATE_URL.replace("https://", "https://evil.example/?"),
    CERTIFICATE_URL.replace("https://", "https://evil.example#"),
    CERTIFICATE_URL.replace("amazonaws.com/", "amazonaws.com:8443/"),
    CERTIFICATE_URL.replace("sns.", "sqs."),
    CERTIFICATE_URL.replace("sns.", "xsns."),
    CERTIFICATE_URL.replace("eu-north-1", "us-east-1"),
    CERTIFICATE_URL.replace("/Simple", "/evil/Simple"),
    CERTIFICATE_URL.replace("/Simple", "/../Simple"),
    CERTIFICATE_URL + "?x",
    CERTIFICATE_URL + "#x",
    CERTIFICATE_URL.replace(".pem", ".pem.evil"),
    CERTIFICATE_URL.replace("eu-north-1", "eu-north-1\\.evil.example"),
    CERTIFICATE_URL.replace("eu-north-1", "EU-NORTH-1"),
    CERTIFICATE_URL + "\n",
    "https://[::1",
    "",
]


@pytest.mark.parametrize("url", ELSEWHERE)
def test_a_certificate_from_anywhere_else_is_not_even_fetched(
    installation: Installation,
    sns: Browser,
    clock: ShiftedClock,
    fetched: list[str],
    url: str,
) -> None:
    assert post(sns, envelope(MESSAGE, clock.now(), SigningCertURL=url)) == 403
    assert fetched == []
    assert kept(installation) == []


def test_what_is_too_large_is_refused(
    installation: Installation, sns: Browser, clock: ShiftedClock
) -> None:
    assert post(sns, envelope("x" * 310_000, clock.now())) in (403, 413)
    assert post(sns, "x" * 1_000_000) == 413
    assert kept(installation) == []


def test_without_topics_in_the_settings_everything_is_refused(
    visitor: Browser, clock: ShiftedClock, fetched: list[str]
) -> None:
    assert post(visitor, envelope(MESSAGE, clock.now())) == 403


def _confirmation(at: Any, **fields: str) -> dict[str, str]:
    url = "https://sns.eu-north-1.amazonaws.com/?Action=ConfirmSubscription"
    wanted = {"Token": "t" * 64, "SubscribeURL": url, **fields}
    return envelope("You have chosen …", at, kind="SubscriptionConfirmation", **wanted)


def test_a_topic_of_ours_is_confirmed_by_the_api_and_no_other_address_is_followed(
    sns: Browser, clock: ShiftedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirmed: list[tuple[str, str]] = []
    monkeypatch.setattr(aws, "confirm", lambda topic, token: confirmed.append((topic, token)))
    evil = "https://evil.example/take-this"
    assert post(sns, _confirmation(clock.now(), SubscribeURL=evil)) == 200
    assert confirmed == [(TOPIC, "t" * 64)]
    foreign = "arn:aws:sns:eu-north-1:999999999999:mail"
    assert post(sns, _confirmation(clock.now(), TopicArn=foreign)) == 403
    assert len(confirmed) == 1


def test_a_subscription_that_cannot_be_confirmed_now_is_asked_for_again(
    sns: Browser, clock: ShiftedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SNS", "http://127.0.0.1:9")
    assert post(sns, _confirmation(clock.now())) == 503


def test_a_farewell_is_only_noted(
    installation: Installation, sns: Browser, clock: ShiftedClock
) -> None:
    wanted = {"Token": "t", "SubscribeURL": "https://x.example"}
    posted = envelope("bye", clock.now(), kind="UnsubscribeConfirmation", **wanted)
    assert post(sns, posted) == 200
    assert kept(installation) == []


def test_a_get_changes_nothing(installation: Installation, sns: Browser) -> None:
    assert sns.client.get("/hooks/ses").status_code == 405
    assert kept(installation) == []
