"""A list of people comes in through the browser: looked at, done in a job, taken back."""

from collections.abc import Callable
from datetime import date

import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import func, insert, select

from core.installation import Installation
from members import import_work, importing, imports, judging
from members.import_states import ImportState
from members.imports import ImportChange, PeopleImport
from members.models import ConsentEvent, Member, MemberLabel, Subscription
from members.roles import Role
from tests.conftest import both_databases
from tests.support.people import Browser, Page, ShiftedClock, add_members
from worker.schedule import Tick

Run = Callable[[], None]
IMPORTS = "/organise/people/imports"
EXCEL = (
    "Sähköposti;Etunimi;Sukunimi;Kieli;Tehtävä;Ryhmät;Huomio\r\n"
    "aino@oulu.example;Aino;Mäkinen;suomi;Rehtori tai koulun johtaja;Oulu;x\r\n"
    "BO@turku.example;Bo;Ek;ruotsi?;opettaja;Turku, pilot;\r\n"
    "kirjoitusvirhe@gmial.com;Kia;;fi;;;\r\n"
    "ei osoitetta;Nobody;;fi;;;\r\n"
    "aino@oulu.example;Aino;again;fi;;;\r\n"
)
GOES = {"source": "the fair in Oulu", "ground": "agreed"}


@pytest.fixture
def editor(visitor: Browser) -> Browser:
    """An editor, signed in a moment ago."""
    return visitor.sign_in("zoe@desk.example", Role.EDITOR)


def bring(editor: Browser, run_jobs: Run, content: str | bytes) -> str:
    """A list is given, and a worker looks through it; its page."""
    given = content.encode() if isinstance(content, str) else content
    page = editor.post(IMPORTS, files={"file": ("people.csv", given, "text/csv")})
    assert page.status == 200, page.text
    run_jobs()
    return str(page.response.url).removeprefix("http://testserver.localhost")


def begin(editor: Browser, page: str, **more: str) -> Page:
    """Let a list come in, as it was looked at just now."""
    shown = editor.get(page)
    seen = shown.hidden("seen") if 'name="seen"' in shown.text else ""
    return editor.post(f"{page}/start", {**GOES, "seen": seen, **more})


def table(page: str) -> dict[str, int]:
    """The numbers of a page, by what they are of."""
    rows = LexborHTMLParser(page).css("table tr")
    cells = [[cell.text(strip=True) for cell in row.css("td")] for row in rows]
    return {row[0]: int(row[1]) for row in cells if len(row) == 3 and row[1].isdecimal()}


def emails(installation: Installation) -> set[str]:
    with installation.reading() as work:
        return set(work.session.scalars(select(Member.email))) - {"zoe@desk.example"}


def subscribed(installation: Installation) -> set[str]:
    with installation.reading() as work:
        own = select(Member.email).join(Subscription, Subscription.member_id == Member.id)
        return set(work.session.scalars(own.where(Subscription.state == "subscribed")))


@both_databases
def test_a_finnish_spreadsheet_comes_in_after_a_look_at_it(
    editor: Browser, installation: Installation, run_jobs: Run
) -> None:
    page = bring(editor, run_jobs, EXCEL.encode("cp1252"))
    shown = editor.get(page).text
    assert emails(installation) == set()  # nothing has come in by looking
    assert table(shown) == {"New people": 3, "In the list again": 1, "Cannot be read": 1}
    assert "We write no letters in “ruotsi?”; theirs come in English." in shown
    assert "kirjoitusvirhe@gmial.com" in shown  # who it is, not a number alone
    assert "Perhaps kirjoitusvirhe@gmail.com was meant." in shown
    assert "Columns that are not used: Huomio" in shown
    assert "Etunimi" in shown
    assert "Aino" in shown
    done = begin(editor, page)
    assert "comes in" in done.text
    run_jobs()
    assert table(editor.get(page).text)["New people"] == 3
    assert {"aino@oulu.example", "kirjoitusvirhe@gmial.com"} < emails(installation)
    with installation.reading() as work:
        aino = work.session.scalars(select(Member).where(Member.name == "Aino Mäkinen")).one()
        assert (aino.language, aino.role, aino.source) == (
            "fi",
            "school-leader",
            "the fair in Oulu",
        )
        event = work.session.scalars(select(ConsentEvent).where(ConsentEvent.member_id == aino.id))
        assert [(one.act, one.source) for one in event] == [("imported", "the fair in Oulu")]


