"""The workshop that a page of organisers is about, and what every act on it has in common."""

from collections.abc import Callable
from functools import partial

from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.errors import Refusal
from core.unit_of_work import Reading, UnitOfWork
from members.roles import Permission
from web.visit import Visit
from workshops.conduct import notices
from workshops.model.tables import Workshop
from workshops.planning import planning

Act = Callable[[UnitOfWork, Workshop], object]
Refused = Callable[[Reading, Workshop, Refusal], Response]


def may_see(visit: Visit, workshop: Workshop) -> bool:
    """Whether the viewer plans workshops, or leads this one."""
    return visit.may(Permission.PLAN_WORKSHOPS) or workshop.facilitator_id == visit.viewer_id


def found(visit: Visit, work: Reading) -> Workshop:
    """The workshop of this page, if the viewer may see it. Raises HTTPException."""
    workshop = planning.find(work.session, visit.param("public_id"))
    if workshop is None or not may_see(visit, workshop):
        raise HTTPException(404)
    visit.everywhere["not_told"] = notices.held(work, workshop)
    return workshop


def act_on(visit: Visit, act: Act, then: str, refused: Refused) -> Response:
    """Do something with the workshop; then go on to `then` among its pages (`/people`)."""
    return visit.act(
        partial(found, visit),
        act,
        then=lambda workshop, _: f"/organise/workshops/{workshop.public_id}{then}",
        refused=refused,
    )
