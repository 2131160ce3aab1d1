"""Importing members from CSV: tells what became of every row, and never resubscribes anyone."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from itertools import islice

from sqlalchemy import insert, select

from core.errors import Refusal
from core.i18n import DEFAULT_LANGUAGE, LANGUAGES, N_, time_zones
from core.unit_of_work import UnitOfWork
from mail.addresses import Address, parse_address, suppression_keys
from mail.models import Suppression
from members.consent import TOPIC_TEXTS, Act, text_hash
from members.models import (
    CONFIRMED,
    PENDING,
    SUBSCRIBED,
    UNSUBSCRIBED,
    ConsentEvent,
    Member,
    MemberLabel,
    Subscription,
)
from members.subscribing import check_name

COLUMNS = ("email", "name", "language", "role", "country", "timezone", "labels")
BATCH = 2000

Table = Iterable[tuple[int, dict[str, str]]]


@dataclass(frozen=True)
class Row:
    """One row that can be imported."""

    number: int
    address: Address
    name: str
    language: str
    role: str
    country: str
    time_zone: str
    labels: tuple[str, ...]


@dataclass
class Report:
    """How many rows ended how, and the rows that could not be read, with the reason."""

    counts: Counter[str] = field(default_factory=Counter)
    invalid: list[tuple[int, Refusal]] = field(default_factory=list)


@dataclass(frozen=True)
class Import:
    """What an import is for: which topic, and where the consent was given."""

    source: str
    topic: str


def read_table(content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV file with their line numbers. Raises Refusal if there is no `email`."""
    text = _decode(content).replace("\x00", "")
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(text[:8192], ",;\t|")
    except csv.Error:
        dialect = csv.excel
    reader = csv.DictReader(io.StringIO(text, newline=""), dialect=dialect)
    names = [(name or "").strip().lower() for name in reader.fieldnames or []]
    if "email" not in names:
        raise Refusal(N_("The file needs a header line with a column “email”."), "email")
    reader.fieldnames = names
    try:
        for row in reader:
            yield reader.line_num, {k: (v or "").strip() for k, v in row.items() if k in COLUMNS}
    except csv.Error as error:
        raise Refusal(
            N_("Line %(line)s cannot be read: %(why)s.", line=reader.line_num, why=error)
        ) from None


def import_table(
    open_work: Callable[[], AbstractContextManager[UnitOfWork]],
    table: Table,
    into: Import,
    progress: Callable[[int], None] = lambda _: None,
) -> Report:
    """Import a table batch by batch, each in a unit of work of its own."""
    report = Report()
    rows = _checked(table, report)
    while batch := list(islice(rows, BATCH)):
        with open_work() as work:
            _import_batch(work, batch, into, report)
        progress(len(batch))
    return report


def _checked(table: Table, report: Report) -> Iterator[Row]:
    """The rows that can be imported, each address once; the others go into the report."""
    seen: set[str] = set()
    for number, fields in table:
        try:
            row = _row(number, fields)
        except Refusal as refusal:
            report.counts["invalid"] += 1
            report.invalid.append((number, refusal))
            continue
        if row.address.key in seen:
            report.counts["duplicates"] += 1
            continue
        seen.add(row.address.key)
        yield row


def _row(number: int, fields: dict[str, str]) -> Row:
    language = fields.get("language", "").lower() or DEFAULT_LANGUAGE
    if language not in LANGUAGES:
        raise Refusal(
            N_("The language “%(language)s” is not one of ours: en or fi.", language=language),
            "language",
        )
    zone = fields.get("timezone", "")
    if zone and zone not in time_zones():
        raise Refusal(N_("There is no time zone “%(zone)s”.", zone=zone), "timezone")
    country = fields.get("country", "").upper()
    if country and not (len(country) == 2 and country.isalpha()):
        raise Refusal(N_("A country is two letters, such as FI."), "country")
    labels = fields.get("labels", "").replace(";", ",").split(",")
    return Row(
        number=number,
        address=parse_address(fields.get("email", "")),
        name=check_name(fields.get("name", "")),
        language=language,
        role=fields.get("role", "")[:40],
        country=country,
        time_zone=zone,
        labels=tuple(dict.fromkeys(label.strip()[:60] for label in labels if label.strip())),
    )


def _import_batch(work: UnitOfWork, rows: list[Row], into: Import, report: Report) -> None:
    known = _known(work, rows)
    barred = _barred(work, rows)
    wanted = [row for row in rows if row.address.key not in barred]
    report.counts["suppressed"] += len(rows) - len(wanted)
    new = [row for row in wanted if row.address.key not in known]
    ids = _add_members(work, new, into)
    report.counts["new"] += len(new)
    _subscribe(work, dict(zip(ids, new, strict=True)), into)
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
        {
            "email": row.address.shown,
            "email_ascii": row.address.ascii,
            "email_key": row.address.key,
            "name": row.name,
            "language": row.language,
            "state": CONFIRMED,
            "token_version": 1,
            "role": row.role,
            "level": "",
            "country": row.country,
            "time_zone": row.time_zone,
            "source": into.source[:200],
            "created_at": work.now,
            "confirmed_at": work.now,
        }
        for row in rows
    ]
    added = insert(Member).returning(Member.id, sort_by_parameter_order=True)
    return list(work.session.scalars(added, values))


def _subscribe(work: UnitOfWork, rows: dict[int, Row], into: Import) -> None:
    """Subscribe members who have never had a say on this topic, with evidence."""
    if not rows:
        return
    common = {"topic": into.topic}
    work.session.execute(
        insert(Subscription),
        [
            {**common, "member_id": n, "state": SUBSCRIBED, "reason": "", "changed_at": work.now}
            for n in rows
        ],
    )
    hashes = {language: text_hash(into.topic, language) for language in LANGUAGES}
    work.session.execute(
        insert(ConsentEvent),
        [
            {
                **common,
                "member_id": n,
                "act": Act.IMPORTED,
                "text_version": TOPIC_TEXTS[into.topic].version,
                "text_hash": hashes[row.language],
                "language": row.language,
                "source": into.source[:200],
                "network": "unknown",
                "at": work.now,
            }
            for n, row in rows.items()
        ],
    )
    labels = [{"member_id": n, "label": label} for n, row in rows.items() for label in row.labels]
    if labels:
        work.session.execute(insert(MemberLabel), labels)


def _update(work: UnitOfWork, member: Member, row: Row, into: Import) -> str:
    """Fill in what we did not know; what the member said themselves stays."""
    for name in ("name", "role", "country", "time_zone"):
        if not getattr(member, name):
            setattr(member, name, getattr(row, name))
    for label in row.labels:
        work.session.merge(MemberLabel(member_id=member.id, label=label))
    if member.state == PENDING:
        return "unconfirmed"
    subscription = work.session.get(Subscription, (member.id, into.topic))
    if subscription is None:
        _subscribe(work, {member.id: replace(row, labels=())}, into)
    elif subscription.state == UNSUBSCRIBED:
        return "still unsubscribed"
    return "updated"


def _decode(content: bytes) -> str:
    """UTF-8 with or without a mark; else what Excel on a Western machine writes."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