@both_databases
def test_every_kind_of_row_is_told_before_and_after_with_the_same_numbers(
    editor: Browser, installation: Installation, run_jobs: Run
) -> None:
    add_members(installation, 3, "en")
    with installation.unit_of_work() as work:
        gone = work.session.get_one(
            Subscription, (_id(installation, "m1@school.example"), "newsletter")
        )
        gone.state = "unsubscribed"
        from mail import suppressing

        suppressing.add(work, ["dead@school.example"], suppressing.Why.BOUNCE)
    content = (
        "email,name,tags,status\n"
        "m0@school.example,Known Now,choir,\n"
        "m1@school.example,,,\n"
        "m2@school.example,,,\n"
        "dead@school.example,,,\n"
        "left@school.example,,,unsubscribed\n"
        "new@school.example,Ann,choir,\n"
        "new@school.example,,,\n"
        "nonsense,,,\n"
    )
    page = bring(editor, run_jobs, content)
    before = table(editor.get(page).text)
    assert before == {
        "New people": 1,
        "Known, and more is known now": 1,
        "Known already": 1,
        "Have left here": 1,
        "Have left where the list comes from": 1,
        "No mail goes there": 1,
        "In the list again": 1,
        "Cannot be read": 1,
    }
    assert "Name (1), Labels (1)" in editor.get(page).text
    begin(editor, page)
    run_jobs()
    after = editor.get(page).text
    assert table(after) == before
    assert subscribed(installation) == {"m0@school.example", "m2@school.example",
                                        "new@school.example"}  # fmt: skip
    report = editor.client.get(f"{page}/report.csv").content.decode("utf-8-sig")
    assert "8," in report
    assert "9," in report


def _id(installation: Installation, email: str) -> int:
    with installation.reading() as work:
        return work.session.scalars(select(Member.id).where(Member.email == email)).one()


