"""What somebody gets, by any mail's link: to get less of it, and to ask for a fresh link.

A link out of a letter shows and changes nothing of its owner: letters are forwarded.
"""

from dataclasses import dataclass
from functools import partial

from starlette.responses import Response

from core.addresses import parse_address
from core.errors import Refusal
from core.tokens import BrokenToken, Purpose
from core.unit_of_work import Reading, UnitOfWork
from members import leaving, own_links
from members.consent import TOPIC_TEXTS
from members.leaving import Less
from members.models import Member
from members.subscriptions import topics_of
from web.by_link.leaving import masked
from web.forms import CheckedDay, Texts, Typed
from web.limits import check_unasked
from web.own_preferences import pause_of
from web.visit import Visit

SAVED, LEFT, SENT = "saved", "left", "sent"


@dataclass(frozen=True)
class Kept(Typed):
    """The topics that stay ticked, and a pause."""

    topics: Texts
    paused_until: CheckedDay


def show(visit: Visit) -> Response:
    """What one gets, and how to get less."""
    with visit.reading() as work:
        return _page(visit, work, _member(visit, work))


def save(visit: Visit) -> Response:
    """Take away what was unticked."""
    return visit.act(
        partial(_member, visit),
        partial(_take_away, visit),
        then=lambda _, said: f"{_path(visit)}?said={said}",
        refused=partial(_page, visit),
    )


def send_fresh(visit: Visit) -> Response:
    """Mail the owner a fresh link, by which more can be changed."""
    return visit.act(
        partial(_member, visit),
        own_links.mail_fresh_link,
        then=lambda *_: f"{_path(visit)}?said={SENT}",
        refused=partial(_page, visit),
        before=partial(_check_fresh, visit),
    )


def _check_fresh(visit: Visit, _work: Reading, member: Member) -> None:
    check_unasked(visit, "fresh-links", parse_address(member.email), field="fresh")


def _member(visit: Visit, work: Reading) -> Member:
    """Whose link it is. Raises BrokenToken or ReplacedToken."""
    member, said = own_links.owner_of(work, Purpose.PREFERENCES, visit.param("token"))
    if member is None or said:
        raise BrokenToken
    visit.speak(member.language)
    return member


def _path(visit: Visit) -> str:
    return f"/preferences/{visit.param('token')}"


def _take_away(visit: Visit, work: UnitOfWork, member: Member) -> str:
    """Keep what the form says; in a word, what has become of it. Raises Refusal."""
    typed = Kept.of(visit.form)
    less = Less(typed.topics, pause_of(typed.paused_until, work.now.date()))
    had_topics = bool(topics_of(work.session, member.id))
    leaving.take_away(work, member, less, visit.origin)
    has_topics = bool(topics_of(work.session, member.id))
    return LEFT if had_topics and not has_topics else SAVED


def _page(visit: Visit, work: Reading, member: Member, refusal: Refusal | None = None) -> Response:
    said = visit.query("said")
    subscribed = topics_of(work.session, member.id)
    paused = member.paused_until.isoformat() if member.paused_until else ""
    form = visit.form
    return visit.page(
        "site/preferences.html",
        status=422 if refusal else 200,
        action=_path(visit),
        address=masked(member.email),
        topics={key: topic for key, topic in TOPIC_TEXTS.items() if key in subscribed},
        kept=set(form.fields.get("topics", ())) if refusal else subscribed,
        paused_until=form.fields.get("paused_until", [""])[-1] if refusal else paused,
        today=visit.now.date(),
        is_saved=said in (SAVED, LEFT),
        has_left=said == LEFT,
        is_sent=said == SENT,
        error=visit.wrong(refusal),
    )
