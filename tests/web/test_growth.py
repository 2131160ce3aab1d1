"""How the community grows and why people left; records that may be of one person."""

from collections.abc import Callable

import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import select

from core.addresses import parse_address
from core.installation import Installation
from members import twins
from members.models import Member, Subscription
from members.records import new_record
from members.roles import Role
from tests.conftest import both_databases
from tests.support.people import Browser, ShiftedClock, add_members, link_of

Run = Callable[[], None]
GROWTH, TWINS = "/organise/people/growth", "/organise/people/twins"


@pytest.fixture
def editor(visitor: Browser) -> Browser:
    """An editor, signed in a moment ago."""
    return visitor.sign_in("zoe@desk.example", Role.EDITOR)


def figures(browser: Browser) -> list[list[str]]:
    """The rows of the first table of the page: a week, who came, who left."""
    tables = LexborHTMLParser(browser.get(GROWTH).text).css("table")
    rows = [[cell.text(strip=True) for cell in row.css("td")] for row in tables[0].css("tbody tr")]
    return [row for row in rows if row[1:] != ["0", "0"]]


@both_databases
def test_who_came_and_left_is_drawn_and_told_week_by_week(
    editor: Browser, installation: Installation, clock: ShiftedClock, run_jobs: Run
) -> None:
    add_members(installation, 3, "fi")
    clock.forward(days=7)
    editor.sign_in("zoe@desk.example", Role.EDITOR)
    for n in (0, 1):
        with installation.reading() as work:
            member = select(Member.id).where(Member.email == f"m{n}@school.example")
            number = work.session.scalars(member).one()
        editor.post(f"/organise/people/{number}/take-off", {"topic": "newsletter"})
    assert figures(editor) == [["30 November 2026", "0", "2"], ["23 November 2026", "3", "0"]]
    page = editor.get(GROWTH)
    assert "3 came, and 2 left" in page.text
    assert page.text.count("<rect") == 2 * 26
    assert "tests" in page.text  # the source
    assert "<svg" in editor.get("/organise").text


@both_databases
def test_the_reasons_of_those_who_left_are_read_without_their_names(
    editor: Browser, installation: Installation, run_jobs: Run
) -> None:
    editor.subscribe("leaver@school.example")
    run_jobs()
    said = {"asked": "1", "read_in": "en", "language": "en", "topics": "newsletter"}
    editor.post(link_of(editor.outbox()[0], "/confirm/"), said)
    run_jobs()
    with installation.unit_of_work() as work:
        own = work.session.scalars(select(Subscription)).one()
        own.state, own.reason, own.changed_at = "unsubscribed", "Too many <b>letters</b>", work.now
    page = editor.get(GROWTH).text
    assert "Too many &lt;b&gt;letters&lt;/b&gt;" in page
    assert "leaver@school.example" not in page


@both_databases
def test_an_unusual_day_is_told(
    editor: Browser, installation: Installation, clock: ShiftedClock
) -> None:
    object.__setattr__(installation.settings, "sign_ups_per_network", "1000/hour")
    for n in range(21):
        editor.subscribe(f"p{n}@flood.example")
    assert "21 people signed up within a day; usually it is 0" in editor.get("/organise").text
    assert "21 people signed up" in editor.get(GROWTH).text
    clock.forward(days=2)
    editor.sign_in("zoe@desk.example", Role.EDITOR)
    assert "signed up within a day" not in editor.get("/organise").text


def _add(installation: Installation, *people: tuple[str, str]) -> None:
    with installation.unit_of_work() as work:
        for name, email in people:
            record = new_record(parse_address(email), name, "en", "test", work.now)
            work.session.add(Member(**record))


@both_databases
def test_records_that_may_be_of_one_person_are_shown_and_never_joined(
    editor: Browser, installation: Installation
) -> None:
    _add(
        installation,
        ("Aino Mäkinen", "aino@old.example"),
        ("aino mäkinen", "aino.m@new.example"),
        ("Bo", "bo@a.example"),
        ("Bo", "bo@b.example"),
        ("", "eva.l@gmail.com"),
        ("", "eval+list@googlemail.com"),
        *(("Anna Virtanen", f"a{n}@common.example") for n in range(5)),
    )
    with installation.reading() as work:
        found = {
            (one.first.email, one.second.email, str(one.why)) for one in twins.find(work.session)
        }
    expected = {("eva.l@gmail.com", "evaL+list@googlemail.com".lower(), "mailbox")}
    if installation.database.engine.dialect.name == "postgresql":
        expected.add(("aino@old.example", "aino.m@new.example", "name"))
    assert found >= expected
    assert not any("common.example" in first or "bo@" in first for first, _, _ in found)
    page = editor.get(TWINS).text
    assert "eva.l@gmail.com" in page
    with installation.reading() as work:
        pair = next(one for one in twins.find(work.session) if one.why is twins.Why.MAILBOX)
        ids = {"first": str(pair.first.id), "second": str(pair.second.id)}
    for _ in range(2):
        assert "eval+" not in editor.post(TWINS, ids).text
    assert "eva.l@gmail.com" not in editor.get(TWINS).text
    shown = editor.get(f"/organise/people/{ids['first']}?other=eval%2Blist@googlemail.com").text
    assert 'value="eval+list@googlemail.com"' in shown


def test_a_facilitator_sees_neither(editor: Browser, installation: Installation) -> None:
    with Browser.of(installation) as other:
        other.sign_in("facilitator@desk.example", Role.FACILITATOR)
        for path in (GROWTH, TWINS):
            assert other.get(path).status == 403
        assert other.post(TWINS, {"first": "1", "second": "2"}).status == 403