def test_a_pasted_table_and_columns_that_somebody_corrects(
    editor: Browser, installation: Installation, run_jobs: Run
) -> None:
    typed = {"table": "Kontakti\tMuuta\nAino Mäkinen\taino@oulu.example\n"}
    page = editor.post(IMPORTS, typed)
    path = str(page.response.url).removeprefix("http://testserver.localhost")
    run_jobs()
    looked = editor.get(path).text
    assert "column “email”" in looked
    refused = editor.post(f"{path}/columns", {"column": ["name", ""]})
    assert refused.status == 422
    assert "which one column holds the addresses" in refused.text
    doubled = editor.post(f"{path}/columns", {"column": ["name", "name", "email"]})
    assert doubled.status == 422
    editor.post(f"{path}/columns", {"column": ["name", "email"]})
    run_jobs()
    assert table(editor.get(path).text) == {"New people": 1}
    begin(editor, path)
    run_jobs()
    assert emails(installation) == {"aino@oulu.example"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"source": " "}, "Please write where and when they agreed"),
        ({"ground": ""}, "Please say why we may write to them"),
    ],
)
def test_nothing_comes_in_before_it_is_said_where_they_agreed(
    editor: Browser, installation: Installation, run_jobs: Run, change: dict[str, str], said: str
) -> None:
    page = bring(editor, run_jobs, "email\na@b.example\n")
    refused = begin(editor, page, **change)
    assert refused.status == 422
    assert said in refused.text
    run_jobs()
    assert emails(installation) == set()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Please choose a file"),
        (b"PK\x03\x04rest", "This is a workbook"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(
    editor: Browser, content: bytes, said: str
) -> None:
    refused = editor.post(IMPORTS, files={"file": ("people.xlsx", content, "text/csv")})
    assert refused.status == 422
    assert said in refused.text


def test_a_file_that_is_too_large_is_refused_in_one_sentence(editor: Browser) -> None:
    large = b"email\n" + b"a@b.example\n" * (imports.LARGEST // 12 + 1)
    refused = editor.post(IMPORTS, files={"file": ("people.csv", large, "text/csv")})
    assert refused.status == 422
    assert "30 MB at the most" in refused.text


@both_databases
def test_an_import_is_taken_back_but_for_who_did_something_since(
    editor: Browser, installation: Installation, run_jobs: Run, clock: ShiftedClock
) -> None:
    add_members(installation, 1, "en")
    content = "email,name,tags\nm0@school.example,Known,choir\n" + "".join(
        f"new{n}@x.example,New {n},choir\n" for n in range(4)
    )
    page = bring(editor, run_jobs, content)
    begin(editor, page)
    run_jobs()
    touched = _id(installation, "new1@x.example")
    editor.post(f"/organise/people/{touched}/note", {"note": "Phoned"})
    editor.post(f"/organise/people/{_id(installation, 'new2@x.example')}/take-off",
                {"topic": "newsletter"})  # fmt: skip
    done = editor.post(f"{page}/undo")
    assert "is being taken back" in done.text
    assert "removed" not in done.text, "nothing has happened yet"
    run_jobs()
    shown = editor.get(page).text
    assert "2 removed, 1 as they were before" in shown
    assert "2 stay" in shown
    assert [n for n in range(4) if f">New {n}</a>" in shown] == [1, 2], "who, with a way to them"
    assert emails(installation) == {"m0@school.example", "new1@x.example", "new2@x.example"}
    with installation.reading() as work:
        known = work.session.scalars(
            select(Member).where(Member.email == "m0@school.example")
        ).one()
        assert known.name == ""
        labels = work.session.scalars(select(MemberLabel.member_id)).all()
        assert known.id not in labels
        assert work.session.scalars(select(ImportChange.stays)).all() == [True, True]
    again = editor.post(f"{page}/undo")
    assert again.status == 422


def test_after_a_day_it_cannot_be_taken_back_and_the_file_is_forgotten(
    editor: Browser, installation: Installation, run_jobs: Run, clock: ShiftedClock
) -> None:
    page = bring(editor, run_jobs, "email\na@b.example\n")
    begin(editor, page)
    run_jobs()
    clock.forward(days=3)
    with Browser.of(installation) as later:
        later.sign_in("later@desk.example", Role.EDITOR)
        assert later.post(f"{page}/undo").status == 422
        with installation.unit_of_work() as work:
            assert imports.purge(work) == 1
        assert table(later.get(page).text) == {"New people": 1}
    with installation.reading() as work:
        assert work.session.scalars(select(PeopleImport.content)).one() == b""


@both_databases
def test_a_worker_that_dies_goes_on_where_it_was_and_two_at_once_count_once(
    editor: Browser, installation: Installation, run_jobs: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_work, "BATCH", 10)
    content = "email\n" + "".join(f"p{n}@x.example\n" for n in range(35))
    page = bring(editor, run_jobs, content)
    begin(editor, page)
    number = int(page.rsplit("/", 1)[1])
    real, calls = importing.apply, iter(range(100))

    def dies(*given: object) -> object:
        if next(calls) == 2:
            raise SystemExit("the power went")
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(importing, "apply", dies)
    with pytest.raises(SystemExit):
        import_work.work_on(installation, number)
    assert len(emails(installation)) == 20
    with installation.reading() as work:
        stale = import_work.read_fully(work.session, number)
        assert stale is not None
        work.session.expunge(stale)
    import_work.work_on(installation, number)
    with pytest.raises(import_work.Overtaken):
        import_work.come_in(installation, stale)  # the same job, run a second time at once
    assert len(emails(installation)) == 35
    assert table(editor.get(page).text) == {"New people": 35}
    with installation.reading() as work:
        assert work.session.scalar(select(func.count()).select_from(ConsentEvent)) == 35


@both_databases
def test_two_imports_of_one_file_at_once_bring_everybody_once(
    editor: Browser,
    installation: Installation,
    run_jobs: Run,
    at_once: Callable[..., list[object]],
    clock: ShiftedClock,
) -> None:
    content = "email,name\n" + "".join(f"p{n}@x.example,Name {n}\n" for n in range(200))
    first = bring(editor, run_jobs, content)
    clock.forward(minutes=1)  # sooner it would be a button that was pressed twice
    pages = [first, bring(editor, run_jobs, content)]
    for page in pages:
        begin(editor, page)
    numbers = [int(page.rsplit("/", 1)[1]) for page in pages]
    at_once(*(lambda n=n: import_work.work_on(installation, n) for n in numbers))
    with installation.reading() as work:
        assert {one.state for one in imports.latest(work.session)} == {ImportState.DONE}
        told = [one.told["counts"] for one in imports.latest(work.session)]
        assert sum(one.get("new", 0) for one in told) == 200
        assert sum(one.get("unchanged", 0) for one in told) == 200
        assert work.session.scalar(select(func.count()).select_from(ConsentEvent)) == 200


@both_databases
def test_who_leaves_while_an_import_runs_stays_away(
    editor: Browser, installation: Installation, run_jobs: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_members(installation, 1, "en")
    with installation.unit_of_work() as work:
        own = work.session.get_one(
            Subscription, (_id(installation, "m0@school.example"), "newsletter")
        )
        work.session.delete(own)
    page = bring(editor, run_jobs, "email\nm0@school.example\n")
    begin(editor, page)
    judge = judging.judge

    def then_leaves(work, rows):  # type: ignore[no-untyped-def]
        judged = judge(work, rows)
        left = {"topic": "newsletter", "state": "unsubscribed", "reason": "", "was_left": False}
        row = {"member_id": _id(installation, "m0@school.example"), "changed_at": work.now, **left}
        work.session.execute(insert(Subscription).values(**row))
        return judged

    monkeypatch.setattr(judging, "judge", then_leaves)
    import_work.work_on(installation, int(page.rsplit("/", 1)[1]))
    assert subscribed(installation) == set()


def test_the_tick_finds_an_import_that_nobody_was_woken_for(
    editor: Browser, installation: Installation, run_jobs: Run
) -> None:
    editor.post(IMPORTS, files={"file": ("people.csv", b"email\na@b.example\n", "text/csv")})
    installation.queue.jobs.clear()  # type: ignore[attr-defined]
    Tick(installation).once()
    run_jobs()
    with installation.reading() as work:
        assert work.session.scalars(select(PeopleImport.state)).one() == ImportState.LOOKED


def test_it_is_given_up_before_anything_came_in(
    editor: Browser, installation: Installation, run_jobs: Run
) -> None:
    page = bring(editor, run_jobs, "email\na@b.example\n")
    assert "was given up" in editor.post(f"{page}/drop").text
    assert begin(editor, page).status == 422
    run_jobs()
    assert emails(installation) == set()


def test_a_facilitator_and_a_stranger_bring_nothing_in(
    editor: Browser, installation: Installation, run_jobs: Run
) -> None:
    page = bring(editor, run_jobs, "email\na@b.example\n")
    with Browser.of(installation) as other:
        for role in (None, Role.FACILITATOR):
            if role:
                other.sign_in("facilitator@desk.example", role)
            for path in (IMPORTS, page, f"{page}/report.csv"):
                assert other.client.get(path, follow_redirects=False).status_code in (303, 403)
            for path in ("columns", "start", "drop", "undo"):
                answer = other.client.post(f"{page}/{path}", data=GOES, follow_redirects=False)
                assert answer.status_code in (303, 403)
    run_jobs()
    assert emails(installation) <= {"facilitator@desk.example"}


def test_formulas_and_directions_in_names_stay_text(
    editor: Browser, installation: Installation, run_jobs: Run
) -> None:
    page = bring(
        editor,
        run_jobs,
        'email,name\na@b.example,"=HYPERLINK(""x"")"\nc@d.example,<b>\u202eEve</b>\n',
    )
    begin(editor, page)
    run_jobs()
    shown = editor.get("/organise/people").text
    assert "&lt;b&gt;" in shown
    assert "<b>\u202e" not in shown


def test_a_list_with_short_and_empty_lines_is_shown_and_comes_in(
    editor: Browser, installation: Installation, run_jobs: Run
) -> None:
    wide = ",".join(f"c{n}" for n in range(80))
    for content in ("email,name\n\nann@x.fi\nbob@x.fi,Bob\n", f"email,{wide}\ncy@x.fi\n"):
        page = bring(editor, run_jobs, content)
        assert editor.get(page).status == 200
        begin(editor, page)
        run_jobs()
    assert emails(installation) == {"ann@x.fi", "bob@x.fi", "cy@x.fi"}


@both_databases
def test_what_it_comes_to_is_said_of_the_topic_that_is_chosen(
    editor: Browser, installation: Installation, run_jobs: Run
) -> None:
    add_members(installation, 1, "en")  # reads the newsletter, and has said nothing of workshops
    page = bring(editor, run_jobs, "email\nm0@school.example\n")
    assert table(editor.get(page).text) == {"Known already": 1}
    editor.post(f"{page}/columns", {"column": ["email"], "topic": "workshops"})
    run_jobs()
    shown = editor.get(page).text
    assert table(shown) == {"Known, and more is known now": 1}
    assert "They agreed to get: Workshop invitations" in shown
    begin(editor, page)
    run_jobs()
    with installation.reading() as work:
        topics = set(work.session.scalars(select(Subscription.topic)))
    assert topics == {"newsletter", "workshops"}


def test_only_what_was_looked_at_comes_in(
    editor: Browser, installation: Installation, run_jobs: Run, clock: ShiftedClock
) -> None:
    page = bring(editor, run_jobs, "email,name\na@b.example,c@d.example\n")
    seen = editor.get(page).hidden("seen")
    clock.forward(seconds=5)
    editor.post(f"{page}/columns", {"column": ["name", "email"]})
    run_jobs()
    refused = editor.post(f"{page}/start", {**GOES, "seen": seen})
    assert refused.status == 422
    assert "looked through anew" in refused.text
    run_jobs()
    assert emails(installation) == set()


def test_a_list_is_shown_as_it_was_understood_before_it_comes_in(
    editor: Browser, installation: Installation, run_jobs: Run
) -> None:
    add_members(installation, 1, "en")
    with installation.unit_of_work() as work:
        known = work.session.scalars(select(Member).where(Member.email.like("m0@%"))).one()
        known.role = "decision-maker"
    page = bring(
        editor,
        run_jobs,
        "Sähköposti;Tehtävä;Kieli;Liittynyt\nann@x.example;rehtori;suomi;24.11.2020\n"
        "bea@x.example;opettaja;en;11/12/2020\ncia@x.example;lehtori;fi;2021-02-03\n"
        "m0@school.example;rehtori;en;\n",
    )
    shown = " ".join(editor.get(page).text.split())
    assert "Languages: English 2, Finnish 2" in shown
    assert "What they do: School leader 2, Teacher 2" in shown
    assert "“11/12/2020” is no day that we can read" in shown
    said = "The list says “School leader”, we know “Decision maker or politician”, which stays."
    assert said in shown
    begin(editor, page)
    run_jobs()
    with installation.reading() as work:
        joined = dict(work.session.execute(select(Member.email, Member.created_at)).all())
    assert joined["ann@x.example"].date() == date(2020, 11, 24)
    assert joined["cia@x.example"].date() == date(2021, 2, 3)
    assert "They came in and are subscribed." in editor.get(page).text


@both_databases
def test_an_old_list_finds_who_has_another_address_by_now(
    editor: Browser, installation: Installation, run_jobs: Run
) -> None:
    first = bring(editor, run_jobs, "email,name\nann@x.example,Ann\n")
    begin(editor, first)
    run_jobs()
    person = f"/organise/people/{_id(installation, 'ann@x.example')}"
    typed = {"email": "ann@new.example", "seen": editor.get(person).hidden("seen")}
    assert editor.post(f"{person}/correct", typed).status == 200
    another = bring(editor, run_jobs, "email,name\nann@x.example,Ann Other\n")
    assert "which stays" not in editor.get(another).text, "it may be somebody else's by now"
    second = bring(editor, run_jobs, "email,name,tags\nann@x.example,Ann,choir\n")
    shown = editor.get(second).text
    assert "The list says “ann@x.example”, we know “ann@new.example”, which stays." in shown
    begin(editor, second, source="an old list")
    run_jobs()
    assert emails(installation) == {"ann@new.example"}


@both_databases
def test_mistyped_addresses_come_in_as_they_were_meant_if_that_is_ticked(
    editor: Browser, installation: Installation, run_jobs: Run
) -> None:
    content = "email\nann@gmial.com\nbea@x.example\n"
    page = bring(editor, run_jobs, content)
    assert "Correct the 1 address that looks mistyped" in editor.get(page).text
    begin(editor, page)
    run_jobs()
    assert emails(installation) == {"ann@gmial.com", "bea@x.example"}, "nothing is mended unasked"
    editor.post(f"{page}/undo")
    run_jobs()
    again = bring(editor, run_jobs, content + "\n")
    begin(editor, again, mends="1")
    run_jobs()
    assert emails(installation) == {"ann@gmail.com", "bea@x.example"}


@both_databases
def test_taking_one_list_back_leaves_who_is_in_another(
    editor: Browser, installation: Installation, run_jobs: Run
) -> None:
    first = bring(editor, run_jobs, "email\nann@x.example\nbea@x.example\n")
    begin(editor, first)
    run_jobs()
    second = bring(editor, run_jobs, "email,tags\nann@x.example,choir\n")
    editor.post(f"{second}/columns", {"column": ["email", "labels"], "topic": "workshops"})
    run_jobs()
    begin(editor, second, source="another list")
    run_jobs()
    editor.post(f"{first}/undo")
    run_jobs()
    assert emails(installation) == {"ann@x.example"}
    assert "1 stay" in editor.get(first).text


@both_databases
def test_an_import_that_breaks_off_says_so_and_can_be_taken_back(
    editor: Browser, installation: Installation, run_jobs: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_work, "BATCH", 2)
    page = bring(editor, run_jobs, "email\n" + "".join(f"p{n}@x.example\n" for n in range(5)))
    begin(editor, page)
    real, calls = importing.apply, iter(range(100))

    def breaks(*given: object) -> object:
        if next(calls) == 1:
            raise ValueError("a row that nobody has thought of")
        return real(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as broken:
        broken.setattr(importing, "apply", breaks)
        run_jobs()
    shown = editor.get(page).text
    assert "It broke off in the middle" in shown
    assert table(shown) == {"New people": 2}
    editor.post(f"{page}/undo")
    run_jobs()
    assert emails(installation) == set()


def test_a_list_that_was_given_up_or_left_lying_keeps_nobody(
    editor: Browser, installation: Installation, run_jobs: Run, clock: ShiftedClock
) -> None:
    content = "email\nkia@gmial.com\nann@x.example\n"
    dropped, left = (bring(editor, run_jobs, f"{content}{end}") for end in ("", "bo@x.example\n"))
    editor.post(f"{dropped}/drop")
    clock.forward(days=3)
    with installation.unit_of_work() as work:
        imports.purge(work)
    editor.sign_in("zoe@desk.example", Role.EDITOR)
    for page in (dropped, left):
        shown = editor.get(page).text
        assert "was given up" in shown
        assert "gmail" not in shown
        assert "ann@x.example" not in shown
    with installation.reading() as work:
        for one in imports.latest(work.session):
            assert (one.content, one.told, one.seen["rows"]) == (b"", {}, [])


def test_our_own_export_with_impossible_dates_comes_in(
    editor: Browser, installation: Installation, run_jobs: Run
) -> None:
    content = (
        "email,name,state,topics,left topics,joined,consented\n"
        "ann@x.example,Ann,confirmed,newsletter,,0001-01-01T00:00:00+05:00,"
        "newsletter=9999-12-31T23:59:59-12:00\n"
    )
    page = bring(editor, run_jobs, content)
    begin(editor, page)
    run_jobs()
    assert emails(installation) == {"ann@x.example"}


@both_databases
def test_a_list_that_is_pressed_twice_is_one_list(
    editor: Browser, installation: Installation, run_jobs: Run, clock: ShiftedClock
) -> None:
    assert bring(editor, run_jobs, EXCEL) == bring(editor, run_jobs, EXCEL)
    clock.forward(minutes=5)
    assert bring(editor, run_jobs, EXCEL).endswith("/2")


def test_all_of_a_list_get_a_label_also_those_whom_we_know(
    editor: Browser, installation: Installation, run_jobs: Run
) -> None:
    add_members(installation, 1, "en")
    with Browser.of(installation) as other:
        other.sign_in("eva@desk.example", Role.EDITOR)
        table = "email;rooli\nm0@school.example;koulun johtaja\nnew@school.example;rehtori\n"
        said = {"table": table, "topic": "newsletter workshops", "list_language": "fi",
                "list_label": "Kevätmessut"}  # fmt: skip
        page = str(other.post("/organise/people/imports", said).response.url)
        run_jobs()
        begin(other, page.removeprefix(installation.settings.base_url))
        run_jobs()
    with installation.reading() as work:
        labelled = select(Member.email).join(MemberLabel, MemberLabel.member_id == Member.id)
        assert set(work.session.scalars(labelled.where(MemberLabel.label == "Kevätmessut"))) == {
            "m0@school.example", "new@school.example",
        }  # fmt: skip
        new = work.session.scalars(select(Member).where(Member.email == "new@school.example")).one()
        assert (new.language, new.role) == ("fi", "school-leader")
        topics = select(Subscription.topic).where(Subscription.member_id == new.id)
        assert set(work.session.scalars(topics)) == {"newsletter", "workshops"}
