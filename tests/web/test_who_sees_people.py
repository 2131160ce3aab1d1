"""Who sees what of people: role by page by field. Everything that could leak is there."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from contributions.inquiries import Written, write_in
from core.addresses import parse_address
from core.installation import Installation
from members import labelling, notes, saved_segments
from members.models import Member, Subscription
from members.roles import Role
from members.segments import Segment
from tests.support.authors import member, sign_in_as
from tests.support.people import Browser, add_members

Run = Callable[[], None]
SECRETS = {
    "a name": "Hidda Virtanen",
    "an address": "m0@school.example",
    "a label": "choir-of-oulu",
    "a note": "Phoned on Tuesday",
    "a reason": "I have changed work",
    "a message": "May a staff room join",
    "a segment": "Leaders of Oulu",
    "a list that came in": "tests",
}
EDITORS = set(SECRETS)
SEES = {
    "visitor": set[str](),
    "member": set[str](),
    Role.FACILITATOR: set[str](),
    Role.EDITOR: EDITORS,
    Role.OWNER: EDITORS,
}
PAGES = (
    "/organise/people", "/organise/people/1", "/organise/people/segments",
    "/organise/people/growth", "/organise/people/twins", "/organise/people/imports",
    "/organise/people/add", "/organise/messages", "/organise/people?q=hidda",
    "/organise/people/1/export", "/organise/people/export",
)  # fmt: skip
ONLY_POSTED = ("/organise/people/1/export", "/organise/people/export")


@pytest.fixture
def scene(installation: Installation) -> Installation:
    """Somebody of whom much is known."""
    add_members(installation, 2, "en")
    with installation.unit_of_work() as work:
        one = work.session.scalars(select(Member).order_by(Member.id)).first()
        assert one is not None
        one.name = SECRETS["a name"]
        labelling.put_on(work, Member.id == one.id, SECRETS["a label"], None)
        notes.write(work, one.id, SECRETS["a note"], None)
        asks = Segment(labels=frozenset({SECRETS["a label"]}))
        saved_segments.save(work, SECRETS["a segment"], asks, None)
        own = work.session.scalars(select(Subscription)).first()
        assert own is not None
        own.state, own.reason = "unsubscribed", SECRETS["a reason"]
        address = parse_address("mia@elsewhere.example")
        write_in(work, Written(address, "Mia", "en", SECRETS["a message"], "form"))
    return installation


def _seen(browser: Browser) -> set[str]:
    """Which of the secrets stand on any page that this browser gets."""
    said = ""
    for path in PAGES:
        given = browser.client.post(path) if path in ONLY_POSTED else browser.client.get(path)
        said += given.text if given.status_code == 200 else ""
    return {name for name, secret in SECRETS.items() if secret in said}


@pytest.mark.parametrize("role", SEES)
def test_nobody_sees_of_people_what_is_not_for_them(scene: Installation, role: str) -> None:
    with Browser.of(scene) as browser:
        if role == "member":
            sign_in_as(browser, member(scene))
        elif role != "visitor":
            browser.sign_in("somebody@desk.example", Role(role))
        assert _seen(browser) == SEES[role]


@pytest.mark.parametrize(
    ("role", "may"), [("visitor", False), (Role.FACILITATOR, False), (Role.EDITOR, False),
                      (Role.OWNER, True)]
)  # fmt: skip
def test_only_owners_take_people_along(scene: Installation, role: str, may: bool) -> None:
    with Browser.of(scene) as browser:
        if role != "visitor":
            browser.sign_in("somebody@desk.example", Role(role))
        for path in ONLY_POSTED:
            answer = browser.client.post(path)
            assert (SECRETS["an address"] in answer.text) is may, path
