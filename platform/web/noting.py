"""What a visit leaves in the audit by itself: a page that was refused, or was confidential."""

import re

from core.audit import audit
from core.errors import Unavailable
from web.visit import Visit

SOMEBODYS_LINK = re.compile(r"[A-Za-z0-9_.-]{24,}")
LONGEST = 120


def note_refused(visit: Visit) -> None:
    """Somebody with a role asked for a page that it does not include; once an hour each."""
    _note(visit, "refused", "1/hour")


def note_read(visit: Visit, thing: str) -> None:
    """Somebody read what is confidential of a thing; once a day each."""
    _note(visit, "read", "1/day", thing)


def _note(visit: Visit, act: str, most: str, thing: str = "page") -> None:
    path = SOMEBODYS_LINK.sub("…", visit.path)[:LONGEST]
    number = visit.number("id") if thing != "page" else 0
    if visit.viewer_id is not None and _is_first(visit, most, act, str(visit.viewer_id), path):
        with visit.unit_of_work() as work:
            audit(work, visit.viewer_id, act, thing, number, {"path": path})


def _is_first(visit: Visit, most: str, *key: str) -> bool:
    """Without a counter every time is the first: rather twice in the audit than not at all."""
    try:
        return visit.installation.limits.allow(most, "audit", *key)
    except Unavailable:
        return True
