"""The organisers' shelf through the front door: finding, changing, removing, many at once."""

import re
from dataclasses import replace

import pytest

from core.installation import Installation
from library import items
from library.items import NewItem
from library.kinds import Boundary, ItemKind, Licence
from library.models import Feed, Item, ItemTopic
from library.removing import purge_removed
from library.states import ItemState
from members.roles import Role
from tests.conftest import both_databases
from tests.support.people import Browser, Page, ShiftedClock

SHELF = "/organise/library"


def _publish(installation: Installation, title: str, **changes: object) -> int:
    new = NewItem(
        kind=ItemKind.MATERIAL,
        title=title,
        summary=f"About {title}",
        body_html="<p>Words</p>",
        language="en",
        byline="Aino",
        licence=Licence.CC_BY,
        boundary=Boundary.ANYONE,
    )
    with installation.unit_of_work() as work:
        return items.publish(work, replace(new, **changes)).id  # type: ignore[arg-type]


def _titles(page: Page) -> list[str]:
    return page.each("[data-names] a")


def _item(installation: Installation, number: int) -> Item:
    with installation.reading() as work:
        return work.session.get_one(Item, number)


def _many(editor: Browser, act: str, *who: int, **more: object) -> Page:
    return editor.post(f"{SHELF}/many", {"act": act, "who": list(who), **more})


@both_databases
def test_the_shelf_is_searched_filtered_and_ordered(
    editor: Browser, installation: Installation, clock: ShiftedClock
) -> None:
    _publish(installation, "Alpha", topics=["Trust"])
    clock.forward(minutes=1)
    _publish(installation, "beta", language="fi", kind=ItemKind.ARTICLE)
    clock.forward(minutes=1)
    _publish(installation, "Gamma")
    assert _titles(editor.get(SHELF)) == ["Gamma", "beta", "Alpha"]
    assert _titles(editor.get(f"{SHELF}?order=oldest")) == ["Alpha", "beta", "Gamma"]
    assert _titles(editor.get(f"{SHELF}?order=title")) == ["Alpha", "beta", "Gamma"]
    assert _titles(editor.get(f"{SHELF}?words=alph")) == ["Alpha"]
    assert _titles(editor.get(f"{SHELF}?language=fi")) == ["beta"]
    assert _titles(editor.get(f"{SHELF}?kind=article")) == ["beta"]
    assert _titles(editor.get(f"{SHELF}?topic=Trust")) == ["Alpha"]
    assert _titles(editor.get(f"{SHELF}?standing=left-out")) == []
    assert editor.get(f"{SHELF}?words=xyzzy").words(".empty").startswith("Nothing fits.")
    assert _titles(editor.get(f"{SHELF}?order=nonsense&standing=x&page=0&collection=x")) == [
        "Gamma",
        "beta",
        "Alpha",
    ]


@both_databases
def test_what_was_removed_is_put_back_where_it_was(
    editor: Browser, installation: Installation
) -> None:
    shown, hidden = _publish(installation, "Shown"), _publish(installation, "Hidden")
    _many(editor, "hide", hidden)
    page = _many(editor, "remove", shown, hidden)
    assert page.words(".done span") == "2 things were removed."
    assert editor.get("/library/shown").status == 404
    assert _titles(editor.get(SHELF)) == []
    assert _titles(editor.get(f"{SHELF}?standing=removed")) == ["Hidden", "Shown"]
    again = _many(editor, "remove", shown)
    assert again.words(".done span") == "0 things were removed.", "harmless to repeat"
    undo = page.attributes('.done input[name="who"]', "value")
    page = editor.post(page.action("/many"), {"act": "put-back", "who": undo})
    assert page.words(".done span") == "2 things are back."
    assert editor.get("/library/shown").status == 200
    assert _item(installation, hidden).state == ItemState.HIDDEN


@both_databases
def test_what_was_removed_is_not_shown_by_a_slip(
    editor: Browser, installation: Installation
) -> None:
    number = _publish(installation, "Gone")
    _many(editor, "remove", number)
    _many(editor, "show", number)
    editor.post(f"{SHELF}/items/{number}/show")
    assert editor.get("/library/gone").status == 404, "not even to organisers"
    page = editor.post(f"{SHELF}/items/{number}/put-back")
    assert "It is back." in page.words(".done")
    assert editor.get("/library/gone").status == 200


