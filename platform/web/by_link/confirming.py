"""Confirming an address: GET shows, POST acts; and "this was not me"."""

from dataclasses import dataclass

from starlette.responses import Response

from core.errors import Refusal
from core.tokens import ExpiredToken, Purpose
from core.unit_of_work import Reading
from members import confirming
from members.confirming import AS_ASKED, Confirmation, Wish
from members.consent import TOPIC_TEXTS
from members.models import Member
from members.states import SubscriptionState
from members.subscriptions import topics_of
from web.forms import Language, Text, Ticked, Typed, Words
from web.own_preferences import about_choices
from web.visit import Visit
from workshops.invitation import invitations


@dataclass(frozen=True)
class Asked(Typed):
    """Whether the form has fields at all."""

    asked: Ticked


@dataclass(frozen=True)
class Said(Typed):
    """What the owner of an address wants, and would be called; and in which language they read."""

    topics: Words
    name: Text
    language: Language
    read_in: Language


def show(visit: Visit) -> Response:
    """One big button; or that it is done already, expired, or forgotten."""
    token = visit.param("token")
    if visit.query("said") == "sent":
        return visit.page("site/sent-again.html")
    try:
        with visit.reading() as work:
            status, member = confirming.who_confirms(work, token)
            if member is not None:
                visit.speak(member.language)
            if member is not None and status is Confirmation.CONFIRMED:
                return _page(visit, work, member)
    except ExpiredToken:
        return _expired(visit, token)
    return _done(visit, status)


def confirm(visit: Visit) -> Response:
    """Confirm; a second time says so and changes nothing."""
    token = visit.param("token")
    try:
        with visit.unit_of_work() as work:
            status, member = confirming.confirm(work, token, visit.origin, _wish(visit))
            is_new = member is not None and member.confirmed_at == work.now
    except ExpiredToken:
        return _expired(visit, token)
    except Refusal as refusal:
        with visit.reading() as work:
            _, member = confirming.who_confirms(work, token)
            if member is None:
                return _done(visit, Confirmation.FORGOTTEN)
            visit.speak(member.language)
            return _page(visit, work, member, refusal)
    if member is not None:
        visit.switch(member.language)
    # A link may be forwarded: of somebody who was here before, it shows and changes nothing.
    return _done(visit, status, member if is_new else None)


def send_again(visit: Visit) -> Response:
    """A new link, in one tap, for a link of ours that expired."""
    with visit.reading() as work:
        member = confirming.expired_member(work, visit.param("token"))
    # The limiter is asked outside of the transaction, which may lock the database.
    if member is not None and confirming.may_send_again(visit.installation.limits, member):
        with visit.unit_of_work() as work:
            confirming.send_again(work, member, visit.origin)
    if member is not None:
        visit.speak(member.language)
    return visit.redirect(f"/confirm/{visit.param('token')}?said=sent")


def show_not_me(visit: Visit) -> Response:
    """The button that removes an address somebody else typed."""
    token, is_done = visit.param("token"), visit.query("said") == "removed"
    visit.installation.tokens.read(Purpose.NOT_ME, token)
    return visit.page("site/not-me.html", token=token, is_done=is_done)


def not_me(visit: Visit) -> Response:
    """Remove the address; a second time changes nothing."""
    with visit.unit_of_work() as work:
        awaited = invitations.awaited_members(work.now)
        confirming.forget(work, visit.param("token"), awaited)
    return visit.redirect(f"/not-me/{visit.param('token')}?said=removed")


def _wish(visit: Visit) -> Wish:
    """What its owner says; a form without fields, as of a mail program, says nothing else."""
    if not Asked.of(visit.form).asked:
        return AS_ASKED
    said = Said.of(visit.form)
    return Wish(said.topics, said.name, said.language, said.read_in)


def _page(visit: Visit, work: Reading, member: Member, refusal: Refusal | None = None) -> Response:
    """What one would get, sentence by sentence, to tick; and what somebody typed of a name."""
    subscribed = topics_of(work.session, member.id)
    asked = topics_of(work.session, member.id, SubscriptionState.PENDING)
    form = visit.form
    return visit.page(
        "site/confirm.html",
        status=422 if refusal else 200,
        token=visit.param("token"),
        sentences={key: one for key, one in TOPIC_TEXTS.items() if key not in subscribed},
        ticked=set(form.fields.get("topics", ())) if refusal else asked,
        name=form.fields.get("name", [""])[-1] if refusal else member.typed_name or member.name,
        letters_in=form.fields.get("language", [""])[-1] if refusal else visit.language,
        error=visit.wrong(refusal),
    )


def _expired(visit: Visit, token: str) -> Response:
    with visit.reading() as work:
        member = confirming.expired_member(work, token)
    if member is None:
        return _done(visit, Confirmation.FORGOTTEN)
    visit.speak(member.language)
    return visit.page("site/expired.html", status=410, token=token)


def _done(visit: Visit, status: Confirmation, member: Member | None = None) -> Response:
    code = 410 if status is Confirmation.FORGOTTEN else 200
    asked: dict[str, object] = {"about": ""}
    if status is Confirmation.CONFIRMED and member is not None:
        parts = (member.id, member.links_version)
        token = visit.installation.tokens.sign(Purpose.CHANGE, *parts)
        values = {"role": member.role, "level": member.level, "country": member.country}
        asked = {"about": f"/change/{token}/about", "values": values, "error": None}
        asked |= about_choices(visit.language)
    return visit.page(
        "site/confirmed.html",
        status=code,
        outcome=status.value,
        is_confirmed=status is Confirmation.CONFIRMED,
        is_forgotten=status is Confirmation.FORGOTTEN,
        **asked,
    )
