"""Checking in and checking out: one line each, seen by those it is for and kept no longer."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core.database import insert_if_new
from core.errors import Refusal
from core.i18n import N_
from core.public_ids import new_public_id
from core.text import one_line, plain_lines
from core.unit_of_work import Reading, UnitOfWork
from mail.keys import delivery_key
from mail.posting import post
from members.models import Member
from workshops.mails import emails
from workshops.model.reflection_tables import CheckIn, CheckOut, DoubleLoopAnswer
from workshops.model.registration_states import RegistrationState
from workshops.model.stages import OFF, Phase
from workshops.model.tables import Registration, Workshop
from workshops.model.times import may_join
from workshops.planning import ground_rules
from workshops.registration.registering import arrive

CHECK_INS_KEPT = timedelta(hours=24)
LONGEST = 400
TOOK_PART = (RegistrationState.CONFIRMED, RegistrationState.ATTENDED)


@dataclass(frozen=True)
class Taken:
    """What somebody says when they check out; all of it optional but something."""

    learned: str
    involves: str
    doubt: str = ""
    """To "should we be doing this at all?"; kept without a name."""
    thanks_to: int | None = None
    thanks: str = ""


def check_in(work: UnitOfWork, workshop: Workshop, registration: Registration, words: str) -> None:
    """Come in, with a line or without. Saying it again changes the line.

    Raises Refusal if the room is not open, the place is not confirmed, or the rules have changed.
    """
    check_may_join(work, workshop, registration)
    if not ground_rules.has_agreed(work.session, registration):
        raise Refusal(N_("The ground rules have changed. Please read them once more."), "rules")
    arrive(work, registration)
    line = _short(one_line(words), "words")
    if line:
        row = {"registration_id": registration.id, "words": line, "at": work.now}
        work.session.execute(insert_if_new(work.session, CheckIn).values(**row))
        change = update(CheckIn).where(CheckIn.registration_id == registration.id)
        work.session.execute(change.values(words=line))


def check_may_join(work: Reading, workshop: Workshop, registration: Registration) -> None:
    """Raises Refusal if the room is not open to this person now."""
    if registration.state not in TOOK_PART:
        raise Refusal(N_("Only people with a place can join."))
    if workshop.stage in OFF:
        raise Refusal(N_("This does not take place now."))
    if not may_join(workshop.starts_at, workshop.ends_at, work.now):
        raise Refusal(N_("The room opens 30 minutes before it begins."))


def check_ins(
    session: Session, workshop_id: int, *, with_every_name: bool
) -> list[tuple[str, str]]:
    """Names and lines of those who came in, the first one first.

    The other participants see the name of those only who show it.
    """
    rows = session.execute(
        select(Member.name, CheckIn.words, Registration.shows_name)
        .join(Registration, Registration.id == CheckIn.registration_id)
        .join(Member, Member.id == Registration.member_id)
        .where(Registration.workshop_id == workshop_id)
        .order_by(CheckIn.at, CheckIn.registration_id)
    )
    return [(name if shows or with_every_name else "", words) for name, words, shows in rows]


def is_check_out_open(workshop: Workshop, work: Reading) -> bool:
    """From the start until two weeks after the end."""
    return workshop.phase(work.now) in (Phase.LIVE, Phase.REFLECTING)


def check_out(
    work: UnitOfWork, workshop: Workshop, registration: Registration, taken: Taken
) -> None:
    """Keep what somebody takes along; saying it again changes it, but thanks nobody twice.

    Raises Refusal if it is too early or too late, or nothing was written.
    """
    if registration.state not in TOOK_PART or not is_check_out_open(workshop, work):
        raise Refusal(N_("Checking out is possible from the start until two weeks after the end."))
    learned, involves, doubt = (
        _short(text, name)
        for text, name in (
            (taken.learned, "learned"),
            (taken.involves, "involves"),
            (taken.doubt, "doubt"),
        )
    )
    if not (learned or involves or doubt or taken.thanks.strip()):
        raise Refusal(N_("Please write a few words."), "learned")
    is_first = _keep(work, registration, learned, involves)
    if doubt and is_first:
        on = work.now.date()
        row = DoubleLoopAnswer(id=new_public_id(), workshop_id=workshop.id, words=doubt, on=on)
        work.session.add(row)
    _thank(work, workshop, registration, taken)
    work.session.flush()


def own_check_out(session: Session, registration: Registration) -> CheckOut | None:
    """What somebody said when they checked out."""
    return session.get(CheckOut, registration.id, populate_existing=True)


def doubts(session: Session, workshop_id: int) -> list[str]:
    """Answers to "should we be doing this at all?", in no order that tells who wrote them."""
    of_it = select(DoubleLoopAnswer.words).where(DoubleLoopAnswer.workshop_id == workshop_id)
    return list(session.scalars(of_it.order_by(DoubleLoopAnswer.id)))


def purge_check_ins(work: UnitOfWork) -> int:
    """Forget what people brought in, a day after they did; returns how many."""
    return work.change(delete(CheckIn).where(CheckIn.at < work.now - CHECK_INS_KEPT))


def _keep(work: UnitOfWork, registration: Registration, learned: str, involves: str) -> bool:
    row = {
        "registration_id": registration.id,
        "learned": learned,
        "involves": involves,
        "at": work.now,
    }
    added = insert_if_new(work.session, CheckOut).values(**row).returning(CheckOut.registration_id)
    if work.session.execute(added).one_or_none() is not None:
        return True
    change = update(CheckOut).where(CheckOut.registration_id == registration.id)
    work.session.execute(change.values(learned=learned, involves=involves))
    return False


def _short(text: str, field: str) -> str:
    words = plain_lines(text)
    if len(words) > LONGEST:
        raise Refusal(N_("This is too long: 400 characters at the most."), field)
    return words


def _thank(work: UnitOfWork, workshop: Workshop, registration: Registration, taken: Taken) -> None:
    words = _short(taken.thanks, "thanks")
    if not words:
        return
    thanked = work.session.scalar(
        select(Member)
        .join(Registration, Registration.member_id == Member.id)
        .where(Registration.workshop_id == workshop.id, Registration.id == taken.thanks_to)
        .where(Registration.shows_name, Registration.id != registration.id)
        .where(Registration.state.in_([str(place) for place in TOOK_PART]))
    )
    if thanked is None:
        raise Refusal(N_("Please choose somebody who took part."), "thanks_to")
    by = work.session.get_one(Member, registration.member_id)
    email = emails.thank_you(workshop, thanked, words, by.name)
    key = delivery_key("thanks", registration.id, taken.thanks_to or 0)
    post(work, email, thanked.recipient, key)
