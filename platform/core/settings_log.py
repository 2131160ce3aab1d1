"""Settings are changed in a file, where no page sees it: each start compares them with the last."""

import hashlib

from sqlalchemy import select

from core.audit import AuditEntry, audit
from core.unit_of_work import UnitOfWork

THING, FIRST, ANEW, CHANGED = "settings", "first", "anew", "changed"
PRINT_LETTERS = 16


def note_settings(work: UnitOfWork) -> None:
    """Write down which settings differ from those of the last start; their values never."""
    now = {
        name: hashlib.sha256(repr(value).encode()).hexdigest()[:PRINT_LETTERS]
        for name, value in _values(work).items()
    }
    before = _before(work)
    # A setting that a new version brings was changed by nobody.
    names = sorted(name for name in now.keys() & before.keys() if now[name] != before[name])
    if names or before.keys() != now.keys():
        act = CHANGED if names else ANEW if before else FIRST
        audit(work, None, act, THING, 0, {"names": ", ".join(names), "prints": now})


def _values(work: UnitOfWork) -> dict[str, object]:
    """Every setting as text or number; keys by their text, that they are seen to change."""
    said = work.settings.model_dump(mode="json", exclude={"secret_keys", "data_dir", "outbox_dir"})
    return said | {"secret_keys": work.settings.keys}


def _before(work: UnitOfWork) -> dict[str, str]:
    last = select(AuditEntry).where(AuditEntry.thing == THING)
    entry = work.session.scalar(last.order_by(AuditEntry.id.desc()).limit(1))
    return dict(entry.detail["prints"]) if entry is not None else {}
