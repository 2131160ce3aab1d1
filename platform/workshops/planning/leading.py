"""Who leads what is still to come."""

from collections.abc import Sequence

from sqlalchemy import or_, select

from core.unit_of_work import Reading
from workshops.model.stages import Stage
from workshops.model.tables import Workshop

ENDED = (Stage.CANCELLED, Stage.COMPLETE)


def to_come(work: Reading, member_id: int) -> Sequence[str]:
    """The titles of the workshops that somebody is to lead, the next first."""
    not_over = or_(Workshop.ends_at.is_(None), Workshop.ends_at > work.now)
    theirs = select(Workshop.title).where(
        Workshop.facilitator_id == member_id, Workshop.stage.not_in(ENDED), not_over
    )
    return work.session.scalars(theirs.order_by(Workshop.starts_at, Workshop.id)).all()
