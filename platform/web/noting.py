"""What a visit leaves in the audit by itself: a page that was refused, or was confidential."""

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from contributions.models import Contribution
from core.audit import audit
from core.errors import Unavailable
from web.visit import Visit
from workshops.model.tables import Workshop

THINGS: dict[str, InstrumentedAttribute[str]] = {
    "contribution": Contribution.public_id,
    "workshop": Workshop.public_id,
}
"""What has a name in an address that others may know: the audit keeps its number."""


def note_refused(visit: Visit, pattern: str) -> None:
    """Somebody with a role asked for a page that it does not include; once an hour each."""
    _note(visit, "refused", "1/hour", "page", 0, pattern)


def note_read(visit: Visit, thing: str, pattern: str) -> None:
    """Somebody read what is confidential of a thing; once a day each."""
    _note(visit, "read", "1/day", thing, _number(visit, thing), pattern)


def _number(visit: Visit, thing: str) -> int:
    if thing in THINGS:
        named = THINGS[thing] == visit.param("public_id")
        with visit.reading() as work:
            return work.session.scalar(select(THINGS[thing].class_.id).where(named)) or 0
    return visit.number("id") if thing == "member" else 0


def _note(visit: Visit, act: str, most: str, thing: str, number: int, pattern: str) -> None:
    who = visit.viewer_id
    if who is not None and _is_first(visit, most, act, str(who), thing, str(number), pattern):
        with visit.unit_of_work() as work:
            audit(work, who, act, thing, number, {"path": pattern})


def _is_first(visit: Visit, most: str, *key: str) -> bool:
    """Without a counter every time is the first: rather twice in the audit than not at all."""
    try:
        return visit.installation.limits.allow(most, "audit", *key)
    except Unavailable:
        return True
