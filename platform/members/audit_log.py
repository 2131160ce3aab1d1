"""Looking into the audit: what was done, by whom, to what; by kind, person and day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, select, tuple_
from sqlalchemy.orm import Session

from core.audit import AuditEntry, AuditWords, Kind, Told
from members.audit_words import names_of

PAGE = 50


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for; empty parts leave nothing out."""

    kind: Kind | None = None
    actor_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    page: int = 1


@dataclass(frozen=True)
class Line:
    """One act, told."""

    entry: AuditEntry
    told: Told | None
    """None for an act of a version that is gone."""
    actor: str
    """Empty where nobody acted, or they are gone."""
    thing: str
    """What it was done to, by name; empty if that is gone, or has none."""

    @property
    def is_by_anybody(self) -> bool:
        """Whether somebody did it of whom we know only what they tried."""
        return self.entry.actor_id is None and self.entry.act in ("wrong code", "wrong factor")


def lines(session: Session, wanted: Wanted, words: AuditWords) -> tuple[Sequence[Line], bool]:
    """A page of the audit, the newest first; and whether there is another."""
    rows = select(AuditEntry).where(*_conditions(wanted, words)).order_by(AuditEntry.id.desc())
    found = session.scalars(_of_page(rows, wanted.page)).all()
    shown = found[:PAGE]
    actors = names_of(session, {one.actor_id for one in shown if one.actor_id is not None})
    things = _names(session, shown, words)
    told = [
        Line(
            one,
            words.acts.get((one.thing, one.act)),
            actors.get(one.actor_id or 0, ""),
            things.get((one.thing, one.thing_id), ""),
        )
        for one in shown
    ]
    return told, len(found) > PAGE


def actors(session: Session) -> list[tuple[int, str]]:
    """Everybody who has done something, and is still here, by name."""
    acted = select(AuditEntry.actor_id).where(AuditEntry.actor_id.is_not(None)).distinct()
    found = names_of(session, [one for one in session.scalars(acted) if one is not None])
    return sorted(found.items(), key=lambda pair: pair[1].casefold())


def _of_page(rows: Select[AuditEntry], page: int) -> Select[AuditEntry]:
    return rows.offset((page - 1) * PAGE).limit(PAGE + 1)


def _conditions(wanted: Wanted, words: AuditWords) -> Iterator[ColumnElement[bool]]:
    if wanted.kind is not None:
        pairs = [act for act, told in words.acts.items() if told.kind is wanted.kind]
        yield tuple_(AuditEntry.thing, AuditEntry.act).in_(pairs)
    if wanted.actor_id is not None:
        yield AuditEntry.actor_id == wanted.actor_id
    if wanted.since is not None:
        yield AuditEntry.at >= wanted.since
    if wanted.until is not None:
        yield AuditEntry.at < wanted.until


def _names(
    session: Session, shown: Sequence[AuditEntry], words: AuditWords
) -> dict[tuple[str, int], str]:
    """What the things of a page are called: one query for each kind of thing."""
    ids: dict[str, set[int]] = {}
    for one in shown:
        ids.setdefault(one.thing, set()).add(one.thing_id)
    return {
        (thing, number): name
        for thing, numbers in ids.items()
        if thing in words.names
        for number, name in words.names[thing](session, numbers).items()
    }
