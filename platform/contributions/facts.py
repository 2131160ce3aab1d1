"""What contributions know of members, for choosing whom to write to."""

from sqlalchemy import Select, select

from contributions.co_author_states import CoAuthorState
from contributions.models import CoAuthor, Contribution
from contributions.states import State
from core.i18n import N_
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


FACTS: Facts = {CONTRIBUTED: Fact(N_("Has sent something in"), _contributed)}
