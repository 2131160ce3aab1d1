"""The state tables: closed, and the outcomes of a call walk only their edges."""

import pytest

from mail.outcomes import MOST_ATTEMPTS, Outcome, Verdict, counts, next_state, wait_before_next
from mail.states import DELIVERIES, DELIVERY_EDGES, MAILING_EDGES, DeliveryState, MailingState


def test_every_state_is_in_its_table() -> None:
    assert set(DELIVERY_EDGES) == set(DeliveryState)
    assert set(MAILING_EDGES) == set(MailingState)


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("attempts", [1, MOST_ATTEMPTS, 99])
def test_an_outcome_walks_an_edge(verdict: Verdict, attempts: int) -> None:
    assert next_state(Outcome(verdict), attempts) in DELIVERY_EDGES[DeliveryState.SENDING]


def test_unknown_is_never_queued_by_an_outcome() -> None:
    assert next_state(Outcome(Verdict.UNKNOWN), 1) is DeliveryState.UNKNOWN
    assert DeliveryState.SENDING in DELIVERIES.sources(DeliveryState.UNKNOWN)


def test_what_is_not_sent_waits_longer_each_time_but_not_for_ever() -> None:
    waits = [wait_before_next(n).total_seconds() for n in range(1, 12)]
    assert waits[:3] == [2, 4, 8]
    assert waits == sorted(waits)
    assert waits[-1] == 300
    assert wait_before_next(10_000).total_seconds() == 300


def test_an_outage_never_makes_a_delivery_fail() -> None:
    assert next_state(Outcome(Verdict.UNREACHABLE), 10_000) is DeliveryState.QUEUED
    assert next_state(Outcome(Verdict.TRANSIENT), MOST_ATTEMPTS) is DeliveryState.FAILED


@pytest.mark.parametrize(
    "verdict",
    [
        v
        for v in Verdict
        if v.name in {"THROTTLED", "UNREACHABLE", "QUOTA_USED", "FAULT", "NOT_TRIED"}
    ],
)
def test_what_concerns_everybody_uses_up_nobodys_tries(verdict: Verdict) -> None:
    assert not counts(Outcome(verdict))


@pytest.mark.parametrize(
    "verdict",
    [
        v
        for v in Verdict
        if v.name in {"ACCEPTED", "TRANSIENT", "FAILED_ONCE", "REFUSED", "UNKNOWN"}
    ],
)
def test_what_concerns_one_delivery_is_a_try_of_it(verdict: Verdict) -> None:
    assert counts(Outcome(verdict))
