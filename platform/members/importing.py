"""Importing members: tells what became of every row, and never resubscribes anyone."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import insert, select

from core.address_lists import clean_address, name_without_address
from core.addresses import Address, parse_address
from core.database import look_over
from core.errors import Refusal, unknown_language
from core.i18n import DEFAULT_LANGUAGE, LANGUAGES, N_, Message
from core.unit_of_work import UnitOfWork
from mail.models import Suppression
from mail.suppressing import suppression_keys
from members import erased, tables
from members.columns import country_of, has_left, language_of, name_of, role_of, zone_of
from members.consent import TOPIC_TEXTS, TOPICS, Act, text_hash
from members.models import ConsentEvent, Member, MemberLabel, Subscription
from members.records import new_record
from members.states import MemberState, SubscriptionState
from members.subscribing import check_name
from members.tables import Table

LONGEST_WORD = 40
BATCH = 2000


@dataclass(frozen=True)
class Row:
    """One row that can be imported."""

    number: int
    address: Address
    name: str
    language: str
    role: str
    level: str
    country: str
    time_zone: str
    labels: tuple[str, ...]
    topics: tuple[str, ...]
    """What to subscribe to."""
    left: tuple[str, ...] = ()
    """What was left, by our own export."""
    is_confirmed: bool = True
    joined_at: datetime | None = None
    consented_at: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def ends_as(self) -> str:
        """What the report counts it as, if nobody has its address yet."""
        if not self.is_confirmed:
            return "unconfirmed"
        return "new" if self.topics else "left elsewhere"


@dataclass
class Report:
    """How many rows ended how; those that could not be read, and what was left out of others."""

    counts: Counter[str] = field(default_factory=Counter)
    invalid: list[tuple[int, Refusal]] = field(default_factory=list)
    notes: list[tuple[int, Message]] = field(default_factory=list)
    unused: tuple[str, ...] = ()
    """The columns that nothing was taken from."""


@dataclass(frozen=True)
class Import:
    """What an import is for: which topic, and where the consent was given."""

    source: str
    topic: str


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
    rows = _checked(table, into, report)
    while batch := list(islice(rows, BATCH)):
        with open_work() as work:
            _import_batch(work, batch, into, report)
        progress(len(batch))
    with open_work() as work:
        look_over(work.session, Member, Subscription)
    return report


def _checked(table: Table, into: Import, report: Report) -> Iterator[Row]:
    """The rows that can be imported, each address once; the others go into the report."""
    seen: set[str] = set()
    for given in table.rows:
        try:
            if given.problem is not None:
                raise given.problem
            row = _row(given, table.is_ours, into, report)
        except Refusal as refusal:
            report.counts["invalid"] += 1
            report.invalid.append((given.line, refusal))
            continue
        if row.address.key in seen:
            report.counts["duplicates"] += 1
            continue
        seen.add(row.address.key)
        if has_left(given.cells):
            report.counts["left elsewhere"] += 1
            continue
        yield row


def _row(given: tables.Row, is_ours: bool, into: Import, report: Report) -> Row:
    cells = given.cells
    address = parse_address(clean_address(cells.get("email", "")))
    row = Row(
        number=given.line,
        address=address,
        name=check_name(name_without_address(name_of(cells))),
        language=_language(cells.get("language", "")),
        role=role_of(cells.get("role", "")),
        level=cells.get("level", ""),
        country="",
        time_zone="",
        labels=_labels(cells.get("labels", "")),
        topics=(into.topic,),
    )
    row = replace(row, **_optional(given, row, report))
    return _as_it_was(row, cells, into) if is_ours else row


def _language(said: str) -> str:
    if not said.strip():
        return DEFAULT_LANGUAGE
    language = language_of(said)
    if language is None:
        raise unknown_language(said, "language")
    return language


def _optional(given: tables.Row, row: Row, report: Report) -> dict[str, Any]:
    """What may be missing: a word that nobody understands is left out, and the report says so."""
    found: dict[str, Any] = {}
    readers = (("country", "country", country_of), ("timezone", "time_zone", zone_of))
    for column, attribute, read in readers:
        said = given.cells.get(column, "")
        value = read(said) if said else ""
        if value is None:
            words = N_("“%(said)s” was left out: we do not know it.", said=said[:60])
            report.notes.append((given.line, words))
        found[attribute] = value or ""
    for attribute in ("role", "level"):
        said = getattr(row, attribute)
        if len(said) > LONGEST_WORD:
            words = N_("“%(said)s” was shortened to 40 characters.", said=said[:60])
            report.notes.append((given.line, words))
        found[attribute] = said[:LONGEST_WORD].strip()
    return found


def _labels(said: str) -> tuple[str, ...]:
    """Labels between commas, semicolons or `:::`, in quotation marks or not; ours keep commas."""
    words = said.replace(":::", ";").replace(",", ";").split(";")
    plain = (word.strip(' "*').strip()[:60] for word in words)
    return tuple(dict.fromkeys(word for word in plain if word))


def _as_it_was(row: Row, cells: Mapping[str, str], into: Import) -> Row:
    """What our own export says about somebody: nothing is added to what they had agreed to."""
    if cells.get("state") not in (MemberState.CONFIRMED, MemberState.PENDING):
        return row
    times = (pair.partition("=") for pair in cells.get("consented", "").split())
    moments = {topic: at for topic, _, said in times if (at := _moment(said))}
    is_confirmed = cells["state"] == MemberState.CONFIRMED
    topics = tuple(t for t in TOPICS if is_confirmed and t in cells.get("topics", "").split())
    left = tuple(t for t in TOPICS if t in cells.get("left topics", "").split())
    return replace(
        row,
        topics=topics,
        left=left or (() if topics or not is_confirmed else (into.topic,)),
        is_confirmed=is_confirmed,
        joined_at=_moment(cells.get("joined", "")),
        consented_at=moments,
    )


def _moment(said: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _import_batch(work: UnitOfWork, rows: list[Row], into: Import, report: Report) -> None:
    known = _known(work, rows)
    barred = _barred(work, rows) | erased.among(work, (row.address for row in rows))
    wanted = [row for row in rows if row.address.key not in barred]
    report.counts["suppressed"] += len(rows) - len(wanted)
    new = [row for row in wanted if row.address.key not in known]
    ids = dict(zip(_add_members(work, new, into), new, strict=True))
    report.counts.update(row.ends_as for row in new)
    _subscribe(work, [(n, t, row) for n, row in ids.items() for t in row.topics], into)
    _keep_left(work, [(n, t, row) for n, row in ids.items() for t in row.left])
    _label(work, ids)
    for row in wanted:
        if row.address.key in known:
            report.counts[_update(work, known[row.address.key], row, into)] += 1


def _known(work: UnitOfWork, rows: list[Row]) -> dict[str, Member]:
    keys = [row.address.key for row in rows]
    found = work.session.scalars(select(Member).where(Member.email_key.in_(keys)))
    return {member.email_key: member for member in found}


def _barred(work: UnitOfWork, rows: list[Row]) -> set[str]:
    secrets = work.settings.keys
    keys = {
        key: row.address.key for row in rows for key in suppression_keys(row.address.ascii, secrets)
    }
    listed = work.session.scalars(select(Suppression.key).where(Suppression.key.in_(keys)))
    return {keys[key] for key in listed}


def _add_members(work: UnitOfWork, rows: list[Row], into: Import) -> list[int]:
    if not rows:
        return []
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
    added = insert(Member).returning(Member.id, sort_by_parameter_order=True)
    return list(work.session.scalars(added, values))


def _not_later(moment: datetime | None, now: datetime) -> datetime:
    return min(moment, now) if moment else now


Choice = tuple[int, str, Row]
"""A member's id, a topic, and the row that speaks of it."""


