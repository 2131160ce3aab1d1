"""Whatever somebody writes into a title, a name, a note or an answer stays words."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from icalendar import Calendar

from core.installation import Installation
from mail.links import Links
from members.roles import Role
from tests.support import hosts
from tests.support.people import Browser, ShiftedClock
from workshops.reflection import certificates
from workshops.reflection.attendance import Certified

Run = Callable[[], None]
NASTY = (
    "<script>alert(1)</script> {{invitation_url}} {% raw %} [click](https://phish.example) "
    '=cmd() "quoted", \u202ereversed\u202c %s %(name)s \x07 ä😀'
)
LINES = f"{NASTY}\r\nBcc: x@evil.example\r\nEND:VEVENT\r\nATTENDEE:mailto:x@evil.example"


@pytest.fixture
def taken(visitor: Browser, run_jobs: Run, clock: ShiftedClock) -> Browser:
    """A workshop of hostile words that was held by people with hostile names."""
    answers = {"problem": LINES, "tried": "x"}
    workshop = hosts.ready(visitor.installation, title=NASTY, focus=NASTY, why_now=LINES,
                           rules=LINES, questions=[NASTY], credit=NASTY,
                           answers=answers)  # fmt: skip
    hosts.invite(visitor.installation, workshop, "mia@example.org\nben@example.org", note=LINES)
    run_jobs()
    for who in ("mia", "ben"):
        hosts.say(visitor, f"{who}@example.org", "yes", name=NASTY[:79], answer_1=LINES,
                  shared_1="group", shows_name="1")  # fmt: skip
    run_jobs()
    path = hosts.place_link(visitor, "mia@example.org")
    visitor.post(f"{path}/suggest", {"rule": NASTY})
    clock.forward(hours=24 * hosts.days_until(workshop) + 1)
    visitor.post(f"{path}/points", {"point": NASTY})
    due = str((clock.now() + timedelta(days=9)).date())
    visitor.post(f"{path}/actions", {"action": NASTY, "kind": "request", "due_on": due})
    visitor.post(f"{path}/check-out", {"learned": LINES, "involves": LINES, "doubt": LINES,
                                       "thanks_to": "2", "thanks": LINES})  # fmt: skip
    run_jobs()
    return visitor


def test_pages_show_it_as_words(taken: Browser) -> None:
    public_id = _public_id(taken.installation)
    pages = [taken.get(hosts.place_link(taken, f"{who}@example.org")) for who in ("mia", "ben")]
    taken.sign_in("editor@example.org", Role.EDITOR)
    base = f"/organise/workshops/{public_id}"
    pages += [taken.get(f"{base}/{part}") for part in ("people", "change", "room", "run-sheet")]
    for page in pages:
        assert page.status == 200
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;" in page.text


def test_mails_carry_it_as_words_and_their_links_are_ours(taken: Browser) -> None:
    mails = taken.outbox()
    assert len(mails) > 5
    for mail in mails:
        assert "<script>alert" not in mail.html
        assert "Bcc" not in mail.headers
        assert all(link.startswith("http://testserver.localhost") for link in mail.links
                   if "phish" not in link), mail.subject  # fmt: skip
        assert 'href="https://phish' not in mail.html
        assert "\n" not in mail.subject


def test_calendars_carry_it_as_words(taken: Browser) -> None:
    sources = [m.source for m in taken.outbox() if "text/calendar" in m.source]
    assert sources
    file = taken.get(f"{hosts.place_link(taken, 'mia@example.org')}/event.ics").text
    [event] = Calendar.from_ical(file).walk("VEVENT")
    assert str(event["SUMMARY"]).startswith("<script>alert(1)</script>")
    assert len(re.findall(r"^(?:BEGIN|END):VEVENT\r?$", file, re.MULTILINE)) == 2
    assert "\r\nATTENDEE" not in file


@pytest.mark.parametrize("name", [NASTY, "Ääkkönen Žižek Ωμέγα Кириллица", "名前 اسم", "x" * 2000])
def test_a_certificate_is_made_whatever_somebody_is_called(
    installation: Installation, name: str
) -> None:
    workshop = hosts.ready(installation)
    assert workshop.starts_at
    assert workshop.ends_at
    certified = Certified(
        name, LINES, workshop.starts_at, workshop.ends_at, workshop.zone, "en", "abcdefgh12345678"
    )
    links = Links.of(installation.settings, installation.tokens)
    for language in ("en", "fi"):
        pdf = certificates.pdf_of(certified, NASTY, links, language)
        assert pdf.startswith(b"%PDF-")
        assert b"/JavaScript" not in pdf


def _public_id(installation: Installation) -> str:
    from sqlalchemy import select

    from workshops.model.tables import Workshop

    with installation.reading() as work:
        return work.session.scalars(select(Workshop.public_id)).one()
