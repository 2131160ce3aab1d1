"""The links of a letter are tried before it goes; our own network is none of them."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from core.installation import Installation
from members.roles import Role
from newsletters import link_trying
from newsletters.models import Issue
from tests.support.feed_server import Answer, FeedServer, feed_server
from tests.support.people import Browser


@pytest.fixture
def server() -> Iterator[FeedServer]:
    """A server elsewhere."""
    with feed_server() as here:
        yield here


@pytest.fixture
def editor(installation: Installation, server: FeedServer) -> Iterator[Browser]:
    """An editor of an installation for which that server is of the open internet."""
    settings = installation.settings.model_copy(update={"feed_hosts": (server.host,)})
    with Browser.of(replace(installation, settings=settings)) as browser:
        yield browser.sign_in("ed@example.org", Role.EDITOR)


def _written(editor: Browser, body: str) -> str:
    path = str(editor.post("/organise/issues").response.url)
    path = path.removeprefix(editor.installation.settings.base_url)
    editor.post(path, {"version": "1", "subject_en": "Hello", "body_en": body})
    return path


def test_links_that_lead_nowhere_are_named_with_their_line(
    editor: Browser, server: FeedServer
) -> None:
    good = server.serve("/good", "x" * 100_000, "text/html")
    gone = server.serve("/gone", "", "text/html", status=404)
    ours = editor.installation.settings.base_url
    path = _written(
        editor, f"Read [this]({good}).\n\nAnd {gone}, or [us]({ours}/library).\n\n{good}"
    )
    page = editor.get(f"{path}/links")
    assert "Line 3" in page.text
    assert "/gone did not answer as it should" in page.text
    assert "/good did not" not in page.text
    assert server.count("/good") == 1, "each once"
    assert f'data-load="{path}/links"' in editor.get(f"{path}/send").text
    fine = _written(editor, f"Read [this]({good}).")
    assert "1 link was tried: it leads somewhere." in editor.get(f"{fine}/links").text


def test_nobody_is_led_into_our_own_network(editor: Browser) -> None:
    inside = "http://127.0.0.1:1/admin http://169.254.169.254/latest http://localhost/x"
    page = editor.get(f"{_written(editor, inside)}/links")
    assert page.text.count("did not answer as it should") == 3
    assert page.text.count("open internet") >= 2


def test_a_server_that_never_answers_costs_little(
    editor: Browser, server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_trying, "SECONDS", 0.3)
    stuck = server.serve("/stuck", "x", "text/html")

    def slow(_asked: dict[str, str]) -> Answer:
        time.sleep(1.5)
        return 200, {}, b""

    server.pages["/stuck"] = slow
    path = _written(editor, stuck)
    assert "did not answer as it should" in editor.get(f"{path}/links").text


def test_a_stranger_may_not_have_links_tried(editor: Browser, server: FeedServer) -> None:
    path = _written(editor, server.serve("/good", "x", "text/html"))
    with Browser.of(editor.installation) as stranger:
        assert stranger.get(f"{path}/links").heading == "Sign in"
    assert server.count("/good") == 0


def test_what_stands_behind_a_link_is_no_part_of_it(editor: Browser) -> None:
    _written(editor, "(see https://a.example/x), *https://b.example/y*. <https://c.example/z>")
    with editor.installation.reading() as work:
        [issue] = work.session.scalars(select(Issue)).all()
        found = [one.url for one in link_trying.links_of(issue, "http://us")]
    assert found == ["https://a.example/x", "https://b.example/y", "https://c.example/z"]
