"""Mail: the account, what goes out, what waits and why, and what became of each message."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Annotated

from sqlalchemy import select
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

from contributions.models import Contribution, HeldLetter
from core.actors import Who
from core.audit import audit
from core.i18n import N_, Message
from core.unit_of_work import Reading, UnitOfWork
from mail import account, gate, holding, mailings, obstacles, overview, reasons, stop_rules
from mail.models import Mailing
from mail.overview import Fate, Standing
from mail.states import (
    CLASS_NAMES,
    DELIVERY_NAMES,
    MAILING_NAMES,
    OPEN,
    DeliveryState,
    MailingState,
)
from newsletters.models import Issue, IssueText
from web.forms import Page, Typed, line
from web.organiser.taking_along import MARK, csv_line
from web.visit import Visit

THING = "mailing"
HOME = "/organise/mail"


@dataclass(frozen=True)
class Asked(Typed):
    """To whom, or in which state, somebody looks for mails."""

    q: Annotated[str, line(254)]
    state: Annotated[str, line(12)]
    page: Page


def show(visit: Visit) -> Response:
    """How mail stands."""
    asked = Asked.of(visit.asked)
    with visit.reading() as work:
        known = account.known(work.session)
        going = overview.going(work.session)
        return visit.page(
            "organiser/mail.html",
            account=known[0] if known else None,
            account_at=known[1] if known else None,
            contradictions=reasons.contradictions(work.settings, known[0] if known else None),
            closed=reasons.closed(work.session),
            waits=[(one, _about(work, one.road)) for one in _in_the_way(work)],
            going=going,
            gone=overview.gone(work.session),
            held=[(one, _held_at(work, one)) for one in overview.held(work.session)],
            single=overview.single_mail(work.session),
            asked=asked,
            found=overview.mails_to(work, asked.q.strip()) if asked.q.strip() else [],
            sign_ups=obstacles.SIGN_UP_ROAD,
            service=obstacles.SERVICE_ROAD,
            is_opened=visit.query("said") == "opened",
            names=DELIVERY_NAMES,
            mailing_names=MAILING_NAMES,
            class_names=CLASS_NAMES,
        )


def _in_the_way(work: Reading) -> list[reasons.Reason]:
    return [one for one in reasons.standing(work.session) if one.road != reasons.GATE]


def _about(work: Reading, road: int) -> Standing | None:
    return overview.find(work.session, road) if road > 0 else None


def _desk_of(work: Reading, mailing_id: int) -> str | None:
    """The contribution whose held letter a mailing is: it is read, changed and let go there."""
    place = select(Contribution.public_id).join(
        HeldLetter, HeldLetter.contribution_id == Contribution.id
    )
    return work.session.scalar(place.where(HeldLetter.mailing_id == mailing_id))


def _held_at(work: Reading, one: Standing) -> str:
    """Where a held mail is read."""
    desk = _desk_of(work, one.id)
    return f"/organise/contributions/{desk}" if desk else f"{HOME}/{one.id}"


def mailing(visit: Visit) -> Response:
    """One mailing: each of its messages, and what became of it."""
    asked = Asked.of(visit.asked)
    with visit.reading() as work:
        one = _find(visit, work)
        found, has_more = overview.deliveries_of(work.session, one.id, asked.state, asked.page)
        content = work.session.get_one(Mailing, one.id)
        return visit.page(
            "organiser/mailing.html",
            mailing=one,
            text=content.text if one.state is MailingState.HELD else "",
            issue_id=_issue_of(work, one.id),
            found=found,
            asked=asked,
            tabs=_tabs(one, asked.state),
            reasons=reasons.standing(work.session, [one.id]),
            is_to_look_at=_is_to_look_at(work, one),
            names=DELIVERY_NAMES,
            mailing_names=MAILING_NAMES,
            class_names=CLASS_NAMES,
            **visit.pages_beside(asked.page, has_more=has_more),
        )


def _is_to_look_at(work: Reading, one: Standing) -> bool:
    obstacle = obstacles.standing(work.session, one.id)
    return obstacle is not None and obstacle.kind in obstacles.LOOKED_AT


@dataclass(frozen=True)
class _Tab:
    """The deliveries in one state, and how many there are."""

    state: str
    words: Message
    count: int
    is_chosen: bool


def _tabs(one: Standing, chosen: str) -> list[_Tab]:
    """All, those that wait, and each state that there is."""
    found = [_Tab("", N_("All"), one.counts["total"], not chosen)]
    if one.left:
        waiting = DELIVERY_NAMES[DeliveryState.QUEUED]
        found.append(_Tab("open", waiting, one.left, chosen == "open"))
    for state in DeliveryState:
        if one.counts[state] and state not in OPEN:
            words = DELIVERY_NAMES[state]
            found.append(_Tab(state, words, one.counts[state], chosen == state))
    return found


def _issue_of(work: Reading, mailing_id: int) -> int | None:
    of_it = select(Issue.id).join(IssueText, IssueText.issue_id == Issue.id)
    return work.session.scalar(of_it.where(IssueText.mailing_id == mailing_id))


def as_csv(visit: Visit) -> Response:
    """The same as a file."""
    asked = Asked.of(visit.asked)
    with visit.unit_of_work() as work:
        one = _find(visit, work)
        audit(work, visit.viewer_id, "export", THING, one.id)
    name = f"mailing-{one.id}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    rows = _rows(visit, one.id, asked.state)
    return StreamingResponse(rows, media_type="text/csv; charset=utf-8", headers=headers)


def _rows(visit: Visit, mailing_id: int, state: str) -> Iterator[bytes]:
    """Lines of a file that Excel reads as UTF-8, and of which it runs nothing."""
    yield MARK + csv_line(["address", "state", "reason", "attempts", "changed at"])
    with visit.reading() as work:
        for fate in overview.all_deliveries_of(work.session, mailing_id, state):
            yield csv_line(_cells(fate))


def _cells(fate: Fate) -> list[str]:
    shown = "" if fate.is_forgotten else fate.address
    return [shown, fate.state, fate.words, str(fate.attempts), f"{fate.changed_at:%Y-%m-%d %H:%M}"]


def open_gate(visit: Visit) -> Response:
    """Let mail out again, after somebody has looked."""
    with visit.unit_of_work() as work:
        if gate.open_again(work):
            audit(work, visit.viewer_id, "open", "gate", 1)
            mailings.wake(work, [one.id for one in overview.going(work.session)])
    return visit.redirect(f"{HOME}?said=opened")


def mail_sign_ups(visit: Visit) -> Response:
    """Mail those again who sign up."""
    with visit.unit_of_work() as work:
        stop_rules.mail_sign_ups_again(work)
        audit(work, visit.viewer_id, "mail sign-ups", "gate", 1)
    return visit.redirect(HOME)


def pause(visit: Visit) -> Response:
    """Stop one mailing for now."""

    def act(work: UnitOfWork, ids: list[int]) -> int:
        return mailings.move(work, ids, MailingState.PAUSED, Who.ORGANISER)

    return _act(visit, "pause", act)


def resume(visit: Visit) -> Response:
    """Go on with one mailing, whatever stood in its way."""
    return _act(visit, "resume", mailings.resume)


def cancel(visit: Visit) -> Response:
    """Never send what waits of one mailing."""
    return _act(visit, "cancel", partial(mailings.cancel, by=Who.ORGANISER))


def retry(visit: Visit) -> Response:
    """Send again what failed."""
    return _act(visit, "retry failed", mailings.retry_failed)


def count_unknown(visit: Visit) -> Response:
    """Take what nobody knows about for accepted."""
    return _act(visit, "count unknown", mailings.count_unknown)


def repeat_unknown(visit: Visit) -> Response:
    """Send again what nobody knows about."""
    return _act(visit, "repeat unknown", mailings.repeat_unknown)


def release(visit: Visit) -> Response:
    """Let a held mail go."""
    return _act(visit, "release", lambda work, ids: holding.release(work, ids[0]))


def drop(visit: Visit) -> Response:
    """Never send a held mail."""
    return _act(visit, "drop", lambda work, ids: holding.drop(work, ids[0]))


def _act(visit: Visit, name: str, act: Callable[[UnitOfWork, list[int]], int]) -> Response:
    with visit.unit_of_work() as work:
        one = _find(visit, work)
        if one.state is MailingState.HELD and _desk_of(work, one.id):
            raise HTTPException(409)  # a letter of the desk is read, and let go, there
        if act(work, [one.id]):
            audit(work, visit.viewer_id, name, THING, one.id)
    return visit.redirect(f"{HOME}/{one.id}")


def _find(visit: Visit, work: Reading) -> Standing:
    one = overview.find(work.session, visit.number("id"))
    if one is None:
        raise HTTPException(404)
    return one
