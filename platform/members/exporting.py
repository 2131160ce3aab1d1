"""Exporting members as CSV that no spreadsheet runs, and that we read back as it was."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TextIO

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from core.database import among
from core.formulas import safe_cell
from members.finding import labels_of
from members.models import Member, Subscription
from members.states import SubscriptionState

COLUMNS = ("email", "name", "language", "role", "level", "country", "timezone", "labels", "state",
           "topics", "left topics", "joined", "consented")  # fmt: skip
AT_ONCE = 1000


@dataclass
class _Choices:
    """What a member said about the topics."""

    states: dict[str, str] = field(default_factory=dict)
    times: dict[str, datetime] = field(default_factory=dict)

    def in_state(self, state: str) -> str:
        return " ".join(sorted(topic for topic, its in self.states.items() if its == state))


def export_members(session: Session, out: TextIO) -> int:
    """Write all members, in order of joining; returns how many."""
    count = -1  # the first line is the names of the columns
    for line in rows(session, true()):
        out.write(line)
        count += 1
    return count


def lines(session: Session, whom: ColumnElement[bool]) -> Iterator[bytes]:
    """The file of those to whom a condition applies, marked so that Excel reads its letters."""
    yield b"\xef\xbb\xbf"
    for line in rows(session, whom):
        yield line.encode()


def rows(session: Session, whom: ColumnElement[bool]) -> Iterator[str]:
    """Its lines, the names of the columns first; some people at a time, however many there are."""
    last = 0
    # Asked first: a database that cannot answer leaves no file that looks like "no members".
    some = _some(session, whom, last)
    yield _line(COLUMNS)
    while some:
        ids = [member.id for member in some]
        choices, labels = _choices(session, ids), labels_of(session, ids)
        for member in some:
            cells = _cells(member, choices.get(member.id, _Choices()), labels.get(member.id, ()))
            yield _line([safe_cell(cell) for cell in cells])
        session.expunge_all()
        some = _some(session, whom, ids[-1])


def _some(session: Session, whom: ColumnElement[bool], last: int) -> Sequence[Member]:
    after = select(Member).where(whom, Member.id > last).order_by(Member.id)
    return session.scalars(after.limit(AT_ONCE)).all()


def _line(cells: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerow(cells)
    return written.getvalue()


def _choices(session: Session, ids: Sequence[int]) -> Mapping[int, _Choices]:
    found: dict[int, _Choices] = defaultdict(_Choices)
    theirs = among(Subscription.member_id, ids)
    said = Subscription.topic, Subscription.state, Subscription.changed_at
    for member_id, topic, state, changed_at in session.execute(
        select(Subscription.member_id, *said).where(theirs)
    ):
        found[member_id].states[topic] = state
        found[member_id].times[topic] = changed_at
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
