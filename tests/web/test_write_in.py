"""Writing to us: from anybody to the editors' desk, and an answer by mail."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from contributions.inquiries import Inquiry, end_old
from core.installation import Installation
from members.roles import Role
from tests.conftest import both_databases
from tests.support.people import Browser, ShiftedClock

Run = Callable[[], None]
PAGE, DESK = "/write-to-us", "/organise/messages"
MIA = {"email": "mia@school.example", "name": "Mia", "text": "May I bring a <b>colleague</b>?"}


@pytest.fixture
def editor(installation: Installation, visitor: Browser) -> Browser:
    """An editor, in a browser of their own."""
    return visitor.sign_in("zoe@desk.example", Role.EDITOR)


def write(installation: Installation, **more: str) -> str:
    """Somebody who is not signed in writes; what the page says."""
    with Browser.of(installation) as somebody:
        key = somebody.get(PAGE).hidden("form_key")
        for _ in range(2):  # a double click
            page = somebody.post(PAGE, {**MIA, "form_key": key, **more})
        return page.text


@both_databases
def test_what_somebody_writes_lies_on_the_desk_once_and_is_answered_by_mail(
    editor: Browser, installation: Installation, run_jobs: Run
) -> None:
    assert "It has arrived" in write(installation)
    run_jobs()
    assert "1 message waits for an answer" in editor.get("/organise").text
    desk = editor.get(DESK).text
    assert desk.count("May I bring a &lt;b&gt;colleague&lt;/b&gt;?") == 1
    empty = editor.post(f"{DESK}/1/answer", {"answer": " "})
    assert empty.status == 422
    assert "Please write the answer" in empty.text
    editor.post(f"{DESK}/1/answer", {"answer": "Dear Mia,\nyes, please.\n\nZoe"})
    run_jobs()
    [mail] = editor.outbox("mia@school.example")
    assert "yes, please." in mail.text
    assert "colleague" not in mail.text  # nothing that a stranger typed is mailed on
    again = editor.post(f"{DESK}/1/answer", {"answer": "Something else"})
    assert again.status == 422
    run_jobs()
    assert len(editor.outbox("mia@school.example")) == 1
    assert "Our answer" in editor.get(f"{DESK}?state=answered").text


def test_what_needs_no_answer_is_put_away_and_taken_out_again(
    editor: Browser, installation: Installation
) -> None:
    write(installation)
    assert "Nothing waits" not in editor.post(f"{DESK}/1/put-away").text
    assert "Nothing waits" in editor.get(DESK).text
    assert "colleague" in editor.post(f"{DESK}/1/take-out").text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"email": "mia@"}, "e-mail address"),
        ({"text": " "}, "Please write what you would like to tell or ask us"),
        ({"text": "x" * 5001}, "too long"),
        ({"name": "mia@school.example"}, "Please write a name here"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(
    visitor: Browser, change: dict[str, str], said: str
) -> None:
    page = visitor.post(PAGE, {**MIA, **change})
    assert page.status == 422
    assert said in page.text
    if "email" not in change:
        assert 'value="mia@school.example"' in page.text


@both_databases
def test_what_an_editor_typed_stays_when_a_colleague_was_quicker(
    editor: Browser, installation: Installation
) -> None:
    write(installation)
    editor.post(f"{DESK}/1/put-away")
    editor.post(f"{DESK}/1/take-out")
    editor.post(f"{DESK}/1/answer", {"answer": "The first answer"})
    late = editor.post(f"{DESK}/1/answer", {"answer": "A careful second answer"})
    assert late.status == 422
    assert "A careful second answer" in late.text
    assert "The first answer" in late.text


@both_databases
def test_two_presses_at_once_arrive_once(
    visitor: Browser, installation: Installation, at_once: Callable[..., list[object]]
) -> None:
    from contributions.inquiries import Written, write_in
    from core.addresses import parse_address

    written = Written(parse_address("mia@school.example"), "Mia", "en", "Hello", "one-form")

    def press() -> None:
        with installation.unit_of_work() as work:
            write_in(work, written)

    assert at_once(press, press, press) == [None, None, None]
    with installation.reading() as work:
        assert len(work.session.scalars(select(Inquiry)).all()) == 1


def test_a_robot_and_a_flood_reach_nobody(editor: Browser, installation: Installation) -> None:
    assert "It has arrived" in write(installation, website="x")
    with Browser.of(installation) as somebody:
        for _ in range(5):
            somebody.post(PAGE, MIA)
        refused = somebody.post(PAGE, MIA)
        assert refused.status == 422
        assert "That is a lot in a short time" in refused.text
    with installation.reading() as work:
        assert len(work.session.scalars(select(Inquiry)).all()) == 5


@both_databases
def test_a_member_who_is_signed_in_writes_as_themselves_and_is_told_and_erased(
    editor: Browser, installation: Installation
) -> None:
    editor.post(PAGE, {"text": "From inside", "email": "other@x.example"})
    with installation.reading() as work:
        one = work.session.scalars(select(Inquiry)).one()
        assert (one.email, one.member_id) == ("zoe@desk.example", 1)
    with Browser.of(installation) as owner:
        owner.sign_in("owner@desk.example", Role.OWNER)
        told = owner.client.post("/organise/people/1/export").json()
        assert "From inside" in str(told["contributions"])
        assert "Wrote to us" in owner.get("/organise/people/1").text
        owner.post("/organise/people/1/erase", {"is_sure": "1"})
    with installation.reading() as work:
        assert work.session.scalars(select(Inquiry)).all() == []


def test_after_a_year_it_is_forgotten(
    editor: Browser, installation: Installation, clock: ShiftedClock
) -> None:
    write(installation)
    clock.forward(days=366)
    with installation.unit_of_work() as work:
        assert end_old(work) == 1


def test_a_facilitator_reads_no_letters(installation: Installation, visitor: Browser) -> None:
    write(installation)
    visitor.sign_in("facilitator@desk.example", Role.FACILITATOR)
    assert visitor.get(DESK).status == 403
    for act in ("answer", "put-away", "take-out"):
        assert visitor.post(f"{DESK}/1/{act}", {"answer": "x"}).status == 403
