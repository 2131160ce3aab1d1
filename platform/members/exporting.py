"""Exporting members as CSV that no spreadsheet runs, and that we read back as it was."""

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TextIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.formulas import safe_cell
from members.models import Member, MemberLabel, Subscription
from members.states import SubscriptionState

COLUMNS = ("email", "name", "language", "role", "level", "country", "timezone", "labels", "state",
           "topics", "left topics", "joined", "consented")  # fmt: skip


@dataclass
class _Choices:
    """What a member said about the topics."""

    states: dict[str, str] = field(default_factory=dict)
    times: dict[str, datetime] = field(default_factory=dict)

    def in_state(self, state: str) -> str:
        return " ".join(sorted(topic for topic, its in self.states.items() if its == state))


def export_members(session: Session, out: TextIO) -> int:
    """Write all members, in order of joining; returns how many."""
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    # Asked first: a database that cannot answer leaves no file that looks like "no members".
    choices, labels = _choices(session), _labels(session)
    writer.writerow(COLUMNS)
    count = 0
    for member in session.scalars(
        select(Member).order_by(Member.id).execution_options(yield_per=1000)
    ):
        cells = _cells(member, choices.get(member.id, _Choices()), labels.get(member.id, ()))
        writer.writerow(map(safe_cell, cells))
        count += 1
    return count


def _choices(session: Session) -> Mapping[int, _Choices]:
    found: dict[int, _Choices] = defaultdict(_Choices)
    rows = session.execute(
        select(
            Subscription.member_id, Subscription.topic, Subscription.state, Subscription.changed_at
        )
    )
    for member_id, topic, state, changed_at in rows:
        found[member_id].states[topic] = state
        found[member_id].times[topic] = changed_at
    return found


def _labels(session: Session) -> Mapping[int, Sequence[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    rows = session.execute(
        select(MemberLabel.member_id, MemberLabel.label).order_by(MemberLabel.label)
    )
    for member_id, label in rows:
        found[member_id].append(label)
    return found


def _cells(member: Member, choices: _Choices, labels: Sequence[str]) -> tuple[str, ...]:
    joined = member.confirmed_at or member.created_at
    times = sorted(choices.times.items())
    return (
        member.email,
        member.name,
        member.language,
        member.role,
        member.level,
        member.country,
        member.time_zone,
        "; ".join(labels),
        member.state,
        choices.in_state(SubscriptionState.SUBSCRIBED),
        choices.in_state(SubscriptionState.UNSUBSCRIBED),
        joined.isoformat(timespec="seconds"),
        " ".join(f"{topic}={at.isoformat(timespec='seconds')}" for topic, at in times),
    )
