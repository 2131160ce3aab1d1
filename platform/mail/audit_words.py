"""What is done to mail, in words for the audit."""

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit import AuditWords, Kind, told
from core.i18n import N_
from mail.models import Mailing
from mail.personal import as_written

_ACTS = {
    ("mailing", "pause"): N_("Paused a mailing"),
    ("mailing", "resume"): N_("Went on with a mailing"),
    ("mailing", "cancel"): N_("Cancelled a mailing"),
    ("mailing", "retry failed"): N_("Sent again what had failed"),
    ("mailing", "count unknown"): N_("Took what is unknown for sent"),
    ("mailing", "repeat unknown"): N_("Sent what is unknown again"),
    ("mailing", "release"): N_("Let a held mail go"),
    ("mailing", "drop"): N_("Dropped a held mail"),
    ("mailing", "export"): N_("Took the list of a mailing as a file"),
    ("gate", "open"): N_("Let mail out again"),
    ("gate", "mail sign-ups"): N_("Let new sign-ups be mailed again"),
}


def _mailings(session: Session, ids: Collection[int]) -> Mapping[int, str]:
    rows = session.execute(select(Mailing.id, Mailing.subject).where(Mailing.id.in_(ids)))
    return {number: as_written(subject) or f"#{number}" for number, subject in rows}


def _gate(_session: Session, ids: Collection[int]) -> Mapping[int, str]:
    return dict.fromkeys(ids, "")


WORDS = AuditWords(acts=told(Kind.LETTERS, _ACTS), names={"mailing": _mailings, "gate": _gate})
