"""The library through the front door: who sees what, finding, feeds for others, organisers."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree

import pytest

from core.actors import Who
from core.installation import Installation
from library import items
from library.items import NewItem
from library.kinds import Boundary, ItemKind, Licence
from members.roles import Role
from tests.conftest import both_databases
from tests.support.feed_server import FeedServer, episode, feed_server, rss
from tests.support.people import Browser

ATOM = "{http://www.w3.org/2005/Atom}"


def _publish(installation: Installation, title: str, **changes: object) -> str:
    new = NewItem(
        kind=ItemKind.ARTICLE,
        title=title,
        summary=f"About {title}",
        body_html=f"<p>Words of {title}</p>",
        language="en",
        byline="Aino",
        licence=Licence.CC_BY,
        boundary=Boundary.ANYONE,
    )
    with installation.unit_of_work() as work:
        return items.publish(work, replace(new, **changes)).slug  # type: ignore[arg-type]


def _titles(visitor: Browser, query: str = "") -> list[str]:
    text = visitor.get(f"/library{query}").text
    return [part.partition("</a>")[0].rpartition(">")[2] for part in text.split("<h2")[1:]]


@both_databases
def test_the_library_is_searched_by_words_kind_language_and_topic(visitor: Browser) -> None:
    installation = visitor.installation
    _publish(installation, "Hyvä kysymys", language="fi", topics=["Arviointi"])
    _publish(
        installation, "Listening well", kind=ItemKind.RECORDING, topics=["Trust", " trust ", ""]
    )
    _publish(installation, "Boundaries & trust", summary="Ääni ja luottamus")
    assert _titles(visitor) == ["Boundaries &amp; trust", "Listening well", "Hyvä kysymys"]
    assert _titles(visitor, "?words=HYVÄ") == ["Hyvä kysymys"]
    assert _titles(visitor, "?words=hyva") == [], "ä is a letter of its own"
    assert _titles(visitor, "?words=kysy") == ["Hyvä kysymys"], "the end may be missing"
    assert _titles(visitor, "?words=trust") == ["Boundaries &amp; trust", "Listening well"]
    assert _titles(visitor, "?words=trust+listen") == ["Listening well"]
    assert _titles(visitor, "?words=ääni") == ["Boundaries &amp; trust"]
    assert _titles(visitor, "?kind=recording") == ["Listening well"]
    assert _titles(visitor, "?language=fi") == ["Hyvä kysymys"]
    assert _titles(visitor, "?topic=Trust") == ["Listening well"]
    assert _titles(visitor, "?topic=Nothing") == []
    assert visitor.get("/fi/library?words=xyzzy").text.count('class="empty"') == 1


NASTY = [
    '"',
    "'",
    "*",
    "trust*",
    "(",
    ") OR 1",
    "a:b",
    "-",
    "NEAR(a b)",
    "\\",
    "%",
    "!",
    "&|",
    "😀",
    "a" * 500,
]


@both_databases
@pytest.mark.parametrize("typed", NASTY)
def test_whatever_is_searched_for_gets_an_answer(visitor: Browser, typed: str) -> None:
    _publish(visitor.installation, "Trust")
    assert visitor.get("/library", params={"words": typed, "page": typed}).status == 200


@both_databases
def test_what_is_for_members_is_shown_to_members_only(visitor: Browser) -> None:
    slug = _publish(visitor.installation, "Among us", boundary=Boundary.MEMBERS)
    page = visitor.get(f"/library/{slug}")
    assert page.heading == "This is for members"
    assert "Words of" not in page.text
    assert "Aino" not in page.text
    assert "About Among us" not in page.text
    assert _titles(visitor) == []
    assert _titles(visitor, "?words=among") == []
    for feed in ("atom", "json"):
        assert "Among us" not in visitor.get(f"/library/feed.{feed}").text
    visitor.sign_in("m@example.org", Role.FACILITATOR)
    assert visitor.get(f"/library/{slug}").heading == "Among us"
    assert "for members of the community" in visitor.get("/library").text
    assert _titles(visitor) == ["Among us"]
    for feed in ("atom", "json"):
        assert "Among us" not in visitor.get(f"/library/feed.{feed}").text, "feeds are for anyone"


def test_what_is_for_editors_has_no_page(visitor: Browser) -> None:
    slug = _publish(visitor.installation, "Only us", boundary=Boundary.EDITORS)
    assert visitor.get(f"/library/{slug}").status == 404
    visitor.sign_in("m@example.org", Role.OWNER)
    assert visitor.get(f"/library/{slug}").status == 404


@both_databases
def test_a_retracted_item_leaves_a_tombstone_and_nothing_else(visitor: Browser) -> None:
    slug = _publish(visitor.installation, "Regretted", source="contribution:1", topics=["Rue"])
    for _ in range(2):
        with visitor.installation.unit_of_work() as work:
            items.retract(work, "contribution:1", Who.AUTHOR)
    page = visitor.get(f"/library/{slug}")
    assert (page.status, page.heading) == (410, "Regretted")
    for gone in ("Words of", "Aino", "About Regretted"):
        assert gone not in page.text
    assert _titles(visitor) == _titles(visitor, "?words=regretted") == []
    _publish(visitor.installation, "Again", source="contribution:1")
    assert visitor.get(f"/library/{slug}").heading == "Again", "its address stays its own"


def test_the_atom_and_json_feeds_say_the_same(visitor: Browser) -> None:
    _publish(visitor.installation, "One <b> & two")
    _publish(visitor.installation, "Kaksi", kind=ItemKind.TOPIC, language="fi")
    root = ElementTree.fromstring(visitor.get("/library/feed.atom").text)  # noqa: S314
    titles = [entry.findtext(f"{ATOM}title") for entry in root.iter(f"{ATOM}entry")]
    assert titles == ["Kaksi", "One <b> & two"]
    answer = visitor.client.get("/fi/library/feed.json?kind=topic")
    assert answer.headers["content-type"] == "application/feed+json"
    [item] = json.loads(answer.text)["items"]
    assert (item["title"], item["language"]) == ("Kaksi", "fi")
    assert item["url"] == "http://testserver.localhost/fi/library/kaksi"
    assert item["authors"] == [{"name": "Aino"}]


def test_what_is_new_waits_for_the_next_issue_and_is_used_once(visitor: Browser) -> None:
    installation = visitor.installation
    slug = _publish(installation, "Fresh")
    with installation.unit_of_work() as work:
        month = timedelta(days=30)
        [fresh] = items.new_material(work.session, work.now, month)
        assert items.new_material(work.session, work.now + timedelta(days=31), month) == []
        items.mark_used(work, [fresh.id], 7)
        items.mark_used(work, [fresh.id], 8)
        assert items.new_material(work.session, work.now, month) == []
    assert "In issue 7 of the newsletter." in visitor.get(f"/library/{slug}").text


def test_two_items_of_one_title_have_pages_of_their_own(visitor: Browser) -> None:
    slugs = [_publish(visitor.installation, "The same") for _ in range(3)]
    assert slugs == ["the-same", "the-same-2", "the-same-3"]
    assert _publish(visitor.installation, "日本語") == "ri-ben-yu"


def test_an_item_tells_who_may_use_it_how_and_unfolds_well_elsewhere(visitor: Browser) -> None:
    page = visitor.get(f"/fi/library/{_publish(visitor.installation, 'Well made')}").text
    assert "CC BY 4.0" in page
    assert '<meta property="og:title" content="Well made">' in page
    assert 'hreflang="en"' in page


def test_pages_go_back_in_time(visitor: Browser) -> None:
    for n in range(30):
        _publish(visitor.installation, f"Item {n}")
    first = visitor.get("/library?kind=article")
    assert first.text.count("<h2") == 24
    assert "/library?kind=article&amp;page=2" in first.text
    second = visitor.get("/library?kind=article&page=2")
    assert second.text.count("<h2") == 6
    assert 'rel="next"' not in second.text


@pytest.fixture
def server() -> Iterator[FeedServer]:
    """A server of feeds."""
    with feed_server() as feeds:
        yield feeds


@pytest.fixture
def editor(installation: Installation, server: FeedServer) -> Iterator[Browser]:
    """An editor of an installation that may fetch from that server."""
    settings = installation.settings.model_copy(update={"feed_hosts": (server.host,)})
    with Browser.of(replace(installation, settings=settings)) as browser:
        yield browser.sign_in("ed@example.org", Role.EDITOR)


def test_an_editor_adds_a_feed_after_a_look_at_it(editor: Browser, server: FeedServer) -> None:
    url = server.serve("/pod", rss(episode(1), title="Our <podcast>"))
    preview = editor.post("/organise/library/feeds/preview", {"url": url})
    assert "1 entry" in preview.text
    assert "Episode 1" in preview.text
    page = editor.post("/organise/library/feeds", {"url": url, "publishes": "itself"})
    assert page.heading == "Our <podcast>"
    again = editor.post("/organise/library/feeds", {"url": url})
    assert (again.status, again.problem) == (422, "This feed is in the library already.")
    feed = str(page.response.url).removeprefix("http://testserver.localhost")
    assert "Paused" in editor.post(f"{feed}/pause").text
    assert "Paused" not in editor.post(f"{feed}/resume").text
    renamed = {"title": "Better", "publishes": "click", "language": "fi"}
    assert editor.post(feed, renamed).heading == "Better"
    assert "Better" in editor.get("/organise/library/feeds").text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Please write the address"),
        ("http://169.254.169.254/", "open internet"),
        ("ftp://example.org/x", "http://"),
        ("http://127.0.0.1:6379/", "6379"),
    ],
)
def test_a_feed_that_cannot_be_added_is_named_with_the_reason(
    editor: Browser, typed: str, words: str
) -> None:
    page = editor.post("/organise/library/feeds/preview", {"url": typed})
    assert page.status == 422
    assert words in page.problem
    assert f'value="{typed}"' in page.text


def test_a_page_that_is_no_feed_is_named_so(editor: Browser, server: FeedServer) -> None:
    url = server.serve("/x", "<html><body>Hi</body></html>", "text/html")
    page = editor.post("/organise/library/feeds/preview", {"url": url})
    assert "not a feed" in page.problem


MATERIAL = {"title": "Slides", "url": "https://slides.example/1", "topics": "Trust, Talk"}


def test_an_editor_adds_a_material_and_takes_it_out_of_sight(
    editor: Browser, visitor: Browser
) -> None:
    page = editor.post("/organise/library/add", {**MATERIAL, "body": "**Bold** <script>x</script>"})
    assert page.heading == "Slides"
    assert visitor.get("/library/slides").status == 404, "it waits, as was asked for"
    assert "Only organisers see this page." in page.text
    page = editor.post("/organise/library/items/1/show")
    page = editor.get("/library/slides")
    assert "<strong>Bold</strong>" in page.text
    assert "<script>x" not in page.text
    assert _titles(editor, "?topic=Talk") == ["Slides"]
    editor.post("/organise/library/items/1/hide")
    assert _titles(editor) == []
    assert visitor.get("/library/slides").status == 404
    assert editor.get("/library/slides").words(".done").startswith("Only organisers see this page.")
    assert "Slides" in editor.get("/organise/library").text
    for _ in range(2):
        editor.post("/organise/library/items/1/show")
    assert _titles(editor) == ["Slides"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", ""), ("title", "x" * 201), ("url", "javascript:alert(1)"), ("url", "")],
)
def test_a_wrong_material_keeps_what_was_typed(editor: Browser, field: str, value: str) -> None:
    typed = {**MATERIAL, "byline": "Ä & O", field: value}
    page = editor.post("/organise/library/add", typed)
    assert page.status == 422
    assert page.problem
    assert "Ä &amp; O" in page.text


def test_a_stranger_may_not_change_the_library(visitor: Browser) -> None:
    slug = _publish(visitor.installation, "Ours")
    for role in (None, Role.FACILITATOR):
        if role:
            visitor.sign_in("f@example.org", role)
        assert visitor.post("/organise/library/items/1/hide").status == 403
        assert visitor.post("/organise/library/add", MATERIAL).status == 403
        assert visitor.post("/organise/library/feeds", {"url": "https://x.example"}).status == 403
    assert visitor.get(f"/library/{slug}").status == 200


@pytest.mark.parametrize(
    ("title", "slug"),
    [("Straße", "strasse"), ("Школа", "shkola"), ("Łódź", "lodz"), ("Äiti & Öljy", "aiti-oljy"),
     ("教室", "jiao-shi"), ("…", "item"), ("word " * 40, "word-" * 13 + "word")],
)  # fmt: skip
def test_an_address_keeps_the_sound_of_every_alphabet(title: str, slug: str) -> None:
    assert items.slug_of(title) == slug
