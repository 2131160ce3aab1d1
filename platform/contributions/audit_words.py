"""The steps of contributions, in words for the audit."""

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from contributions.models import Contribution
from contributions.states import Action
from core.audit import AuditWords, Kind, Told, told
from core.i18n import N_, Message

_STEPS: dict[str, Message] = {
    Action.SUBMIT: N_("Sent a contribution in"),
    Action.DISCARD: N_("Discarded a draft of a contribution"),
    Action.OPEN: N_("Took a contribution on"),
    Action.ASK: N_("Asked its author something"),
    Action.REPLY: N_("Answered the editors"),
    Action.ACCEPT: N_("Accepted a contribution"),
    Action.DECLINE: N_("Declined a contribution"),
    Action.REOPEN: N_("Took a contribution up again"),
    Action.REVISE: N_("Revised a contribution"),
    Action.AGREE: N_("Agreed to the text"),
    Action.PUBLISH: N_("Published a contribution"),
    Action.RETRACT: N_("Took a contribution back from the library"),
    Action.WITHDRAW: N_("Withdrew a contribution"),
    Action.RESUBMIT: N_("Sent a contribution in again"),
    Action.APPROACH: N_("Wrote to somebody to be interviewed"),
    Action.AGREES_TO_TALK: N_("Noted that somebody agrees to talk"),
    Action.RECORD: N_("Noted that an interview was recorded"),
    Action.PERSON_DECLINES: N_("Noted that somebody does not want to talk"),
    "note": N_("Wrote a note for the other editors"),
    "assign": N_("Gave a contribution to an editor"),
    "lean": N_("Said what they lean to"),
    "release letter": N_("Let a held letter go out"),
    "drop letter": N_("Dropped a held letter"),
    "invite co-author": N_("Asked a co-author"),
    "remove co-author": N_("Removed a co-author"),
    "co-author accepted": N_("Said that they wrote it too"),
    "co-author declined": N_("Said that they did not write it"),
    "forget person": N_("The person to be interviewed was forgotten"),
}


_QUESTIONS = {
    ("question", "ask"): N_("Asked the question of the month"),
    ("question", "close"): N_("Closed the question of the month"),
    ("question_answer", "show"): N_("Showed an answer to the question of the month"),
    ("question_answer", "put away"): N_("Put away an answer to the question of the month"),
}
_INQUIRIES = {
    ("inquiry", "answer"): N_("Answered what somebody wrote to us"),
    ("inquiry", "put away"): N_("Put away what somebody wrote to us"),
    ("inquiry", "take out"): N_("Took out again what somebody wrote to us"),
}


def _titles(session: Session, ids: Collection[int]) -> Mapping[int, str]:
    rows = select(Contribution.id, Contribution.title).where(Contribution.id.in_(ids))
    return dict(session.execute(rows).all())


WORDS = AuditWords(
    acts={
        **{
            ("contribution", str(act)): Told(Kind.CONTRIBUTIONS, words)
            for act, words in _STEPS.items()
        },
        **told(Kind.CONTRIBUTIONS, _INQUIRIES),
        **told(Kind.CONTRIBUTIONS, _QUESTIONS),
    },
    names={"contribution": _titles},
)
