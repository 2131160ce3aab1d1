"""Every page there is, and what may stand in its path: things that are there, and nonsense."""

import random
import re

from contributions.kinds import Kind
from core.i18n import LANGUAGES
from core.installation import Installation
from core.tokens import Purpose
from members.models import Member
from newsletters import issues
from tests.support import hosts
from tests.support.authors import editor_id, member, submitted
from web.endpoint import Entry
from web.organiser.routes import ORGANISER
from web.routes import ALWAYS, MEMBER, SITE
from workshops.model.method import Frame
from workshops.model.tables import Workshop
from workshops.planning import areas, planning
from workshops.reflection import actions
from workshops.registration import registering
from workshops.registration.registering import Words

PARTS = ((1,), (1, 1), (1, 1, 1), (1, "newsletter"), ("x", "y"))
ENTRIES = (*SITE, *MEMBER, *ORGANISER, *ALWAYS)


def somewhere(installation: Installation) -> dict[str, list[str]]:
    """Values for the parts of paths: of things that are there, and nonsense."""
    author = member(installation).id
    with installation.unit_of_work() as work:
        by = editor_id(work, "who@example.org")
        issue = issues.new_issue(work).id
        sent_in = [submitted(work, kind, author).public_id for kind in Kind]
        workshop = planning.begin(work, Frame.FORUM, "en", by).public_id
    conversation = _conversation(installation, author)
    with installation.unit_of_work() as work:
        tokens = [work.tokens.sign(purpose, *parts) for purpose in Purpose for parts in PARTS]
    nonsense = ["x", "%00", "%ff", "a.b", "1-1.x", "%F0%9F%98%80"]
    ids = [str(issue), "0", "999999999"]
    return {
        "id": ids, "number": ids, "revision": ids, "session": ids,
        "public_id": [*sent_in, workshop, *[conversation] * 4, *nonsense],
        "kind": [*map(str, Kind), *nonsense], "action": ["open", "publish", "retract", *nonsense],
        "language": ["en", "fi", "sv", "%00"], "token": [*tokens, *nonsense],
        "name": ["home", "1.svg", "1.png", *nonsense],
        "palette": ["clay", *nonsense], "frame": ["wide", *nonsense],
        "part": ["names", "letters", "links", *nonsense], "one": nonsense,
        "slug": nonsense, "link": nonsense, "code": nonsense,
    }  # fmt: skip


def _conversation(installation: Installation, member_id: int) -> str:
    """A workshop with a cohort, a place, a learning point and an action; its public id."""
    workshop = hosts.ready(installation)
    hosts.invite(installation, workshop, "m0@school.example")
    with installation.unit_of_work() as work:
        kept = work.session.get_one(Workshop, workshop.id)
        kept.stage, kept.audience = "open", "anyone"
        who = work.session.get_one(Member, member_id)
        registering.register(work, kept, who, Words(rules_version=1), is_approved=True)
        areas.add(work, dict.fromkeys(LANGUAGES, "Listening"))
        due = work.now.date()
        actions.propose(work, kept, member_id, "promise", "We wait", due)
    return workshop.public_id


def path_of(entry: Entry, somewhere: dict[str, list[str]], chance: random.Random) -> str:
    """A path of the table of URLs with its parts filled in."""

    def fill(part: re.Match[str]) -> str:
        return chance.choice(somewhere[part[1].partition(":")[0]])

    return re.sub(r"\{([a-z_:]+)\}", fill, entry.path)
