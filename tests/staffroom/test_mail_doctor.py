"""`staffroom doctor` looks at the account, the sender and who is told, and says what to do."""

import json
from collections.abc import Generator
from dataclasses import replace
from typing import Any

import pytest

from core.installation import Installation
from mail.events.applying import read_all
from mail.events.inbox import Notice, keep
from mail.ses_doctor import WANTED_EVENTS, SesDoctor, hints, policy
from mail.suppressing import Why, why_suppressed
from staffroom.composition import make_sender
from staffroom.doctor import findings, simulated
from tests.support.loopback_ses import Account
from tests.support.ses_events import TOPIC, Queue, bounce, complaint, loopback_sqs, told

DOMAIN = "staffroom.example"


def _well(account: Account, queue: Queue) -> None:
    account.identities[DOMAIN] = {
        "VerifiedForSendingStatus": True,
        "DkimAttributes": {"Status": "SUCCESS"},
        "MailFromAttributes": {
            "MailFromDomain": f"mail.{DOMAIN}",
            "MailFromDomainStatus": "SUCCESS",
        },
    }
    destination = {
        "Name": "sns",
        "Enabled": True,
        "MatchingEventTypes": sorted(WANTED_EVENTS),
        "SnsDestination": {"TopicArn": TOPIC},
    }
    account.sets["ours"] = {
        "SendingOptions": {"SendingEnabled": True},
        "destinations": [destination],
    }
    queue.policy = json.dumps({"Principal": "sns.amazonaws.com", "Condition": TOPIC})
    queue.subscribed = ("arn:aws:sqs:eu-north-1:123456789012:mail",)


@pytest.fixture
def queue() -> Queue:
    """A queue of SQS."""
    return Queue()


@pytest.fixture
def at_aws(
    installation: Installation,
    ses: tuple[Account, str],
    queue: Queue,
    monkeypatch: pytest.MonkeyPatch,
) -> Generator[Installation]:
    """An installation that sends by SES, where all is as it should be."""
    _well(ses[0], queue)
    with loopback_sqs(queue) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", ses[1])
        monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", url.rsplit("/", 2)[0])
        monkeypatch.setenv("AWS_ENDPOINT_URL_SNS", url.rsplit("/", 2)[0])
        changes = {
            "mail": "ses",
            "ses_configuration_set": "ours",
            "ses_events_queue": url,
            "ses_events_topics": (TOPIC,),
        }
        yield replace(installation, settings=installation.settings.model_copy(update=changes))


def _ill(installation: Installation) -> dict[str, str]:
    found = findings(installation)
    return {name: problem for name, problem in found if problem and name.startswith("mail")}


def test_where_all_is_well_it_says_so(at_aws: Installation) -> None:
    assert _ill(at_aws) == {}


def _of(account: Account) -> dict[str, Any]:
    return account.identities[DOMAIN]


ILL: dict[str, tuple[str, Any]] = {
    "SHUTDOWN": ("mail account", lambda a, _q: setattr(a, "status", "SHUTDOWN")),
    "switched off": ("mail account", lambda a, _q: setattr(a, "is_enabled", False)),
    "sandbox": ("mail account", lambda a, _q: setattr(a, "is_sandbox", True)),
    "quota is used up": ("mail account", lambda a, _q: setattr(a, "used", a.quota)),
    "under review": ("mail account", lambda a, _q: setattr(a, "status", "PROBATION")),
    "does not know staffroom.example": ("mail sender", lambda a, _q: a.identities.clear()),
    "not verified": ("mail sender", lambda a, _q: _of(a).update(VerifiedForSendingStatus=False)),
    "DKIM is PENDING": (
        "mail sender",
        lambda a, _q: _of(a).update(DkimAttributes={"Status": "PENDING"}),
    ),
    "no MAIL FROM": ("mail sender", lambda a, _q: _of(a).update(MailFromAttributes={})),
    "SES does not know “ours”": ("mail configuration set", lambda a, _q: a.sets.clear()),
    "sending is paused for “ours”": (
        "mail configuration set",
        lambda a, _q: a.sets["ours"].update(SendingOptions={"SendingEnabled": False}),
    ),
    "tells nobody": ("mail events", lambda a, _q: a.sets["ours"]["destinations"].clear()),
    "does not tell of BOUNCE": (
        "mail events",
        lambda a, _q: a.sets["ours"]["destinations"][0]["MatchingEventTypes"].remove("BOUNCE"),
    ),
    "its topic is not named": (
        "mail events",
        lambda a, _q: a.sets["ours"]["destinations"][0]["SnsDestination"].update(
            TopicArn="arn:aws:sns:eu-north-1:1:other"
        ),
    ),
    "its policy lets no SNS topic": ("mail queue", lambda _a, q: setattr(q, "policy", "{}")),
    "tells neither our queue": ("mail topic", lambda _a, q: setattr(q, "subscribed", ("x",))),
}


