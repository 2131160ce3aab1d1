"""The queue of SQS: kept first and deleted afterwards: nothing is lost, and nothing doubled."""

import json
import threading
from collections.abc import Generator
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from core.installation import Installation
from mail.events.aws import Poller, region_of_queue
from mail.models import MailEvent
from tests.conftest import both_databases
from tests.support.loopback_ses import Mail
from tests.support.people import ShiftedClock
from tests.support.ses_events import TOPIC, Queue, envelope, loopback_sqs, told

EVENT = json.dumps(told(Mail("a@school.example", "", "", "", {}, {}, "id"), "Delivery"))


@pytest.fixture
def queue() -> Queue:
    """A queue of SQS."""
    return Queue()


@pytest.fixture
def poller(
    installation: Installation, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> Generator[Poller]:
    """The poller of an installation."""
    with loopback_sqs(queue) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", url.rsplit("/", 2)[0])
        changes = {"ses_events_queue": url, "ses_events_topics": (TOPIC,)}
        settings = installation.settings.model_copy(update=changes)
        yield Poller(replace(installation, settings=settings), threading.Event())


def kept(installation: Installation) -> list[str]:
    with installation.reading() as work:
        return list(work.session.scalars(select(MailEvent.body).order_by(MailEvent.id)))


@both_databases
def test_what_lies_in_the_queue_is_kept_and_taken_out(
    installation: Installation, poller: Poller, queue: Queue, clock: ShiftedClock
) -> None:
    for n in range(225):
        queue.put(json.dumps(envelope(f"{EVENT}{' ' * n}", clock.now())))
    assert [poller.once(0) for _ in range(3)] == [
        200,
        25,
        0,
    ]  # ten at a time, until one is not full
    assert len(kept(installation)) == queue.deleted == 225


@both_databases
def test_what_comes_again_is_kept_once(
    installation: Installation, poller: Poller, queue: Queue, clock: ShiftedClock
) -> None:
    body = json.dumps(envelope(EVENT, clock.now()))
    for _ in range(3):
        queue.put(body)
    poller.once(0)
    queue.put(EVENT)  # raw delivery: without an envelope
    queue.put(EVENT)
    poller.once(0)
    assert kept(installation) == [EVENT, EVENT]


def test_what_cannot_be_kept_stays_in_the_queue(
    installation: Installation,
    poller: Poller,
    queue: Queue,
    clock: ShiftedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    queue.put(json.dumps(envelope(EVENT, clock.now())))

    def fail(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("disk full"))

    with monkeypatch.context() as broken:
        broken.setattr("mail.events.aws.keep", fail)
        with pytest.raises(OperationalError):
            poller.once(0)
    assert queue.deleted == 0
    queue.return_all()
    poller.once(0)
    assert kept(installation) == [EVENT]


def test_what_comes_from_a_foreign_topic_is_left_out(
    installation: Installation, poller: Poller, queue: Queue, clock: ShiftedClock
) -> None:
    foreign = "arn:aws:sns:eu-north-1:999999999999:mail"
    queue.put(json.dumps(envelope(EVENT, clock.now(), TopicArn=foreign)))
    assert poller.once(0) == 1
    assert kept(installation) == []
    assert queue.deleted == 1


def test_a_queue_that_does_not_answer_is_asked_again_until_it_does(
    installation: Installation, poller: Poller, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mail.events.aws.RETRY_SECONDS", 0.01)
    queue.fails = 9  # boto3 itself asks three times
    queue.put(EVENT)
    _run_until_kept(installation, poller)
    assert kept(installation) == [EVENT]


def _run_until_kept(installation: Installation, poller: Poller) -> None:
    """The poller runs until something is kept, and ends when it is told to."""
    thread = threading.Thread(target=poller.run, daemon=True)
    thread.start()
    for _ in range(600):
        if kept(installation):
            break
        thread.join(0.05)
    poller._stopping.set()
    thread.join(30)
    assert not thread.is_alive()


@pytest.mark.parametrize(
    ("url", "region"),
    [
        ("https://sqs.eu-north-1.amazonaws.com/123456789012/mail", "eu-north-1"),
        ("https://sqs.cn-north-1.amazonaws.com.cn/123456789012/mail", "cn-north-1"),
        ("http://127.0.0.1:4579/123456789012/mail", None),
    ],
)
def test_a_queues_address_names_its_region(url: str, region: str | None) -> None:
    assert region_of_queue(url) == region


def test_whatever_breaks_the_poller_goes_on(
    installation: Installation, poller: Poller, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mail.events.aws.RETRY_SECONDS", 0.01)
    queue.put(EVENT)
    once, broken = poller.once, iter([True])

    def breaks(wait: int = 0) -> int:
        if next(broken, False):
            raise RuntimeError("nobody thought of this")
        return once(wait)

    monkeypatch.setattr(poller, "once", breaks)
    _run_until_kept(installation, poller)
    assert kept(installation) == [EVENT]
