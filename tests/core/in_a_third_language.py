"""Run by `test_languages.py` where a third language is spoken: a row and a catalogue, no more."""

import random
from collections.abc import Callable

import pytest
from sqlalchemy import select

from core.i18n import LANGUAGES, say_date
from members.columns import language_of
from members.importing import import_table
from members.list_rows import Import
from members.models import Member
from members.profile import countries
from members.roles import Role
from members.tables import read_table
from newsletters import issues, sending
from newsletters.texts import parse_files
from tests.support import hosts
from tests.support.people import BEGIN, Browser, letter, link_of
from tests.support.plans import PLAN
from tests.support.somewhere import ENTRIES, path_of
from tests.support.somewhere import somewhere as values_of
from tests.support.third_language import CODE, OPENS
from workshops.model.interest import Area
from workshops.model.method import Hint, hints_for
from workshops.model.tables import Workshop
from workshops.planning import areas

Run = Callable[[], None]


@pytest.fixture
def somewhere(visitor: Browser) -> dict[str, list[str]]:
    """Values for the parts of paths."""
    return values_of(visitor.installation)


LEAVES = ("/sign-out", "/readyz")


@pytest.fixture
def older_area(visitor: Browser) -> int:
    """An area of interest that is older than the language."""
    with visitor.installation.unit_of_work() as work:
        area = Area(names={"en": "Listening", "fi": "Kuuntelu"}, is_offered=True)
        work.session.add(area)
        work.session.flush()
        return area.id


def test_it_is_one_of_ours() -> None:
    assert LANGUAGES == ("en", "fi", CODE)
    assert [language_of(said) for said in ("qx", "QXX", "Swedish", "ruotsi")] == [CODE] * 4
    assert say_date(BEGIN, CODE) == "25 november 2026"
    assert list(countries(CODE).values())[-1] == "Östtimor"
    assert hints_for("Is it not so? Or is it?", CODE) == [Hint.DOUBLE], "no more is known of it"


@pytest.mark.parametrize("seed", range(2))
def test_every_page_speaks_it(
    visitor: Browser,
    somewhere: dict[str, list[str]],
    older_area: int,
    seed: int,
) -> None:
    chance = random.Random(seed)  # noqa: S311 - pages that can be opened again
    visitor.sign_in("who@example.org", Role.OWNER)
    spoken = 0
    for entry in ENTRIES:
        for _ in range(3):
            if entry.get is None or entry.path in LEAVES:
                continue
            path = f"/{CODE}{path_of(entry, somewhere, chance)}".rstrip("/")
            answer = visitor.client.get(path, follow_redirects=False)
            assert answer.status_code < 500, path
            if f'<html lang="{CODE}"' in answer.text:
                assert OPENS in answer.text, path
                spoken += 1
    assert spoken > 60


def test_a_reader_of_it_is_asked_greeted_and_written_to_in_it(
    visitor: Browser, run_jobs: Run
) -> None:
    visitor.subscribe("q@example.org", language=CODE)
    run_jobs()
    asked = visitor.outbox("q@example.org")[0]
    assert asked.subject.startswith(OPENS), asked.subject
    page = visitor.post(link_of(asked, "/confirm/"))
    assert f'<html lang="{CODE}"' in page.text
    with visitor.installation.unit_of_work() as work:
        issue = issues.new_issue(work, parse_files([letter("en"), letter(CODE, "Brev", '"Ja" sa')]))
        assert sending.send(work, issue.id) == {"en": 0, CODE: 1}
    run_jobs()
    brev = visitor.outbox("q@example.org")[0]
    assert brev.subject == "Brev"
    assert "«Ja» sa" in brev.html
    assert f"/{CODE}/newsletter/1" in brev.html


def test_a_list_from_elsewhere_may_name_it(visitor: Browser) -> None:
    table = read_table(b"email,language\na@x.example,Swedish\nb@x.example,qx\n")
    import_table(visitor.installation.unit_of_work, table, Import("test", ("newsletter",)))
    with visitor.installation.unit_of_work() as work:
        said = select(Member.language).where(Member.source == "test")
        assert set(work.session.scalars(said)) == {CODE}


def test_a_workshop_is_planned_and_held_in_it(visitor: Browser, run_jobs: Run) -> None:
    installation = visitor.installation
    visitor.sign_in("owner@example.org", Role.OWNER)
    made = visitor.post(f"/{CODE}/organise/workshops", {"frame": "workshop", "language": CODE})
    path = str(made.response.url).removeprefix("http://testserver.localhost")
    version = visitor.get(path).hidden("version")
    saved = visitor.post(path, {**PLAN, "version": version, "language": CODE})
    assert (saved.status, OPENS in saved.text) == (200, True)
    with installation.reading() as work:
        assert work.session.scalars(select(Workshop.language)).all() == [CODE]
    workshop = hosts.ready(installation)
    hosts.invite(installation, workshop, "q@x.example", language=CODE)
    run_jobs()
    mail = visitor.outbox("q@x.example")[0]
    assert OPENS in mail.text
    answered = visitor.post(link_of(mail, f"/{CODE}/i/"), {"answer": "yes"})
    assert f'<html lang="{CODE}"' in answered.text


def test_what_is_older_than_the_language_is_shown_in_another(
    visitor: Browser, older_area: int
) -> None:
    visitor.sign_in("owner@example.org", Role.OWNER)
    assert "Listening" in visitor.get(f"/{CODE}/organise/interest").text
    names = {"en": "Listening", "fi": "Kuuntelu", CODE: "Lyssna"}
    with visitor.installation.unit_of_work() as work:
        assert areas.add(work, names).id == older_area, "it gets its new name, and stays one"
    assert "Lyssna" in visitor.get(f"/{CODE}/organise/interest").text
