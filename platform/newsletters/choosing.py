"""Who of its readers gets a letter: all, a saved segment, who has a label, or those of a workshop.

What was chosen is kept as a word, not as a segment: it is asked anew when somebody looks, so that a
segment that is gone is missed, and not taken for everybody.
"""

from dataclasses import dataclass

from sqlalchemy import select

from core.errors import Refusal
from core.i18n import N_, Message
from core.unit_of_work import Reading
from members import finding, saved_segments
from members.segments import EVERYBODY, Segment, Wish
from newsletters.models import Issue
from workshops.invitation.facts import INVITED, TOOK_PART
from workshops.model.tables import Workshop

LABEL = "label"
OF_WORKSHOPS: dict[str, Message] = {
    INVITED: N_("Invited to “%(title)s”"),
    TOOK_PART: N_("Came to “%(title)s”"),
}
MOST_WORKSHOPS = 20


@dataclass(frozen=True)
class Choice:
    """One of those whom a letter may go to."""

    value: str
    words: Message


def choices(work: Reading) -> list[Choice]:
    """Everybody who can be chosen: saved segments first, then labels, then the newest workshops."""
    saved = [Choice(str(one.id), N_("%(name)s", name=one.name))
             for one in saved_segments.all_of(work.session)]  # fmt: skip
    labels = [Choice(f"{LABEL} {label}", N_("Label: %(label)s", label=label))
              for label in finding.labels(work.session)]  # fmt: skip
    return [*saved, *labels, *_of_workshops(work)]


def _of_workshops(work: Reading) -> list[Choice]:
    newest = select(Workshop.public_id, Workshop.title).order_by(Workshop.id.desc())
    found = work.session.execute(newest.limit(MOST_WORKSHOPS)).all()
    return [
        Choice(f"{how} {public_id}", Message(words.source, {"title": title}))
        for public_id, title in found
        for how, words in OF_WORKSHOPS.items()
    ]


def segment_of(work: Reading, issue: Issue) -> Segment:
    """Whom an issue is for, as that asks now. Raises Refusal if it is gone."""
    return meant(work, issue.chosen)


def meant(work: Reading, chosen: str) -> Segment:
    """What a choice asks for. Raises Refusal if there is no such thing, or not any more."""
    how, _, which = chosen.partition(" ")
    if not chosen:
        return EVERYBODY
    if how == LABEL and which in finding.labels(work.session):
        return Segment(labels=frozenset((which,)))
    if how in OF_WORKSHOPS and _is_workshop(work, which):
        return Segment(wishes=frozenset((Wish(how, frozenset((which,))),)))
    if not which and how.isdecimal() and len(how) < 10:
        saved = saved_segments.find(work.session, int(how))
        if saved is not None:
            return saved.asks
    raise Refusal(
        N_("Those who were to get it cannot be found any more. Please choose again."), "segment"
    )


def _is_workshop(work: Reading, public_id: str) -> bool:
    found = select(Workshop.id).where(Workshop.public_id == public_id)
    return work.session.scalar(found) is not None
