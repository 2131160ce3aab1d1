"""What contributions know of members, for choosing whom to write to."""

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from contributions.co_author_states import CoAuthorState
from contributions.kinds import FORMS, Kind
from contributions.models import CoAuthor, Contribution
from contributions.states import State
from core.i18n import N_, Message
from members import facts as of_members
from members.segments import Fact, Facts, Words

CONTRIBUTED = "contributed"


def _contributed(kinds: Words) -> Select[int]:
    """Authors and co-authors of what was sent in; a draft is nobody's business."""
    sent_in = Contribution.state != State.DRAFT, Contribution.author_id.is_not(None)
    authors = select(Contribution.author_id).where(*sent_in)
    accepted = CoAuthor.state == CoAuthorState.ACCEPTED, CoAuthor.member_id.is_not(None)
    co_authors = select(CoAuthor.member_id).where(*accepted)
    if kinds:
        of_kind = Contribution.kind.in_(sorted(kinds))
        authors = authors.where(of_kind)
        theirs = Contribution.id == CoAuthor.contribution_id
        co_authors = co_authors.join(Contribution, theirs).where(of_kind)
    return select(authors.union(co_authors).subquery().c[0])


def _kind_names(_session: Session, kinds: Words) -> dict[str, str | Message]:
    return {kind: FORMS[Kind(kind)].name for kind in kinds if kind in set(Kind)}


FACTS: Facts = {
    **of_members.FACTS,
    CONTRIBUTED: Fact(
        N_("Has sent something in"),
        _contributed,
        N_("who have sent something in"),
        N_("who have sent nothing in"),
        N_("who have sent in: %(what)s"),
        N_("who have never sent in: %(what)s"),
        _kind_names,
    ),
}
