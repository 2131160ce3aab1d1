"""Importing members: tells what became of every row, and never resubscribes anyone."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from core.database import look_over
from core.errors import Refusal
from core.i18n import LANGUAGES, N_
from core.many_rows import insert_new
from core.unit_of_work import Reading, UnitOfWork
from members.consent import TOPIC_TEXTS, TOPICS, Act, text_hash
from members.judging import FILLED, Judged, judge
from members.list_rows import Import, Report, Row, checked
from members.models import ConsentEvent, Member, MemberLabel, Subscription
from members.records import new_record
from members.states import SubscriptionState
from members.tables import Table

BATCH = 2000
MOST_LOOKED_AT = 300_000


def import_table(
    open_work: Callable[[], AbstractContextManager[UnitOfWork]],
    table: Table,
    into: Import,
    progress: Callable[[int], None] = lambda _: None,
) -> Report:
    """Import a table batch by batch, each in a unit of work of its own.

    Whoever had left where the table comes from is counted, and subscribed to nothing.
    """
    report = Report(unused=table.unused)
    rows = checked(table, into, report)
    while batch := list(islice(rows, BATCH)):
        with open_work() as work:
            apply(work, judge(work, batch), into, report)
        progress(len(batch))
    with open_work() as work:
        look_over(work.session, Member, Subscription)
    return report


def look_through(
    open_work: Callable[[], AbstractContextManager[Reading]],
    table: Table,
    into: Import,
    progress: Callable[[int], None] = lambda _: None,
) -> Report:
    """What an import would come to; nothing is written. Raises Refusal if there are too many."""
    report = Report(unused=table.unused)
    rows = checked(table, into, report)
    while batch := list(islice(rows, BATCH)):
        with open_work() as work:
            for judged in judge(work, batch):
                report.count(judged)
        if sum(report.counts.values()) > MOST_LOOKED_AT:
            raise Refusal(N_("At most 300,000 rows at once, please: split the list."), "file")
        progress(len(batch))
    return report


@dataclass(frozen=True)
class Change:
    """What an import did to one member, so that it can be taken back."""

    member_id: int
    is_new: bool
    did: Mapping[str, Any]


def apply(work: UnitOfWork, judged: Sequence[Judged], into: Import, report: Report) -> list[Change]:
    """Do what was judged, and count it. Whoever came or left meanwhile keeps what they have."""
    new = [one for one in judged if one.member is None and one.ends_as != "suppressed"]
    ids = _add_members(work, [one.row for one in new], into)
    late = [one for one in new if one.row.address.key not in ids]
    if late:  # another import, or they themselves, were quicker: judged anew, as known
        judged = [one for one in judged if one.member is not None or one.row.address.key in ids]
        judged += judge(work, [one.row for one in late])
    changes = []
    for one in judged:
        report.count(one)
        if one.ends_as == "suppressed":
            continue
        is_new = one.member is None
        member_id = ids[one.row.address.key] if one.member is None else one.member.id
        changes.append((Change(member_id, is_new, _did(one)), one))
    _write(work, changes, into)
    return [change for change, one in changes if change.is_new or one.news]


def _did(one: Judged) -> dict[str, Any]:
    was = {name: getattr(one.row, name) for name in (*FILLED, "language")}
    return {
        "was": was if one.member is None else {},
        "fills": dict(one.fills),
        "labels": list(one.labels),
        "topics": list(one.topics),
        "left": list(one.left),
    }


def _write(work: UnitOfWork, changes: Sequence[tuple[Change, Judged]], into: Import) -> None:
    for _, one in changes:
        if one.member is not None:
            for name, value in one.fills.items():
                setattr(one.member, name, value)
    work.session.flush()
    _subscribe(work, [(c.member_id, t, one.row) for c, one in changes for t in one.topics], into)
    _keep_left(work, [(c.member_id, t, one.row) for c, one in changes for t in one.left])
    labels = [
        {"member_id": c.member_id, "label": label} for c, one in changes for label in one.labels
    ]
    insert_new(work.session, MemberLabel, labels)


def _add_members(work: UnitOfWork, rows: Sequence[Row], into: Import) -> dict[str, int]:
    """The ids of those who were added, by their keys; whoever was there already is not in it."""
    values = [
        new_record(
            row.address,
            row.name,
            row.language,
            into.source,
            _not_later(row.joined_at, work.now),
            is_confirmed=row.is_confirmed,
        )
        | {"role": row.role, "level": row.level, "country": row.country}
        | {"time_zone": row.time_zone}
        for row in rows
    ]
    added = insert_new(work.session, Member, values, ("email_key", "id"))
    return {row.email_key: row.id for row in added}


def _not_later(moment: datetime | None, now: datetime) -> datetime:
    return min(moment, now) if moment else now


Choice = tuple[int, str, Row]
"""A member's id, a topic, and the row that speaks of it."""


def _subscribe(work: UnitOfWork, choices: Sequence[Choice], into: Import) -> None:
    """Subscribe members who have never had a say on a topic, with evidence."""
    chosen = _choose(work, choices, SubscriptionState.SUBSCRIBED)
    hashes = {(t, c): text_hash(t, c) for t in TOPICS for c in LANGUAGES}
    insert_new(
        work.session,
        ConsentEvent,
        [
            {
                "member_id": n,
                "topic": topic,
                "act": Act.IMPORTED,
                "text_version": TOPIC_TEXTS[topic].version,
                "text_hash": hashes[topic, row.language],
                "language": row.language,
                "source": into.source[:200],
                "network": "unknown",
                "at": _not_later(row.consented_at.get(topic), work.now),
            }
            for n, topic, row in chosen
        ],
    )


def _keep_left(work: UnitOfWork, choices: Sequence[Choice]) -> None:
    """Remember what somebody had left, so that no later import brings it back."""
    _choose(work, choices, SubscriptionState.UNSUBSCRIBED)


def _choose(work: UnitOfWork, choices: Sequence[Choice], state: str) -> list[Choice]:
    """Note what members want; not of a topic of which they have said something meanwhile."""
    rows = [
        {"member_id": n, "topic": topic, "state": state, "reason": "", "was_left": False,
         "changed_at": _not_later(row.consented_at.get(topic), work.now)}
        for n, topic, row in choices
    ]  # fmt: skip
    noted = insert_new(work.session, Subscription, rows, ("member_id", "topic"))
    new = {(row.member_id, row.topic) for row in noted}
    return [one for one in choices if (one[0], one[1]) in new]
