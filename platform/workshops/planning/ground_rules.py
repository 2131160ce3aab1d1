"""Ground rules: explored and agreed, so every version is kept, and people agree to a version."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database import insert_if_new
from core.errors import Refusal
from core.i18n import N_
from core.text import plain_lines
from core.unit_of_work import UnitOfWork
from members.models import Member
from workshops.model.tables import GroundRules, Registration, RuleSuggestion

LONGEST_RULE = 300
MOST_SUGGESTIONS = 5


def current(session: Session, workshop_id: int) -> GroundRules | None:
    """The version that counts now."""
    of_it = select(GroundRules).where(GroundRules.workshop_id == workshop_id)
    return session.scalar(of_it.order_by(GroundRules.version.desc()).limit(1))


def keep(work: UnitOfWork, workshop_id: int, text: str) -> GroundRules:
    """The rules as a version of their own, unless they say what the current one says."""
    known = current(work.session, workshop_id)
    if known is not None and known.text == text:
        return known
    version = known.version + 1 if known else 1
    row = {"workshop_id": workshop_id, "version": version, "text": text, "created_at": work.now}
    work.session.execute(insert_if_new(work.session, GroundRules).values(**row))
    found = current(work.session, workshop_id)
    assert found is not None  # noqa: S101 - it was written a moment ago
    return found


def agree(work: UnitOfWork, registration: Registration, version: int) -> None:
    """Agree to a version. Raises Refusal if the rules have changed since they were read."""
    agree_to(work, registration, current(work.session, registration.workshop_id), version)


def agree_to(
    work: UnitOfWork, registration: Registration, known: GroundRules | None, version: int
) -> None:
    """The same for whoever knows the rules as they are now."""
    if known is None:
        return
    if version != known.version:
        raise Refusal(N_("The ground rules have changed. Please read them once more."), "rules")
    registration.rules_version, registration.rules_agreed_at = version, work.now


def has_agreed(session: Session, registration: Registration) -> bool:
    """Whether somebody has agreed to the rules as they are now."""
    known = current(session, registration.workshop_id)
    return known is None or registration.rules_version >= known.version


def suggest(work: UnitOfWork, registration: Registration, text: str) -> None:
    """Suggest a rule; the same one twice is one. Raises Refusal."""
    words = " ".join(plain_lines(text).split())
    if not words:
        raise Refusal(N_("Please write a few words."), "rule")
    if len(words) > LONGEST_RULE:
        raise Refusal(N_("A rule has 300 characters at the most."), "rule")
    suggested = select(RuleSuggestion.text).where(RuleSuggestion.registration_id == registration.id)
    known = work.session.scalars(suggested).all()
    if len(known) >= MOST_SUGGESTIONS:
        raise Refusal(N_("Five rules at the most, please."), "rule")
    if words not in known:
        row = RuleSuggestion(registration_id=registration.id, text=words, created_at=work.now)
        work.session.add(row)
        work.session.flush()


def suggestions(session: Session, workshop_id: int) -> list[tuple[RuleSuggestion, str]]:
    """What participants would add, the oldest first, with their names."""
    rows = session.execute(
        select(RuleSuggestion, Member.name)
        .join(Registration, Registration.id == RuleSuggestion.registration_id)
        .join(Member, Member.id == Registration.member_id)
        .where(Registration.workshop_id == workshop_id)
        .order_by(RuleSuggestion.id)
    )
    return [(suggestion, name) for suggestion, name in rows]
