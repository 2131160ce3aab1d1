"""The files of a contribution: checked, few, and of no use to anybody who was not given them."""

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from contributions.models import Contribution, ContributionFile
from contributions.people import authors_of
from contributions.states import EDITABLE
from core.errors import Refusal
from core.i18n import N_
from core.stored_files import Checked, Reader, Served, StoredFile, remove_files, store
from core.unit_of_work import UnitOfWork
from library.kinds import may_see
from members.models import Member
from members.roles import Permission, Role, may

MOST = 5
MOST_BYTES = 200 * 1024 * 1024


def attach(work: UnitOfWork, contribution: Contribution, checked: Checked) -> StoredFile:
    """Add a file that was checked. Raises Refusal with the reason and the limit."""
    _lock(work.session, contribution)
    if contribution.state not in EDITABLE:
        raise Refusal(N_("It has been opened by the editors, so it cannot be changed any more."))
    if _count(work.session, contribution.id) >= MOST:
        raise Refusal(N_("Five files at the most. A link works too."), "files")
    if _kept_by(work.session, contribution.author_id) + len(checked.content) > MOST_BYTES:
        raise Refusal(N_("Your files are more than 200 MB together. Please use links."), "files")
    stored = store(work, checked)
    work.session.add(ContributionFile(contribution_id=contribution.id, file_id=stored.id))
    work.session.flush()
    return stored


def detach(work: UnitOfWork, contribution: Contribution, file_id: int) -> None:
    """Take a file off and delete it. Harmless to repeat. Raises Refusal once it was opened."""
    if contribution.state not in EDITABLE:
        raise Refusal(N_("It has been opened by the editors, so it cannot be changed any more."))
    link = work.session.get(ContributionFile, (contribution.id, file_id))
    if link is not None:
        work.session.delete(link)
        work.session.flush()
        remove_files(work.session, [file_id])


def detach_all(work: UnitOfWork, contribution: Contribution) -> None:
    """Delete every file of a contribution."""
    remove_files(work.session, [file.id for file in files_of(work.session, contribution.id)])


def files_of(session: Session, contribution_id: int) -> list[StoredFile]:
    """The files of a contribution, without their content."""
    return list(
        session.scalars(
            select(StoredFile)
            .join(ContributionFile, ContributionFile.file_id == StoredFile.id)
            .where(ContributionFile.contribution_id == contribution_id)
            .order_by(StoredFile.id)
        )
    )


def held_files() -> Select[int]:
    """The files that belong to contributions."""
    return select(ContributionFile.file_id)


def may_have(session: Session, file: StoredFile, reader: Reader) -> Served | None:
    """The file of what is published is for whom that is for; any other for authors and editors."""
    contribution = session.scalar(
        select(Contribution)
        .join(ContributionFile, ContributionFile.contribution_id == Contribution.id)
        .where(ContributionFile.file_id == file.id)
    )
    if contribution is None:
        return None
    boundary = contribution.content.boundary
    if contribution.is_published and may_see(boundary, is_member=reader.member_id is not None):
        return Served.TO_ALL if may_see(boundary, is_member=False) else Served.TO_THIS_ONE
    return Served.TO_THIS_ONE if _is_concerned(session, contribution, reader) else None


def _is_concerned(session: Session, contribution: Contribution, reader: Reader) -> bool:
    if reader.role is not None and may(Role(reader.role), Permission.EDIT_CONTRIBUTIONS):
        return True
    return reader.member_id in {person.id for person in authors_of(session, contribution)}


def _lock(session: Session, contribution: Contribution) -> None:
    """One file of an author after the other: what is counted here stays true until the commit."""
    author = select(Member.id).where(Member.id == contribution.author_id)
    session.execute(author.with_for_update())
    session.refresh(contribution, with_for_update=True)


def _kept_by(session: Session, author_id: int | None) -> int:
    """How many bytes of files an author keeps with us."""
    kept = (
        select(func.coalesce(func.sum(StoredFile.size), 0))
        .join(ContributionFile, ContributionFile.file_id == StoredFile.id)
        .join(Contribution, Contribution.id == ContributionFile.contribution_id)
        .where(Contribution.author_id == author_id)
    )
    return session.scalar(kept) or 0


def _count(session: Session, contribution_id: int) -> int:
    counted = select(func.count()).where(ContributionFile.contribution_id == contribution_id)
    return session.scalar(counted) or 0
