"""Everybody in one list: found as one types, filtered, counted, labelled, kept as a segment."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import select

from core.addresses import parse_address
from core.installation import Installation
from members import saved_segments
from members.consent import TOPICS
from members.models import Member, MemberLabel, Subscription
from members.records import new_record
from members.roles import Role
from members.segments import Segment
from newsletters import issues
from newsletters.texts import parse_files
from tests.conftest import both_databases
from tests.support import hosts
from tests.support.people import Browser, ShiftedClock, letter

PEOPLE = "/organise/people"
KNOWN = (
    (
        "Aino Mäkinen",
        "aino@oulu.example",
        "fi",
        "school-leader",
        "primary",
        "FI",
        ("Oulu", "pilot"),
    ),
    ("Bo Ångström", "bo@turku.example", "fi", "school-leader", "primary", "SE", ("Turku",)),
    ("Cath O’Hara", "cath@york.example", "en", "teacher", "adult", "GB", ()),
    ("Łucja Østergård", "lucja@oulu.example", "en", "school-leader", "adult", "PL", ("Oulu",)),
    ("", "nameless@oulu.example", "fi", "rehtori", "", "", ()),
)


@pytest.fixture
def editor(visitor: Browser) -> Browser:
    """An editor among some people."""
    editor = visitor.sign_in("zoe@desk.example", Role.EDITOR)
    with editor.installation.unit_of_work() as work:
        for name, email, language, role, level, country, labels in KNOWN:
            record = new_record(parse_address(email), name, language, "test", work.now,
                                is_confirmed=True)  # fmt: skip
            said = {"role": role, "level": level, "country": country}
            member = Member(**{**record, **said})
            work.session.add(member)
            work.session.flush()
            work.session.add_all(MemberLabel(member_id=member.id, label=one) for one in labels)
    return editor


def found(browser: Browser, *pairs: tuple[str, str]) -> list[str]:
    """The first names of whom a list shows, in its order."""
    page = browser.get(f"{PEOPLE}?{urlencode(pairs)}")
    assert page.status == 200
    links = LexborHTMLParser(page.text).css("#found td a")
    return [link.text(strip=True).split()[0] for link in links]


def sentence(browser: Browser, *pairs: tuple[str, str], language: str = "") -> str:
    """What the list says it selects."""
    page = browser.get(f"{language}{PEOPLE}?{urlencode(pairs)}")
    node = LexborHTMLParser(page.text).css_first("#found .lead")
    assert node is not None
    said = " ".join(node.text().split())
    return said.removesuffix(" Show everybody").removesuffix(" Näytä kaikki")


@both_databases
@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("makinen", ["Aino"]),
        ("MÄKI", ["Aino"]),
        ("angstrom", ["Bo"]),
        ("lucja ostergard", ["Łucja"]),
        ("ohara", []),
        ("o'hara", ["Cath"]),
        ("oulu", ["nameless@oulu.example", "Łucja", "Aino"]),
        ("pilot", ["Aino"]),
        ("oul mak", ["Aino"]),
        ("aino@oulu.example", ["Aino"]),
        ("kinen", []),
        ('"*" OR :', []),
        ("nobody at all", []),
    ],
)
def test_somebody_is_found_by_name_address_or_label(
    editor: Browser, typed: str, names: list[str]
) -> None:
    assert found(editor, ("q", typed)) == names


@both_databases
def test_filters_stay_in_the_address_and_are_said_in_one_sentence(editor: Browser) -> None:
    asked = (("language", "fi"), ("role", "school-leader"), ("label", "Oulu"))
    assert found(editor, *asked) == ["Aino"]
    said = sentence(editor, *asked)
    assert said == "Finnish-speaking school leaders labelled Oulu: 1 person"
    in_finnish = sentence(editor, *asked, language="/fi")
    assert in_finnish.startswith(
        "Suomenkieliset rehtorit ja koulun johtajat, joilla on tunniste Oulu:"
    )
    both = (*asked, ("label", "Turku"), ("took_part", "no"))
    assert found(editor, *both) == ["Bo", "Aino"]
    assert "labelled Oulu or Turku who never came to a workshop: 2 people" in sentence(
        editor, *both
    )
    assert sentence(editor) == "Everybody: 6 people"


@both_databases
def test_a_word_that_only_an_import_knows_can_be_filtered_by(editor: Browser) -> None:
    assert found(editor, ("role", "rehtori")) == ["nameless@oulu.example"]
    assert "“rehtori”: 1 person" in sentence(editor, ("role", "rehtori"))
    assert "rehtori" in editor.get(PEOPLE).text


@both_databases
def test_people_stand_in_the_order_that_is_wished(editor: Browser) -> None:
    by_name = found(editor, ("order", "name"))
    assert by_name == ["Aino", "Bo", "Cath", "Łucja", "nameless@oulu.example", "zoe@desk.example"]
    assert found(editor, ("order", "oldest"))[0] == "zoe@desk.example"
    assert found(editor, ("order", "nonsense"))[0] == "nameless@oulu.example"


@both_databases
def test_a_label_is_put_on_those_who_are_ticked_and_on_all_who_were_found(
    editor: Browser, installation: Installation
) -> None:
    with installation.reading() as work:
        ids = dict(work.session.execute(select(Member.name, Member.id)).all())
    typed = {"who": [str(ids["Aino Mäkinen"]), str(ids["Cath O’Hara"])], "new_label": "  choir "}
    page = editor.post(f"{PEOPLE}/label", typed)
    assert "2 people have the label" in page.text
    assert found(editor, ("label", "choir")) == ["Cath", "Aino"]
    editor.post(f"{PEOPLE}/label", typed)
    assert found(editor, ("label", "choir")) == ["Cath", "Aino"]
    page = editor.post(
        f"{PEOPLE}/label", {"all": "1", "role": "school-leader", "new_label": "choir"}
    )
    assert "3 people have the label" in page.text
    assert "school leaders: " in page.text.lower().replace("<strong>", "")  # the filter is kept
    off = {"all": "1", "q": "oulu", "new_label": "choir", "off": "1"}
    assert "off 2 people" in editor.post(f"{PEOPLE}/label", off).text
    assert found(editor, ("label", "choir")) == ["Cath", "Bo"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"who": "2", "new_label": " "}, "Please write the label"),
        ({"who": "2", "new_label": "a, b"}, "no comma"),
        ({"new_label": "choir"}, "Please tick some people"),
        ({"who": "99999", "new_label": "choir"}, "Please tick some people"),
    ],
)
def test_a_label_that_cannot_be_is_refused_and_the_filters_stay(
    editor: Browser, typed: dict[str, str], said: str
) -> None:
    page = editor.post(f"{PEOPLE}/label", {**typed, "role": "teacher"})
    assert page.status == 422
    assert said in page.text
    assert "Teachers" in page.text
    assert f'value="{typed["new_label"].strip()}"' in page.text or not typed["new_label"].strip()


@both_databases
def test_a_segment_is_kept_counted_used_and_forgotten(
    editor: Browser, installation: Installation, clock: ShiftedClock
) -> None:
    leaders = {"language": "fi", "role": "school-leader", "segment_name": "Finnish leaders"}
    page = editor.post(f"{PEOPLE}/segments", leaders)
    assert "Finnish-speaking school leaders" in page.text
    assert page.text.count(">2</td>") == 1
    other = {**leaders, "label": "Oulu", "segment_name": "finnish LEADERS"}
    refused = editor.post(f"{PEOPLE}/segments", other)
    assert refused.status == 422
    assert "There is a segment “Finnish leaders” already" in refused.text
    assert "finnish LEADERS" in refused.text
    editor.post(f"{PEOPLE}/segments", {**leaders, "segment_name": "finnish LEADERS"})  # the same
    with installation.reading() as work:
        [kept] = saved_segments.all_of(work.session)
        assert kept.asks.labels == frozenset()
    assert "finnish LEADERS" in editor.get(PEOPLE).text
    forget = f"{PEOPLE}/segments/{kept.id}/forget"
    assert "Undo" in editor.post(forget).text
    editor.post(forget)
    assert "finnish LEADERS" not in editor.get(PEOPLE).text
    assert "Finnish-speaking" in editor.post(f"{PEOPLE}/segments/{kept.id}/bring-back").text
    editor.post(forget)
    clock.forward(hours=2)
    assert "Undo" not in editor.get(f"{PEOPLE}/segments").text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"segment_name": " ", "role": "teacher"}, "give the segment a name"),
        ({"segment_name": "all"}, "at least one thing"),
    ],
)
def test_a_segment_without_a_name_or_of_everybody_is_refused(
    editor: Browser, typed: dict[str, str], said: str
) -> None:
    page = editor.post(f"{PEOPLE}/segments", typed)
    assert page.status == 422
    assert said in page.text


@both_databases
def test_those_who_were_found_leave_as_a_file_that_excel_reads_and_no_spreadsheet_runs(
    visitor: Browser, installation: Installation, clock: ShiftedClock
) -> None:
    owner = visitor.sign_in("owner@desk.example", Role.OWNER)
    with installation.unit_of_work() as work:
        for n, name in enumerate(("=1+1", "Ääni", "Other")):
            address = parse_address(f"p{n}@file.example")
            work.session.add(Member(**new_record(address, name, "fi", "test", work.now)))
    answer = owner.client.post(f"{PEOPLE}/export", data={"q": "file", "standing": "pending"})
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["name"] for row in rows] == ["'=1+1", "Ääni", "Other"]
    clock.forward(hours=2)
    late = owner.post(f"{PEOPLE}/export", {"q": "file"})
    assert late.response.headers["content-type"].startswith("text/html")  # prove it is you first


def test_an_editor_takes_no_file_and_a_facilitator_sees_nobody(
    editor: Browser, installation: Installation
) -> None:
    assert "as a file" not in editor.get(PEOPLE).text
    assert editor.post(f"{PEOPLE}/export").status == 403
    with Browser.of(installation) as other:
        other.sign_in("facilitator@desk.example", Role.FACILITATOR)
        for path in (PEOPLE, f"{PEOPLE}/segments"):
            assert other.get(path).status == 403
        for path in ("label", "segments", "segments/1/forget", "segments/1/bring-back"):
            assert other.post(f"{PEOPLE}/{path}").status == 403


def leaders(installation: Installation) -> int:
    """A segment, and everybody in the list reads the newsletter and may be invited."""
    with installation.unit_of_work() as work:
        asks = Segment(languages=frozenset({"fi"}), roles=frozenset({"school-leader"}))
        saved_segments.save(work, "Leaders", asks, None)
        for member in work.session.scalars(select(Member).where(Member.name != "")).all():
            for topic in TOPICS:
                row = {"topic": topic, "state": "subscribed", "changed_at": work.now}
                work.session.add(Subscription(member_id=member.id, **row))
        [kept] = saved_segments.all_of(work.session)
        return kept.id


@both_databases
def test_a_workshop_invites_a_segment_and_keeps_its_own_copy(
    editor: Browser, installation: Installation
) -> None:
    number, workshop = leaders(installation), hosts.ready(installation)
    people = f"/organise/workshops/{workshop.public_id}"
    assert "Leaders" in editor.get(f"{people}/people").text
    cohort = editor.post(f"{people}/cohorts", {"way": "segment", "segment": str(number)})
    assert "Aino Mäkinen" in cohort.text
    assert "Bo Ångström" in cohort.text
    assert "Cath" not in cohort.text
    editor.post(f"{PEOPLE}/segments/{number}/forget")
    path = str(cohort.response.url).removeprefix("http://testserver.localhost")
    assert "Aino Mäkinen" in editor.get(path).text
    gone = editor.post(f"{people}/cohorts", {"way": "segment", "segment": str(number)})
    assert gone.status == 422
    assert "choose a segment from the list" in gone.text


@both_databases
def test_a_letter_goes_to_a_segment_as_it_was_when_it_was_sent(
    editor: Browser, installation: Installation, run_jobs: Callable[[], None]
) -> None:
    number = leaders(installation)
    with installation.unit_of_work() as work:
        texts = parse_files([letter("en"), letter("fi", "Kirje")])
        issue = issues.new_issue(work, texts).id
    page = f"/organise/issues/{issue}/send"
    assert "Send to 4 people" in editor.get(page).text
    chosen = editor.post(page.replace("/send", "/readers"), {"segment": str(number)}).text
    assert "Finnish-speaking school leaders" in chosen
    assert "Send to 2 people" in chosen
    with installation.unit_of_work() as work:
        for name in ("Bo Ångström", "Cath O’Hara"):
            away = work.session.scalars(select(Member).where(Member.name == name)).one()
            away.paused_until = work.now.date() + timedelta(days=9)
    left = LexborHTMLParser(editor.get(page).text).css("td.number")
    assert [cell.text(strip=True) for cell in left] == ["0", "1", "0"]  # of the segment alone
    with installation.unit_of_work() as work:
        for member in work.session.scalars(select(Member)):
            member.paused_until = None
    assert editor.post(page.replace("/send", "/readers"), {"segment": "999"}).status == 422
    shown = editor.get(page)
    stale = editor.post(page, {"segment": str(number), "asks": "role=teacher"})
    assert stale.status == 422
    assert "changed after you looked at it" in stale.text
    editor.post(page, {"segment": str(number), "asks": shown.hidden("asks"), "anyway": "1"})
    editor.post(f"{PEOPLE}/segments/{number}/forget")
    run_jobs()
    got = {mail.to for mail in editor.outbox() if mail.subject == "Kirje"}
    assert got == {"aino@oulu.example", "bo@turku.example"}


@both_databases
def test_joined_days_and_states_filter(editor: Browser, clock: ShiftedClock) -> None:
    clock.forward(days=3)
    with editor.installation.unit_of_work() as work:
        late = new_record(parse_address("late@oulu.example"), "Late", "en", "test", work.now)
        work.session.add(Member(**late))
        away = work.session.scalars(select(Member).where(Member.name == "Cath O’Hara")).one()
        away.paused_until = work.now.date() + timedelta(days=9)
    assert found(editor, ("since", "2026-11-28")) == ["Late"]
    assert "Late" not in found(editor, ("before", "2026-11-28"))
    assert found(editor, ("standing", "pending")) == ["Late"]
    assert found(editor, ("standing", "paused")) == ["Cath"]
    assert "Cath" in found(editor, ("standing", "left"))  # subscribed to nothing
    assert found(editor, ("standing", "reading")) == []
    assert found(editor, ("standing", "nonsense"), ("since", "soon"))[0] == "Late"
