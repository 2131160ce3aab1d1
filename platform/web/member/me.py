"""One's own page: what waits, what one wrote and takes part in, the browsers that are signed in."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from contributions import drafts
from contributions.models import Contribution
from contributions.states import State, authors_words
from contributions.track import Station, how_pressing, track, waits_for_author
from core.audit import audit
from core.i18n import N_, Message
from core.unit_of_work import Reading
from mail import unasked
from members import sessions
from web.about_workshop import when_it_is
from web.visit import Visit
from workshops.invitation import open_door
from workshops.mails import emails
from workshops.model.registration_states import OWN_NAMES, RegistrationState
from workshops.model.stages import OFF
from workshops.model.tables import Registration, Workshop

SHOWN = 4


@dataclass(frozen=True)
class OwnText:
    """Something that the member wrote, and where it stands."""

    title: str
    language: str
    path: str
    words: Message
    track: Sequence[Station]


@dataclass(frozen=True)
class OwnWorkshop:
    """A workshop that the member takes part in."""

    title: str
    language: str
    path: str
    stands: Message
    when: Sequence[str]


@dataclass(frozen=True)
class NextStep:
    """The one thing to do now."""

    words: Message
    path: str


def show(visit: Visit) -> Response:
    """What waits, what one wrote and takes part in, and where one is signed in."""
    viewer = visit.me
    with visit.reading() as work:
        signed_in = sessions.sessions_of(work.session, viewer.member.id)
        is_silent = unasked.asked_for_silence(work, viewer.member.email_ascii)
        own = drafts.own_contributions(work.session, viewer.member.id)
        coming = _coming(visit, work)
    said = visit.query("said")
    return visit.page(
        "member/me.html",
        next=_next_step(own, coming),
        texts=[_own_text(one) for one in own[:SHOWN]],
        has_more_texts=len(own) > SHOWN,
        coming=coming[:SHOWN],
        sessions=signed_in,
        is_silent=is_silent,
        has_renewed=said == "renewed",
        is_written_again=said == "again",
    )


def _next_step(own: Sequence[Contribution], coming: Sequence[OwnWorkshop]) -> NextStep:
    """What an editor waits for comes first, then what one began, then what one goes to."""
    waiting = [
        (how_pressing(one.state), words, one)
        for one in own
        if (words := waits_for_author(one.state, one.title or "…", is_person=one.is_interviewee))
    ]
    if waiting:
        _, words, one = min(waiting, key=lambda three: three[0])
        path = f"/me/contributions/{one.public_id}"
        return NextStep(words, f"{path}/edit" if one.state == State.DRAFT else path)
    if coming:
        words = N_("Your next workshop is “%(title)s”.", title=coming[0].title)
        return NextStep(words, coming[0].path)
    return NextStep(
        N_("Tell us what you would come to: workshops begin with that."), "/me/interest"
    )


def _own_text(one: Contribution) -> OwnText:
    return OwnText(
        one.title,
        one.language,
        f"/me/contributions/{one.public_id}",
        authors_words(State(one.state), one.is_interviewee),
        track(one.state),
    )


def _coming(visit: Visit, work: Reading) -> list[OwnWorkshop]:
    """Those that are still to come, the next first."""
    zone = visit.me.member.time_zone
    mine = [
        (registration, workshop)
        for registration, workshop in open_door.of_member(work.session, visit.my_id)
        if workshop.stage not in OFF and (workshop.ends_at is None or workshop.ends_at > visit.now)
    ]
    mine.sort(key=lambda one: (one[1].starts_at is None, one[1].starts_at or visit.now))
    return [_own_workshop(visit, work, *one, zone) for one in mine]


def _own_workshop(
    visit: Visit, work: Reading, registration: Registration, workshop: Workshop, zone: str
) -> OwnWorkshop:
    return OwnWorkshop(
        workshop.title,
        workshop.language,
        f"/w/{emails.place_token(work, registration)}",
        OWN_NAMES[RegistrationState(registration.state)],
        when_it_is(workshop, zone, visit),
    )


def revoke(visit: Visit) -> Response:
    """Sign out of one of one's browsers."""
    viewer = visit.me
    with visit.unit_of_work() as work:
        sessions.revoke(work, viewer.member.id, visit.number("id"))
        if viewer.is_organiser:
            audit(work, viewer.member.id, "end session", "organiser", viewer.member.id)
    return visit.redirect("/me")
