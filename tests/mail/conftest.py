"""What the tests of mail stand on: a sender to the loopback SES instead of the outbox."""

import pytest

from core.installation import Installation
from mail.delivering import Sender
from mail.ses import Ses, open_client
from members.audience import still_wanted
from staffroom.composition import make_pace
from tests.support.loopback_ses import Account


@pytest.fixture
def account(ses: tuple[Account, str]) -> Account:
    """The account of the loopback SES."""
    return ses[0]


@pytest.fixture
def to_ses(
    installation: Installation, ses: tuple[Account, str], monkeypatch: pytest.MonkeyPatch
) -> Sender:
    """A sender to the loopback SES."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", ses[1])
    monkeypatch.setattr("mail.ses.READ_SECONDS", 1)
    pace = make_pace(installation.redis)
    return Sender(installation, Ses(open_client(), "bulk-set"), pace, still_wanted)
