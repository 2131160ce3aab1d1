"""An organiser's own record: a mailbox alone does not end it, nor take it elsewhere."""

from core.errors import Refusal
from core.i18n import N_
from core.unit_of_work import Reading
from members import sessions
from members.models import Member, Organiser
from web.visit import Visit

SIGN_IN_FIRST = N_(
    "You help to run this community: please sign in first, in this browser and with your second "
    "factor if you have one; then open this link again."
)


def check_shown(visit: Visit, work: Reading, member: Member) -> None:
    """Raises Refusal for an organiser who has not shown here, a short while ago, who they are."""
    if work.session.get(Organiser, member.id) is None:
        return
    viewer = visit.viewer
    is_them = viewer is not None and viewer.member.id == member.id and viewer.hold is None
    if not is_them or viewer is None or not sessions.is_fresh(viewer, visit.now, is_act=True):
        raise Refusal(SIGN_IN_FIRST)
