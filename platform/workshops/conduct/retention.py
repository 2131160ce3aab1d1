"""How long workshops are remembered: who came, what they wrote, and what stays of it."""

from datetime import timedelta

from sqlalchemy import ColumnElement, String, cast, delete, exists, select, update
from sqlalchemy.orm import InstrumentedAttribute

from core.i18n import N_
from core.retention import Ground, Rule
from core.unit_of_work import UnitOfWork
from workshops.model.reflection_tables import Agreement, CheckOut, PrivateNote, Undertaking
from workshops.model.tables import Cohort, Invitation, Nomination, Registration, Workshop
from workshops.reflection import checking

NOTES_KEPT = timedelta(days=30)
A_YEAR = timedelta(days=365)
FIVE_YEARS = timedelta(days=1827)


def _ended(
    work: UnitOfWork, kept: timedelta, of: InstrumentedAttribute[int]
) -> ColumnElement[bool]:
    """Belongs to a workshop that ended so long ago, or never had a day and was left so long."""
    last = work.now - kept
    ended = select(Workshop.id).where(
        (Workshop.ends_at < last) | (Workshop.ends_at.is_(None) & (Workshop.created_at < last))
    )
    return of.in_(ended)


def end_notes(work: UnitOfWork) -> int:
    """The facilitator's own notes."""
    over = _ended(work, NOTES_KEPT, PrivateNote.workshop_id)
    return work.change(delete(PrivateNote).where(over))


def end_registrations(work: UnitOfWork) -> int:
    """Who took part and what they wrote, with check-outs and agreements; of whom a certificate was
    written, what it says stays."""
    over = _ended(work, A_YEAR, Registration.workshop_id)
    has_none = Registration.certificate_code.is_(None)
    gone = work.change(delete(Registration).where(over, has_none))
    certified = select(Registration.id).where(over, ~has_none)
    for part in (CheckOut, Agreement, Undertaking):
        of: InstrumentedAttribute[int] = part.registration_id
        gone += work.change(delete(part).where(of.in_(certified)))
    answered = cast(Registration.answers, String) != "[]"
    wrote = ~has_none, answered | Registration.shows_name | (Registration.rules_version != 0)
    emptied = {"answers": [], "shows_name": False, "rules_version": 0, "rules_agreed_at": None}
    return gone + work.change(update(Registration).where(over, *wrote).values(**emptied))


def end_certificates(work: UnitOfWork) -> int:
    """Certificates, and with them the last that says who took part."""
    over = _ended(work, FIVE_YEARS, Registration.workshop_id)
    return work.change(delete(Registration).where(over))


def end_invitations(work: UnitOfWork) -> int:
    """Who was invited, how they answered, and who was left out of a cohort."""
    over = _ended(work, A_YEAR, Invitation.workshop_id)
    gone = work.change(delete(Invitation).where(over))
    left = _ended(work, A_YEAR, Cohort.workshop_id)
    invited = exists().where(Invitation.cohort_id == Cohort.id)
    work.change(delete(Cohort).where(left, ~invited))
    return gone


def end_nominations(work: UnitOfWork) -> int:
    """Who was named by others, or asked with a forwarded invitation."""
    over = _ended(work, NOTES_KEPT, Nomination.workshop_id)
    return work.change(delete(Nomination).where(over))


RULES = (
    Rule(
        "check-ins",
        N_("What you brought into a workshop at its beginning"),
        N_("For those in the room"),
        Ground.WISH,
        checking.CHECK_INS_KEPT,
        checking.purge_check_ins,
    ),
    Rule(
        "facilitators-notes",
        N_("The facilitator's own notes"),
        N_("To lead the workshop"),
        Ground.INTEREST,
        NOTES_KEPT,
        end_notes,
        N_("after the workshop"),
    ),
    Rule(
        "nominations",
        N_("Names and addresses of people whom participants would have invited"),
        N_("So that an organiser decides whether to invite you"),
        Ground.INTEREST,
        NOTES_KEPT,
        end_nominations,
        N_("after the workshop"),
    ),
    Rule(
        "invitations",
        N_("To which workshops you were invited, and what you answered"),
        N_("To invite you, and to keep a place for you"),
        Ground.CONSENT,
        A_YEAR,
        end_invitations,
        N_("after the workshop"),
    ),
    Rule(
        "registrations",
        N_("In which workshops you took part, and what you wrote there"),
        N_("To hold the workshop, and to come back to what you took on"),
        Ground.WISH,
        A_YEAR,
        end_registrations,
        N_("after the workshop"),
    ),
    Rule(
        "certificates",
        N_("Certificates: your name and the workshop"),
        N_("So that others can check yours"),
        Ground.WISH,
        FIVE_YEARS,
        end_certificates,
        N_("after the workshop"),
    ),
)