@both_databases
def test_after_thirty_days_what_was_removed_is_gone(
    editor: Browser, installation: Installation, clock: ShiftedClock
) -> None:
    number = _publish(installation, "Gone")
    entry = _publish(installation, "Entry of a feed")
    with installation.unit_of_work() as work:
        feed = Feed(
            url="https://f.example", site_url="", title="F", language="en", publishes_itself=True,
            state="active", added_at=work.now, next_at=work.now,
        )  # fmt: skip
        work.session.add(feed)
        work.session.flush()
        work.session.get_one(Item, entry).feed_id = feed.id
    _many(editor, "remove", number, entry)
    clock.forward(days=29)
    with installation.unit_of_work() as work:
        assert purge_removed(work) == 0
    clock.forward(days=2)
    with installation.unit_of_work() as work:
        assert purge_removed(work) == 2
        assert purge_removed(work) == 0
        assert work.session.get(Item, number) is None
        left = work.session.get_one(Item, entry)
        assert (left.title, left.summary) == ("", ""), "its mark stays: the feed brings it no more"
    editor.sign_in("ed@example.org", Role.EDITOR)
    assert _titles(editor.get(f"{SHELF}?standing=removed")) == []


@both_databases
def test_many_are_changed_at_once_and_all_that_were_found(
    editor: Browser, installation: Installation
) -> None:
    numbers = [_publish(installation, f"Slides {n}") for n in range(60)]
    _publish(installation, "Something else")
    assert len(_titles(editor.get(f"{SHELF}?words=slides"))) == 50, "a page"
    page = _many(editor, "topic", words="slides", all="1", seen="60", new_topic=" Maths ")
    assert page.words(".done span") == "60 things were changed."
    assert editor.get("/library?topic=Maths").each("h2")[0].startswith("Slides")
    _many(editor, "boundary", words="slides", all="1", seen="60", new_boundary="members")
    assert _item(installation, numbers[0]).boundary == Boundary.MEMBERS
    assert _item(installation, numbers[-1] + 1).boundary == Boundary.ANYONE
    _many(editor, "language", *numbers[:2], new_language="fi")
    assert [_item(installation, n).language for n in numbers[:3]] == ["fi", "fi", "en"]
    editor.post(f"{SHELF}/collections", {"title": "Maths", "is_shown": "1"})
    _many(editor, "collection", words="slides", all="1", seen="60", into="1")
    assert editor.get("/library/collections/maths").status == 200
    assert len(editor.get("/library/collections/maths").each("h2")) == 60


REFUSED = {
    "nothing is ticked": ({"act": "hide"}, "Please tick something first."),
    "no act": ({"who": "1"}, "Please choose what to do with them."),
    "an unknown act": ({"who": "1", "act": "burn"}, "Please choose what to do with them."),
    "no topic": ({"who": "1", "act": "topic"}, "Please write what the topic is called."),
    "no collection": ({"who": "1", "act": "collection", "into": "99"}, "choose a collection"),
    "no boundary": ({"who": "1", "act": "boundary", "new_boundary": "editors"}, "who may see"),
    "no language": ({"who": "1", "act": "language", "new_language": "xx"}, "choose a language"),
}


@pytest.mark.parametrize(("typed", "sentence"), REFUSED.values(), ids=list(REFUSED))
def test_what_cannot_be_done_with_many_is_said(
    editor: Browser, installation: Installation, typed: dict[str, str], sentence: str
) -> None:
    _publish(installation, "One")
    page = editor.post(f"{SHELF}/many", typed)
    assert page.status == 422
    assert sentence in page.problem
    ticked = page.attributes('input[name="who"][checked]', "value")
    assert ticked == ([typed["who"]] if "who" in typed else []), "ticks stay"


def test_a_refused_act_leaves_one_on_the_page_where_one_was(
    editor: Browser, installation: Installation
) -> None:
    numbers = [_publish(installation, f"Slides {n}") for n in range(60)]
    page = editor.post(f"{SHELF}/many", {"who": numbers[0], "page": 2, "words": "slides"})
    assert page.status == 422
    assert page.attributes('input[name="who"][checked]', "value") == [str(numbers[0])]
    back = page.attribute('a[rel="prev"]', "href")
    assert len(_titles(editor.get(back))) == 50


