"""What can become of an issue: one small table. Pure."""

from enum import StrEnum

from core.actors import Who
from core.state_tables import StateTable


class IssueState(StrEnum):
    """Where an issue stands. How far sending got, the ledger knows."""

    DRAFT = "draft"
    SENT = "sent"
    """Sending has begun: from here on the text is frozen."""


ISSUES = StateTable(
    # Back to a draft only in the minute before the first letter goes.
    edges={IssueState.DRAFT: {IssueState.SENT}, IssueState.SENT: {IssueState.DRAFT}},
    begins=(IssueState.DRAFT,),
    who={IssueState.DRAFT: (Who.ORGANISER,), IssueState.SENT: (Who.ORGANISER,)},
)
