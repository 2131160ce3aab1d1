"""What we send is understood by a stand-in for SES that others wrote (`aws-ses-v2-local`, in Node).

Everything is sent as ever: letters by SendBulkEmail, single mails by SendEmail, and those with a
calendar handed over whole.
"""

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Generator
from typing import Any

import httpx2
import pytest

from core.addresses import parse_address
from core.i18n import N_
from core.installation import Installation
from mail.delivering import Sender
from mail.keys import delivery_key
from mail.posting import Email, Recipient, post
from mail.ses import Ses, open_client
from members import signing_in
from members.audience import still_wanted
from staffroom.composition import make_pace
from tests.mail.test_delivering import BOTH, send, status
from tests.support.people import add_members

Run = Callable[[], None]
CALENDAR = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"
ACCOUNT = {
    "DedicatedIpAutoWarmupEnabled": False,
    "Details": {
        "AdditionalContactEmailAddresses": [],
        "ContactLanguage": "EN",
        "MailType": "MARKETING",
        "ReviewDetails": {"CaseId": "1", "Status": "GRANTED"},
        "UseCaseDescription": "Letters",
        "WebsiteURL": "https://school.example",
    },
    "EnforcementStatus": "HEALTHY",
    "ProductionAccessEnabled": True,
    "SendingEnabled": True,
    "SendQuota": {"Max24HourSend": 50_000, "MaxSendRate": 500, "SentLast24Hours": 0},
    "SuppressionAttributes": {"SuppressedReasons": ["BOUNCE"]},
}


@pytest.fixture(scope="module")
def double() -> Generator[str]:
    """The stand-in, running."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [os.environ["SES_DOUBLE"], "--host", "127.0.0.1", "--port", str(port)],
        env={**os.environ, "AWS_SES_ACCOUNT": json.dumps(ACCOUNT)},
        stdout=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    for _ in range(200):
        try:
            httpx2.get(f"{url}/health-check")
            break
        except httpx2.TransportError:
            time.sleep(0.05)
    yield url
    process.terminate()
    process.wait(10)


@pytest.fixture
def sender(installation: Installation, double: str, monkeypatch: pytest.MonkeyPatch) -> Sender:
    """A sender to it."""
    httpx2.post(f"{double}/clear-store")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", double)
    pace = make_pace(installation.redis)
    return Sender(installation, Ses(open_client(), "set"), pace, still_wanted)


def _mails(double: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx2.get(f"{double}/store").json()["emails"]
    return found


def test_a_letter_reaches_everybody_in_their_language_with_their_own_link(
    installation: Installation, run_jobs: Run, double: str
) -> None:
    add_members(installation, 60)
    number = send(installation, *BOTH)
    run_jobs()
    assert status(installation, number) == {"sent": 60, "total": 60}
    mails = _mails(double)
    to = sorted(mail["destination"]["to"][0] for mail in mails)
    assert to == sorted(f"m{n}@school.example" for n in range(60))
    assert {mail["subject"] for mail in mails} == {"A letter", "Kirje"}
    assert not any("{{" in mail["body"]["html"] + mail["body"]["text"] for mail in mails)
    leaving = {
        line for mail in mails for line in mail["body"]["text"].split() if "/unsubscribe/" in line
    }
    assert len(leaving) == 60


def test_a_code_and_a_calendar_reach_one_person(
    installation: Installation, run_jobs: Run, double: str
) -> None:
    add_members(installation, 1, "en")
    with installation.unit_of_work() as work:
        signing_in.ask(work, parse_address("m0@school.example"), "browser")
        note = Email("mail/simulated", "en", N_("You get this."), calendar=CALENDAR)
        post(work, note, Recipient("m0@school.example"), delivery_key("double", 1))
    run_jobs()
    mails = _mails(double)
    assert len(mails) == 2
    whole = next(mail for mail in mails if mail["subject"] == "A trial of the mail service")
    assert "METHOD:REQUEST" in json.dumps(whole) or whole["attachments"]
