"""What SES tells is kept as it came before anybody answers for it, and read in a job afterwards."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.database import insert_if_new
from core.jobs import UPKEEP, Job
from core.unit_of_work import UnitOfWork
from mail.models import MailEvent

READ = Job("worker.jobs.read_mail_events", UPKEEP)


@dataclass(frozen=True)
class Notice:
    """One notice as it came: its id, by which it is known a second time, and what it says."""

    id: str
    body: str


def keep(work: UnitOfWork, source: str, notices: Iterable[Notice]) -> None:
    """Keep notices, each once, and wake who reads them."""
    rows = [
        {
            "notice": notice.id[:100],
            "source": source,
            "body": notice.body.replace("\0", ""),  # PostgreSQL keeps none
            "received_at": work.now,
            "meaning": "",
        }
        for notice in notices
    ]
    if rows:
        work.session.connection().execute(insert_if_new(work.session, MailEvent), rows)
        work.wake(READ)