def test_what_came_since_the_page_was_made_is_looked_at_first(
    editor: Browser, installation: Installation
) -> None:
    _publish(installation, "Slides 1")
    seen = editor.get(f"{SHELF}?words=slides").hidden("seen")
    _publish(installation, "Slides 2")
    page = _many(editor, "remove", words="slides", all="1", seen=seen)
    assert page.problem == "2 things are found by now. Please look at them first."
    assert len(_titles(editor.get(SHELF))) == 2


def test_a_page_of_yesterday_says_nothing_was_done_when_nothing_was(
    editor: Browser, installation: Installation
) -> None:
    number = _publish(installation, "Gone")
    _many(editor, "remove", number)
    page = editor.post(f"{SHELF}/items/{number}/show")
    assert page.each(".done") == []


def test_only_what_was_changed_is_said_to_be(editor: Browser, installation: Installation) -> None:
    ours = _publish(installation, "Ours")
    theirs = _publish(installation, "Sent in", source="contribution:9")
    page = _many(editor, "boundary", ours, theirs, new_boundary="members")
    assert page.words(".done span") == "1 thing was changed."
    page = _many(editor, "topic", ours, 999_999, new_topic="Trust")
    assert page.words(".done span") == "1 thing was changed."
    assert editor.get(f"{SHELF}?said=remove-1&back={'9' * 5000}-7").status == 200


def test_nothing_is_known_yet_of_a_link_that_was_repaired(
    editor: Browser, installation: Installation
) -> None:
    number = _publish(installation, "Gone", url="https://school.example/old")
    with installation.unit_of_work() as work:
        item = work.session.get_one(Item, number)
        item.link_failures, item.link_problem, item.link_tried_at = 2, "Gone.", work.now
    assert "did not open" in editor.get(f"{SHELF}/items/{number}").text
    page = editor.post(f"{SHELF}/items/{number}", {**CHANGED, "version": "1"})
    assert "did not open" not in page.text
    assert _item(installation, number).link_tried_at is None


CHANGED = {
    "title": "New title", "summary": "In short", "body": "## New\n\nText", "byline": "Rosa",
    "url": "https://school.example/x", "year": "2021", "topics": "Trust, Doubt",
    "language": "fi", "boundary": "members", "licence": "here-only",
}  # fmt: skip


@both_databases
def test_a_material_is_changed_and_of_two_at_once_the_second_looks_again(
    editor: Browser, installation: Installation
) -> None:
    editor.post(f"{SHELF}/add", {"title": "Old", "body": "Old text"})
    form = editor.get(f"{SHELF}/items/1")
    assert (form.field("title"), form.field("body")) == ("Old", "Old text")
    version = form.hidden("version")
    page = editor.post(f"{SHELF}/items/1", {**CHANGED, "version": version})
    assert page.words(".done") == "Saved."
    assert page.field("year") == "2021"
    assert page.field("topics") == "Doubt, Trust"
    assert _titles(editor.get(f"{SHELF}?words=doubt")) == ["New title"], "it is found by its topics"
    shown = editor.get("/library/old")
    assert shown.heading == "New title"
    assert "<h2>New</h2>" in shown.text
    second = editor.post(f"{SHELF}/items/1", {**CHANGED, "title": "Other", "version": version})
    assert second.status == 422
    assert "Somebody else changed this" in second.problem
    assert second.field("title") == "Other", "what was typed is kept"
    assert _item(installation, 1).title == "New title"


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("title", " ", "Please give the material a title."),
        ("url", "javascript:alert(1)", "A link begins with https:// or http://."),
        ("year", "last", "four digits"),
        ("year", "3024", "between 1900 and 2100"),
        ("year", "٢٠٢٤", "four digits"),
    ],
)
def test_a_wrong_change_is_said_and_kept(
    editor: Browser, field: str, typed: str, sentence: str
) -> None:
    editor.post(f"{SHELF}/add", {"title": "Old", "body": "Old text"})
    page = editor.post(f"{SHELF}/items/1", {**CHANGED, "version": "1", field: typed})
    assert page.status == 422
    assert sentence in page.problem
    assert page.field(field) == typed