def _subscribe(work: UnitOfWork, choices: list[Choice], into: Import) -> None:
    """Subscribe members who have never had a say on a topic, with evidence."""
    if not choices:
        return
    _choose(work, choices, SubscriptionState.SUBSCRIBED)
    hashes = {(t, c): text_hash(t, c) for t in TOPICS for c in LANGUAGES}
    work.session.execute(
        insert(ConsentEvent),
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
            for n, topic, row in choices
        ],
    )


def _keep_left(work: UnitOfWork, choices: list[Choice]) -> None:
    """Remember what somebody had left, so that no later import brings it back."""
    if choices:
        _choose(work, choices, SubscriptionState.UNSUBSCRIBED)


def _choose(work: UnitOfWork, choices: list[Choice], state: str) -> None:
    work.session.execute(
        insert(Subscription),
        [
            {"member_id": n, "topic": topic, "state": state, "reason": "",
             "changed_at": _not_later(row.consented_at.get(topic), work.now)}
            for n, topic, row in choices
        ],
    )  # fmt: skip


def _label(work: UnitOfWork, ids: Mapping[int, Row]) -> None:
    labels = [{"member_id": n, "label": word} for n, row in ids.items() for word in row.labels]
    if labels:
        work.session.execute(insert(MemberLabel), labels)


def _update(work: UnitOfWork, member: Member, row: Row, into: Import) -> str:
    """Fill in what we did not know; what the member said themselves stays."""
    for name in ("name", "role", "level", "country", "time_zone"):
        if not getattr(member, name):
            setattr(member, name, getattr(row, name))
    for label in row.labels:
        work.session.merge(MemberLabel(member_id=member.id, label=label))
    if member.state == MemberState.PENDING:
        return "unconfirmed"
    known = _subscriptions(work, member)
    _subscribe(work, [(member.id, t, row) for t in row.topics if t not in known], into)
    _keep_left(work, [(member.id, t, row) for t in row.left if t not in known])
    is_left = any(known.get(topic) == SubscriptionState.UNSUBSCRIBED for topic in row.topics)
    return "still unsubscribed" if is_left else "updated"


def _subscriptions(work: UnitOfWork, member: Member) -> dict[str, str]:
    rows = work.session.execute(
        select(Subscription.topic, Subscription.state).where(Subscription.member_id == member.id)
    )
    return {str(topic): state for topic, state in rows}
