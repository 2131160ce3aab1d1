"""The audit: who did what to whom, and when; for owners."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from starlette.responses import Response

from core.audit import KIND_NAMES, Kind
from core.i18n import Message
from members.audit_log import Line, Wanted, actors, lines
from members.roles import NO_ROLE, ROLE_NAMES, Role
from web.forms import Day, Id, Page, Typed, choice
from web.visit import Visit


@dataclass(frozen=True)
class Asked(Typed):
    """What somebody looks for."""

    kind: Annotated[str, choice(list(Kind))]
    who: Id
    since: Day
    until: Day
    page: Page


def show(visit: Visit) -> Response:
    """A page of it, the newest first."""
    asked = Asked.of(visit.asked)
    with visit.reading() as work:
        found, has_more = lines(work.session, _wanted(visit, asked), visit.installation.audit_words)
        people = [(str(number), name) for number, name in actors(work.session)]
    return visit.page(
        "organiser/audit.html",
        lines=[(line, _sentence(visit, line)) for line in found],
        asked=asked,
        **visit.pages_beside(asked.page, has_more=has_more),
        kinds=[(str(kind), visit.text(name)) for kind, name in KIND_NAMES.items()],
        people=people,
    )


def _wanted(visit: Visit, asked: Asked) -> Wanted:
    day = timedelta(days=1)
    return Wanted(
        kind=Kind(asked.kind) if asked.kind else None,
        actor_id=asked.who or None,
        since=_begin(visit, asked.since) if asked.since else None,
        until=_begin(visit, asked.until + day) if asked.until else None,
        page=asked.page,
    )


def _begin(visit: Visit, day: date) -> datetime:
    """When a day begins where the community is."""
    zone = ZoneInfo(visit.installation.settings.time_zone)
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _sentence(visit: Visit, line: Line) -> str:
    detail = dict(line.entry.detail)
    if "role" in detail:
        detail["role"] = visit.text(_role(str(detail["role"])))
    return visit.text(line.told.fill(detail)) if line.told else line.entry.act


def _role(said: str) -> Message:
    return ROLE_NAMES[Role(said)] if said in set(Role) else NO_ROLE
