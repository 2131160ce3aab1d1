"""What happens to workshops, invitations and places, in words for the audit."""

from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.audit import AuditWords, Kind, Told
from core.i18n import N_, Message
from members.models import Member
from workshops.model.invitation_states import InvitationState
from workshops.model.registration_states import RegistrationState
from workshops.model.stages import Stage
from workshops.model.tables import Cohort, Invitation, Nomination, Registration, Workshop

_WORKSHOP: dict[str, Message] = {
    "export": N_("Took the people of a workshop as a file"),
    "begin": N_("Began to plan a workshop"),
    "rewrite": N_("Changed the plan of a workshop"),
    "accept duties": N_("Took on to facilitate"),
    "change": N_("Changed a workshop that people come to"),
    "change capacity": N_("Changed the number of places"),
    "open to members": N_("Opened a workshop to members"),
    "open to anyone": N_("Opened a workshop to anyone"),
    "undo": N_("Took back what was not told yet"),
    "release notice": N_("People were told of a change: %(people)s"),
    Stage.DRAFT: N_("Took a workshop back to planning"),
    Stage.READY: N_("Called a workshop ready"),
    Stage.INVITING: N_("Began to invite"),
    Stage.OPEN: N_("Opened a workshop"),
    Stage.CLOSED: N_("Closed a workshop"),
    Stage.POSTPONED: N_("Postponed a workshop"),
    Stage.CANCELLED: N_("Cancelled a workshop"),
    Stage.COMPLETE: N_("Completed a workshop"),
}
_REGISTRATION: dict[str, Message] = {
    RegistrationState.REQUESTED: N_("Asked for a place"),
    RegistrationState.WAITLISTED: N_("Came to the waiting list"),
    RegistrationState.OFFERED: N_("Was offered a place"),
    RegistrationState.LAPSED: N_("Let an offer pass"),
    RegistrationState.CONFIRMED: N_("Took a place"),
    RegistrationState.NOT_ACCEPTED: N_("Was not accepted"),
    RegistrationState.CANCELLED: N_("Gave a place back"),
    RegistrationState.REMOVED: N_("Lost a place"),
    RegistrationState.ATTENDED: N_("Was there"),
    RegistrationState.NO_SHOW: N_("Was not there"),
    "approve": N_("Accepted somebody"),
    "give place": N_("Gave a place to somebody"),
    "refuse": N_("Did not accept somebody"),
    "give up": N_("Gave their place back"),
    "remove": N_("Took a place away"),
    "correct certificate": N_("Corrected the name on a certificate"),
}
_INVITATION: dict[str, Message] = {
    InvitationState.AWAITING: N_("Opened an invitation again"),
    InvitationState.MAYBE: N_("Answered an invitation with maybe"),
    InvitationState.ACCEPTED: N_("Accepted an invitation"),
    InvitationState.DECLINED: N_("Declined an invitation"),
    "revoke": N_("Took an invitation back"),
    "send again": N_("Sent an invitation again"),
}
_COHORT: dict[str, Message] = {
    "prepare cohort": N_("Prepared invitations: %(people)s"),
    "drop cohort": N_("Dropped prepared invitations"),
    "release cohort": N_("Sent invitations: %(people)s"),
}
_NOMINATION: dict[str, Message] = {
    "invite nominated": N_("Invited somebody who was named"),
    "put away": N_("Put away a name that was given"),
}
_THINGS = {
    "workshop": _WORKSHOP,
    "registration": _REGISTRATION,
    "invitation": _INVITATION,
    "cohort": _COHORT,
    "nomination": _NOMINATION,
}


def _workshops(session: Session, ids: Collection[int]) -> Mapping[int, str]:
    rows = select(Workshop.id, Workshop.title).where(Workshop.id.in_(ids))
    return dict(session.execute(rows).all())


def _cohorts(session: Session, ids: Collection[int]) -> Mapping[int, str]:
    return _of_workshop(
        session, select(Cohort.id, Workshop.title), Cohort.workshop_id, Cohort.id.in_(ids)
    )


def _nominations(session: Session, ids: Collection[int]) -> Mapping[int, str]:
    named = Nomination.id.in_(ids)
    return _of_workshop(
        session, select(Nomination.id, Workshop.title), Nomination.workshop_id, named
    )


def _of_workshop(
    session: Session,
    titles: Select[int, str],
    of: InstrumentedAttribute[int],
    wanted: ColumnElement[bool],
) -> Mapping[int, str]:
    rows = titles.join(Workshop, Workshop.id == of).where(wanted)
    return dict(session.execute(rows).all())


def _places(session: Session, ids: Collection[int]) -> Mapping[int, str]:
    rows = (
        select(Registration.id, Workshop.title, Member.name, Member.email)
        .join(Workshop, Workshop.id == Registration.workshop_id)
        .join(Member, Member.id == Registration.member_id)
        .where(Registration.id.in_(ids))
    )
    return _with_person(session, rows)


def _invitations(session: Session, ids: Collection[int]) -> Mapping[int, str]:
    rows = (
        select(Invitation.id, Workshop.title, Member.name, Member.email)
        .join(Workshop, Workshop.id == Invitation.workshop_id)
        .join(Member, Member.id == Invitation.member_id)
        .where(Invitation.id.in_(ids))
    )
    return _with_person(session, rows)


def _with_person(session: Session, rows: Select[int, str, str, str]) -> Mapping[int, str]:
    found = session.execute(rows)
    return {number: f"{title}, {name or email}" for number, title, name, email in found}


WORDS = AuditWords(
    acts={
        (thing, str(act)): Told(Kind.WORKSHOPS, words)
        for thing, acts in _THINGS.items()
        for act, words in acts.items()
    },
    names={
        "workshop": _workshops,
        "registration": _places,
        "invitation": _invitations,
        "cohort": _cohorts,
        "nomination": _nominations,
    },
)
