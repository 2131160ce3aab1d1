"""The jobs: one short function each. They carry ids only and look at the rows themselves.

A worker process gives itself its parts once, with `equip`; jobs may run twice, overlap or vanish.
"""

from dataclasses import dataclass

from core.installation import Installation
from mail.delivering import Sender
from members import blocking, signing_in, subscribing
from newsletters import issues


@dataclass
class Equipment:
    """What the jobs of this process work with."""

    installation: Installation
    sender: Sender


_equipment: list[Equipment] = []


def equip(equipment: Equipment) -> None:
    """Give the jobs of this process their parts; the last call counts."""
    _equipment[:] = [equipment]


def deliver_service() -> None:
    """Send the service mail that is due."""
    _parts().sender.deliver_service()


def deliver_mailing(mailing_id: int, lane: int) -> None:
    """Send a share of one mailing."""
    _parts().sender.deliver_mailing(mailing_id, lane)


def remind_pending() -> None:
    """Remind those who have not confirmed for a day."""
    with _parts().installation.unit_of_work() as work:
        subscribing.remind_pending(work)


def purge() -> None:
    """Forget what has been kept long enough."""
    with _parts().installation.unit_of_work() as work:
        subscribing.purge_pending(work)
        blocking.purge_blocked(work)
        signing_in.purge(work)
        issues.purge_discarded(work)


def _parts() -> Equipment:
    return _equipment[0]
