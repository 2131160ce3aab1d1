"""An organiser's own record: a mailbox alone does not end it, nor take it elsewhere."""

from core.errors import Refusal
from core.i18n import N_
from core.unit_of_work import Reading
from members import sessions
from members.models import Member, Organiser
from members.second_factor.demand import Hold
from web.visit import Visit

SIGN_IN_FIRST = N_(
    "You help to run this community: please sign in first, in this browser; then open this link "
    "again."
)
SHOW_FIRST = N_(
    "You help to run this community: please open “Two-step sign-in” on your page first and show "
    "that it is you; then open this link again."
)
SET_UP_FIRST = N_(
    "Your role needs a second factor: please set one up under “Two-step sign-in” on your page; "
    "then open this link again."
)


def check_shown(visit: Visit, work: Reading, member: Member) -> None:
    """Raises Refusal for an organiser who has not shown here, a short while ago, who they are."""
    if work.session.get(Organiser, member.id) is None:
        return
    viewer = visit.viewer
    if viewer is None or viewer.member.id != member.id:
        raise Refusal(SIGN_IN_FIRST)
    if viewer.hold is Hold.SET_UP:
        raise Refusal(SET_UP_FIRST)
    if not sessions.is_fresh(viewer, visit.now, is_act=True):
        raise Refusal(SHOW_FIRST)
