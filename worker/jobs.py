"""The jobs: one short function each. They carry ids only and look at the rows themselves.

A worker process gives itself its parts once, with `equip`; jobs may run twice, overlap or vanish.
"""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from contributions import guests, upkeep
from core import retention
from core.file_store import sweep_store
from core.installation import Installation
from library import broken_links, polling, thumbnails, transcribing
from library.fetching import Fetcher, make_fetcher
from mail import absence
from mail.delivering import Sender
from mail.events import applying
from members import confirming, import_work, mail_alarms, sign_up_requests, signing_in
from newsletters import routine, sending
from workshops.conduct import upkeep as workshop_upkeep


@dataclass
class Equipment:
    """What the jobs of this process work with."""

    installation: Installation
    sender: Sender


FILES_WAIT = timedelta(days=1)
"""How long a file may be there before its row is."""

_equipment: list[Equipment] = []
log = structlog.get_logger()


def equip(equipment: Equipment) -> None:
    """Give the jobs of this process their parts; the last call counts."""
    _equipment[:] = [equipment]


def deliver_service() -> None:
    """Send the service mail that is due."""
    _parts().sender.deliver_service()


def deliver_mailing(mailing_id: int, lane: int) -> None:
    """Send a share of one mailing."""
    _parts().sender.deliver_mailing(mailing_id, lane)


def freeze_audience(issue_id: int) -> None:
    """Settle who gets an issue."""
    sending.freeze_audience(_parts().installation, issue_id)


def read_mail_events() -> None:
    """Read what SES told."""
    applying.read_all(_parts().installation)


def look_after_mail() -> None:
    """Queue again what was certainly not sent, and tell the owners what stands in the way."""
    with _parts().installation.unit_of_work() as work:
        absence.requeue_absent(work)
    with _parts().installation.unit_of_work() as work:
        mail_alarms.tell_of_trouble(work)


def settle_sign_ups() -> None:
    """Look at the sign-ups that have come."""
    sign_up_requests.settle(_parts().installation)


def look_at_sign_ins() -> None:
    """Mail those who want to sign in and are members."""
    has_more = True
    while has_more:
        with _parts().installation.unit_of_work() as work:
            has_more = signing_in.look_at_some(work)


def work_on_import(import_id: int) -> None:
    """Look through a list, let it come in, or take it back."""
    import_work.work_on(_parts().installation, import_id)


def remind_pending() -> None:
    """Remind those who have not confirmed for a day."""
    with _parts().installation.unit_of_work() as work:
        confirming.remind_pending(work)


def mail_guests() -> None:
    """Ask visitors whose mail was held back whether what came was theirs."""
    guests.mail_held_back(_parts().installation)


def remind_authors() -> None:
    """Remind of drafts that lie, and editors of people of whom nothing was heard."""
    with _parts().installation.unit_of_work() as work:
        upkeep.remind_drafts(work)
        upkeep.follow_up_persons(work)
        upkeep.desk_digest(work)


def purge() -> None:
    """Forget what has been kept long enough, rule by rule: one that fails holds up no other."""
    installation = _parts().installation
    for rule in installation.retention:
        try:
            with installation.unit_of_work() as work:
                retention.run(rule, work)
        except Exception:
            log.exception("a rule of retention failed", rule=rule.name)
    sweep_files()


def sweep_files() -> None:
    """Take away large files that no row has named for a day."""
    installation = _parts().installation
    with installation.reading() as reading:
        sweep_store(installation.files, reading, reading.now - FILES_WAIT)


def fetch_transcripts() -> None:
    """Fetch what is said in recordings, where their feeds say where that is."""
    transcribing.fetch_due(_parts().installation.unit_of_work, _fetcher())


def try_links() -> None:
    """Look whether the links of the library still open."""
    broken_links.try_due(_parts().installation.unit_of_work, _fetcher())


def look_after_workshops() -> None:
    """Offer places, remind, gather, and whatever else the clock asks for."""
    workshop_upkeep.look_after(_parts().installation.unit_of_work)


def look_after_letters() -> None:
    """Welcome who has just confirmed, and begin the next letter, if that is wished."""
    with _parts().installation.unit_of_work() as work:
        routine.look_after(work)


def poll_feeds() -> None:
    """Look at the feeds that are due; new recordings may have pictures."""
    installation = _parts().installation
    if polling.poll_due(installation.unit_of_work, _fetcher()):
        installation.queue.wake(polling.FETCH_PICTURES)


def fetch_pictures() -> None:
    """Fetch the pictures of what is shown."""
    thumbnails.fetch_pictures(_parts().installation.unit_of_work, _fetcher())


def _fetcher() -> Fetcher:
    settings = _parts().installation.settings
    return make_fetcher(settings.base_url, settings.feed_hosts)


def _parts() -> Equipment:
    return _equipment[0]
