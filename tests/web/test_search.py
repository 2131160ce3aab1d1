"""One search for letters, library and workshops: the same on both databases, marked, forgiving."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from core.installation import Installation
from library import collections, items
from library.collections import CollectionText
from library.items import NewItem
from library.kinds import Boundary, ItemKind, Licence
from newsletters import issues, sending
from newsletters.models import Issue
from newsletters.texts import parse_file
from tests.conftest import both_databases
from tests.support.people import Browser, add_members, letter

NEW = NewItem(
    kind=ItemKind.MATERIAL, title="", summary="", body_html="", language="en",
    byline="Rosa", licence=Licence.CC_BY, boundary=Boundary.ANYONE,
)  # fmt: skip


def _publish(installation: Installation, title: str, words: str, **more: object) -> None:
    new = replace(NEW, title=title, summary=words)
    with installation.unit_of_work() as work:
        items.publish(work, replace(new, **more))  # type: ignore[arg-type]


def _send(installation: Installation, subject: str, body: str) -> int:
    with installation.unit_of_work() as work:
        texts = [parse_file(letter(code, subject, body)) for code in ("en", "fi")]
        issue = issues.new_issue(work, texts)
        sending.send(work, issue.id)
        return issue.id


@both_databases
def test_letters_library_and_marks(
    visitor: Browser, installation: Installation, run_jobs: Callable[[], None]
) -> None:
    add_members(installation, 2)
    _publish(installation, "Silence in class", "Ten seconds of <b>silence</b>", topics=["Waiting"])
    _publish(installation, "For us", "silence among members", boundary=Boundary.MEMBERS)
    _send(installation, "On listening", "Long ago there was a Silence, and then a question.")
    run_jobs()
    page = visitor.get("/search?q=SILENC")
    assert page.each("h3") == ["Silence in class", "On listening"]
    assert page.each("mark") == ["Silence", "silence", "Silence"]
    assert "&lt;b&gt;" in page.text
    assert visitor.get("/search?q=silence+question").each("h3") == ["On listening"]
    assert visitor.get("/search?q=waiting").each("h3") == ["Silence in class"], "by its topic"
    assert visitor.get("/search?q=xyzzy").words(".empty").startswith("Nothing was found")


@both_databases
def test_a_collection_is_found_by_its_words(visitor: Browser, installation: Installation) -> None:
    with installation.unit_of_work() as work:
        number = items.publish(work, replace(NEW, title="Slides")).id
        for title, boundary in (
            ("For new teachers", Boundary.ANYONE),
            ("Newly ours", Boundary.MEMBERS),
        ):
            text = CollectionText(title, "Where to begin", "**First steps**", "en", boundary)
            collections.put_in(work, collections.begin(work, text).id, [number])
    for words in ("new", "begin+where", "steps"):
        page = visitor.get(f"/search?q={words}")
        assert page.each("h3") == ["For new teachers"], words
    assert page.attributes("h3 a", "href") == ["/library/collections/for-new-teachers"]


@both_databases
def test_a_letter_that_is_not_out_or_not_listed_is_not_found(
    visitor: Browser, installation: Installation
) -> None:
    add_members(installation, 2)
    with installation.unit_of_work() as work:
        issues.new_issue(work, [parse_file(letter("en", "A draft about silence"))])
    number = _send(installation, "About silence", "Silence")
    assert visitor.get("/search?q=silence").each("h3") == ["About silence"]
    with installation.unit_of_work() as work:
        work.session.get_one(Issue, number).is_listed = False
    assert visitor.get("/search?q=silence").each("h3") == []


@both_databases
def test_a_card_of_what_only_some_may_know_of_is_not_found_by_a_stranger(
    visitor: Browser, installation: Installation
) -> None:
    add_members(installation, 2)
    _publish(installation, "Among us", "Espoo", boundary=Boundary.MEMBERS)
    body = "Plain words.\n\n::library[The Espoo case](among-us)\n\n::question[Why though?]\n"
    _send(installation, "A letter", body)
    assert visitor.get("/search?q=espoo").each("h3") == []
    assert visitor.get("/search?q=though").each("h3") == ["A letter"]
    page = visitor.get("/search?q=plain")
    assert page.each("h3") == ["A letter"]
    assert "among-us" not in page.text


@both_databases
def test_what_is_mistyped_gets_a_word_that_is_like_it(
    visitor: Browser, installation: Installation
) -> None:
    _publish(installation, "Kysymisen taito", "Asking")
    page = visitor.get("/search?q=kysymysen")
    assert page.words(".empty a") == "kysymisen"
    assert visitor.get("/search?q=kysymisen").each("h3") == ["Kysymisen taito"]


@pytest.mark.parametrize(
    "typed", ["", " ", "*", '"', "a:b", "😀", "\0", "(" * 150, "-", "NEAR(a b)"]
)
def test_whatever_is_searched_for_gets_an_answer(visitor: Browser, typed: str) -> None:
    page = visitor.client.get("/search", params={"q": typed})
    assert page.status_code == 200
