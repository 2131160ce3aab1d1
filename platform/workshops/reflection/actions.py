"""Actions: from talk to what people take on themselves. Nobody is made accountable by others."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actors import Who
from core.database import insert_if_new
from core.errors import Refusal
from core.i18n import N_
from core.text import one_line, plain_lines
from core.transitions import walk
from core.unit_of_work import UnitOfWork
from members.models import Member
from workshops.model.action_states import COURSES, ActionKind, Course
from workshops.model.reflection_tables import JointAction, Undertaking
from workshops.model.tables import Registration, Workshop
from workshops.reflection.checking import TOOK_PART

LONGEST = 400
MOST_ACTIONS = 40


@dataclass(frozen=True)
class Doer:
    """Somebody who took an action on, as the others see them."""

    registration_id: int
    name: str
    course: Course
    note: str


@dataclass(frozen=True)
class Listed:
    """An action with everybody who took it on."""

    id: int
    kind: ActionKind
    text: str
    due_on: date
    doers: tuple[Doer, ...]

    def done_by(self, registration_id: int) -> Doer | None:
        """What one participant says of it; None if they did not take it on."""
        return next((one for one in self.doers if one.registration_id == registration_id), None)


def propose(
    work: UnitOfWork, workshop: Workshop, by_id: int, kind: str, text: str, due_on: date | None
) -> int:
    """Put an action on the list and return its id; nobody has taken it on yet.

    The same words for the same day are one action. Raises Refusal naming the field.
    """
    words = one_line(text)
    if not words or len(words) > LONGEST:
        raise Refusal(N_("Please write the action in one sentence."), "action")
    if kind not in set(ActionKind):
        raise Refusal(N_("Please choose what kind of action it is."), "kind")
    if due_on is None or due_on < work.now.date():
        raise Refusal(N_("Please give a day that is still to come."), "due_on")
    known = listed(work.session, workshop.id)
    if same := [one.id for one in known if one.text == words and one.due_on == due_on]:
        return same[0]
    if len(known) >= MOST_ACTIONS:
        raise Refusal(N_("Forty actions are enough for one workshop."), "action")
    row = JointAction(workshop_id=workshop.id, by_id=by_id, kind=kind, text=words, due_on=due_on,
                      created_at=work.now)  # fmt: skip
    work.session.add(row)
    work.session.flush()
    return row.id


def take_on(
    work: UnitOfWork, workshop: Workshop, action_id: int, registration: Registration
) -> None:
    """Take it on oneself. Harmless to repeat. Raises Refusal for anybody who did not take part."""
    _find(work.session, workshop, action_id)
    if registration.workshop_id != workshop.id or registration.state not in TOOK_PART:
        raise Refusal(N_("Only those who took part can take something on."))
    row = {"action_id": action_id, "registration_id": registration.id, "state": Course.TAKEN_ON,
           "note": "", "reminded": False, "changed_at": work.now}  # fmt: skip
    work.session.execute(insert_if_new(work.session, Undertaking).values(**row))


def report(
    work: UnitOfWork,
    workshop: Workshop,
    action_id: int,
    registration: Registration,
    course: str,
    note: str,
) -> None:
    """Say what became of it; only who took it on can. Raises Refusal."""
    _find(work.session, workshop, action_id)
    if course not in set(Course):
        raise Refusal(N_("Please choose from the list."), "course")
    this_one = Undertaking.action_id == action_id, Undertaking.registration_id == registration.id
    told = walk(
        work.session,
        Undertaking.state,
        COURSES,
        Course(course),
        Who.MEMBER,
        *this_one,
        note=plain_lines(note)[:LONGEST],
        changed_at=work.now,
    )
    if not told:
        raise Refusal(N_("You have not taken this on."))


def listed(session: Session, workshop_id: int, *, with_every_name: bool = False) -> list[Listed]:
    """All actions of a workshop, the next due first. Two queries.

    The other participants see the name of those only who show it.
    """
    found = session.scalars(
        select(JointAction)
        .where(JointAction.workshop_id == workshop_id)
        .order_by(JointAction.due_on, JointAction.id)
    ).all()
    doers: dict[int, list[Doer]] = {action.id: [] for action in found}
    rows = session.execute(
        select(Undertaking, Member.name, Registration.shows_name)
        .join(JointAction, JointAction.id == Undertaking.action_id)
        .join(Registration, Registration.id == Undertaking.registration_id)
        .join(Member, Member.id == Registration.member_id)
        .where(JointAction.workshop_id == workshop_id)
        .order_by(Undertaking.changed_at, Undertaking.registration_id)
    )
    for one, name, shows in rows:
        known_as = name if shows or with_every_name else ""
        doer = Doer(one.registration_id, known_as, Course(one.state), one.note)
        doers[one.action_id].append(doer)
    return [
        Listed(one.id, ActionKind(one.kind), one.text, one.due_on, tuple(doers[one.id]))
        for one in found
    ]


def _find(session: Session, workshop: Workshop, action_id: int) -> JointAction:
    action = session.get(JointAction, action_id)
    if action is None or action.workshop_id != workshop.id:
        raise Refusal(N_("This action is gone."))
    return action
