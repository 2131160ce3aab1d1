"""Everything that is kept about somebody, by a link mailed just now: to read, and to erase."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from core.errors import Refusal
from core.i18n import N_, Message, say_moment
from core.persons import Erasure, Person, erase_all, tell_all
from core.tokens import BrokenToken, ExpiredToken, Purpose
from core.unit_of_work import Reading
from members import own_links
from members.models import Member
from members.persons import person_of
from web.forms import Ticked, Typed
from web.visit import Visit


@dataclass(frozen=True)
class Going(Typed):
    """That somebody knows what they do, and whether their name stays on what is published."""

    is_sure: Ticked
    keep_byline: Ticked


MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?\+00:00")
LABELS: Mapping[str, Message] = {
    "email": N_("E-mail address"), "name": N_("Name"), "language": N_("Language"),
    "state": N_("State"), "role": N_("Role"), "level": N_("Level of education"),
    "country": N_("Country"), "time_zone": N_("Time zone"), "source": N_("Where you joined"),
    "joined": N_("Joined"), "paused_until": N_("A pause until"), "labels": N_("Labels"),
    "organiser": N_("Role as an organiser"), "topic": N_("Topic"), "reason": N_("Why you left"),
    "changed": N_("Changed"), "consent": N_("Consent"), "words": N_("Version of the words"),
    "from": N_("From"), "network": N_("Network"), "at": N_("When"),
    "signed in since": N_("Signed in since"), "last used": N_("Last used"),
    "subject": N_("Subject"), "address": N_("Address"), "workshop": N_("Workshop"),
    "place": N_("Place"), "since": N_("Since"), "answers": N_("Answers"),
    "certificate": N_("Certificate"), "learned": N_("What I learned"),
    "involves": N_("Whom I will involve"), "invited to": N_("Invited to"),
    "answer": N_("Your answer"), "named": N_("Named"), "for": N_("For"), "by you": N_("By you"),
    "kind": N_("Kind"), "content": N_("Content"), "sent": N_("Sent in"),
    "messages": N_("Messages"), "files": N_("Files"), "co-author of": N_("Co-author of"),
    "named as": N_("Named as"), "note": N_("Note"), "learning point": N_("Learning point"),
    "action": N_("Action"), "leads": N_("Workshop that you lead"),
    "brought in": N_("What you brought in"), "rule": N_("Rule that you suggested"),
    "agreed to": N_("Agreed to"), "may share": N_("May be shared"),
    "took on": N_("What you took on"), "interest": N_("What you would come to"),
    "leaning to": N_("As an editor, of"), "address before": N_("Address before"),
    "asked to sign in": N_("Asked to sign in"), "browser": N_("Browser"),
    "second factor": N_("Two-step sign-in"), "recovery codes": N_("Recovery codes"),
}  # fmt: skip


def show(visit: Visit) -> Response:
    """Everything, readable, and the two things that can be done with it."""
    try:
        with visit.reading() as work:
            return _page(visit, work, _member(visit, work))
    except ExpiredToken:
        return _ended(visit)


def download(visit: Visit) -> Response:
    """The same as JSON, to take along."""
    try:
        with visit.reading() as work:
            told = tell_all(work, _person(visit, work), visit.installation.persons)
    except ExpiredToken:
        return _ended(visit)
    headers = {"Content-Disposition": 'attachment; filename="my-data.json"'}
    content = json.dumps(told, ensure_ascii=False, indent=2)
    return Response(content, media_type="application/json", headers=headers)


def erase(visit: Visit) -> Response:
    """Go for good. The page that follows knows nobody."""
    typed = Going.of(visit.form)
    try:
        with visit.unit_of_work() as work:
            person = _person(visit, work)
            if not typed.is_sure:
                raise Refusal(N_("Please tick that you know it cannot be undone."), "is_sure")
            how = Erasure(typed.keep_byline, person.id)
            erase_all(work, person, how, visit.installation.persons)
    except ExpiredToken:
        return _ended(visit)
    except Refusal as refusal:
        with visit.reading() as work:
            return _page(visit, work, _member(visit, work), refusal)
    return visit.redirect("/erased")


def erased(visit: Visit) -> Response:
    """What stays, once somebody is gone."""
    return visit.page("site/erased.html")


def _member(visit: Visit, work: Reading) -> Member:
    """Whose link it is. Raises BrokenToken, ExpiredToken or ReplacedToken."""
    member, said = own_links.owner_of(work, Purpose.DATA, visit.param("token"))
    if member is None or said:
        raise BrokenToken
    visit.speak(member.language)
    return member


def _person(visit: Visit, work: Reading) -> Person:
    return person_of(_member(visit, work))


def _page(visit: Visit, work: Reading, member: Member, refusal: Refusal | None = None) -> Response:
    told = tell_all(work, person_of(member), visit.installation.persons)
    return visit.page(
        "site/data.html",
        status=422 if refusal else 200,
        token=visit.param("token"),
        parts=[(one.title, _readable(told[one.name], visit)) for one in visit.installation.persons],
        labels=LABELS,
        keeps=Going.of(visit.form).keep_byline,
        error=visit.wrong(refusal),
    )


def _readable(said: object, visit: Visit) -> object:
    """The same with its moments as people write them."""
    if isinstance(said, dict):
        return {key: _readable(one, visit) for key, one in said.items()}
    if isinstance(said, list):
        return [_readable(one, visit) for one in said]
    if isinstance(said, str) and MOMENT.fullmatch(said):
        zone = visit.installation.settings.time_zone
        return say_moment(datetime.fromisoformat(said), visit.language, zone)
    return said


def _ended(visit: Visit) -> Response:
    return visit.page("site/data-ended.html", status=410)
