"""How long it is kept what people sent in, and what was said about it."""

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import InstrumentedAttribute

from contributions import guests, inquiries, questions, upkeep
from contributions.models import (
    Contribution,
    ContributionFile,
    ContributionMessage,
    ContributionText,
    HeldLetter,
    Leaning,
)
from contributions.states import State
from core.i18n import N_
from core.retention import Ground, Rule
from core.unit_of_work import UnitOfWork

SAID_NO = (State.WITHDRAWN, State.DECLINED, State.PERSON_DECLINED)
"""What nobody will publish."""
A_MONTH = timedelta(days=30)
A_YEAR = timedelta(days=365)
PARTS = (ContributionText, ContributionMessage, Leaning, HeldLetter, ContributionFile)
"""What hangs on a contribution; its files are swept once nothing holds them."""


def end_parts(work: UnitOfWork) -> int:
    """Files, earlier texts and messages of what was declined or withdrawn."""
    over = select(Contribution.id).where(
        Contribution.state.in_([str(state) for state in SAID_NO]),
        Contribution.state_at <= work.now - A_MONTH,
    )
    count = 0
    for part in PARTS:
        of: InstrumentedAttribute[int] = part.contribution_id
        count += work.change(delete(part).where(of.in_(over)))
    return count


def end_settled(work: UnitOfWork) -> int:
    """What was declined or withdrawn, as a whole."""
    over = (
        Contribution.state.in_([str(state) for state in SAID_NO]),
        Contribution.state_at <= work.now - A_YEAR,
    )
    return work.change(delete(Contribution).where(*over))


def end_drafts(work: UnitOfWork) -> int:
    """Drafts that nobody has touched for a year; their authors were reminded of them."""
    over = Contribution.state == State.DRAFT, Contribution.changed_at <= work.now - A_YEAR
    return work.change(delete(Contribution).where(*over))


RULES = (
    Rule(
        "inquiries",
        N_("What you wrote to us, and our answer"),
        N_("To answer, and to know later what was said"),
        Ground.WISH,
        inquiries.KEPT,
        inquiries.end_old,
    ),
    Rule(
        "answers",
        N_("What you answered to the question of the month, and nobody showed"),
        N_("So that an editor can read it"),
        Ground.WISH,
        questions.NOT_SHOWN_FOR,
        questions.end_not_shown,
    ),
    Rule(
        "undelivered",
        N_("What was sent in with an address that nobody confirmed"),
        N_("To ask whether it was you"),
        Ground.WISH,
        guests.KEPT,
        guests.purge_undelivered,
    ),
    Rule(
        "drafts",
        N_("Drafts of what you want to send in"),
        N_("So that you can go on writing"),
        Ground.WISH,
        A_YEAR,
        end_drafts,
        N_("after the last change"),
    ),
    Rule(
        "contributions",
        N_("What you sent in, and what is published of it"),
        N_("To publish what you agreed to, under the name you chose"),
        Ground.WISH,
        None,
        None,
        N_("until you take it back"),
    ),
    Rule(
        "settled-parts",
        N_("Files, earlier texts and messages of what was declined or withdrawn"),
        N_("So that you can think again"),
        Ground.WISH,
        A_MONTH,
        end_parts,
    ),
    Rule(
        "settled",
        N_("What was declined or withdrawn"),
        N_("So that you can send it in again"),
        Ground.WISH,
        A_YEAR,
        end_settled,
    ),
    Rule(
        "suggested-people",
        N_("People whom others suggested for an interview"),
        N_("To ask them whether they would like to"),
        Ground.INTEREST,
        upkeep.FORGET_PERSON_AFTER,
        upkeep.forget_persons,
        N_("after the last contact"),
    ),
)
