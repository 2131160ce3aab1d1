"""Planning a workshop by the method, through the front door."""

from collections.abc import Callable

import pytest

from members.roles import Role
from tests.conftest import both_databases
from tests.support.authors import do, form, member, send_in, sign_in_as
from tests.support.people import Browser, Page
from tests.support.plans import PLAN
from workshops.model.method import CARDS, Frame
from workshops.model.stages import EDGES, STAGES, Stage

Run = Callable[[], None]


@pytest.fixture
def organiser(visitor: Browser) -> Browser:
    """A signed-in owner."""
    return visitor.sign_in("owner@example.org", Role.OWNER)


def _begin(organiser: Browser, frame: str = "workshop") -> str:
    page = organiser.post("/organise/workshops", {"frame": frame, "language": "en"})
    return str(page.response.url).removeprefix("http://testserver.localhost")


def _save(organiser: Browser, path: str, **changes: str) -> Page:
    version = organiser.get(path).hidden("version")
    return organiser.post(path, {**PLAN, "version": version, **changes})


def _facilitator(page: Page, email: str) -> str:
    options = page.tree.css('select[name="facilitator"] option')
    [found] = [one for one in options if one.text().strip() == email]
    return found.attributes["value"] or ""


@both_databases
def test_a_workshop_is_planned_until_the_ground_is_prepared(organiser: Browser) -> None:
    with Browser.of(organiser.installation) as facilitator:
        facilitator.sign_in("fa@example.org", Role.FACILITATOR)
        path = _begin(organiser)
        page = organiser.get(path)
        assert page.text.count('href="#') > 8, "each gap is a link"
        who = _facilitator(page, "fa@example.org")
        saved = _save(organiser, path, facilitator=who)
        assert (saved.status, saved.heading) == (200, "The first minute")
        assert saved.attributes('li > a[href^="#"]', "href") == ["#facilitator"]
        refused = organiser.post(f"{path}/ready")
        assert (refused.status, "still missing" in refused.problem) == (422, True)
        asked = facilitator.get("/organise/workshops")
        assert "read the dynamics" in asked.text
        for _ in range(2):
            facilitator.post(asked.action("/accept"))
        assert "The ground is prepared" in organiser.get(path).text
        for _ in range(2):
            assert "Yes, the ground is prepared." in organiser.post(f"{path}/ready").text
        sheet = facilitator.get(f"{path}/run-sheet").text
        assert "18:00" in sheet
        assert "19:00" in sheet
        assert "Ann" in sheet
        changed = _save(organiser, path, facilitator=who, rules="")
        assert "Being planned" in changed.text, "what is not prepared any more is not ready"


@pytest.mark.parametrize("frame", list(Frame))
def test_each_frame_brings_its_own_fields_and_agenda(organiser: Browser, frame: Frame) -> None:
    page = organiser.get(_begin(organiser, frame))
    for asked in CARDS[frame].asked:
        assert f'name="answer_{asked.name}"' in page.text
    assert f'value="{CARDS[frame].capacity}"' in page.text
    assert "Check-in" in page.text
    assert "talking shop" not in page.text


def test_hints_and_warnings_never_block(organiser: Browser) -> None:
    path = _begin(organiser)
    page = _save(organiser, path, question_1="Do you like it?", dialogue_1="", minutes_1="10")
    assert page.status == 200
    assert "answered with yes or no" in page.text
    assert "talking shop" in page.text
    assert "40 minutes of 90" in page.text


@pytest.mark.parametrize("is_saved", [False, True])
@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("local_start", "2027-03-28T03:30", "does not exist"),
        ("local_start", "tomorrow", "2026-12-31T18:00"),
        ("zone", "Europe/Nowhere", "time zone"),
        ("zone", "", "time zone"),
        ("zone", "../../etc/localtime", "time zone"),
        ("zone", "a\x00b", "time zone"),
        ("capacity", "0", "1 and 500"),
        ("capacity", "many", "1 and 500"),
        ("follow_up_on", "soon", "2026-12-31"),
    ],
)
def test_what_cannot_be_is_named_at_its_field_and_nothing_is_lost(
    organiser: Browser, is_saved: bool, field: str, value: str, words: str
) -> None:
    path = _begin(organiser)
    if is_saved:
        _save(organiser, path, title="What was kept")
    page = _save(organiser, path, **{field: value})
    assert page.status == 422
    assert words in page.problem
    assert "How do we begin a lesson?" in page.text
    assert 'value="The first minute"' in page.text
    assert "The first minute" not in organiser.get("/organise/workshops").text


