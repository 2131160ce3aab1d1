"""What the mail account says of itself, kept so that pages need not ask AWS."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from core.database import insert_if_new
from core.unit_of_work import UnitOfWork
from mail.models import AccountNote
from mail.transport import Allowance

ONLY = 1
KNOWN_FOR = timedelta(minutes=1)


def note(work: UnitOfWork, allowance: Allowance) -> None:
    """Write down what the account said, at most once a minute unless it changed."""
    if not allowance.facts:
        return
    facts = dict(allowance.facts)
    known = work.session.get(AccountNote, ONLY)
    if known is None:  # two workers may ask at once: the first to say it is enough
        row = {"id": ONLY, "facts": facts, "at": work.now}
        work.session.execute(insert_if_new(work.session, AccountNote).values(**row))
    elif known.at < work.now - KNOWN_FOR or known.facts != facts:
        known.facts, known.at = facts, work.now


def known(session: Session) -> tuple[dict[str, Any], datetime] | None:
    """What the account said last, and when; None if it was never asked."""
    row = session.get(AccountNote, ONLY)
    return None if row is None else (row.facts, row.at)
