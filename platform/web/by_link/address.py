"""The links of a change of address: confirming at the new one, going back from the old one."""

from collections.abc import Callable

from sqlalchemy import ColumnElement
from starlette.responses import Response

from contributions import guests
from core.errors import Refusal
from core.tokens import ExpiredToken, Purpose
from core.unit_of_work import UnitOfWork
from members import address_change
from members.models import Member
from web.member.own_role import check_shown
from web.visit import Visit
from workshops.invitation import invitations

_Act = Callable[[UnitOfWork, str, ColumnElement[bool]], Member]


def show(visit: Visit) -> Response:
    """One button: from now on, write here."""
    return _shown(visit, Purpose.MOVE)


def confirm(visit: Visit) -> Response:
    """The new address is theirs."""
    return _done(visit, Purpose.MOVE, address_change.confirm)


def show_back(visit: Visit) -> Response:
    """One button: this was not me, take it back."""
    return _shown(visit, Purpose.MOVE_BACK)


def go_back(visit: Visit) -> Response:
    """The old address is theirs again."""
    return _done(visit, Purpose.MOVE_BACK, address_change.go_back)


def _shown(visit: Visit, purpose: Purpose, refusal: Refusal | None = None) -> Response:
    try:
        with visit.reading() as work:
            change, member = address_change.find(work, purpose, visit.param("token"))
    except ExpiredToken:
        return visit.page("site/data-ended.html", status=410)
    visit.speak(member.language)
    is_back = purpose is Purpose.MOVE_BACK
    return visit.page(
        "site/address.html",
        status=422 if refusal else 200,
        action=visit.path,
        is_back=is_back,
        address=change.old_email if is_back else change.new_email,
        is_done=(change.returned_at if is_back else change.confirmed_at) is not None,
        error=visit.wrong(refusal),
    )


def _done(visit: Visit, purpose: Purpose, act: _Act) -> Response:
    try:
        with visit.unit_of_work() as work:
            if purpose is Purpose.MOVE:
                _, member = address_change.find(work, purpose, visit.param("token"))
                check_shown(visit, work, member)
            act(work, visit.param("token"), invitations.is_awaited(work.now) | guests.WAITS)
    except ExpiredToken:
        return visit.page("site/data-ended.html", status=410)
    except Refusal as refusal:
        return _shown(visit, purpose, refusal)
    return visit.redirect(visit.path)