def test_a_text_from_before_its_markdown_was_kept_stays(
    editor: Browser, installation: Installation
) -> None:
    number = _publish(installation, "Before")
    page = editor.post(
        f"{SHELF}/items/{number}", {**CHANGED, "body": "", "url": "", "version": "1"}
    )
    assert "stays until you write another" in page.text
    assert "<p>Words</p>" in editor.get("/library/before").text
    editor.post(f"{SHELF}/items/{number}", {**CHANGED, "body": "Anew", "version": "2"})
    assert "<p>Anew</p>" in editor.get("/library/before").text


def test_the_words_of_a_member_are_theirs(editor: Browser, installation: Installation) -> None:
    number = _publish(installation, "Sent in", source="contribution:7", kind=ItemKind.ARTICLE)
    form = editor.get(f"{SHELF}/items/{number}")
    assert not form.each('input[name="title"]')
    editor.post(f"{SHELF}/items/{number}", {**CHANGED, "version": "1"})
    item = _item(installation, number)
    assert (item.title, item.boundary, item.language) == ("Sent in", Boundary.ANYONE, "en")
    assert (item.licence, item.year) == (Licence.CC_BY, 2021)
    editor.post(f"{SHELF}/items/{number}/remove")
    _many(editor, "boundary", number, new_boundary="members")
    item = _item(installation, number)
    assert (item.is_published, item.boundary) == (True, Boundary.ANYONE)


@both_databases
def test_collections_have_an_order_of_their_own(
    editor: Browser, installation: Installation
) -> None:
    numbers = [_publish(installation, title) for title in ("One", "Two", "Three")]
    page = editor.post(
        f"{SHELF}/collections",
        {"title": "For new teachers", "summary": "Begin here", "body": "**Hi**", "is_shown": "1"},
    )
    assert page.heading == "For new teachers"
    _many(editor, "collection", *numbers, into="1")
    shown = editor.get("/library/collections/for-new-teachers")
    assert shown.each("h2") == ["One", "Two", "Three"]
    assert "<strong>Hi</strong>" in shown.text
    order = f"{SHELF}/collections/1/order"
    editor.post(order, {"one": numbers[2], "does": "up"})
    editor.post(order, {"one": numbers[0], "does": "down"})
    editor.post(order, {"one": numbers[0], "does": "down"})
    editor.post(order, {"arrange": f"by-9 {numbers[1]}"})
    shown = editor.get("/library/collections/for-new-teachers")
    assert shown.each("h2") == ["Two", "Three", "One"]
    editor.post(order, {"one": numbers[1], "does": "out"})
    _many(editor, "hide", numbers[2])
    assert editor.get("/library/collections/for-new-teachers").each("h2") == ["One"]
    library = editor.get("/library")
    assert "For new teachers" in library.each("h3")
    assert "1 thing" in library.words(".length")
    item = editor.get("/library/one")
    assert "In the collection: For new teachers" in item.words("article")
    editor.post(f"{SHELF}/collections/1/drop")
    assert editor.get("/library/collections/for-new-teachers").status == 404
    assert editor.get("/library/one").status == 200, "what was in it stays"


@both_databases
def test_what_is_for_members_is_not_in_a_strangers_collection(
    editor: Browser, installation: Installation
) -> None:
    ours = _publish(installation, "Ours", boundary=Boundary.MEMBERS)
    everybodys = _publish(installation, "Everybody’s")
    editor.post(f"{SHELF}/collections", {"title": "Mixed", "is_shown": "1"})
    editor.post(f"{SHELF}/collections", {"title": "Inner", "is_shown": "1", "boundary": "members"})
    editor.post(f"{SHELF}/collections", {"title": "Unfinished"})
    for into in (1, 2, 3):
        _many(editor, "collection", ours, everybodys, into=into)
    with Browser.of(installation) as stranger:
        assert stranger.get("/library/collections/mixed").each("h2") == ["Everybody’s"]
        assert "sign in" in stranger.get("/library/collections/inner").text.lower()
        assert stranger.get("/library/collections/unfinished").status == 404
        assert stranger.get("/library/collections").each("h2") == ["Mixed"]
        assert "Inner" not in stranger.get("/library/everybodys").text
    assert editor.get("/library/collections/inner").each("h2") == ["Ours", "Everybody’s"]