@pytest.mark.parametrize("said", ILL)
def test_what_is_missing_is_named_with_what_to_do(
    at_aws: Installation, ses: tuple[Account, str], queue: Queue, said: str
) -> None:
    part, spoil = ILL[said]
    spoil(ses[0], queue)
    assert said in _ill(at_aws)[part]


def test_settings_that_contradict_the_account_are_named(at_aws: Installation) -> None:
    hasty = at_aws.settings.model_copy(update={"ses_rate": 1_000_000.0})
    assert "STAFFROOM_SES_RATE" in _ill(replace(at_aws, settings=hasty))["mail account"]
    deaf = at_aws.settings.model_copy(update={"ses_events_queue": "", "ses_events_topics": ()})
    assert "bounces stay unknown" in _ill(replace(at_aws, settings=deaf))["mail queue"]


def test_an_account_that_does_not_answer_hinders_no_other_look(
    at_aws: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", "http://127.0.0.1:9")
    ill = _ill(at_aws)
    assert "cannot be reached" in ill["mail account"]
    assert "mail queue" not in ill


def test_the_accounts_own_list_is_taken_over(
    at_aws: Installation, ses: tuple[Account, str]
) -> None:
    ses[0].suppressed = [
        {"EmailAddress": "gone@school.example", "Reason": "BOUNCE"},
        {"EmailAddress": "angry@school.example", "Reason": "COMPLAINT"},
    ]
    for _ in range(2):
        assert _ill(at_aws) == {}
    with at_aws.reading() as work:
        assert why_suppressed(work, "gone@school.example") is Why.LISTED
        assert why_suppressed(work, "angry@school.example") is Why.COMPLAINT


def test_the_dns_is_told_of_for_an_operator(at_aws: Installation) -> None:
    records = {DOMAIN: ["v=spf1 include:amazonses.com -all", "x=y"], f"_dmarc.{DOMAIN}": []}
    told = dict(hints(at_aws.settings, lambda name: records[name]))
    assert told["SPF"] == "v=spf1 include:amazonses.com -all"
    assert "_dmarc.staffroom.example" in told["DMARC"]


def test_the_policy_is_json_and_lets_only_our_senders_write(at_aws: Installation) -> None:
    statements = json.loads(policy(at_aws.settings))["Statement"]
    assert statements[0]["Condition"]["StringLike"]["ses:FromAddress"] == "*@staffroom.example"
    actions = {action for one in statements for action in one["Action"]}
    assert not any("*" in action for action in actions)


def test_each_check_can_be_made_alone(at_aws: Installation) -> None:
    assert [problem for _, problem in SesDoctor(at_aws.settings).findings()] == [""] * 6


@pytest.mark.parametrize("hears", [True, False])
def test_the_simulator_shows_whether_everything_is_told(
    at_aws: Installation, ses: tuple[Account, str], monkeypatch: pytest.MonkeyPatch, hears: bool
) -> None:
    monkeypatch.setattr("staffroom.doctor.SIMULATED_SECONDS", 3)
    sender = make_sender(at_aws, lambda: False)
    told_about: set[str] = set()

    def work(_seconds: float) -> None:
        """What the workers do meanwhile, and SES."""
        sender.deliver_service()
        for mail in ses[0].mails:
            if hears and mail.to not in told_about:
                told_about.add(mail.to)
                kind = mail.to.partition("@")[0]
                made = {"bounce": bounce(mail), "complaint": complaint(mail)}
                event = made.get(kind) or told(mail, "Delivery")
                with at_aws.unit_of_work() as unit:
                    keep(unit, "queue", [Notice(mail.to, json.dumps(event))])
        read_all(at_aws)

    found = dict(simulated(at_aws, work))
    assert list(found) == ["simulator success", "simulator bounce", "simulator complaint"]
    if hears:
        assert set(found.values()) == {""}
    else:
        assert all("is still “sent”" in problem for problem in found.values())
    with at_aws.reading() as reading:
        assert why_suppressed(reading, "bounce@simulator.amazonses.com") is None
