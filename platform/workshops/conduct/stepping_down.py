"""Who leads a workshop that is to come, and does not help to run the community any more."""

from sqlalchemy import or_, select

from core.unit_of_work import UnitOfWork
from workshops.mails import to_organisers
from workshops.model.stages import Stage
from workshops.model.tables import Workshop
from workshops.registration import registering

ENDED = (Stage.CANCELLED, Stage.COMPLETE)


def step_down(work: UnitOfWork, member_id: int) -> None:
    """Nobody leads what they were to lead, and organisers are told, once each workshop."""
    not_over = or_(Workshop.ends_at.is_(None), Workshop.ends_at > work.now)
    theirs = select(Workshop).where(
        Workshop.facilitator_id == member_id, Workshop.stage.not_in(ENDED), not_over
    )
    for workshop in work.session.scalars(theirs.order_by(Workshop.id)).all():
        workshop.facilitator_id, workshop.facilitator_accepted_at = None, None
        work.session.flush()
        if workshop.stage != Stage.DRAFT:
            event = f"nobody-leads-{member_id}-{work.now:%Y%m%d%H%M%S}"
            registering.tell_organisers(work, workshop, event, to_organisers.nobody_leads)
