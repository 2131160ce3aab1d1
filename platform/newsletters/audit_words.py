"""What happens to issues, in words for the audit."""

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit import AuditWords, Kind, told
from core.i18n import DEFAULT_LANGUAGE, N_
from newsletters.models import Issue

_ACTS = {
    ("issue", "send"): N_("Sent an issue: %(people)s"),
    ("issue", "pause"): N_("Paused the sending of an issue"),
    ("issue", "resume"): N_("Went on sending an issue"),
    ("issue", "cancel"): N_("Cancelled the sending of an issue"),
    ("issue", "count unknown"): N_("Took what is unknown for sent"),
    ("issue", "repeat unknown"): N_("Sent what is unknown again"),
    ("issue", "retry failed"): N_("Sent again what had failed"),
    ("issue", "send to joined"): N_("Sent an issue to those who joined since"),
    ("issue", "take back"): N_("Took an issue back before it went out"),
    ("issue", "discard"): N_("Put a draft away"),
    ("issue", "restore"): N_("Took a draft out again"),
    ("issue", "correct"): N_("Corrected the page of an issue"),
    ("issue", "list"): N_("Put an issue into the list again"),
    ("issue", "unlist"): N_("Took an issue out of the list"),
    ("issue", "ask to send"): N_("Asked the others to look at an issue and send it"),
}


def _issues(session: Session, ids: Collection[int]) -> Mapping[int, str]:
    found = session.scalars(select(Issue).where(Issue.id.in_(ids)))
    return {one.id: _name(one) for one in found}


def _name(issue: Issue) -> str:
    text = issue.shown_in(DEFAULT_LANGUAGE)
    return text.subject if text and text.subject else f"#{issue.number or issue.id}"


WORDS = AuditWords(acts=told(Kind.LETTERS, _ACTS), names={"issue": _issues})
