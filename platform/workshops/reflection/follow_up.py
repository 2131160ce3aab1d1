"""Not a single event: the follow-up conversation, the chain, and what goes into the library."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from contributions.loop import Learned, article_from
from contributions.models import Contribution
from core.errors import Refusal
from core.i18n import N_
from core.unit_of_work import UnitOfWork
from workshops.invitation import cohorts, open_door
from workshops.model.boundaries import HERE
from workshops.model.method import Frame
from workshops.model.people import people_of
from workshops.model.stages import Phase, Stage
from workshops.model.tables import Workshop
from workshops.planning.planning import begin
from workshops.reflection import learning
from workshops.reflection.checking import TOOK_PART
from workshops.registration import seats

LONGEST_CHAIN = 20


def hold_follow_up(work: UnitOfWork, workshop: Workshop, by: int) -> Workshop:
    """Plan the follow-up conversation with the same people; the same one if asked twice."""
    seats.lock(work, workshop)  # of two who press at once the second finds what the first has begun
    known = work.session.scalar(
        select(Workshop).where(Workshop.follows_id == workshop.id, Workshop.stage != "cancelled")
    )
    if known is not None:
        return known
    if workshop.phase(work.now) not in (Phase.REFLECTING, Phase.FOLLOWING_UP, Phase.OVER):
        raise Refusal(N_("It has not taken place yet."))
    again = begin(work, Frame(workshop.frame), workshop.language, by)
    title = N_("Follow-up: %(title)s", title=workshop.title).text(workshop.language)
    again.title, again.zone, again.capacity = title[:200], workshop.zone, workshop.capacity
    again.boundary, again.area_id, again.follows_id = (
        workshop.boundary,
        workshop.area_id,
        workshop.id,
    )
    again.facilitator_id, again.seat_id = workshop.facilitator_id, workshop.seat_id
    again.plan = workshop.plan
    work.session.flush()
    if people := _took_part(work.session, workshop.id):
        cohorts.prepare(work, again, people, cohorts.default_terms(again, work.now), by)
    return again


def chain(session: Session, workshop: Workshop, viewer_id: int | None = None) -> list[Workshop]:
    """The conversations that belong together, the first one first.

    Participants see those of which they may know.
    """
    hidden = [str(Stage.CANCELLED)]
    found = [workshop]
    while (before := found[0].follows_id) is not None and len(found) < LONGEST_CHAIN:
        found.insert(0, session.get_one(Workshop, before))
    while len(found) < LONGEST_CHAIN:
        after = select(Workshop).where(
            Workshop.follows_id == found[-1].id, Workshop.stage.not_in(hidden)
        )
        following = session.scalar(after.order_by(Workshop.id).limit(1))
        if following is None:
            break
        found.append(following)
    if viewer_id is None:
        return found
    return [one for one in found if one is workshop or open_door.may_know(session, one, viewer_id)]


def draft_article(work: UnitOfWork, workshop: Workshop, author_id: int) -> Contribution:
    """An article draft from what may be told elsewhere; the same one if asked twice.

    Raises Refusal if the boundary keeps it here, or nothing may be told.
    """
    if workshop.boundary == HERE:
        raise Refusal(N_("It was agreed that what is said stays here."))
    if learning.is_open(workshop, work):
        raise Refusal(
            N_("Learning points can still change: two weeks after the end they are agreed.")
        )
    points = learning.shareable(workshop, learning.points(work.session, workshop.id))
    if not points:
        raise Refusal(N_("No learning point may be told elsewhere yet."))
    credit = workshop.plan.credit
    learned = Learned(
        workshop_id=workshop.id,
        title=workshop.title,
        points=tuple(points),
        language=workshop.language,
        boundary="anyone",
        credit=(credit,) if credit else (),
    )
    return article_from(work, learned, author_id)


def _took_part(session: Session, workshop_id: int) -> dict[int, str]:
    people = people_of(session, workshop_id, *TOOK_PART)
    return {member.id: member.name or member.email for _, member in people}
