"""Learning points: gathered by everybody, agreed to, frozen after two weeks, told with consent."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.database import insert_if_new
from core.errors import Refusal
from core.i18n import N_
from core.text import one_line
from core.unit_of_work import Reading, UnitOfWork
from workshops.model.boundaries import HERE
from workshops.model.reflection_tables import Agreement, LearningPoint
from workshops.model.stages import Phase
from workshops.model.tables import Registration, Workshop

LONGEST_POINT = 400
MOST_POINTS = 40


@dataclass(frozen=True)
class Point:
    """A learning point with who stands behind it."""

    id: int
    text: str
    by_id: int | None
    agreed: int
    """How many participants agree to it."""
    may_share: int
    """How many of them let it leave the group."""
    is_mine: bool
    i_agree: bool
    i_share: bool

    @property
    def all_share(self) -> bool:
        """Whether everybody who agrees lets it leave the group."""
        return self.agreed > 0 and self.may_share == self.agreed


def is_open(workshop: Workshop, work: Reading) -> bool:
    """From the start until two weeks after the end; then they are what was agreed."""
    return workshop.phase(work.now) in (Phase.LIVE, Phase.REFLECTING)


def add(work: UnitOfWork, workshop: Workshop, by_id: int, text: str) -> int:
    """Add a point and return its id; the same words twice are one. Raises Refusal."""
    _check_open(workshop, work)
    words = one_line(text)
    if not words:
        raise Refusal(N_("Please write a few words."), "point")
    if len(words) > LONGEST_POINT:
        raise Refusal(N_("A learning point has 400 characters at the most."), "point")
    known = points(work.session, workshop.id)
    if same := [point.id for point in known if point.text == words]:
        return same[0]
    if len(known) >= MOST_POINTS:
        raise Refusal(N_("Forty learning points are enough for one workshop."), "point")
    row = LearningPoint(workshop_id=workshop.id, by_id=by_id, text=words, created_at=work.now)
    work.session.add(row)
    work.session.flush()
    return row.id


def agree(
    work: UnitOfWork, workshop: Workshop, point_id: int, registration_id: int, may_share: bool
) -> None:
    """Agree to a point, and say whether it may leave the group; again changes that."""
    _check_open(workshop, work)
    _find(work.session, workshop, point_id)
    mine = {"point_id": point_id, "registration_id": registration_id}
    row = {**mine, "may_share": may_share, "at": work.now}
    work.session.execute(insert_if_new(work.session, Agreement).values(**row))
    kept = work.session.get_one(Agreement, (point_id, registration_id))
    kept.may_share = may_share
    work.session.flush()


def disagree(work: UnitOfWork, workshop: Workshop, point_id: int, registration_id: int) -> None:
    """Take an agreement back. Harmless to repeat."""
    _check_open(workshop, work)
    work.session.execute(
        delete(Agreement).where(
            Agreement.point_id == point_id, Agreement.registration_id == registration_id
        )
    )


def withdraw(work: UnitOfWork, workshop: Workshop, point_id: int, by_id: int) -> None:
    """Take one's own point back, while nobody else stands behind it. Raises Refusal."""
    _check_open(workshop, work)
    point = _find(work.session, workshop, point_id)
    if point.by_id != by_id:
        raise Refusal(N_("Only who wrote it can take it back."))
    others = (
        select(Agreement.registration_id)
        .join(Registration, Registration.id == Agreement.registration_id)
        .where(Agreement.point_id == point_id, Registration.member_id != by_id)
    )
    if work.session.scalar(others.limit(1)) is not None:
        raise Refusal(N_("Others agree to it by now, so it cannot be taken back."))
    work.session.delete(point)
    work.session.flush()


def points(
    session: Session, workshop_id: int, registration_id: int = 0, member_id: int = 0
) -> list[Point]:
    """All points, the oldest first, as one participant sees them. Two queries."""
    found = session.scalars(
        select(LearningPoint)
        .where(LearningPoint.workshop_id == workshop_id)
        .order_by(LearningPoint.id)
    ).all()
    behind: dict[int, list[Agreement]] = {point.id: [] for point in found}
    agreements = (
        select(Agreement)
        .join(LearningPoint, LearningPoint.id == Agreement.point_id)
        .where(LearningPoint.workshop_id == workshop_id)
    )
    for agreement in session.scalars(agreements):
        behind[agreement.point_id].append(agreement)
    return [_seen(point, behind[point.id], registration_id, member_id) for point in found]


def agreed(known: Iterable[Point]) -> list[str]:
    """What was learned: the points that somebody stands behind."""
    return [point.text for point in known if point.agreed]


def shareable(workshop: Workshop, known: Iterable[Point]) -> list[str]:
    """What may be told elsewhere: agreed, by nobody who would keep it here."""
    if workshop.boundary == HERE:
        return []
    return [point.text for point in known if point.all_share]


def _seen(
    point: LearningPoint, behind: list[Agreement], registration_id: int, member_id: int
) -> Point:
    mine = [one for one in behind if one.registration_id == registration_id]
    return Point(
        id=point.id,
        text=point.text,
        by_id=point.by_id,
        agreed=len(behind),
        may_share=sum(one.may_share for one in behind),
        is_mine=point.by_id == member_id,
        i_agree=bool(mine),
        i_share=any(one.may_share for one in mine),
    )


def _find(session: Session, workshop: Workshop, point_id: int) -> LearningPoint:
    point = session.get(LearningPoint, point_id)
    if point is None or point.workshop_id != workshop.id:
        raise Refusal(N_("This learning point is gone."))
    return point


def _check_open(workshop: Workshop, work: UnitOfWork) -> None:
    if not is_open(workshop, work):
        raise Refusal(N_("Learning points are gathered from the start until two weeks after."))