@both_databases
def test_topics_are_renamed_joined_and_taken_off(
    editor: Browser, installation: Installation
) -> None:
    _publish(installation, "One", topics=["Trust", "Doubt"])
    _publish(installation, "Two", topics=["trusting"])
    page = editor.post(f"{SHELF}/topics", {"topic": "trusting", "wanted": "Trust"})
    assert page.words(".done") == "1 thing was changed."
    rows = [re.sub(r"\s+", " ", row) for row in page.each("tbody tr")]
    assert [row.split()[:2] for row in rows] == [["Doubt", "1"], ["Trust", "2"]]
    assert editor.get("/library?words=trusting").words(".empty")
    assert len(editor.get("/library?topic=Trust").each("h2")) >= 2
    editor.post(f"{SHELF}/topics", {"topic": "Doubt", "drop": "1"})
    assert editor.get("/library?words=doubt").words(".empty")
    wrong = editor.post(f"{SHELF}/topics", {"topic": "Trust", "wanted": "  "})
    assert wrong.problem == "Please write what the topic is called."


def test_a_stranger_may_not_touch_the_shelf(visitor: Browser, installation: Installation) -> None:
    number = _publish(installation, "Ours")
    acts = (
        "many", "add", "files", "collections", "collections/order", "topics",
        *(f"items/{number}/{act}" for act in ("show", "hide", "remove", "put-back")),
        f"items/{number}/file", f"items/{number}/cover",
        f"items/{number}",
    )  # fmt: skip
    for role in (None, Role.FACILITATOR):
        if role:
            visitor.sign_in("f@example.org", role)
        for act in acts:
            assert visitor.post(f"{SHELF}/{act}", {"who": number}).status == 403, act
        for page in ("", "/add", "/collections", "/topics", "/feeds", f"/items/{number}"):
            assert visitor.get(f"{SHELF}{page}").heading != "Library"
    assert visitor.get("/library/ours").status == 200


@both_databases
def test_the_licence_of_many_is_changed_but_not_of_what_is_somebody_elses(
    editor: Browser, installation: Installation
) -> None:
    ours, theirs = (
        _publish(installation, "Ours"),
        _publish(installation, "Sent", source="contribution:9"),
    )
    page = _many(editor, "licence", ours, theirs, new_licence="here-only")
    assert page.words(".done span") == "1 thing was changed."
    assert "All rights reserved" in editor.get("/library/ours").text
    assert "the name of who made it" in editor.get("/library/sent").text
    assert _many(editor, "licence", ours).problem == "Please choose a licence."


def test_nobody_gives_rights_away_by_a_slip(editor: Browser) -> None:
    page = editor.get(f"{SHELF}/add")
    chosen = page.attributes("select[name=licence] option[selected]", "value")
    assert chosen == ["here-only", "theirs"], "files, and links"


def test_what_was_looked_for_stays_after_an_act(
    editor: Browser, installation: Installation
) -> None:
    number = _publish(installation, "Alpha")
    _publish(installation, "Beta")
    page = _many(editor, "topic", number, new_topic="Trust", words="alpha", order="title")
    assert page.words(".done span") == "1 thing was changed."
    assert _titles(page) == ["Alpha"]
    assert page.field("order") == "title"


@both_databases
def test_topics_that_differ_in_capitals_are_one(
    editor: Browser, installation: Installation
) -> None:
    first = _publish(installation, "Alpha", topics=["Ääni", "Grades"])
    second = _publish(installation, "Beta", topics=["ääni", "grades"])
    _publish(installation, "Gamma", topics=["Assessment"])
    topics = f"{SHELF}/topics"
    assert editor.get(topics).each("tbody td:first-child a") == ["Assessment", "Grades", "Ääni"]
    _many(editor, "topic", first, second, new_topic="ASSESSMENT")
    assert editor.get(topics).each("tbody td:first-child a") == ["Assessment", "Grades", "Ääni"]
    with installation.unit_of_work() as work:  # as it was kept before
        work.session.add(ItemTopic(item_id=first, topic="grades"))
    editor.post(topics, {"topic": "Ääni", "wanted": "Grades"})
    assert editor.get(topics).each("tbody td:first-child a") == ["Assessment", "Grades"]


def test_a_collection_chosen_beforehand_is_what_things_are_put_into(
    editor: Browser, installation: Installation
) -> None:
    _publish(installation, "Alpha")
    editor.post(f"{SHELF}/collections", {"title": "For new teachers", "language": "en"})
    page = editor.get(f"{SHELF}/collections/1")
    page = editor.get(page.attribute("a[href*=into]", "href"))
    assert page.field("act") == "collection"
    assert page.field("into") == "1"