def test_a_time_that_comes_twice_is_asked_about(organiser: Browser) -> None:
    path = _begin(organiser)
    page = _save(organiser, path, local_start="2027-10-31T03:30")
    assert "comes twice" in page.text
    second = _save(organiser, path, local_start="2027-10-31T03:30", is_second="1")
    assert second.attribute('[name="is_second"][checked]', "value") == "1"
    with organiser.installation.reading() as work:
        from workshops.planning.planning import planned

        [workshop] = planned(work.session)
        assert workshop.starts_at
        assert workshop.starts_at.hour == 1


def test_an_end_on_another_day_than_the_follow_up_is_wanted(organiser: Browser) -> None:
    path = _begin(organiser)
    page = _save(organiser, path, follow_up_on="2027-03-17")
    assert "The follow-up comes after the workshop." in page.text


def test_of_two_windows_the_second_is_told_and_keeps_its_words(organiser: Browser) -> None:
    path = _begin(organiser)
    _save(organiser, path)
    late = organiser.post(path, {**PLAN, "title": "Late", "version": "1"})
    assert late.status == 422
    assert 'value="Late"' in late.text
    assert organiser.get(path).heading == "The first minute"


def test_a_topic_becomes_the_focus_with_credit(organiser: Browser) -> None:
    with Browser.of(organiser.installation) as author:
        sign_in_as(author, member(organiser.installation))
        path = send_in(author, "topic").replace("/me/", "/organise/")
    assert "Make it the focus" not in organiser.get(path).text
    do(organiser, path, "open")
    page = organiser.post(organiser.get(path).action("/workshops/from/"))
    assert "How do we listen?</textarea>" in page.text
    assert "From a topic of Mia." in page.text
    assert "Hotseat" in page.text
    kept = _save(organiser, str(page.response.url).removeprefix("http://testserver.localhost"))
    assert "From a topic of Mia." in kept.text
    assert form("topic")["why"]


def test_a_facilitator_sees_their_own_workshops_only(organiser: Browser) -> None:
    path = _begin(organiser)
    _save(organiser, path)
    with Browser.of(organiser.installation) as facilitator:
        facilitator.sign_in("fa@example.org", Role.FACILITATOR)
        assert "The first minute" not in facilitator.get("/organise/workshops").text
        assert facilitator.get(f"{path}/run-sheet").status == 404
        assert facilitator.post(f"{path}/accept").status == 404
        assert facilitator.get(path).status == 404
    assert organiser.post(f"{path}/accept").status == 422, "nobody accepts for somebody else"


def test_who_is_named_again_after_somebody_else_is_asked_again(
    organiser: Browser, run_jobs: Run
) -> None:
    fa, gina = "fa@example.org", "gina@example.org"
    for email in (fa, gina):
        with Browser.of(organiser.installation) as facilitator:
            facilitator.sign_in(email, Role.FACILITATOR)
    path = _begin(organiser)

    def asked(email: str) -> int:
        run_jobs()
        return sum("facilitate" in mail.subject for mail in organiser.outbox(email))

    for email, times in ((fa, 1), (fa, 1), (gina, 1), (fa, 2)):
        _save(organiser, path, facilitator=_facilitator(organiser.get(path), email))
        assert asked(email) == times, "a kept plan asks nobody twice, another name asks anew"


def test_a_stranger_may_not_plan(visitor: Browser) -> None:
    assert visitor.get("/organise/workshops").heading == "Sign in"
    assert visitor.post("/organise/workshops", {"frame": "forum"}).status == 403


def test_a_workshop_is_called_off_before_anybody_was_invited(organiser: Browser) -> None:
    path = _begin(organiser)
    _save(organiser, path)
    for _ in range(2):
        organiser.post(f"{path}/call-off")
    assert "The first minute" not in organiser.get("/organise/workshops").text
    assert "Cancelled" in organiser.get(path).text


def test_the_table_of_stages_is_whole() -> None:
    assert set(EDGES) == set(Stage)
    assert STAGES.sources(Stage.READY) == (Stage.DRAFT,)
    assert EDGES[Stage.CANCELLED] == EDGES[Stage.COMPLETE] == frozenset()


def test_from_every_page_of_a_workshop_the_others_are_one_click_away(organiser: Browser) -> None:
    path = _begin(organiser)
    changing = organiser.get(f"{path}/change")
    assert str(changing.response.url).endswith(path), "a draft is changed in its plan"
    for part in ("", "/people", "/run-sheet"):
        page = organiser.get(path + part)
        assert page.attributes(".tabs a", "href") == [path, f"{path}/people", f"{path}/run-sheet"]
        assert page.attributes(".tabs [aria-current]", "href") == [path + part]
