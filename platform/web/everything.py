"""Everything that is kept about somebody, as people read it and as machines do."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.responses import Response

from contributions.kinds import FORMS
from contributions.states import EDITORS_WORDS
from core.i18n import LANGUAGES, N_, Message, language_name, say_moment
from mail.states import DELIVERY_NAMES
from members.consent import TOPIC_TEXTS
from members.profile import LEVELS, ROLES
from members.roles import ROLE_NAMES
from web.visit import Visit
from workshops.model.invitation_states import NAMES as INVITATION_NAMES
from workshops.model.registration_states import REGISTRATION_NAMES

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
    "shown as": N_("Shown as"), "roles": N_("What you do"), "picture": N_("Picture"),
    "place": N_("Place"), "since": N_("Since"), "answers": N_("Answers"),
    "certificate": N_("Certificate"), "learned": N_("What I learned"),
    "involves": N_("Whom I will involve"), "invited to": N_("Invited to"),
    "answer": N_("Your answer"), "named": N_("Named"), "for": N_("For"), "by you": N_("By you"),
    "wrote to us": N_("You wrote to us"), "our answer": N_("Our answer"),
    "kind": N_("Kind"), "content": N_("Content"), "sent": N_("Sent in"),
    "messages": N_("Messages"), "files": N_("Files"), "co-author of": N_("Co-author of"),
    "named as": N_("Named as"), "title": N_("Title"),
    "note": N_("Note"), "learning point": N_("Learning point"),
    "action": N_("Action"), "leads": N_("Workshop that you lead"),
    "brought in": N_("What you brought in"), "rule": N_("Rule that you suggested"),
    "agreed to": N_("Agreed to"), "may share": N_("May be shared"),
    "took on": N_("What you took on"), "interest": N_("What you would come to"),
    "leaning to": N_("As an editor, of"), "address before": N_("Address before"),
    "asked to sign in": N_("Asked to sign in"), "browser": N_("Browser"),
    "joined with record": N_("Joined with the record"),
    "did": N_("What you did"), "to": N_("To what"),
    "second factor": N_("Two-step sign-in"), "recovery codes": N_("Recovery codes"),
}  # fmt: skip


LABELS_OF_ANOTHER: Mapping[str, Message] = {
    **LABELS,
    "answer": N_("Answer"), "source": N_("Where they joined"), "reason": N_("Why they left"),
    "by you": N_("By them"),
}  # fmt: skip
"""For an organiser who reads about somebody else."""
ORDER = ("membership", "contributions", "workshops", "community", "mails")
"""Of the parts on a page: who it is first."""
VALUES: Mapping[tuple[str, str], Mapping[str, Message]] = {
    ("membership", "state"): {
        "pending": N_("not confirmed"), "confirmed": N_("confirmed"),
        "subscribed": N_("subscribed"), "unsubscribed": N_("has left"),
    },
    ("membership", "organiser"): {str(role): name for role, name in ROLE_NAMES.items()},
    ("membership", "role"): ROLES,
    ("membership", "level"): LEVELS,
    ("membership", "topic"): {topic: text.name for topic, text in TOPIC_TEXTS.items()},
    ("membership", "consent"): {
        "requested": N_("asked for"), "confirmed": N_("confirmed"), "imported": N_("imported"),
        "changed": N_("changed"), "withdrawn": N_("has left"), "restored": N_("taken back"),
    },
    ("contributions", "kind"): {str(kind): form.name for kind, form in FORMS.items()},
    ("contributions", "state"): {str(state): words for state, words in EDITORS_WORDS.items()},
    ("workshops", "place"): {str(state): name for state, name in REGISTRATION_NAMES.items()},
    ("workshops", "answer"): {str(state): name for state, name in INVITATION_NAMES.items()},
    ("workshops", "state"): {
        "waiting": N_("waiting"), "invited": N_("invited"), "put_away": N_("put away"),
    },
    ("mails", "state"): {str(state): name for state, name in DELIVERY_NAMES.items()},
}  # fmt: skip
"""What our own words mean, by part and field; whatever else is said stays as it was written."""


def readable(
    visit: Visit, told: Mapping[str, Any], labels: Mapping[str, Message] = LABELS
) -> dict[str, object]:
    """What a page shows of it, part by part, and the labels of its fields."""
    records = sorted(visit.installation.persons, key=lambda one: ORDER.index(one.name))
    parts = [(one.title, _in_words(visit, told[one.name], one.name)) for one in records]
    return {"parts": parts, "labels": labels}


def as_json(told: Mapping[str, Any], name: str) -> Response:
    """The same as a file to take along."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    content = json.dumps(told, ensure_ascii=False, indent=2)
    return Response(content, media_type="application/json", headers=headers)


def _in_words(visit: Visit, said: object, part: str, field: str = "") -> object:
    """The same with its moments, and our own words, as people write them."""
    if isinstance(said, dict):
        return {key: _in_words(visit, one, part, key) for key, one in said.items()}
    if isinstance(said, list):
        return [_in_words(visit, one, part, field) for one in said]
    if not isinstance(said, str):
        return said
    if MOMENT.fullmatch(said):
        zone = visit.installation.settings.time_zone
        return say_moment(datetime.fromisoformat(said), visit.language, zone)
    if field == "language" and said in LANGUAGES:
        return language_name(said, visit.language)
    words = VALUES.get((part, field), {}).get(said)
    return visit.text(words) if words is not None else said
