"""What the mail account says of itself, kept so that pages need not ask AWS."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from core.unit_of_work import UnitOfWork
from mail.models import AccountNote
from mail.transport import Allowance

ONLY = 1
KNOWN_FOR = timedelta(minutes=1)


def note(work: UnitOfWork, allowance: Allowance) -> None:
    """Write down what the account said, at most once a minute unless it changed."""
    if not allowance.facts:
        return
    known = work.session.get(AccountNote, ONLY)
    if known is None:
        work.session.add(AccountNote(id=ONLY, facts=dict(allowance.facts), at=work.now))
    elif known.at < work.now - KNOWN_FOR or known.facts != allowance.facts:
        known.facts, known.at = dict(allowance.facts), work.now


def known(session: Session) -> tuple[dict[str, Any], datetime] | None:
    """What the account said last, and when; None if it was never asked."""
    row = session.get(AccountNote, ONLY)
    return None if row is None else (row.facts, row.at)
