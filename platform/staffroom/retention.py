"""What is kept, why and how long: every part of the house brings its rules; this is the table."""

from datetime import timedelta

from sqlalchemy.orm import Session

from community import parts
from community import persons as community_of
from community import retention as community
from contributions import attachments
from contributions import persons as contributions_of
from contributions import retention as contributions
from core import audit
from core.i18n import N_
from core.retention import Ground, Rule
from core.stored_files import Reader, Served, StoredFile, sweep_files
from core.unit_of_work import UnitOfWork
from library import holding, removing
from mail import persons as mail_of
from mail import retention as mail
from members import persons as members_of
from members import retention as members
from members.roles import Permission, Role, may
from newsletters import pictures
from newsletters import retention as newsletters
from workshops.conduct import persons as workshops_of
from workshops.conduct import retention as workshops
from workshops.invitation import invitations


def _of_the_library(session: Session, file: StoredFile, reader: Reader) -> Served | None:
    looks_after = may(Role(reader.role) if reader.role else None, Permission.EDIT_LIBRARY)
    return holding.may_have(session, file, reader, looks_after=looks_after)


FILE_HOLDERS = (
    attachments.held_files,
    holding.held_files,
    parts.held_files,
    pictures.held_files,
)
FILE_READERS = (attachments.may_have, _of_the_library, parts.may_have, pictures.may_have)
PERSONS = (
    workshops_of.RECORDS,
    contributions_of.RECORDS,
    members_of.RECORDS,
    community_of.RECORDS,
    mail_of.RECORDS,
)
"""What is told to a person, and erased: the highest floor first, mail last of all."""
SWEPT_AFTER = timedelta(days=1)


def sweep(work: UnitOfWork) -> int:
    """Files that no part of the house holds; returns how many."""
    return sweep_files(work, FILE_HOLDERS, work.now - SWEPT_AFTER)


RETENTION: tuple[Rule, ...] = (
    *members.rules(invitations.awaited_members),
    *mail.RULES,
    *workshops.RULES,
    *contributions.RULES,
    *newsletters.RULES,
    *community.RULES,
    removing.RULE,
    Rule(
        "files",
        N_("Files that belong to nothing any more"),
        N_("So that nothing is lost by a slip"),
        Ground.WISH,
        SWEPT_AFTER,
        sweep,
    ),
    Rule(
        "audit",
        N_("Who of the organisers did what"),
        N_("To find out what happened, and to answer for it"),
        Ground.INTEREST,
        audit.KEPT,
        audit.purge_audit,
    ),
)
"""In the order of the privacy page."""
