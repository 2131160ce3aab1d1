"""A facilitator's own notes during a workshop: nobody else reads them, and they do not stay."""

from sqlalchemy.orm import Session

from core.text import plain_lines
from core.unit_of_work import UnitOfWork
from workshops.model.reflection_tables import PrivateNote

LONGEST = 10_000


def keep(work: UnitOfWork, workshop_id: int, member_id: int, text: str) -> None:
    """Keep the notes as they stand now."""
    work.session.merge(
        PrivateNote(
            workshop_id=workshop_id,
            member_id=member_id,
            text=plain_lines(text)[:LONGEST],
            at=work.now,
        )
    )
    work.session.flush()


def own(session: Session, workshop_id: int, member_id: int) -> str:
    """A facilitator's own notes; empty if there are none."""
    found = session.get(PrivateNote, (workshop_id, member_id))
    return found.text if found is not None else ""
